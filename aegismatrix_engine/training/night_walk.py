"""The walk through past nights: what was forecast before each open, by models fitted on the sessions before."""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.direction.model import DirectionProbabilities, class_probabilities
from aegismatrix_engine.forecasting.forecasters import Forecast
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import Scales
from aegismatrix_engine.volatility.night import NOT_CHOSEN, NightModel, chosen_subsets, enough_nights, fit_night
from aegismatrix_engine.volatility.night_moves import NightMoves
from aegismatrix_engine.volatility.opening_gap import gap_unit


@dataclass(frozen=True, eq=False)
class NightForecast:
    """Forecasts from n origins once their nights are known.

    Attributes:
        parts: the origins of each subset of series, (n,) bool, and their distribution.
        gap: (n,) what the night adds to the expected opening gap in units of the session's scale; NaN where no night is
            known, or nothing was learnt of such nights.
    """

    parts: tuple[tuple[BoolArray, ReturnDistribution], ...]
    gap: FloatArray

    def probabilities(self, horizon: int, share: float) -> DirectionProbabilities:
        """Classes of direction, each (n,), NaN as in ``gap``; share: see ``class_probabilities``."""
        found = np.full((4, len(self.gap)), np.nan)
        for rows, distribution in self.parts:
            found[:, rows] = list(vars(class_probabilities(distribution, horizon, share)).values())
        return DirectionProbabilities(*found)


@dataclass(frozen=True, eq=False)
class NightBlock:
    """A model of nights fitted once, and the nights of the rows that it forecasts from.

    Attributes:
        first: the first of these rows in the features; the model knows nothing after it.
        moves: the nights after these rows.
        chosen: the subset of series that forecasts each, -1 where none does.
    """

    model: NightModel
    first: int
    moves: NightMoves
    chosen: IntArray

    @classmethod
    def fit(cls, known: DailyFeatures, scales: Scales, night: NightMoves, rows: slice) -> "NightBlock":
        """Learn from the nights after the rows of ``known``, the last of them ``rows.start``, what ``rows`` need.

        scales: of the rows of ``known``.
        """
        seen, moves = night.rows(slice(0, len(known))), night.rows(rows)
        chosen = chosen_subsets(moves, enough_nights(known, seen))
        model = fit_night(known, scales.horizon, seen, np.unique(chosen))
        return cls(model, rows.start, moves, chosen)

    def forecast(self, features: DailyFeatures, rows: slice, at_close: Forecast) -> NightForecast:
        """From the origins ``rows`` of the features, whose forecasts at the close are given."""
        at = slice(rows.start - self.first, rows.stop - self.first)
        moves, chosen, plain = self.moves.rows(at), self.chosen[at], at_close.distribution
        gap, parts = np.full(len(chosen), np.nan), []
        if at_close.with_index:
            unit = gap_unit(features.head(rows.stop).series, at_close.scales.horizon[:, 0]) / plain.scale[:, 0]
            for which in np.unique(chosen[chosen != NOT_CHOSEN]):
                own = chosen == which
                nights = moves.where(own)
                gap[own] = unit[own] * self.model.gap_shift(nights, which)
                parts.append(
                    (own, self.model.applied(ReturnDistribution(plain.scale[own], plain.shapes), nights, which))
                )
        return NightForecast(tuple(parts), gap)
