"""The distribution from a bar of a session: own shapes for the first closes, in units of its own scale."""

import math
from functools import cache

import numpy as np
import pytest
import synthetic

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.intraday.model import OWN_CLOSES, IntradayModel, moves_ahead
from aegismatrix_engine.intraday.sessions import MOMENTS, IntradaySessions
from aegismatrix_engine.intraday.state import states
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution

PANEL = market_features(synthetic.whole_history())
GRIDS = ("close", "up", "down", "either")


@cache
def sessions() -> IntradaySessions:
    return IntradaySessions.from_bars(synthetic.intraday_frame(), PANEL.series)


def model() -> IntradayModel:
    return synthetic.trained_whole()[0].session.intraday


@cache
def daily() -> ReturnDistribution:
    found = synthetic.trained_whole()[0].distribution
    return ReturnDistribution(found.scales(PANEL).horizon[sessions().rows - 1], found.shapes(use_vix=True))


def said(moment: int) -> ReturnDistribution:
    return model().distribution(daily().scale, daily().shapes, states(sessions(), PANEL.series, moment))


@pytest.mark.parametrize(("number", "moment", "close"), [(0, 1, 0), (100, 12, 2), (290, 25, 4), (150, 25, 0)])
def test_moves_ahead_are_those_of_the_bars_after_and_the_days_after(number: int, moment: int, close: int) -> None:
    frame, held = synthetic.daily_frame(), sessions()
    row = held.rows[number]
    later = synthetic.intraday_frame().iloc[number * 25 + moment : (number + 1) * 25]
    days = frame.iloc[row + 1 : row + 1 + close]
    level = math.log(synthetic.intraday_frame()["close"].iloc[number * 25 + moment - 1])
    ends = frame["close"].iloc[row : row + 1 + close]
    highest = math.log(max([*later["high"], *days["high"], *ends]))
    lowest = math.log(min([*later["low"], *days["low"], *ends]))
    move, up, down, either = (table[number, close] for table in moves_ahead(PANEL, held, moment))
    assert move == pytest.approx(math.log(frame["close"].iloc[row + close]) - level)
    assert up == pytest.approx(max(highest - level, 0))
    assert down == pytest.approx(max(level - lowest, 0))
    assert either == max(up, down)


def test_what_is_not_yet_known_is_no_outcome() -> None:
    close, up, down, either = moves_ahead(PANEL, sessions(), 12)
    for table in (close, up, down, either):
        assert np.isnan(table[-1]).tolist() == [False, True, True, True, True]
        assert np.isfinite(table[: -OWN_CLOSES + 1]).all()


def test_excursions_hold_the_close_and_never_fall_with_the_close_they_run_to() -> None:
    for moment in (1, 12, 25):
        close, up, down, either = (table[: -OWN_CLOSES + 1] for table in moves_ahead(PANEL, sessions(), moment))
        assert (up >= np.maximum(close, 0)).all()
        assert (down >= np.maximum(-close, 0)).all()
        for table in (up, down, either):
            assert (np.diff(table, axis=1) >= 0).all()


def test_the_first_closes_have_shapes_of_their_own_and_the_rest_those_of_the_day() -> None:
    for moment in (1, 12, 25):
        found = said(moment)
        for name in GRIDS:
            grid, plain = getattr(found.shapes, name).grid, getattr(daily().shapes, name).grid
            assert (grid[:OWN_CLOSES] == getattr(model(), name)[moment - 1]).all()
            assert (grid[OWN_CLOSES:] == plain[OWN_CLOSES:]).all()
            assert (np.diff(grid, axis=1) >= 0).all()


def test_the_distribution_gives_todays_close_its_own_frequency_at_every_moment() -> None:
    levels = np.array([0.1, 0.5, 0.9])
    for moment in (1, 8, 16, 25):
        close = moves_ahead(PANEL, sessions(), moment)[0][:, [0]]
        quantile, grain = said(moment).quantile(1, levels), 1.5 / len(close)
        # Several closes may lie on one quantile: a synthetic close at the day's high is its last bar's as well.
        assert ((close < quantile).mean(axis=0) <= levels + grain).all()
        assert ((close <= quantile).mean(axis=0) >= levels - grain).all()


def test_a_unit_makes_the_scale_that_of_a_daily_one() -> None:
    """Outcomes in units of the scale spread at every moment as daily ones do in units of theirs."""
    scale = synthetic.trained_whole()[0].distribution.scales(PANEL).horizon[:, 0]
    usual = _root_mean_square((PANEL.series.close[1:] - PANEL.series.close[:-1]) / scale[:-1])
    for moment in range(1, MOMENTS + 1):
        known = states(sessions(), PANEL.series, moment)
        trained = model().without_spread().distribution(daily().scale, daily().shapes, known)
        move = moves_ahead(PANEL, sessions(), moment)[0][:, 0] / trained.scale[:, 0]
        assert _root_mean_square(move) == pytest.approx(usual, rel=1e-9)


def _root_mean_square(values: FloatArray) -> float:
    return float(np.sqrt(np.nanmean(values**2)))


def test_ranges_narrow_through_the_session() -> None:
    width = [float(np.median(np.ptp(said(moment).quantile(1, np.array([0.1, 0.9])), axis=1))) for moment in (1, 12, 25)]
    assert width[0] > width[1] > 3 * width[2]
