"""What came true: the only definition of every outcome, for training, walk-forward and record alike.

Notation: O, H, L, C are logarithms of a session's open, high, low and official close, the origin is the close of
session t, h and k count regular sessions. Rows whose horizon runs past the last session are NaN, never guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.realised_variance import range_variance, true_range

MAX_HORIZON = 45
SINGLE_SESSIONS = 5


@dataclass(frozen=True)
class HorizonOutcomes:
    """Outcomes over t+1..t+h; every array has shape (n, 45), column h - 1 for horizon h, in log points.

    Attributes:
        close: C[t+h] - C[t].
        up: max(H[t+1..t+h]) - C[t].
        down: C[t] - min(L[t+1..t+h]).
    """

    close: FloatArray
    up: FloatArray
    down: FloatArray

    @property
    def either(self) -> FloatArray:
        """The larger of both excursions: how far the index went from C[t] on any side, shape (n, 45)."""
        return np.maximum(self.up, self.down)


def horizon_outcomes(series: DailySeries, horizons: int = MAX_HORIZON) -> HorizonOutcomes:
    """Close-to-close returns and excursions for horizons 1..``horizons`` from every session taken as origin."""
    highest = np.maximum.accumulate(sessions_ahead(series.high, horizons), axis=1)
    lowest = np.minimum.accumulate(sessions_ahead(series.low, horizons), axis=1)
    origin = series.close[:, None]
    return HorizonOutcomes(sessions_ahead(series.close, horizons) - origin, highest - origin, origin - lowest)


def mean_range_variance_ahead(series: DailySeries, horizons: int = MAX_HORIZON) -> FloatArray:
    """Mean range variance over t+1..t+h, shape (n, horizons), squared log points."""
    return means_ahead(range_variance(series), horizons)


def session_range_variance_ahead(series: DailySeries, offsets: int = SINGLE_SESSIONS) -> FloatArray:
    """Range variance of the single session t+k, shape (n, offsets), column k - 1, squared log points."""
    return sessions_ahead(range_variance(series), offsets)


def true_range_ahead(series: DailySeries, offsets: int = SINGLE_SESSIONS) -> FloatArray:
    """True range of the single session t+k, shape (n, offsets), column k - 1, log points."""
    return sessions_ahead(true_range(series), offsets)


def opening_gap_ahead(series: DailySeries) -> FloatArray:
    """O[t+1] - C[t], shape (n,), log points."""
    return ahead(series.open, 1) - series.close


def after_open_ahead(series: DailySeries) -> FloatArray:
    """C[t+1] - O[t+1], shape (n,), log points."""
    return ahead(series.close - series.open, 1)


def realised_variance_ahead(series: DailySeries, horizon: int) -> FloatArray:
    """Mean squared close-to-close log return over t+1..t+horizon, shape (n,)."""
    return means_ahead(series.log_return**2, horizon)[:, -1]


def ahead(values: FloatArray, h: int) -> FloatArray:
    """values[t+h] at t, NaN in the last h rows. Shape (n,)."""
    shifted = np.full(len(values), np.nan)
    shifted[: max(len(values) - h, 0)] = values[h:]
    return shifted


def sessions_ahead(values: FloatArray, horizons: int) -> FloatArray:
    """values[t+h] at t for h = 1..horizons, NaN where it runs past the end. Shape (n, horizons)."""
    return np.column_stack([ahead(values, h) for h in range(1, horizons + 1)])


def means_ahead(values: FloatArray, horizons: int) -> FloatArray:
    """Mean of values[t+1..t+h] at t for h = 1..horizons, NaN where it runs past the end. Shape (n, horizons)."""
    return np.asarray(np.cumsum(sessions_ahead(values, horizons), axis=1) / np.arange(1, horizons + 1))


def exceeds(value: FloatArray, threshold: FloatArray) -> FloatArray:
    """1.0 where value > threshold, 0.0 where not, NaN where either is unknown. Broadcasts."""
    known = np.isfinite(value) & np.isfinite(threshold)
    return np.where(known, (value > threshold).astype(np.float64), np.nan)


def known_by(outcomes: FloatArray, n: int, reach: Sequence[int]) -> FloatArray:
    """Outcomes of the first n rows as they were known at the last of them, (n, m); NaN where they had not come.

    Args:
        outcomes: (N, m) of at least n rows.
        n: rows up to that moment.
        reach: (m,) sessions after which each column is known.
    """
    known = outcomes[:n].copy()
    for column, sessions in enumerate(reach):
        known[max(n - sessions, 0) :, column] = np.nan
    return known
