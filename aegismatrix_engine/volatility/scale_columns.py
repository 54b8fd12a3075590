"""The columns of the scale's ridges at the rows of a history, laid out once for the fits on any first rows.

Each fit needs the scales that it forecasts at all of its own rows. They are summed by matrix products over blocks of a
fixed number of rows, so that a row's sum depends neither on the rows that follow nor on the threads of linear algebra.
A forecast is summed column by column instead (``LogHar.scales``): it must not depend on where its row lies either.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.near_ridge import KNOWN_BLOCKS, block_set, near_columns

CHUNK = 256
"""Rows of one matrix product."""


@dataclass(frozen=True, eq=False)
class ScaleColumns:
    """Columns at n rows.

    Attributes:
        gaps: (50, n) each target's own column.
        shared: (c, 12, 256) 1, range block and the block of an index, in blocks of rows, NaN where not known.
        near: (c, 6, 256) 1 and the shared columns of ``near_ridge``, likewise.
        events: (2, 10, n) its columns by target.
        known: (n,) position in KNOWN_BLOCKS of what each row knows.
        has_highs: (n,) bool, rows that the third ridge is added at.
    """

    gaps: FloatArray
    shared: FloatArray
    near: FloatArray
    events: FloatArray
    known: IntArray
    has_highs: BoolArray

    @classmethod
    def of(cls, features: DailyFeatures, index_block: FloatArray) -> Self:
        """Lay out every row; index_block: (n, 3) of the volatility index or of its companion."""
        near, events = near_columns(features)
        return cls(
            np.concatenate([features.gap.T, features.single_gap.T]),
            _chunks(np.vstack([features.range_block.T, index_block.T])),
            _chunks(near),
            events,
            block_set(features),
            features.has_highs,
        )

    def log_variance(self, n: int, weights: FloatArray, near_weights: FloatArray, near: IntArray) -> FloatArray:
        """Log variance of the 50 targets at the first n rows, (50, n).

        Args:
            n: how many rows.
            weights: (50, 2 + p) intercept, gap, and the first p shared columns.
            near_weights: (4, 10, 8) of ``near_ridge``.
            near: which 10 of the targets these are of.
        """
        found = _products(np.delete(weights, 1, axis=1), self.shared, n)
        found += weights[:, [1]] * self.gaps[:, :n]
        found[near] += self._near(n, near_weights)
        return found

    def _near(self, n: int, weights: FloatArray) -> FloatArray:
        known, has_highs = self.known[:n], self.has_highs[:n]
        result = np.zeros((weights.shape[1], n))
        sets = np.bincount(known[has_highs], minlength=len(KNOWN_BLOCKS))
        for which in np.flatnonzero(sets):
            shared, own = np.split(weights[which], [self.near.shape[1]], axis=1)
            total = _products(shared, self.near, n)
            for weight, column in zip(own.T, self.events, strict=True):
                total += weight[:, None] * column[:, :n]
            np.copyto(result, total, where=has_highs & (known == which))
        return result


def _chunks(columns: FloatArray) -> FloatArray:
    """(k, n) as (c, 1 + k, 256), a column of ones before them and 0 after the last row."""
    k, n = columns.shape
    padded = np.zeros((1 + k, -(-n // CHUNK) * CHUNK))
    padded[0], padded[1:, :n] = 1.0, columns
    return np.ascontiguousarray(padded.reshape(1 + k, -1, CHUNK).transpose(1, 0, 2))


def _products(weights: FloatArray, chunks: FloatArray, n: int) -> FloatArray:
    """Weights (m, k) times the first k columns at the first n rows, (m, n)."""
    found = weights @ chunks[: -(-n // CHUNK), : weights.shape[1]]
    return found.transpose(1, 0, 2).reshape(len(weights), -1)[:, :n]
