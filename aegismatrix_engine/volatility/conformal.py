"""Intervals whose coverage is steered by what happened: slow adaptive conformal inference.

Gibbs and Candes (2021), Adaptive conformal inference under distribution shift: after each outcome the miss rate that
is aimed at moves by gamma times (nominal miss rate - missed). gamma = 0.005; faster rates were measured to harm.
"""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

COVERAGES = (0.80, 0.90, 0.95)
LEARNING_RATE = 0.005
MISS_BOUNDS = (0.01, 0.5)
WIDENED_FROM, WIDENED_AT, WIDENING = 20, 40, 0.05


def nominal_miss() -> FloatArray:
    """Miss rates before anything was observed: 1 - coverage for each of COVERAGES and 45 horizons, shape (3, 45)."""
    return np.repeat(1 - np.array(COVERAGES)[:, None], MAX_HORIZON, axis=1)


def adapt(miss: FloatArray, pit: FloatArray) -> FloatArray:
    """Miss rates after each origin's outcome, in time order.

    miss: (3, 45) to start from. pit: (n, 45), P(return <= what came) as forecast at each origin; NaN changes nothing.
    Returns (n + 1, 3, 45): entry s is the state before origin s, the last one the state after all. The outcome of
    origin s at horizon h is known h sessions later: at origin t use entry t - h + 1 (``known_miss``).
    """
    nominal = 1 - np.array(COVERAGES)[:, None]
    path = np.empty((len(pit) + 1, *miss.shape))
    path[0] = miss
    with np.errstate(invalid="ignore"):
        outside = np.abs(2 * pit - 1)
        for s, distance in enumerate(outside):
            missed = distance > 1 - path[s]
            step = np.where(np.isfinite(distance), LEARNING_RATE * (nominal - missed), 0.0)
            path[s + 1] = np.clip(path[s] + step, *MISS_BOUNDS)
    return path


def known_miss(path: FloatArray, origin: int, horizon: int) -> FloatArray:
    """Miss rates (3,) at ``origin`` for ``horizon``, from the outcomes that have come by then."""
    return path[max(origin - horizon + 1, 0), :, horizon - 1]


@dataclass(frozen=True)
class Interval:
    """A central interval of the log return at a horizon: its bounds and the tail levels they were taken at."""

    lower: float
    upper: float
    lower_level: float
    upper_level: float


def central_interval(distribution: ReturnDistribution, row: int, horizon: int, miss: float) -> Interval:
    """The interval between the levels miss/2 and 1 - miss/2 of origin ``row``, widened about its median past 20.

    The widening grows linearly to 5 % at 40 sessions: at long horizons scale and shape err together, which slow
    adaptation was measured not to make good.
    """
    lower, upper = central_bounds(distribution.row(row), horizon, np.array([[miss]]))
    return Interval(float(lower[0, 0]), float(upper[0, 0]), miss / 2, 1 - miss / 2)


def central_bounds(distribution: ReturnDistribution, horizon: int, miss: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lower and upper bounds of every origin's ``central_interval`` at its own miss rates; each (n, C), as ``miss``."""
    middles = np.full((len(miss), 1), 0.5)
    found = distribution.quantile(horizon, np.hstack([miss / 2, middles, 1 - miss / 2]))
    lower, middle, upper = np.split(found, [miss.shape[1], miss.shape[1] + 1], axis=1)
    wider = 1 + WIDENING * min(max(horizon - WIDENED_FROM, 0) / (WIDENED_AT - WIDENED_FROM), 1.0)
    return middle + wider * (lower - middle), middle + wider * (upper - middle)


def probability_integral_transform(distribution: ReturnDistribution, returns: FloatArray) -> FloatArray:
    """P(return <= what came) for every origin and horizon; returns: (n, 45), NaN where unknown. Shape (n, 45)."""
    columns = [distribution.cumulative(h, returns[:, [h - 1]])[:, 0] for h in range(1, returns.shape[1] + 1)]
    return np.where(np.isfinite(returns), np.column_stack(columns), np.nan)
