"""Features: each against its definition, none knowing what comes later."""

import math

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyFeatures, calendar_gaps
from aegismatrix_engine.volatility.realised_variance import range_variance

SESSIONS = 200
BARS = synthetic.daily_frame(SESSIONS)
PANEL = synthetic.features(SESSIONS)
FIELDS = ("range_block", "vix_block", "gap", "single_gap", "average_true_range", "implied_sd")


def same(left: DailyFeatures, right: DailyFeatures) -> bool:
    return all(np.array_equal(getattr(left, name), getattr(right, name), equal_nan=True) for name in FIELDS)


def clipped(value: float) -> float:
    return max(-4.0, min(4.0, value))


@pytest.mark.parametrize("t", [65, 66, 90, 150, 199])
def test_the_range_block_is_what_its_definition_says(t: int) -> None:
    variance = [float(v) for v in range_variance(PANEL.series)]
    close = [math.log(c) for c in BARS["close"]]
    returns = [0.0] + [close[i] - close[i - 1] for i in range(1, t + 1)]
    unit = math.sqrt(sum(variance[t - 21 : t + 1]) / 22)
    weights = [0.94 ** (t - i) for i in range(t + 1)]
    weighted = sum(w * r * r for w, r in zip(weights, returns, strict=True)) / sum(weights)
    wanted = {
        "lv1": math.log(variance[t]),
        "lv5": math.log(sum(variance[t - 4 : t + 1]) / 5),
        "lv22": math.log(unit**2),
        "lv66": math.log(sum(variance[t - 65 : t + 1]) / 66),
        "neg1": min(returns[t] / unit, 0.0),
        "neg5": min(clipped((close[t] - close[t - 5]) / unit), 0.0),
        "r22": clipped((close[t] - close[t - 22]) / unit),
        "lew": math.log(weighted),
    }
    for name, value in wanted.items():
        assert PANEL.range_column(name)[t] == pytest.approx(value, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("t", [21, 22, 120, 199])
def test_the_vix_block_is_what_its_definition_says(t: int) -> None:
    level = [math.log((v / 100) ** 2 / 252) for v in BARS["vix"]]
    assert PANEL.vix_column("lvix")[t] == pytest.approx(level[t], rel=1e-12)
    assert PANEL.vix_column("dvix5")[t] == pytest.approx(level[t] - sum(level[t - 4 : t + 1]) / 5, abs=1e-12)
    assert PANEL.vix_column("dvix22")[t] == pytest.approx(level[t] - sum(level[t - 21 : t + 1]) / 22, abs=1e-12)


def test_a_row_is_complete_from_the_66th_session_on_and_not_before() -> None:
    assert np.isnan(PANEL.range_block[:65]).all()
    assert np.isfinite(PANEL.range_block[65:]).all()
    assert PANEL.has_range.tolist() == [False] * 65 + [True] * (SESSIONS - 65)


def test_a_long_fall_is_clipped_at_four_units() -> None:
    falling = BARS.copy()
    falling.loc[falling.index[-30:], ["open", "high", "low", "close"]] *= np.exp(-0.03 * np.arange(1, 31))[:, None]
    features = market_features(synthetic.history(falling))
    assert features.range_column("r22")[-1] == -4.0
    assert features.range_column("neg5")[-1] >= -4.0


def test_without_the_index_the_vix_block_is_unknown_and_the_range_block_is_the_same() -> None:
    features = market_features(synthetic.history(BARS.assign(vix=np.nan)))
    assert np.isnan(features.vix_block).all()
    assert not features.has_vix.any()
    assert np.array_equal(features.range_block, PANEL.range_block, equal_nan=True)


@pytest.mark.parametrize("n", [1, 2, 14, 22, 65, 66, 67, 131, 199])
def test_features_of_a_cut_history_are_bit_for_bit_those_of_the_whole(n: int) -> None:
    assert same(market_features(synthetic.history(BARS.iloc[:n])), PANEL.head(n))


@pytest.mark.parametrize("t", [70, 140, 198])
def test_no_bar_after_a_session_reaches_its_features(t: int) -> None:
    changed = BARS.copy()
    later = changed.index[t + 1 :]
    noise = np.random.default_rng(t).uniform(0.7, 1.3, size=(len(later), 1))
    changed.loc[later, ["open", "high", "low", "close"]] *= noise
    changed.loc[later, "vix"] = np.nan
    features = DailyFeatures.from_series(DailySeries.from_frame(changed), sessions_of(changed))
    assert same(features.head(t + 1), PANEL.head(t + 1))
    assert not np.array_equal(features.range_block[t + 1], PANEL.range_block[t + 1])


def sessions_of(frame: pd.DataFrame) -> pd.DatetimeIndex:
    dates = pd.DatetimeIndex(frame.index)
    return dates.append(synthetic.MARKET.calendar.following(dates[-1], 46))


def test_gaps_count_calendar_days_over_a_weekend_a_special_session_and_a_holiday() -> None:
    # Friday 2022-10-21. Monday the 24th held Diwali's Muhurat only, Wednesday the 26th was closed.
    friday = pd.DatetimeIndex(["2022-10-21"])
    gap, single = calendar_gaps(friday, synthetic.MARKET.calendar.regular(friday[0], pd.Timestamp("2023-01-31")))
    assert np.exp(single[0]).round(9).tolist() == [4, 2, 1, 3, 1]  # 25th, 27th, 28th, 31st, 1st
    assert (np.exp(gap[0, :5]) * np.arange(1, 6)).round(9).tolist() == [4, 6, 7, 10, 11]
    assert gap.shape == (1, 45)


def test_a_calendar_that_ends_too_early_or_misses_a_bar_is_refused() -> None:
    dates = pd.date_range("2022-01-03", periods=46)
    with pytest.raises(ValueError, match="ends less than 45 sessions"):
        calendar_gaps(dates[:2], dates)
    assert calendar_gaps(dates[:1], dates)[0].shape == (1, 45)
    with pytest.raises(ValueError, match="not a session"):
        calendar_gaps(dates[:1] + pd.Timedelta("1h"), dates.append(dates[-1:] + pd.Timedelta("9D")))
