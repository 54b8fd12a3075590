"""Ridges on the first rows of a history, from sums of products that are made once.

A least-squares fit needs nothing of its rows but the sums of the products of its columns. They are kept after every
32nd row, so that a fit on any first rows costs the same, however many there are. Most columns are shared by all
targets; their products are summed once and each target adds those of its own.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray

CHUNK = 32
"""Rows between two stored sums."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Of k columns over the rows that m targets know.

    Attributes:
        count: (m,) rows.
        mean: (m, k) of each column.
        product: (m, k, k) sums of the products of the columns less their means.
    """

    count: FloatArray
    mean: FloatArray
    product: FloatArray

    def ridge(
        self, columns: list[int], response: FloatArray, offset: FloatArray, relative_penalty: float
    ) -> FloatArray:
        """Intercepts and weights of m ridges, shape (m, 1 + p), each as ``fit_ridge`` defines it.

        Args:
            columns: which p of the k columns explain.
            response: (m, k) what is explained, as weights of the columns: 1 for the target, less an earlier forecast.
            offset: (m,) what is added to it.
            relative_penalty: of ``fit_ridge``.
        """
        gram = self.product[:, columns][:, :, columns]
        sd = np.sqrt(np.diagonal(gram, axis1=1, axis2=2) / self.count[:, None])
        usable = sd > 1e-12
        scale = np.where(usable, sd, 1.0)
        inside = usable[:, :, None] & usable[:, None, :]
        gram = np.where(inside, gram / (scale[:, :, None] * scale[:, None, :]), 0.0)
        diagonal = np.arange(len(columns))
        gram[:, diagonal, diagonal] += np.maximum(relative_penalty * self.count, 1e-12)[:, None]
        moment = (self.product[:, columns] * response[:, None, :]).sum(axis=2)
        moment = np.where(usable, moment / scale, 0.0)
        weights: FloatArray = np.linalg.solve(gram, moment[:, :, None])[:, :, 0] / scale
        centre = (self.mean * response).sum(axis=1) + offset
        return np.column_stack([centre - (self.mean[:, columns] * weights).sum(axis=1), weights])


@dataclass(frozen=True, eq=False)
class RidgeSums:
    """Sums over the used rows of p columns that all m targets share, and of q that each has for itself.

    Rows and columns are shifted by the first used row, without which sums of products would lose digits and a constant
    column would not be recognised.

    Attributes:
        shared: (n, 1 + p) 1 and the shared columns, 0 in rows that are not used.
        own: (n, m, q) each target's own columns, likewise.
        shift: (m, p + q) what was subtracted.
        by_shared: (c, 1 + p, 1 + p + m q) sums of products with the shared columns before every 32nd row.
        by_own: (c, m, q, q) of the products of each target's own columns.
    """

    shared: FloatArray
    own: FloatArray
    shift: FloatArray
    by_shared: FloatArray
    by_own: FloatArray

    @classmethod
    def of(cls, shared: FloatArray, own: FloatArray, used: BoolArray) -> Self:
        """Sum over all rows.

        Args:
            shared: (n, p), finite in the used rows.
            own: (n, m, q), finite in those used rows that are later asked for.
            used: (n,) rows to learn from.
        """
        n, m, q = own.shape
        first = min(int(np.argmax(used)), n - 1)
        shift = np.nan_to_num(shared[first]), np.nan_to_num(own[first])
        size = -(-n // CHUNK) * CHUNK
        ones_shared, flat = np.zeros((size, 1 + shared.shape[1])), np.zeros((size, m * q))
        ones_shared[:n, 0] = used
        ones_shared[:n, 1:] = np.where(used[:, None], shared - shift[0], 0.0)
        alone = (own - shift[1]).reshape(n, m * q)
        np.copyto(flat[:n], alone, where=used[:, None] & ~np.isnan(alone))
        chunks = ones_shared.reshape(-1, CHUNK, ones_shared.shape[1]), flat.reshape(-1, CHUNK, m * q)
        by_shared = chunks[0].transpose(0, 2, 1) @ np.concatenate(chunks, axis=2)
        by_target = chunks[1].reshape(-1, CHUNK, m, q)
        by_own = by_target.transpose(0, 2, 3, 1) @ by_target.transpose(0, 2, 1, 3)
        return cls(
            ones_shared[:n],
            flat[:n].reshape(n, m, q),
            np.hstack([np.tile(shift[0], (m, 1)), shift[1]]),
            *(np.cumsum(np.concatenate([np.zeros_like(part[:1]), part]), axis=0) for part in (by_shared, by_own)),
        )

    def until(self, ends: IntArray) -> Moments:
        """Moments over the used rows before ``ends``, (m,), one end a target, of shared columns first, then own."""
        total = self._stored(ends // CHUNK) + self._rest(ends)
        count = total[:, 0, 0]
        with np.errstate(invalid="ignore"):  # NaN where no row is used yet
            mean = total[:, 0, 1:] / count[:, None]
        product = total[:, 1:, 1:] - count[:, None, None] * mean[:, :, None] * mean[:, None, :]
        return Moments(count, mean + self.shift, product)

    def _stored(self, chunk: IntArray) -> FloatArray:
        """(m, k + 1, k + 1) sums of products over the whole chunks of each target, 1 being the first column."""
        (_, m, q), width = self.own.shape, self.shared.shape[1]
        total = np.empty((m, width + q, width + q))
        rows = self.by_shared[chunk]
        total[:, :width, :width] = rows[:, :, :width]
        cross = rows[:, :, width:].reshape(m, width, m, q)[np.arange(m), :, np.arange(m)]
        total[:, :width, width:], total[:, width:, :width] = cross, cross.transpose(0, 2, 1)
        total[:, width:, width:] = self.by_own[chunk, np.arange(m)]
        return total

    def _rest(self, ends: IntArray) -> FloatArray:
        """The same over the rows from the last whole chunk to the end."""
        row = ends[:, None] // CHUNK * CHUNK + np.arange(CHUNK)
        inside = (row < ends[:, None])[:, :, None]
        at = np.minimum(row, len(self.shared) - 1)
        columns = np.concatenate([self.shared[at], self.own[at, np.arange(len(ends))[:, None]]], axis=2)
        columns = np.where(inside, columns, 0.0)
        return np.asarray(columns.transpose(0, 2, 1) @ columns)
