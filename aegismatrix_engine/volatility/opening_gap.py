"""The opening gap: how large it is likely to be, and what is left of a session's move after it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import DailySeries

GAP_DECAY = 0.97
GAP_FLOOR = 1e-7
"""Smallest squared gap, in squared log points: some early opens are the close before."""


@dataclass(frozen=True)
class AfterOpen:
    """The move from open to close after the nights of the walk through the past, in units of the session's scale.

    Attributes:
        mean: of all of them.
        slope: what is added to it per unit of the expected gap above its own mean; 0 unless it is proven.
        gap_mean: mean of the expected gap.
        correlation: between the expected gap and the move after the open.
        t: of that correlation.
        nights: how many were compared; 0 where too few were.
    """

    mean: float
    slope: float
    gap_mean: float
    correlation: float
    t: float
    nights: int

    def expected(self, gap: float) -> float:
        """Expected move after the open, given the expected gap, both in units of the session's scale."""
        return self.mean + self.slope * (gap - self.gap_mean)


NOT_MEASURED: Final = AfterOpen(0.0, 0.0, 0.0, 0.0, 0.0, 0)


def gap_unit(series: DailySeries, one_session: FloatArray) -> FloatArray:
    """Scale of the next opening gap in log points at the last m rows, (m,): the geometric mean of two scales.

    That of the whole session's return, ``one_session`` (m,), and that of the gaps up to now, exponentially weighted
    with decay 0.97: the share of the night in a session's variance changes from year to year.
    """
    square = np.maximum(np.nan_to_num(series.open - series.previous_close) ** 2, GAP_FLOOR)
    recent = pd.Series(square).ewm(alpha=1 - GAP_DECAY).mean().to_numpy(dtype=np.float64)
    return np.asarray(np.sqrt(one_session * np.sqrt(recent[-len(one_session) :])))
