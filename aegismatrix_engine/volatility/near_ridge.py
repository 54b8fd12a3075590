"""The third ridge of the scale, to five sessions: what the next sessions hold explains of what the first two left over.

There is one for each set of blocks that may be known: the S&P 500 and the scheduled events may each be missing, and a
row is answered by what was learnt for just what it knows. Highs come from the bars themselves.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.near_sessions import (
    EVENT_FEATURES,
    HIGH_FEATURES,
    NEAR_TARGETS,
    SPILLOVER_FEATURES,
)
from aegismatrix_engine.volatility.ridge_sums import RidgeSums

NEAR_PENALTY = 1e-2
NEAR_FEATURES = (*HIGH_FEATURES, *SPILLOVER_FEATURES, *EVENT_FEATURES)
MINIMUM_NEAR_ROWS = 750
KNOWN_BLOCKS = ((True, True), (False, True), (True, False), (False, False))
"""Whether the S&P 500 and the events are known, in the order of the weights."""

_HIGHS = len(HIGH_FEATURES)
_SHARED = _HIGHS + len(SPILLOVER_FEATURES)
_WIDTH = len(NEAR_FEATURES)


def near_adjustment(weights: FloatArray, features: DailyFeatures) -> FloatArray:
    """What the ridges add to the log variance, shape (10, n): horizons 1..5, then single sessions 1..5.

    weights: (4, 10, 8), of ``NearSums``. 0 where highs are not known.
    """
    shared, events = near_columns(features)
    known, has_highs = block_set(features), features.has_highs
    result = np.zeros((NEAR_TARGETS, len(features)))
    for which in np.unique(known[has_highs]):
        rows = np.flatnonzero(has_highs & (known == which))
        own = weights[which][:, :, None]
        total = np.repeat(own[:, 0], len(rows), axis=1)
        for j, column in enumerate([*shared[:, rows], *events[:, :, rows]]):
            total += own[:, j + 1] * column
        result[:, rows] = total
    return result


@dataclass(frozen=True, eq=False)
class NearSums:
    """What the ridges are fitted from on any first rows of a history.

    Attributes:
        earlier: how many columns the first two ridges share, before those of this one.
        sums: by set of known blocks; None where fewer than 750 rows of the whole history know it.
    """

    earlier: int
    sums: tuple[RidgeSums | None, ...]

    @classmethod
    def of(cls, features: DailyFeatures, block: FloatArray, own: FloatArray, usable: BoolArray) -> Self:
        """Sum over the rows.

        Args:
            features: the rows.
            block: (n, p) columns that the first two ridges share.
            own: (n, 10, 2) gap and log variance of each target, the latter NaN where it has not come.
            usable: (n,) rows to learn from.
        """
        shared, events = near_columns(features)
        has_us, has_events = features.has_spillover, features.has_events
        found: list[RidgeSums | None] = []
        for with_us, with_events in KNOWN_BLOCKS:
            rows = usable & features.has_highs & (has_us | (not with_us)) & (has_events | (not with_events))
            if int(rows.sum()) < MINIMUM_NEAR_ROWS:
                found.append(None)
                continue
            added = shared[: _SHARED if with_us else _HIGHS].T
            known = events.transpose(2, 1, 0)[:, :, : len(EVENT_FEATURES) if with_events else 0]
            found.append(RidgeSums.of(np.hstack([block, added]), np.concatenate([own, known], axis=2), rows))
        return cls(block.shape[1], tuple(found))

    def fit(self, ends: IntArray, earlier: FloatArray) -> FloatArray:
        """Weights on the raw columns by set of known blocks, target and column, (4, 10, 8), the intercept first.

        A missing block has weights of 0, and so has all of a set that fewer than 750 rows know.

        Args:
            ends: (10,) rows whose outcome is known, by target.
            earlier: (10, 2 + p) what the first two ridges forecast together: intercept, gap, shared columns.
        """
        weights = np.zeros((len(KNOWN_BLOCKS), NEAR_TARGETS, 1 + _WIDTH))
        for i, (sums, (with_us, with_events)) in enumerate(zip(self.sums, KNOWN_BLOCKS, strict=True)):
            if sums is None or (moments := sums.until(ends)).count.min() < MINIMUM_NEAR_ROWS:
                continue
            width = moments.mean.shape[1]
            gap = self.earlier + (_SHARED if with_us else _HIGHS)
            response = np.zeros((NEAR_TARGETS, width))
            response[:, : self.earlier], response[:, gap], response[:, gap + 1] = -earlier[:, 2:], -earlier[:, 1], 1.0
            columns = [*range(self.earlier, gap), *range(gap + 2, width)]
            learnt = moments.ridge(columns, response, -earlier[:, 0], NEAR_PENALTY)
            weights[i][:, np.concatenate([[0], 1 + _chosen(with_us, with_events)])] = learnt
        return weights


def near_columns(features: DailyFeatures) -> tuple[FloatArray, FloatArray]:
    """NEAR_FEATURES of every row, 0 where unknown: the shared ones, (5, n), and the events by target, (2, 10, n)."""
    shared = np.concatenate([features.high_block.T, features.spillover_block.T])
    return np.nan_to_num(shared), np.nan_to_num(np.ascontiguousarray(features.event_block.T))


def _chosen(with_us: bool, with_events: bool) -> IntArray:
    """Columns of a set of blocks."""
    us = range(_HIGHS, _SHARED) if with_us else ()
    events = range(_SHARED, _WIDTH) if with_events else ()
    return np.array([*range(_HIGHS), *us, *events])


def block_set(features: DailyFeatures) -> IntArray:
    """(n,) position in KNOWN_BLOCKS of what each row knows."""
    return np.asarray(1 - features.has_spillover.astype(int) + 2 * (1 - features.has_events.astype(int)))
