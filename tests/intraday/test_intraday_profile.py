"""How variance is spread over a session: shares, scores, and bars that do not fit."""

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.intraday.profile import PRIOR_SHARES, spread_scores, window_shares

WINDOWS = synthetic.MARKET.gamma_windows
BARS_PER_WINDOW = np.array([2, 4, 5, 8, 4, 2])


def session(day: str, bars: int = 25, first: str = "9h15min", step: str = "15min") -> pd.DatetimeIndex:
    return pd.date_range(pd.Timestamp(day) + pd.Timedelta(first), periods=bars, freq=step)


def bars_at(*stamps: pd.DatetimeIndex, ratio: float = 1.01) -> pd.DataFrame:
    index = pd.DatetimeIndex(np.concatenate(stamps))
    return pd.DataFrame({"high": 100.0 * ratio, "low": 100.0}, index=index)


def test_an_even_spread_gives_every_window_its_share_of_the_minutes_and_one_half() -> None:
    shares, sessions = window_shares(bars_at(session("2022-01-03"), session("2022-01-04")), WINDOWS)
    assert sessions == 2
    assert shares == pytest.approx(BARS_PER_WINDOW / 25)
    assert spread_scores(shares, WINDOWS) == pytest.approx([0.5] * 6)


def test_twice_the_even_spread_scores_two_thirds_and_nothing_scores_nothing() -> None:
    minutes = BARS_PER_WINDOW / 25
    scores = spread_scores(np.array([2 * minutes[0], 0.0, *minutes[2:]]), WINDOWS)
    assert scores[:2] == pytest.approx([2 / 3, 0.0])


def test_shares_are_means_over_sessions_not_over_variance_and_a_later_session_weighs_more() -> None:
    bars = bars_at(session("2022-01-03"), session("2022-01-04"))
    bars.iloc[0, 0] = 100 * 1.01**5  # 25 times the variance of another bar
    bars.iloc[25:, 0] = 100 * 1.02  # a wild day weighs no more than a calm one
    shares, _ = window_shares(bars, WINDOWS)
    first = np.array([26, 4, 5, 8, 4, 2]) / 49
    older = 0.5 ** (1 / 125)
    assert shares == pytest.approx((older * first + BARS_PER_WINDOW / 25) / (older + 1))


def test_a_session_counts_half_as_much_as_one_half_a_year_later() -> None:
    bars = bars_at(
        session("2022-01-03"), *(session(f"{day:%Y-%m-%d}") for day in pd.bdate_range("2022-01-04", periods=125))
    )
    bars.iloc[0, 0] = 100 * np.exp(25 * np.log(1.01))  # the first session moved in its first bar, the others evenly
    bars.iloc[1:25, 0] = 100.0
    shares, sessions = window_shares(bars, WINDOWS)
    weights = 0.5 ** (np.arange(126)[::-1] / 125)
    assert sessions == 126
    assert weights[0] == 0.5
    assert shares[1:] == pytest.approx(BARS_PER_WINDOW[1:] / 25 * (1 - weights[0] / weights.sum()))


def test_the_prior_adds_up_to_one() -> None:
    assert sum(PRIOR_SHARES) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_shares_add_up_to_one(seed: int) -> None:
    bars = bars_at(*(session(f"2022-01-{day:02d}") for day in range(3, 23)))
    bars["high"] = 100 * np.exp(np.random.default_rng(seed).uniform(0, 0.01, len(bars)))
    assert window_shares(bars, WINDOWS)[0].sum() == pytest.approx(1.0, abs=1e-12)


def test_sessions_with_another_number_of_bars_do_not_count() -> None:
    usual = [session("2022-01-03"), session("2022-01-04")]
    short = session("2021-11-04", bars=5, first="18h15min")
    assert window_shares(bars_at(*usual, short), WINDOWS)[1] == 2


def test_a_session_that_did_not_move_does_not_count() -> None:
    bars = bars_at(session("2022-01-03"), session("2022-01-04"))
    bars.iloc[25:, 0] = 100.0
    shares, sessions = window_shares(bars, WINDOWS)
    assert sessions == 1
    assert shares.sum() == pytest.approx(1.0)


def test_bars_outside_the_windows_belong_to_none() -> None:
    early = [session(f"2022-01-{day:02d}", bars=28, first="8h45min") for day in (3, 4)]  # 08:45 to 15:45
    shares, sessions = window_shares(bars_at(*early), WINDOWS)
    assert sessions == 2
    assert shares == pytest.approx(BARS_PER_WINDOW / 25)


def test_bars_too_long_for_the_windows_measure_nothing() -> None:
    shares, sessions = window_shares(bars_at(session("2022-01-03", bars=3, step="2h")), WINDOWS)
    assert sessions == 0
    assert np.isnan(shares).all()
    assert shares.shape == (6,)
