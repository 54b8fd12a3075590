"""The empirical shape of standardised outcomes: filtered historical simulation, kept as a quantile grid.

After Barone-Adesi, Giannopoulos and Vosper (1999), VaR without correlations for portfolios of derivative securities:
past outcomes in units of their forecast scale, times today's scale. A grid of 117 levels replaces the raw sample, so
that quantiles and probabilities are one piecewise linear distribution and its inverse, and a model file stays small.
"""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray

MINIMUM_SHAPE_ROWS = 750

_TAIL = np.array([0.0005, 0.001, 0.0015, 0.0025, 0.0035, 0.005, 0.0065, 0.008])
_BODY = np.arange(1, 100) / 100
LEVELS: FloatArray = np.concatenate([_TAIL, [0.015], _BODY, [0.985], 1 - _TAIL[::-1]])
LEVELS.sort()


@dataclass(frozen=True)
class Shape:
    """Quantile grids of standardised outcomes, one row a horizon.

    grid: (m, 117) values at LEVELS, rising along each row. count: (m,) float64, size of each sample.
    """

    grid: FloatArray
    count: FloatArray

    def quantile(self, index: int, level: FloatArray) -> FloatArray:
        """Standardised value at the given levels (any shape) of row ``index``."""
        return np.asarray(np.interp(level, LEVELS, self.grid[index]))

    def cumulative(self, index: int, value: FloatArray) -> FloatArray:
        """P(Z <= value) for values of any shape, never 0 or 1: at least half an observation lies beyond."""
        floor = 0.5 / (self.count[index] + 1)
        return np.clip(np.interp(value, self.grid[index], LEVELS, left=0.0, right=1.0), floor, 1 - floor)

    def corners(self, index: int) -> FloatArray:
        """Where ``cumulative`` of row ``index`` may bend or step: its grid, where it is cut off, and just outside."""
        grid, floor = self.grid[index], 0.5 / (self.count[index] + 1)
        outside = np.nextafter(grid[[0, -1]], np.array([-np.inf, np.inf]))
        return np.concatenate([grid, outside, self.quantile(index, np.array([floor, 1 - floor]))])

    def exceedance(self, index: int, value: FloatArray) -> FloatArray:
        """P(Z > value) for values of any shape, never 0 or 1."""
        return 1 - self.cumulative(index, value)


EMPTY_SHAPE = Shape(np.empty((0, len(LEVELS))), np.empty(0))
"""Shapes of no outcome at all: to ask one is an IndexError."""


def fit_shape(standardised: FloatArray) -> Shape:
    """Grids of the known values of every column of an (n, m) array; NaN are left out, Hazen's plotting positions.

    A column without a known value gets a grid of zeros and the count 0, which answers one half to everything.
    """
    samples = [column[np.isfinite(column)] for column in standardised.T]
    grid = [hazen_grid(known) if len(known) else np.zeros(len(LEVELS)) for known in samples]
    return Shape(np.array(grid), np.array([len(known) for known in samples], dtype=np.float64))


def hazen_grid(known: FloatArray) -> FloatArray:
    """Values at LEVELS of known values in any order, at least one: (k,) to (117,), or (m, k) to (m, 117)."""
    below, share = (place[0] for place in hazen_places(np.array([known.shape[-1]])))
    return sorted_grid(np.sort(known, axis=-1), below, share)


def hazen_places(count: IntArray) -> tuple[IntArray, FloatArray]:
    """Where LEVELS lie among so many sorted values, (m,): after which, and at what share of the way on, (m, 117)."""
    last = np.maximum(count - 1, 0)[:, None]
    position = np.clip(LEVELS * count[:, None] - 0.5, 0, last)
    below = np.minimum(position.astype(np.int64), np.maximum(last - 1, 0))
    return below, position - below


def sorted_grid(ordered: FloatArray, below: IntArray, share: FloatArray) -> FloatArray:
    """Values at LEVELS of sorted values, (k,) or (m, k); the places, (117,) each, are those of ``hazen_places``."""
    low, high = ordered[..., below], ordered[..., np.minimum(below + 1, ordered.shape[-1] - 1)]
    # Rounding must not lead past the value above: the grid rises.
    return np.asarray(np.minimum(low + share * (high - low), high))


def with_vix_rows(standardised: FloatArray, has_vix: BoolArray) -> FloatArray:
    """Only the rows with a volatility index, NaN elsewhere; every row where fewer than 750 have one.

    A few hundred outcomes shape a tail worse than thousands whose scale was made a little differently.
    """
    if int(has_vix.sum()) < MINIMUM_SHAPE_ROWS:
        return standardised
    return np.where(has_vix[:, None], standardised, np.nan)
