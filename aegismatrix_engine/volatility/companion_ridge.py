"""What a companion index adds to the scale of a market without a volatility index of its own.

It is learnt as what a market's own index adds is: ridges on all columns, of what the range block left over, and to five
sessions ``near_ridge`` after them. Nothing is blended with it: its level is of another market.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from aegismatrix_engine.typing import BoolArray, FloatArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.near_ridge import NearSums
from aegismatrix_engine.volatility.ridge_sums import RidgeSums
from aegismatrix_engine.volatility.scale_columns import ScaleColumns


@dataclass(frozen=True)
class CompanionRidges:
    """Coefficients per target, 45 horizons, then 5 single sessions.

    weights: (50, 13) intercept, gap, range block and COMPANION_FEATURES, of what the range block left over.
    near_weights: (4, 10, 8) of ``near_ridge``, of what both leave over.
    """

    weights: FloatArray
    near_weights: FloatArray


@dataclass(frozen=True, eq=False)
class CompanionSums:
    """What these ridges are fitted from on any first rows of a history, summed once.

    Attributes:
        known: (n,) bool, rows with a companion index.
        columns: of every row, with the companion block.
        ridge: of all columns.
        near: of the ridges to five sessions after them.
    """

    known: BoolArray
    columns: ScaleColumns
    ridge: RidgeSums
    near: NearSums

    @classmethod
    def of(cls, features: DailyFeatures, own: FloatArray, near_own: FloatArray) -> Self:
        """Sum over all rows that know the index; the two targets' own columns are those of ``RidgeSums``."""
        known, columns = features.has_companion, companion_columns(features)
        rows, near = (
            ScaleColumns.of(features, features.companion_block),
            NearSums.of(features, columns, near_own, known),
        )
        return cls(known, rows, RidgeSums.of(columns, own, known), near)


def companion_columns(features: DailyFeatures) -> FloatArray:
    """(n, 11) range block and companion block, NaN where either is not known."""
    return np.hstack([features.range_block, features.companion_block])
