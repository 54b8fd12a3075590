"""Volatility at the money and in both wings, read from the fitted distribution.

A wing is the option whose forward delta is a quarter: it ends in the money about once in four times. Quotes name
volatilities at strikes only, each with its own rounding; the fitted prices name one at every level.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from aegismatrix_engine.options.distribution import PricedDistribution
from aegismatrix_engine.options.volatility import implied_total_volatility
from aegismatrix_engine.options.wing_range import DELTA, WING_RANGE
from aegismatrix_engine.typing import BoolArray, FloatArray

_LEVELS: Final = 8
_AWAY: Final = np.linspace(-1.2, 1.2, 2 * _LEVELS + 1)
"""Where volatilities are read, in deviations from the forward: from puts below it, from calls at it and above."""

_SIDE: Final = np.where(_AWAY < 0, -1.0, 1.0)
_OUTWARDS: Final = (np.arange(_LEVELS, -1, -1), np.arange(_LEVELS, 2 * _LEVELS + 1))


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


@dataclass(frozen=True, eq=False)
class Smile:
    """A fitted distribution that volatilities are read from.

    Attributes:
        distribution: fitted to prices.
        strikes: the outermost strikes that it was fitted to; no volatility is read beyond them.
        deviation: standard deviation of the log return to the settlement, roughly.
        years: time to the settlement.
    """

    distribution: PricedDistribution
    strikes: tuple[float, float]
    deviation: float
    years: float


def wings(smiles: Sequence[Smile]) -> list[Wings]:
    """The volatilities of each of several expiries; all of them at once take little longer than one."""
    if not smiles:
        return []
    forward = np.array([[one.distribution.mean] for one in smiles])
    deviation = np.array([[one.deviation] for one in smiles])
    away = _AWAY * deviation
    level, is_call = forward * np.exp(away), np.tile(_SIDE > 0, (len(smiles), 1))
    price = np.stack([one.distribution.price(at, _SIDE > 0) for one, at in zip(smiles, level, strict=True)])
    total = implied_total_volatility(forward, level, is_call, price, np.broadcast_to(deviation, level.shape))
    delta = ndtr(_SIDE * (0.5 * total - away / total))
    lowest, highest = (np.array([[one.strikes[end]] for one in smiles]) for end in (0, 1))
    known = np.isfinite(total) & (level >= lowest) & (level <= highest)
    annual = 100 / np.sqrt(np.array([[one.years] for one in smiles])) * total
    return [_wings(*of_expiry) for of_expiry in zip(delta, annual, known, strict=True)]


def _wings(delta: FloatArray, annual: FloatArray, known: BoolArray) -> Wings:
    """The wings of one expiry: deltas, annual volatilities, and which of them are known, at the levels, (n,)."""
    put, call = (_at_delta(delta[way][known[way]], annual[way][known[way]]) for way in _OUTWARDS)
    return Wings(float(annual[_LEVELS]), put, call)


def _at_delta(delta: FloatArray, volatility: FloatArray) -> float | None:
    """The volatility where delta first falls to a quarter, away from the money."""
    beyond = np.flatnonzero(delta <= DELTA)
    if len(beyond) == 0 or beyond[0] == 0:
        return None
    i = int(beyond[0])
    return float(np.interp(DELTA, delta[[i, i - 1]], volatility[[i, i - 1]]))
