"""The two levels of a breakout inside a session, worked from the bars: each follows the opposite extreme."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.markets.as_of import AsOf

MODELS, TRAINING = synthetic.trained_whole()
WHOLE = synthetic.whole_history()
DAY = pd.Timestamp(WHOLE.spot.index[-28])


def levels_after(swings: dict[int, float]) -> tuple[dict[str, Any], float, float]:
    """The levels at 12:05, the close before, and 1.25 x ATR14 in log points.

    swings: bar -> where it goes to and stays from then on, in parts of 1.25 x ATR14 from the close before.
    """
    daily = np.log(synthetic.daily_frame().loc[: DAY - pd.Timedelta(days=1)])
    previous = daily["close"].shift(1)
    ranges = np.maximum(daily["high"], previous) - np.minimum(daily["low"], previous)
    distance = 1.25 * float(ranges.iloc[-14:].mean())
    close = float(np.exp(daily["close"].iloc[-1]))
    assert WHOLE.bars is not None
    bars, level = WHOLE.bars.copy(), close
    for number, start in enumerate(bars.index[bars.index.normalize() == DAY]):
        before = level
        level = close * np.exp(swings[number] * distance) if number in swings else before
        prices = [before, max(before, level), min(before, level), level]
        bars.loc[start, ["open", "high", "low", "close"]] = prices
    moment = pd.Timestamp(f"{DAY:%Y-%m-%d}T12:05").tz_localize("Asia/Kolkata")
    found: Any = synthetic.document(MODELS, TRAINING, replace(WHOLE, bars=bars).until(AsOf.of(moment)))
    return found["buyer"]["breakout_levels"], close, distance


@pytest.mark.parametrize("high", [0.2, 0.5, 0.7])
def test_a_high_lifts_the_lower_level_and_leaves_the_upper_one(high: float) -> None:
    levels, close, distance = levels_after({2: high, 5: 0.1})
    assert levels["lower"] == pytest.approx(close * np.exp((high - 1) * distance), abs=0.006)
    assert levels["upper"] == pytest.approx(close * np.exp(distance), abs=0.006)
    assert levels["broken_out"] == "none"


@pytest.mark.parametrize("low", [-0.2, -0.5, -0.7])
def test_a_low_brings_the_upper_level_down_and_leaves_the_lower_one(low: float) -> None:
    levels, close, distance = levels_after({2: low, 5: -0.1})
    assert levels["upper"] == pytest.approx(close * np.exp((low + 1) * distance), abs=0.006)
    assert levels["lower"] == pytest.approx(close * np.exp(-distance), abs=0.006)
    assert levels["broken_out"] == "none"


def test_a_fall_from_the_high_completes_a_breakout_that_the_close_before_alone_would_not() -> None:
    levels, close, distance = levels_after({2: 0.6, 5: -0.5})
    assert levels["broken_out"] == "down", "1.1 of the distance from the high, 0.5 from the close before"
    assert levels["lower"] == pytest.approx(close * np.exp(-0.4 * distance), abs=0.006)


@pytest.mark.parametrize(
    ("swings", "parts"),
    [({}, 0.0), ({2: 0.7, 5: 0.1}, 0.7), ({2: -0.4, 5: 0.3}, 0.7), ({2: 0.6, 5: -0.5}, 1.1), ({1: 1.5, 4: 1.2}, 1.5)],
    ids=["still", "up and back", "down and up", "broken out", "far beyond"],
)
def test_the_range_so_far_is_from_the_lowest_to_the_highest_with_the_close_before(
    swings: dict[int, float], parts: float
) -> None:
    levels, _, _ = levels_after(swings)
    assert levels["range_so_far"] == pytest.approx(1.25 * parts, abs=1e-4)
    assert (levels["range_so_far"] > levels["multiple"]) == (levels["broken_out"] != "none")


def test_bars_after_the_moment_do_not_change_the_range_so_far() -> None:
    """The bar from 12:00 is not over at 12:05."""
    earlier, _, _ = levels_after({2: 0.4})
    later, _, _ = levels_after({2: 0.4, 11: -0.5, 20: 3.0})
    assert later == earlier


@pytest.mark.filterwarnings("ignore:divide by zero")  # the logarithm of no range, in the breakout's features
@pytest.mark.parametrize(("points", "side"), [(0.0, "none"), (1.0, "up")])
def test_after_sessions_without_a_move_any_move_is_above_the_multiple(points: float, side: str) -> None:
    """The average true range is nothing, and the levels lie a hundredth of a point away."""
    spot, bars, still = WHOLE.spot.copy(), WHOLE.bars, 10000.0
    assert bars is not None
    bars, prices = bars.copy(), ["open", "high", "low", "close"]
    spot.loc[spot.index < DAY, prices] = still
    bars.loc[bars.index.normalize() < DAY, prices] = still
    bars.loc[bars.index.normalize() == DAY, prices] = still + points
    moment = pd.Timestamp(f"{DAY:%Y-%m-%d}T12:05").tz_localize("Asia/Kolkata")
    found: Any = synthetic.document(MODELS, TRAINING, replace(WHOLE, spot=spot, bars=bars).until(AsOf.of(moment)))
    levels = found["buyer"]["breakout_levels"]
    assert levels["broken_out"] == side
    assert levels["range_so_far"] == pytest.approx(1.25 * points / 0.01, rel=1e-3)


def test_outside_a_session_there_is_no_range_so_far() -> None:
    closed: Any = synthetic.document(*synthetic.trained())
    assert "range_so_far" not in closed["buyer"]["breakout_levels"]
