"""Forecasts from inside a session: the distribution of returns from any bar, and the model file it is in."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from aegismatrix_engine.intraday.scale import UNAVERAGED, IntradayScale, fit_intraday_scale
from aegismatrix_engine.intraday.sessions import MOMENTS, IntradaySessions
from aegismatrix_engine.intraday.spread import SPREAD_MISS, adapt_spread, no_spread
from aegismatrix_engine.intraday.state import SessionState, states
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution, Shapes
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import ahead
from aegismatrix_engine.volatility.shape import LEVELS, fit_shape

OWN_CLOSES = 5
"""Closes with shapes of their own at every moment: today's and those of the next four sessions."""

MINIMUM_INTRADAY_SESSIONS = 250


@dataclass(frozen=True)
class IntradayModel:
    """Scale and shapes at the 25 moments.

    ``close``, ``up``, ``down`` and ``either`` (25, 5, 117) are quantile grids of standardised outcomes from the moment
    to the close 0..4 sessions after today.

    Attributes:
        unit: (25, 5) what the scale is multiplied by, so that it is a standard deviation in the daily model's sense:
            the official close is an average of the last half hour, of which the range variance of the last bars
            overstates what is still open.
        count: (25, 5) size of each sample.
        sessions: how many were learnt from.
        spread: (25,) logarithm of what the scale of today's close is multiplied by besides, see ``intraday.spread``.
        known_until: 'YYYY-MM-DD', the last session whose close ``spread`` knows.
    """

    scale: IntradayScale
    unit: FloatArray
    close: FloatArray
    up: FloatArray
    down: FloatArray
    either: FloatArray
    count: FloatArray
    sessions: int
    spread: FloatArray
    known_until: str

    def distribution(self, daily_scale: FloatArray, daily_shapes: Shapes, state: SessionState) -> ReturnDistribution:
        """Returns from now to the closes 0..44 sessions after today, as steps 1..45 of a ReturnDistribution.

        daily_scale: (n, 45) and daily_shapes: the daily model's from the close before; its shapes serve beyond the
        fifth close.
        """
        at = _learnt_at(state)
        grids = (self.close[at], self.up[at], self.down[at], self.either[at])
        scale = self._trained_scale(daily_scale, state)
        scale[:, 0] = scale[:, 0] * np.exp(self.spread[state.moment - 1])
        return ReturnDistribution(scale, daily_shapes.starting_with(grids, self.count[at]))

    def without_spread(self) -> "IntradayModel":
        """The same before any close was observed."""
        return replace(self, spread=no_spread())

    def standardised_closes(
        self, features: DailyFeatures, daily_scale: FloatArray, sessions: IntradaySessions, *, averaged: bool = True
    ) -> FloatArray:
        """Returns from every moment of past sessions to their official close in units of the trained scale, (S, 25).

        Args:
            features: of all sessions.
            daily_scale: (n, 45) the daily model's at every row of the features.
            sessions: S past sessions, all of one kind.
            averaged: whether their official close is an average of the last half hour.
        """
        close, before, found = features.series.close[sessions.rows], daily_scale[sessions.rows - 1], []
        for moment in range(1, MOMENTS + 1):
            state = states(sessions, features.series, moment, averaged=averaged)
            scale = self._trained_scale(before, state)[:, 0]
            found.append((close - sessions.level[:, moment - 1]) / scale)
        return np.column_stack(found)

    def carried_on(self, outcomes: FloatArray, until: pd.Timestamp) -> "IntradayModel":
        """The model after more closes; outcomes: (S, 25) of ``standardised_closes``, in time order."""
        tails = np.array([SPREAD_MISS / 2, 1 - SPREAD_MISS / 2])
        lower, upper = np.array([np.interp(tails, LEVELS, grid) for grid in self.close[:, 0]]).T
        path = adapt_spread(self.spread, outcomes, lower, upper)
        return replace(self, spread=path[-1], known_until=f"{until:%Y-%m-%d}")

    def _trained_scale(self, daily_scale: FloatArray, state: SessionState) -> FloatArray:
        """The scale without the spread, shape (n, 45)."""
        scale = self.scale.scale(daily_scale, state)
        scale[:, :OWN_CLOSES] = scale[:, :OWN_CLOSES] * self.unit[_learnt_at(state)]
        return scale


@dataclass(frozen=True)
class SessionModel:
    """All that is learnt about forecasts from inside a session.

    Attributes:
        intraday: scale and shape of what is left.
        breakout_offset: (25,) log odds, see ``buyer.session_breakout``.
        straddle_base: (25, 5) past share of sessions whose move to the close 0..4 sessions after paid for the straddle.
        stress_base: (25, 5) the same of those in which the stress distance was touched.
        sessions: how many they were learnt from, 0 for the prior that ships with the engine.
    """

    intraday: IntradayModel
    breakout_offset: FloatArray
    straddle_base: FloatArray
    stress_base: FloatArray
    sessions: int


def _learnt_at(state: SessionState) -> int:
    """Index of the moment whose shape and unit serve.

    A close that is not an average is not half known in the last half hour: those of before it are used.
    """
    return (state.moment if state.averaged else min(state.moment, UNAVERAGED)) - 1


def fit_intraday(features: DailyFeatures, daily_scale: FloatArray, sessions: IntradaySessions) -> IntradayModel:
    """Fit on the complete sessions before the last row; ``daily_scale`` (n, 45) at every row of the features."""
    scale = fit_intraday_scale(features, daily_scale, sessions)
    fitted, units, outcomes = [], [], []
    daily = features.series.close
    usual = np.array(
        [_root_mean_square((ahead(daily, h) - daily) / daily_scale[:, h - 1]) for h in range(1, OWN_CLOSES + 1)]
    )
    for moment in range(1, MOMENTS + 1):
        state = states(sessions, features.series, moment)
        unit = scale.scale(daily_scale[sessions.rows - 1], state)[:, :OWN_CLOSES]
        moves = moves_ahead(features, sessions, moment)
        units.append(np.array([_root_mean_square(move) for move in (moves[0] / unit).T]) / usual)
        standardised = [move / (unit * units[-1]) for move in moves]
        fitted.append([fit_shape(move) for move in standardised])
        outcomes.append(standardised[0][:, 0])
    close, up, down, either = (np.array([shape.grid for shape in kind]) for kind in zip(*fitted, strict=True))
    counts = np.array([shapes[0].count for shapes in fitted])
    last = pd.Timestamp(features.series.dates[sessions.rows[-1]])
    trained = IntradayModel(
        scale, np.array(units), close, up, down, either, counts, len(sessions), no_spread(), f"{last:%Y-%m-%d}"
    )
    return trained.carried_on(np.column_stack(outcomes), last)


def _root_mean_square(standardised: FloatArray) -> float:
    """Root mean square of the known values; 1 where there is none."""
    known = standardised[np.isfinite(standardised)]
    return float(np.sqrt((known**2).mean())) if len(known) else 1.0


def moves_ahead(
    features: DailyFeatures, sessions: IntradaySessions, moment: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """What came true from a moment of past sessions to the closes 0..4 sessions after, each (S, 5), in log points.

    The return to the official close, the excursion up, down, and the larger of both; excursions count the bars after
    the moment, the highs and lows of the days ahead, and the official closes themselves. NaN where not yet known.
    """
    series, rows = features.series, sessions.rows
    level = sessions.level[:, moment - 1]
    highest, lowest = sessions.high[:, moment - 1], sessions.low[:, moment - 1]
    close, up, down = (np.full((len(rows), OWN_CLOSES), np.nan) for _ in range(3))
    for j in range(OWN_CLOSES):
        ends = (ahead(series.close, j) if j else series.close)[rows]
        if j:
            highest = np.maximum(highest, ahead(series.high, j)[rows])
            lowest = np.minimum(lowest, ahead(series.low, j)[rows])
        highest, lowest = np.maximum(highest, ends), np.minimum(lowest, ends)
        close[:, j] = ends - level
        up[:, j] = np.maximum(highest - level, 0.0)
        down[:, j] = np.maximum(level - lowest, 0.0)
    return close, up, down, np.maximum(up, down)
