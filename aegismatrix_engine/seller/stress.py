"""Expiry stress: how likely the index is to touch a distance the option market holds unlikely before the expiry."""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.seller.targets import STRESS_PRIOR, stress_distance
from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, exceeds, horizon_outcomes


@dataclass(frozen=True)
class StressBase:
    """base_rate: (45,) past share of sessions from which the index touched the stress distance within h sessions.

    sessions: how many it rests on at the shortest horizon.
    """

    base_rate: FloatArray
    sessions: int


def stress_touched(features: DailyFeatures) -> FloatArray:
    """1.0 where a high or low of t+1..t+h lies beyond the stress distance at t, shape (n, 45); NaN where unknown."""
    steps = np.arange(1.0, MAX_HORIZON + 1)
    distance = stress_distance(features.implied_sd[:, None], steps)
    return exceeds(horizon_outcomes(features.series).either, distance)


def fit_stress(features: DailyFeatures) -> StressBase:
    """Base rates on the rows with a volatility index; the prior everywhere without any."""
    touched = stress_touched(features)
    known = np.isfinite(touched)
    rate = (np.where(known, touched, 0.0).sum(axis=0) + STRESS_PRIOR) / (known.sum(axis=0) + 1)
    return StressBase(rate, int(known[:, 0].sum()))


def stress_probability(origins: DailyFeatures, distribution: ReturnDistribution, horizons: IntArray) -> FloatArray:
    """P(touch beyond the stress distance within each origin's own horizon), shape (n,); NaN without the index.

    horizons: (n,) sessions left to the nearest expiry of each origin.
    """
    distance = stress_distance(origins.implied_sd, horizons)
    result = np.full(len(origins), np.nan)
    for h in np.unique(horizons):
        rows = np.flatnonzero((horizons == h) & np.isfinite(distance))
        if len(rows):
            part = ReturnDistribution(distribution.scale[rows], distribution.shapes)
            result[rows] = part.breaches(int(h), distance[rows, None]).touch[:, 0]
    return result
