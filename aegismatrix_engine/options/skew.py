"""Volatility at the money and in both wings, read from the fitted distribution.

A wing is the option whose forward delta is a quarter: it ends in the money about once in four times. Quotes name
volatilities at strikes only, each with its own rounding; the fitted prices name one at every level.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from aegismatrix_engine.options.distribution import PricedDistribution
from aegismatrix_engine.options.volatility import implied_total_volatility
from aegismatrix_engine.typing import FloatArray

DELTA: Final = 0.25

WING_RANGE: Final = (0.85, 1.25)
"""Lowest and highest volatility of a wing as a share of that at the money, the ends of a scale from 0 to 1.

On 29 expiries of 2 to 511 days in five chains of 2021, 2023, 2025 and 2026 the puts' share was 1.01 to 1.14 and the
calls' 0.90 to 1.04. The range leaves room for a market under stress; beyond it the scale stays at its end.
"""

_LEVELS: Final = 8
_FARTHEST: Final = 1.2


@dataclass(frozen=True)
class Wings:
    """Annual volatilities in per cent, at the money and at a forward delta of 0.25.

    Attributes:
        at_the_money: of the forward itself.
        put, call: of the put and the call of that delta; None where no quote reaches so far.
    """

    at_the_money: float
    put: float | None
    call: float | None

    @property
    def risk_reversal(self) -> float | None:
        """Call less put, in volatility points."""
        return None if self.put is None or self.call is None else self.call - self.put

    @property
    def butterfly(self) -> float | None:
        """Mean of both less at the money, in volatility points."""
        return None if self.put is None or self.call is None else (self.call + self.put) / 2 - self.at_the_money


def heaviness(wing: float | None, at_the_money: float) -> float | None:
    """How dear a wing is beside the money, as its place in `WING_RANGE`, 0..1; larger is a heavier tail."""
    if wing is None:
        return None
    low, high = WING_RANGE
    return min(max((wing / at_the_money - low) / (high - low), 0.0), 1.0)


def wings(distribution: PricedDistribution, strikes: tuple[float, float], deviation: float, years: float) -> Wings:
    """The volatilities of a fitted distribution.

    Args:
        distribution: fitted to prices.
        strikes: the outermost strikes that it was fitted to; no volatility is read beyond them.
        deviation: standard deviation of the log return to the settlement, roughly.
        years: time to the settlement.
    """
    forward = distribution.mean
    away = np.linspace(-_FARTHEST, _FARTHEST, 2 * _LEVELS + 1) * deviation
    level, side = forward * np.exp(away), np.where(away < 0, -1.0, 1.0)
    total = implied_total_volatility(forward, level, side > 0, distribution.price(level, side > 0), deviation)
    delta = ndtr(side * (0.5 * total - away / total))
    known = np.isfinite(total) & (level >= strikes[0]) & (level <= strikes[1])
    annual = 100 / math.sqrt(years) * total
    outwards = (np.arange(_LEVELS, -1, -1), np.arange(_LEVELS, 2 * _LEVELS + 1))
    put, call = (_at_delta(delta[way][known[way]], annual[way][known[way]]) for way in outwards)
    return Wings(float(annual[_LEVELS]), put, call)


def _at_delta(delta: FloatArray, volatility: FloatArray) -> float | None:
    """The volatility where delta first falls to a quarter, away from the money."""
    beyond = np.flatnonzero(delta <= DELTA)
    if len(beyond) == 0 or beyond[0] == 0:
        return None
    i = int(beyond[0])
    return float(np.interp(DELTA, delta[[i, i - 1]], volatility[[i, i - 1]]))
