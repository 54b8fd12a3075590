"""Chains whose prices are known: from lognormal mixtures, or from any distribution given by its outcomes.

The formulas here use ``math.erf`` and sums over outcomes, so that nothing of the engine's own prices the chains that
test it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.options.chain import Legs
from aegismatrix_engine.typing import BoolArray, FloatArray

TICK: Final = 0.05
FORWARD: Final = 24000.0
EXPIRY: Final = pd.Timestamp("2026-06-23")

PriceOfCall = Callable[[float], float]
"""Strike -> what a call costs, paid at the settlement."""


def normal(z: float) -> float:
    """P(Z <= z) of a standard normal variable."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def black_call(forward: float, strike: float, total: float) -> float:
    """Black (1976), undiscounted; total: standard deviation of the log return to the settlement."""
    up = math.log(forward / strike) / total + total / 2
    return forward * normal(up) - strike * normal(up - total)


@dataclass(frozen=True)
class Mixture:
    """Lognormal parts: weight, mean in index points and total volatility of each."""

    parts: tuple[tuple[float, float, float], ...]

    @classmethod
    def lognormal(cls, total: float, forward: float = FORWARD) -> "Mixture":
        return cls(((1.0, forward, total),))

    @classmethod
    def of_two(cls, weight: float, away: float, widths: tuple[float, float], total: float) -> "Mixture":
        """Two parts with the mean `FORWARD`; away: the first one's middle in deviations; widths: of both, likewise."""
        first = FORWARD * math.exp(away * total)
        second = (FORWARD - weight * first) / (1 - weight)
        return cls(((weight, first, widths[0] * total), (1 - weight, second, widths[1] * total)))

    def call(self, strike: float) -> float:
        return sum(weight * black_call(mean, strike, total) for weight, mean, total in self.parts)

    def above(self, level: float) -> float:
        """P(close > level)."""
        return sum(weight * normal(math.log(mean / level) / total - total / 2) for weight, mean, total in self.parts)


def legs_at(
    call: PriceOfCall,
    strikes: Sequence[float] | FloatArray,
    *,
    forward: float = FORWARD,
    discount: float = 1.0,
    spread: float = 0.0,
) -> Legs:
    """Both legs of every strike, quoted between the ticks round the price less and plus half a spread.

    As on an exchange, a leg that is worth less than a tick has no bid.
    """
    both = np.repeat(np.asarray(strikes, dtype=np.float64), 2)
    is_call = np.tile([False, True], len(strikes))
    worth = np.array([call(float(k)) for k in both])
    price = discount * np.where(is_call, worth, worth - (forward - both))
    bid = np.floor((price - spread / 2) / TICK + 1e-9) * TICK
    ask = np.maximum(np.ceil((price + spread / 2) / TICK - 1e-9), 1.0) * TICK
    return legs(both, is_call, bid=np.where(bid > 0, bid, np.nan), ask=ask)


def legs(strike: FloatArray, is_call: BoolArray, **known: FloatArray | BoolArray) -> Legs:
    """Legs of which only some arrays are known; no trade, open interest or quote where nothing is given."""
    unknown = np.full(len(strike), np.nan)
    names = ("bid", "ask", "last", "settlement", "volume", "open_interest", "published_volatility")
    arrays = {name: known.get(name, unknown) for name in names}
    traded = known.get("traded", np.zeros(len(strike), dtype=bool))
    return Legs(EXPIRY, strike, is_call, traded=traded, **arrays)  # type: ignore[arg-type]


def wide_strikes(total: float, step: float = 50.0, sigmas: float = 9.0) -> FloatArray:
    """Strikes so many deviations to both sides of `FORWARD`, within half and twice of it."""
    low, high = FORWARD * max(0.5, 1 - sigmas * total), FORWARD * min(2.0, 1 + sigmas * total)
    return np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step
