"""The breakout of a session in progress: what of its range is there, and the chance of the rest."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.buyer.session_breakout import breakout_probability, breakout_range, fit_breakout_offsets
from aegismatrix_engine.buyer.targets import BREAKOUT_MULTIPLE, breakout_happened
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.intraday.sessions import IntradaySessions
from aegismatrix_engine.intraday.state import states
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution

PANEL = market_features(synthetic.whole_history())


@cache
def sessions() -> IntradaySessions:
    return IntradaySessions.from_bars(synthetic.intraday_frame(), PANEL.series)


@cache
def said(moment: int) -> ReturnDistribution:
    """As offsets are learnt: before any close has moved the spread of today's."""
    models = synthetic.trained_whole()[0]
    scale = models.distribution.scales(PANEL).horizon[sessions().rows - 1]
    shapes = models.distribution.shapes(use_vix=True)
    return models.session.intraday.without_spread().distribution(
        scale, shapes, states(sessions(), PANEL.series, moment)
    )


def one(moment: int = 12) -> ReturnDistribution:
    return said(moment).row(0)


def chance(threshold: float, level: float, high: float, low: float, offset: float = 0.0, moment: int = 12) -> float:
    parts = (np.array([value]) for value in (threshold, level, high, low))
    return float(breakout_probability(one(moment), *parts, offset)[0])


def test_a_range_that_is_complete_is_certain() -> None:
    assert chance(0.01, 9.0, 9.006, 8.995) == 1.0
    assert chance(0.01, 9.0, 9.0061, 8.996, offset=-2.0) == 1.0
    assert chance(0.02, 9.0, 9.006, 8.995) < 1.0


def test_without_an_offset_it_is_the_touch_of_either_level_that_completes_the_range() -> None:
    found = one().breaches(1, np.array([8.998 + 0.012 - 9.0]), np.array([9.0 - 9.003 + 0.012]))
    assert chance(0.012, 9.0, 9.003, 8.998) == pytest.approx(found.touch[0, 0])


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0005, 0.02), st.floats(0, 0.01), st.floats(0, 0.01), st.floats(0, 0.01), st.integers(1, 25))
def test_a_wider_range_so_far_never_lowers_the_chance(
    threshold: float, above: float, below: float, more: float, moment: int
) -> None:
    before = chance(threshold, 9.0, 9.0 + above, 9.0 - below, moment=moment)
    assert chance(threshold, 9.0, 9.0 + above + more, 9.0 - below, moment=moment) >= before - 1e-12
    assert chance(threshold, 9.0, 9.0 + above, 9.0 - below - more, moment=moment) >= before - 1e-12
    assert chance(threshold + more, 9.0, 9.0 + above, 9.0 - below, moment=moment) <= before + 1e-12
    assert 0 < before <= 1


@settings(max_examples=30)
@given(st.floats(-2, 2), st.floats(0.004, 0.03))
def test_the_offset_is_in_log_odds(offset: float, threshold: float) -> None:
    plain, moved = (chance(threshold, 9.0, 9.001, 8.999, offset=size) for size in (0.0, offset))
    assert np.log(moved / (1 - moved)) == pytest.approx(np.log(plain / (1 - plain)) + offset)


@pytest.mark.parametrize("moment", [1, 8, 16, 25])
def test_in_training_the_mean_chance_is_the_frequency_where_it_was_open(moment: int) -> None:
    held, offset = sessions(), synthetic.trained_whole()[0].session.breakout_offset[moment - 1]
    threshold = BREAKOUT_MULTIPLE * PANEL.average_true_range[held.rows - 1]
    level, high, low = (table[:, moment - 1] for table in (held.level, held.high_so_far, held.low_so_far))
    found = breakout_probability(said(moment), threshold, level, high, low, offset)
    happened = breakout_happened(PANEL.series)[held.rows - 1, 0]
    still_open = high - low <= threshold
    assert (happened[~still_open] == 1).all()
    if still_open.sum() < 250:
        assert offset == 0
    elif abs(offset) < 2:
        assert found[still_open].mean() == pytest.approx(happened[still_open].mean(), abs=1e-6)


def test_no_offset_is_learnt_from_few_open_sessions() -> None:
    few = IntradaySessions.from_bars(synthetic.intraday_frame().iloc[: 200 * 25], PANEL.series)
    models = synthetic.trained_whole()[0]
    daily = ReturnDistribution(models.distribution.scales(PANEL).horizon, models.distribution.shapes(use_vix=True))
    found = fit_breakout_offsets(PANEL, few, replace(models.session.intraday, sessions=200), daily)
    assert not found.any()


# Whole numbers, so that sums and differences are exact.
PATHS = st.lists(st.integers(-20, 20), max_size=80).map(lambda steps: np.cumsum([0, *steps]).astype(np.float64))
DISTANCES = st.integers(1, 60).map(float)


@settings(max_examples=300)
@given(PATHS, DISTANCES)
def test_levels_are_in_order_and_at_least_a_breakout_apart_on_any_path(path: FloatArray, distance: float) -> None:
    found = breakout_range(path, distance)
    assert found.upper - found.lower >= distance


@settings(max_examples=300)
@given(PATHS, DISTANCES)
def test_a_side_is_named_exactly_where_the_range_is_complete(path: FloatArray, distance: float) -> None:
    found = breakout_range(path, distance)
    assert (found.up or found.down) == (np.ptp(path) > distance)
    assert (found.down, found.up) == (path.min() < found.lower, path.max() > found.upper)


@settings(max_examples=300)
@given(PATHS, DISTANCES)
def test_levels_follow_the_path_until_one_of_them_is_crossed(path: FloatArray, distance: float) -> None:
    """The same read step by step, as a trader watches it."""
    high = low = path[0]
    upper, lower = low + distance, high - distance
    for price in path[1:]:
        if price > upper or price < lower:
            break
        high, low = max(high, price), min(low, price)
        upper, lower = low + distance, high - distance
    found = breakout_range(path, distance)
    assert (found.lower, found.upper) == (lower, upper)


@settings(max_examples=100)
@given(st.lists(st.floats(-0.02, 0.02), max_size=80), st.floats(0.001, 0.06))
def test_a_side_is_named_exactly_where_the_chance_is_one(steps: list[float], distance: float) -> None:
    path = 9.0 + np.cumsum([0.0, *steps])
    found = breakout_range(path, distance)
    certain = chance(distance, float(path[-1]), float(path.max()), float(path.min())) == 1
    assert (found.up or found.down) == certain


@pytest.mark.parametrize(
    ("prices", "levels", "sides"),
    [
        ([0.0], (-1.0, 1.0), ""),
        ([0.0, 0.5, -0.25], (-0.5, 0.75), ""),
        ([0.0, 0.5, -0.25, 0.8], (-0.5, 0.75), "up"),
        ([0.0, -0.5, 0.25, -0.8], (-0.75, 0.5), "down"),
        ([0.0, 3.0, 2.0], (-1.0, 1.0), "up"),
        ([0.0, 1.5, -1.5], (-1.0, 1.0), "both"),
        ([0.0, 0.5, -0.5, 0.6, -0.7], (-0.5, 0.5), "both"),
        ([0.0, 0.5, -0.5], (-0.5, 0.5), ""),
    ],
)
def test_worked_examples(prices: list[float], levels: tuple[float, float], sides: str) -> None:
    found = breakout_range(np.array(prices), 1.0)
    assert (found.lower, found.upper) == pytest.approx(levels)
    named = {(False, False): "", (True, False): "up", (False, True): "down", (True, True): "both"}
    assert named[found.up, found.down] == sides
