"""The outcomes that the shapes of the return distribution are learnt from, in units of any scale."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, horizon_outcomes
from aegismatrix_engine.volatility.shape import LEVELS, Shape, hazen_places, sorted_grid


@dataclass(frozen=True, eq=False)
class ShapeSample:
    """Outcomes of k rows of a history.

    Attributes:
        rows: (k,) their numbers, rising.
        moves: (45, 4, k) close, up, down and either by horizon, NaN where they have not come.
    """

    rows: IntArray
    moves: FloatArray

    @classmethod
    def of(cls, features: DailyFeatures, used: BoolArray) -> Self:
        """Of the rows that are used, (n,) bool."""
        found, rows = horizon_outcomes(features.series), np.flatnonzero(used)
        moves = (found.close, found.up, found.down, found.either)
        return cls(rows, np.stack([move[rows].T for move in moves], axis=1))

    def where(self, used: BoolArray) -> Self:
        """Of those rows that are used, (n,) bool by row of the history."""
        kept = used[self.rows]
        return replace(self, rows=self.rows[kept], moves=self.moves[:, :, kept])

    def shapes(self, scale: FloatArray) -> tuple[Shape, Shape, Shape, Shape]:
        """Shapes of close, up, down and either, of the outcomes that had come by the last of the first n rows.

        scale: (n, 45) standard deviation of the h-session return forecast at these rows, finite in those of the sample.
        """
        known = np.searchsorted(self.rows, np.maximum(len(scale) - np.arange(1, MAX_HORIZON + 1), 0))
        below, share = hazen_places(known)
        grids, outcomes = np.zeros((4, MAX_HORIZON, len(LEVELS))), np.empty((4, known[0]))
        for i, count in enumerate(known):
            if count:
                standardised = outcomes[:, :count]
                np.divide(self.moves[i, :, :count], scale[self.rows[:count], i], out=standardised)
                standardised.sort(axis=-1)
                grids[:, i] = sorted_grid(standardised, below[i], share[i])
        close, up, down, either = (Shape(grid, known.astype(np.float64)) for grid in grids)
        return close, up, down, either
