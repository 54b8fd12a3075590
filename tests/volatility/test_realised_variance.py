"""What a session's bars say about its variance and range, against definitions written out by hand."""

import math

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.realised_variance import (
    average_true_range,
    range_variance,
    trailing_mean,
    true_range,
)

BARS = synthetic.daily_frame(80)
SERIES = DailySeries.from_frame(BARS)


def bars(*rows: tuple[float, float, float, float]) -> DailySeries:
    frame = pd.DataFrame(rows, columns=["open", "high", "low", "close"], dtype=np.float64)
    return DailySeries.from_frame(frame.set_index(pd.date_range("2022-01-03", periods=len(rows))).assign(vix=np.nan))


def test_a_session_and_its_night_add_up() -> None:
    two = bars((100, 100, 100, 100), (100 * math.e**0.01, 100 * math.e**0.02, 100, 100 * math.e**0.015))
    # 0.02^2 / (4 ln 2) = 1.4427e-4, and 0.01^2 of the night
    assert range_variance(two)[1] == pytest.approx(1.4426950408889634e-4 + 1e-4, rel=1e-12)


def test_a_session_that_did_not_move_keeps_the_floor() -> None:
    assert range_variance(bars((100, 100, 100, 100), (100, 100, 100, 100))).tolist() == [1e-6, 1e-6]


def test_the_first_session_has_no_night() -> None:
    variance = range_variance(bars((500, 510, 500, 505)))
    assert variance[0] == pytest.approx(math.log(510 / 500) ** 2 / (4 * math.log(2)), rel=1e-12)


def test_range_variance_of_every_session_is_parkinsons_with_the_night() -> None:
    found = range_variance(SERIES)
    for t in range(1, len(BARS)):
        bar, before = BARS.iloc[t], BARS.iloc[t - 1]
        park = math.log(bar["high"] / bar["low"]) ** 2 / (4 * math.log(2))
        assert found[t] == pytest.approx(max(park, 1e-6) + math.log(bar["open"] / before["close"]) ** 2, rel=1e-9)


def test_the_true_range_reaches_to_the_previous_close() -> None:
    found = true_range(bars((100, 102, 99, 100), (110, 112, 109, 111), (90, 91, 89, 90), (90, 92, 88, 91)))
    wanted = [math.log(102 / 99), math.log(112 / 100), math.log(111 / 89), math.log(92 / 88)]
    assert found == pytest.approx(wanted, rel=1e-12)


def test_the_average_true_range_is_the_plain_mean_of_fourteen() -> None:
    ranges = [
        math.log(
            max(BARS["high"].iloc[t], BARS["close"].iloc[t - 1] if t else 0)
            / min(BARS["low"].iloc[t], BARS["close"].iloc[t - 1] if t else math.inf)
        )
        for t in range(len(BARS))
    ]
    found = average_true_range(SERIES)
    assert np.isnan(found[:13]).all()
    for t in range(13, len(BARS)):
        assert found[t] == pytest.approx(sum(ranges[t - 13 : t + 1]) / 14, rel=1e-9)


@pytest.mark.parametrize(("n", "window"), [(0, 3), (2, 3), (3, 3), (5, 1)])
def test_a_trailing_mean_waits_until_it_has_enough(n: int, window: int) -> None:
    values = np.arange(float(n))
    found = trailing_mean(values, window)
    assert len(found) == n
    assert np.isnan(found[: window - 1]).all()
    assert found[window - 1 :].tolist() == [values[i - window + 1 : i + 1].mean() for i in range(window - 1, n)]


def test_highs_and_lows_are_widened_to_hold_open_and_close() -> None:
    widened = bars((100, 99.5, 99.8, 99))
    assert np.exp([widened.high[0], widened.low[0]]) == pytest.approx([100, 99], rel=1e-12)


def test_the_volatility_index_implies_one_session_on_a_year_of_252() -> None:
    frame = BARS.iloc[:1].assign(vix=16.0)
    assert DailySeries.from_frame(frame).implied_sd[0] == pytest.approx(0.010079052613579393, rel=1e-12)
