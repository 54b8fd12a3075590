"""The US night: what its moves mean for the sessions to come, and for the open that it ends with.

The moves shift the mean of the next sessions' returns and change their scale. Nearly all of that is the opening gap:
once the exchange has opened the news is in the price, and nothing of it is left.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from aegismatrix_engine.typing import LENGTH, BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.night_moves import NIGHT_SERIES, NightMoves
from aegismatrix_engine.volatility.opening_gap import NOT_MEASURED, AfterOpen, gap_unit
from aegismatrix_engine.volatility.outcomes import horizon_outcomes, mean_range_variance_ahead, opening_gap_ahead
from aegismatrix_engine.volatility.ridge_sums import RidgeSums
from aegismatrix_engine.volatility.shape import LEVELS, fit_shape

NIGHT_HORIZONS = 5
SESSIONS = np.arange(1, NIGHT_HORIZONS + 1)
NIGHT_PENALTY = 1e-2
MINIMUM_NIGHTS = 500
GRID_DECIMALS = 4
"""Decimals of a standardised outcome in a grid: far below what a published digit shows, and a third of the bytes."""

SUBSETS: Final[tuple[tuple[str, ...], ...]] = (
    ("us_vix", "us_spot", "inda"),
    ("us_spot", "inda"),
    ("us_vix", "inda"),
    ("us_vix", "us_spot"),
    ("inda",),
    ("us_spot",),
    ("us_vix",),
)
"""Series that may know a night together. Of those that do, the first that has been learnt is used: the larger ones come
first, and of two alike the better one in the walk through the past (benchmarks/night_parts.py)."""

NOT_CHOSEN: Final = -1


@dataclass(frozen=True)
class NightWeights:
    """What was learnt of nights that one subset of the series knows; ``nights`` is 0 where too few were seen.

    Attributes:
        mean: (5, p) shift of the h-session return in units of its scale, by mean column.
        scale: (5, q) change of the logarithm of the range variance, by scale column.
        close: (5, 117) grid of standardised outcomes, likewise up, down, either.
        gap_mean: (p,) shift of the opening gap in units of its own scale.
        gap: (117,) grid of standardised gaps.
        nights: how many were learnt from.
    """

    mean: FloatArray
    scale: FloatArray
    close: FloatArray
    up: FloatArray
    down: FloatArray
    either: FloatArray
    gap_mean: FloatArray
    gap: FloatArray
    nights: int

    def shift_and_factor(self, mean: list[FloatArray], scale: list[FloatArray]) -> tuple[FloatArray, FloatArray]:
        """Shift in units of scale and factor on it, both (n, 5), of p mean columns and q scale columns, each (n,)."""
        return _sum(mean, self.mean), np.exp(_sum(scale, self.scale) / 2)

    def gap_shift(self, mean: list[FloatArray]) -> FloatArray:
        """Shift of the opening gap in units of its scale, (n,)."""
        return _sum(mean, self.gap_mean[None, :])[:, 0]


@dataclass(frozen=True)
class NightModel:
    """What each of SUBSETS has learnt, and what the walk through the past shows of the move after the open."""

    subsets: tuple[NightWeights, ...] = field(metadata={LENGTH: len(SUBSETS)})
    after_open: AfterOpen

    @property
    def learnt(self) -> BoolArray:
        """(7,) bool: which of SUBSETS have been learnt."""
        return np.array([weights.nights > 0 for weights in self.subsets])

    def chosen(self, moves: NightMoves) -> IntArray:
        """(n,) index into SUBSETS of the one each night is forecast by, -1 where there is none."""
        return chosen_subsets(moves, self.learnt)

    def shift_and_factor(self, moves: NightMoves, which: int) -> tuple[FloatArray, FloatArray]:
        """Shift in units of scale and factor on it, both (n, 5), by one of SUBSETS."""
        series = SUBSETS[which]
        return self.subsets[which].shift_and_factor(moves.mean_columns(series), moves.scale_columns(series))

    def applied(self, distribution: ReturnDistribution, moves: NightMoves, which: int) -> ReturnDistribution:
        """The distribution once these nights are known, forecast by one of SUBSETS, which knows all n of them.

        Past the fifth session its shift in log points stays that of the fifth and scale and shape are the plain ones.
        """
        unit, weights = distribution.scale[:, :NIGHT_HORIZONS], self.subsets[which]
        shift, factor = self.shift_and_factor(moves, which)
        moved = np.empty_like(distribution.scale)
        moved[:, :NIGHT_HORIZONS] = unit * shift
        moved[:, NIGHT_HORIZONS:] = moved[:, [NIGHT_HORIZONS - 1]]
        scale = distribution.scale.copy()
        scale[:, :NIGHT_HORIZONS] = unit * factor
        grids = (weights.close, weights.up, weights.down, weights.either)
        count = np.full(NIGHT_HORIZONS, float(weights.nights))
        return ReturnDistribution(scale, distribution.shapes.starting_with(grids, count), moved)

    def gap_shift(self, moves: NightMoves, which: int) -> FloatArray:
        """Shift of the opening gap in units of ``gap_unit``, (n,), by one of SUBSETS."""
        return self.subsets[which].gap_shift(moves.mean_columns(SUBSETS[which]))

    def gap_quantile(self, moves: NightMoves, which: int, unit: FloatArray, level: FloatArray) -> FloatArray:
        """Opening gap in log points at the given levels (D,), shape (n, D); unit: (n,), ``gap_unit``."""
        _, factor = self.shift_and_factor(moves, which)
        standardised = np.interp(level, LEVELS, self.subsets[which].gap)
        return np.asarray(unit[:, None] * (self.gap_shift(moves, which)[:, None] + factor[:, [0]] * standardised))


def chosen_subsets(moves: NightMoves, learnt: BoolArray) -> IntArray:
    """(n,) index of the first of SUBSETS that knows each night and is learnt, -1 where none is; learnt: (7,)."""
    found = np.full(len(moves), NOT_CHOSEN)
    for i in reversed(range(len(SUBSETS))):
        if learnt[i]:
            found[_knows(moves, i)] = i
    return found


def enough_nights(features: DailyFeatures, moves: NightMoves) -> BoolArray:
    """(7,) bool: which of SUBSETS know at least 500 of the nights after the rows, which they would learn from."""
    return np.array([int((_knows(moves, i) & features.has_vix).sum()) >= MINIMUM_NIGHTS for i in range(len(SUBSETS))])


def silent_night() -> NightModel:
    """A model that has learnt nothing and is never applied."""
    return NightModel(tuple(_nothing() for _ in SUBSETS), NOT_MEASURED)


def fit_night(
    features: DailyFeatures, daily_scale: FloatArray, moves: NightMoves, wanted: IntArray | None = None
) -> NightModel:
    """Fit each of SUBSETS on the rows whose night it knows, and that have a volatility index.

    daily_scale (n, 45) and the n moves belong to the rows of features. wanted: indexes into SUBSETS; all where None.
    """
    fitted = [_nothing() for _ in SUBSETS]
    enough = enough_nights(features, moves)
    indexes = [i for i in range(len(SUBSETS)) if enough[i] and (wanted is None or i in wanted)]
    if indexes:
        targets = _Targets.of(features, daily_scale)
        for i in indexes:
            fitted[i] = _fit_subset(targets, moves, SUBSETS[i], _knows(moves, i) & features.has_vix)
    return NightModel(tuple(fitted), NOT_MEASURED)


@dataclass(frozen=True, eq=False)
class _Targets:
    """Standardised outcomes over h = 1..5 of n rows, (n, 5) each, and standardised gaps (n,)."""

    close: FloatArray
    up: FloatArray
    down: FloatArray
    log_variance: FloatArray
    gap: FloatArray

    @classmethod
    def of(cls, features: DailyFeatures, daily_scale: FloatArray) -> "_Targets":
        unit = daily_scale[:, :NIGHT_HORIZONS]
        outcomes = horizon_outcomes(features.series, NIGHT_HORIZONS)
        one_session = unit / np.sqrt(SESSIONS)
        variance = mean_range_variance_ahead(features.series, NIGHT_HORIZONS)
        return cls(
            close=outcomes.close / unit,
            up=outcomes.up / unit,
            down=outcomes.down / unit,
            log_variance=np.log(variance) - 2 * np.log(one_session),
            gap=opening_gap_ahead(features.series) / gap_unit(features.series, unit[:, 0]),
        )


def _fit_subset(targets: _Targets, moves: NightMoves, series: tuple[str, ...], usable: BoolArray) -> NightWeights:
    mean_columns, scale_columns = moves.mean_columns(series), moves.scale_columns(series)
    means = _fit(mean_columns, np.column_stack([targets.close, targets.gap]), usable, np.append(SESSIONS, 1))
    mean, gap_mean = means[:-1], means[-1:]
    scale = _fit(scale_columns, targets.log_variance, usable, SESSIONS)
    shift, factor = _sum(mean_columns, mean), np.exp(_sum(scale_columns, scale) / 2)
    moved = ((targets.close, -shift), (targets.up, -shift), (targets.down, shift))
    close, up, down = ((move + by) / factor for move, by in moved)
    gap = (targets.gap[:, None] - _sum(mean_columns, gap_mean)) / factor[:, [0]]
    standardised = np.hstack([close, up, down, np.maximum(up, down), gap])
    grid = np.round(fit_shape(standardised[usable]).grid, GRID_DECIMALS)
    close, up, down, either = np.split(grid[:-1], 4)
    return NightWeights(mean, scale, close, up, down, either, gap_mean[0], grid[-1], int(usable.sum()))


def _knows(moves: NightMoves, which: int) -> BoolArray:
    """(n,) bool: the nights that every series of one of SUBSETS knows."""
    columns = [NIGHT_SERIES.index(name) for name in SUBSETS[which]]
    return np.asarray(moves.known[:, columns].all(axis=1))


def _nothing() -> NightWeights:
    weights, grid = np.zeros((NIGHT_HORIZONS, 0)), np.zeros((NIGHT_HORIZONS, 0))
    return NightWeights(weights, weights, grid, grid, grid, grid, np.zeros(0), np.zeros(0), 0)


def _sum(columns: list[FloatArray], weights: FloatArray) -> FloatArray:
    """(n, m) of columns (n,) and weights (m, p), added column by column: a row does not depend on the others."""
    total = np.zeros((len(columns[0]), len(weights)))
    for column, weight in zip(columns, weights.T, strict=True):
        total = total + column[:, None] * weight
    return total


def _fit(columns: list[FloatArray], target: FloatArray, usable: BoolArray, reach: IntArray) -> FloatArray:
    """Ridge weights (m, p) of each of m targets (n, m), known ``reach`` sessions later, (m,).

    The intercept is left out: it is part of the shape.
    """
    (n, m), p = target.shape, len(columns)
    known = RidgeSums.of(np.column_stack(columns), target[:, :, None], usable).until(n - reach)
    response = np.tile(np.eye(p + 1)[p], (m, 1))
    return known.ridge(list(range(p)), response, np.zeros(m), NIGHT_PENALTY)[:, 1:]
