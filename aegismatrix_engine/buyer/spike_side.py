"""On which side a breakout falls: past shares by the state of the last week, shrunk to the share of all breakouts."""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.buyer.targets import breakout_happened
from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import ahead

MINIMUM_BREAKOUTS = 30
STATES = ("falling week", "rising week")


@dataclass(frozen=True)
class SpikeSide:
    """base_up: share of breakout sessions that closed up, of all ``breakouts``.

    up: (2,) the same after a falling and after a rising week, shrunk to base_up by its evidence.
    """

    base_up: float
    up: FloatArray
    breakouts: int

    def up_probability(self, origins: DailyFeatures) -> FloatArray:
        """P(the session closes up | it is a breakout) at every row, shape (n,)."""
        return self.up[week_state(origins)]


def week_state(features: DailyFeatures) -> IntArray:
    """Index into STATES of every row: 0 where the last five sessions together fell, else 1. Shape (n,)."""
    return (features.range_column("neg5") >= 0).astype(np.int64)


def fit_spike_side(features: DailyFeatures) -> SpikeSide:
    """Empirical-Bayes shares (beta-binomial, moments): the less the states differ, the more they share one rate."""
    series = features.series
    happened = (breakout_happened(series)[:, 0] == 1) & features.has_range
    rose = (ahead(series.close, 1) - series.close) > 0
    state = week_state(features)
    n = np.array([float((happened & (state == s)).sum()) for s in range(len(STATES))])
    ups = np.array([float((happened & rose & (state == s)).sum()) for s in range(len(STATES))])
    base = float((ups.sum() + 1) / (n.sum() + 2))
    if n.min() < MINIMUM_BREAKOUTS:
        return SpikeSide(base, np.full(len(STATES), base), int(n.sum()))
    sampling = base * (1 - base) / n
    between = max(float(np.mean((ups / n - base) ** 2 - sampling)), 0.0)
    weight = between / (between + sampling)
    return SpikeSide(base, weight * ups / n + (1 - weight) * base, int(n.sum()))
