"""What option prices say of the close at an expiry: chances fitted to prices, none negative, that sum to one.

The density of the index at the settlement is a straight line between levels: a sum of triangles, each of which starts
at one level, is highest at the next and ends at the one after. Every option's price is a known sum of the triangles'
masses. These are the non-negative ones whose prices miss the quotes least, in units of half a spread, with a light
penalty on roughness; their sum and their mean are held at one and at the forward. A smile differentiated twice gives
negative chances wherever quotes are rough; masses cannot.

These are chances at which the market trades, with its price of risk in them, not forecasts.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from scipy.optimize import nnls

from aegismatrix_engine.options.quotes import TICK, NoPrices, Quotes
from aegismatrix_engine.typing import BoolArray, FloatArray

TRIANGLES: Final = 64

LEAST_SIGMAS: Final = 6.0
"""The levels reach at least so many deviations to either side, and past every strike."""

BEYOND_STRIKES: Final = 0.25
"""Log points by which the levels go on beyond the last strike: an option far out of the money costs a few ticks however
far out it lies, and only an index still farther away explains that."""

STRETCH: Final = 2.5
"""Levels are evenly apart up to about so many deviations from the forward, beyond it in proportion to the distance."""

ROUGHNESS: Final = 0.002
"""Weight of the third differences of the density at the forward. Twenty times as much blurs a day of two peaks."""

TAIL_ROUGHNESS: Final = 100.0
"""How much more third differences weigh in the tails at most; the weight grows by e with every deviation.

The density is smaller there and so are its bends. Weighed alike, chances beyond the last strike of a chain that ends at
1.5 deviations are up to 2.4 percentage points from the truth, weighed so up to 0.7.
"""

_EXACT: Final = 1e5


@dataclass(frozen=True, eq=False)
class PricedDistribution:
    """The distribution of the close at an expiry that prices imply.

    Attributes:
        levels: (n + 2,) of the index in points, rising; the chance of a close outside of them is 0.
        mass: (n,) of the triangles between each level and the next but one, none negative, sum 1.
    """

    levels: FloatArray
    mass: FloatArray

    @property
    def mean(self) -> float:
        """The forward, in index points."""
        return float(self.mass @ _middles(self.levels))

    def cumulative(self, level: FloatArray) -> FloatArray:
        """P(close <= level) at levels in index points, (D,)."""
        below = _divided(np.maximum(level[:, None] - self.levels, 0.0) ** 2, self.levels) @ self.mass
        return np.clip(below, 0.0, 1.0)

    def close_beyond(self, up: FloatArray, down: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P(close > forward + up) and P(close < forward - down), for distances in points, (D,) each."""
        middle = self.mean
        return 1.0 - self.cumulative(middle + up), self.cumulative(middle - down)

    def price(self, strike: FloatArray, is_call: BoolArray) -> FloatArray:
        """Undiscounted prices of options, (n,), in index points."""
        return _prices(self.levels, strike, is_call) @ self.mass


def fit_distribution(
    quotes: Quotes, forward: float, discount: float, deviation: float
) -> PricedDistribution | NoPrices:
    """The distribution that prices imply, or why there is none.

    Args:
        quotes: out of the money.
        forward: its mean, in index points.
        discount: today's value of 1 paid at the settlement.
        deviation: standard deviation of the log return to the settlement, roughly, above 0; levels lie closer together.
    """
    levels = _levels(quotes.strike, forward, deviation)
    weight = 2 * discount / quotes.spread
    rows = [
        _prices(levels, quotes.strike, quotes.is_call) * weight[:, None],
        _roughness(np.log(_middles(levels) / forward) / deviation),
        np.full((1, TRIANGLES), _EXACT),
        _EXACT * (_middles(levels)[None] - forward) / (forward * deviation),
    ]
    wanted = np.concatenate([quotes.price / discount * weight, np.zeros(TRIANGLES - 3), [_EXACT, 0.0]])
    try:
        mass, _ = nnls(np.vstack(rows), wanted, maxiter=30 * TRIANGLES)
    except RuntimeError:
        return NoPrices("has prices to which no distribution could be fitted")
    mass = np.asarray(mass / mass.sum(), dtype=np.float64)
    # What is left of the weights' rounding, a hundredth of a tick.
    return PricedDistribution(levels * (forward / float(mass @ _middles(levels))), mass)


def share_inside(distribution: PricedDistribution, quotes: Quotes, discount: float) -> float:
    """The share of quotes that the distribution prices between bid and ask, to one tick, 0..1."""
    price = discount * distribution.price(quotes.strike, quotes.is_call)
    return float(np.mean((price >= quotes.low - TICK) & (price <= quotes.high + TICK)))


def _levels(strike: FloatArray, forward: float, deviation: float) -> FloatArray:
    reach = np.log(np.array([strike.min(), strike.max()]) / forward) / deviation
    ends = np.array([min(reach[0], -LEAST_SIGMAS), max(reach[1], LEAST_SIGMAS)])
    ends += np.array([-1.0, 1.0]) * BEYOND_STRIKES / deviation
    first, last = np.arcsinh(ends / STRETCH)
    even = np.linspace(float(first), float(last), TRIANGLES + 2)
    levels: FloatArray = forward * np.exp(deviation * STRETCH * np.sinh(even))
    return levels


def _roughness(away: FloatArray) -> FloatArray:
    """Weighted third differences of the masses, (n - 3, n), in a unit that does not depend on how many there are.

    away: (n,) deviations of each triangle from the forward.
    """
    weight = np.exp(np.minimum(np.abs(away[1:-2, None]), math.log(TAIL_ROUGHNESS)))
    rows: FloatArray = ROUGHNESS * weight * _third_differences(len(away))
    return rows


@cache
def _third_differences(count: int) -> FloatArray:
    return count * (count / 12) ** 3 * np.diff(np.eye(count), 3, axis=0)


def _middles(levels: FloatArray) -> FloatArray:
    """The mean of each triangle, (n,)."""
    return (levels[:-2] + levels[1:-1] + levels[2:]) / 3


def _prices(levels: FloatArray, strike: FloatArray, is_call: BoolArray) -> FloatArray:
    """What each option pays on average for closes spread over each triangle, (options, n)."""
    side = np.where(is_call, 1.0, -1.0)[:, None]
    inside = np.maximum(side * (levels - strike[:, None]), 0.0)
    # A power of three is raised by logarithms, which takes ten times as long.
    return _divided(inside * inside * inside, levels) / 3


def _divided(values: FloatArray, levels: FloatArray) -> FloatArray:
    """Second divided differences of functions at the levels, (m, n + 2) to (m, n).

    By Peano's theorem the mean of f'' over the triangle of three levels is twice the second divided difference of f.
    """
    slopes = (values[:, 1:] - values[:, :-1]) / (levels[1:] - levels[:-1])
    differences: FloatArray = (slopes[:, 1:] - slopes[:, :-1]) / (levels[2:] - levels[:-2])
    return differences
