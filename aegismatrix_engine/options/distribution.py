"""What option prices say of the close at an expiry: chances fitted to prices, none negative, that sum to one.

The index at the settlement is spread over cells between levels, evenly within each, so that every option's price is a
known sum of the cells' masses. The masses are the non-negative ones whose prices miss the quotes least, in units of
half a spread, with a light penalty on roughness; their sum and their mean are held at one and at the forward. A smile
differentiated twice gives negative chances wherever quotes are rough; masses cannot.

These are chances at which the market trades, with its price of risk in them, not forecasts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import nnls

from aegismatrix_engine.options.quotes import TICK, NoPrices, Quotes
from aegismatrix_engine.typing import BoolArray, FloatArray

CELLS: Final = 128

LEAST_SIGMAS: Final = 6.0
"""The cells reach at least so many deviations to either side, and past every strike."""

BEYOND_STRIKES: Final = 0.25
"""Log points by which the cells go on beyond the last strike: an option far out of the money costs a few ticks however
far out it lies, and only an index still farther away explains that."""

STRETCH: Final = 2.5
"""Cells are alike up to about so many deviations from the forward, and grow in proportion to the distance beyond."""

ROUGHNESS: Final = 0.002
"""Weight of the third differences of the density. Twice as much blurs a two-peaked day, half as much shows the tick
of quotes; both still keep every chance of the synthetic chains in tests/options within 0.3 percentage points."""

_EXACT: Final = 1e5
_NEAREST_DEVIATIONS: Final = 0.0005


@dataclass(frozen=True, eq=False)
class PricedDistribution:
    """The distribution of the close at an expiry that prices imply.

    Attributes:
        edges: (n + 1,) levels of the index in points, rising; the chance of a close outside of them is 0.
        mass: (n,) chance of a close in each cell, none negative, sum 1; even within a cell.
    """

    edges: FloatArray
    mass: FloatArray

    @property
    def mean(self) -> float:
        """The forward, in index points."""
        return float(self.mass @ (self.edges[:-1] + self.edges[1:])) / 2

    def cumulative(self, level: FloatArray) -> FloatArray:
        """P(close <= level) at levels in index points, same shape."""
        below = np.concatenate([[0.0], np.cumsum(self.mass)])
        chance: FloatArray = np.minimum(np.interp(level, self.edges, below), 1.0)
        return chance

    def close_beyond(self, up: FloatArray, down: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P(close > forward + up) and P(close < forward - down), for distances in points, (D,) each."""
        middle = self.mean
        return 1.0 - self.cumulative(middle + up), self.cumulative(middle - down)

    def price(self, strike: FloatArray, is_call: BoolArray) -> FloatArray:
        """Undiscounted prices of options, (n,), in index points."""
        return _prices_of_cells(self.edges, strike, is_call) @ self.mass


def fit_distribution(
    quotes: Quotes, forward: float, discount: float, deviation: float
) -> PricedDistribution | NoPrices:
    """The distribution that prices imply.

    Args:
        quotes: out of the money.
        forward: its mean, in index points.
        discount: today's value of 1 paid at the settlement.
        deviation: standard deviation of the log return to the settlement, roughly; it sets the width of the cells.
    """
    edges = _edges(quotes.strike, forward, max(deviation, _NEAREST_DEVIATIONS))
    weight = 2 * discount / quotes.spread
    priced = _prices_of_cells(edges, quotes.strike, quotes.is_call) * weight[:, None]
    middle = (edges[:-1] + edges[1:]) / 2
    rows = [
        priced,
        _roughness(CELLS),
        np.full((1, CELLS), _EXACT),
        _EXACT * (middle[None] - forward) / (forward * deviation),
    ]
    wanted = np.concatenate([quotes.price / discount * weight, np.zeros(CELLS - 3), [_EXACT, 0.0]])
    try:
        mass, _ = nnls(np.vstack(rows), wanted, maxiter=30 * CELLS)
    except RuntimeError:
        return NoPrices("has prices to which no distribution could be fitted")
    mass = np.asarray(mass / mass.sum(), dtype=np.float64)
    # What is left of the weights' rounding, a hundredth of a tick.
    return PricedDistribution(edges * (forward / float(mass @ middle)), mass)


def share_inside(distribution: PricedDistribution, quotes: Quotes, discount: float) -> float:
    """The share of quotes that the distribution prices between bid and ask, to one tick, 0..1."""
    price = discount * distribution.price(quotes.strike, quotes.is_call)
    return float(np.mean((price >= quotes.low - TICK) & (price <= quotes.high + TICK)))


def _edges(strike: FloatArray, forward: float, deviation: float) -> FloatArray:
    reach = np.log(np.array([strike.min(), strike.max()]) / forward) / deviation
    ends = np.array([min(reach[0], -LEAST_SIGMAS), max(reach[1], LEAST_SIGMAS)])
    ends += np.array([-1.0, 1.0]) * BEYOND_STRIKES / deviation
    first, last = np.arcsinh(ends / STRETCH)
    even = np.linspace(float(first), float(last), CELLS + 1)
    edges: FloatArray = forward * np.exp(deviation * STRETCH * np.sinh(even))
    return edges


def _roughness(cells: int) -> FloatArray:
    """Third differences of the masses, (cells - 3, cells), in a unit that does not depend on the number of cells."""
    return ROUGHNESS * cells * (cells / 12) ** 3 * np.diff(np.eye(cells), 3, axis=0)


def _prices_of_cells(edges: FloatArray, strike: FloatArray, is_call: BoolArray) -> FloatArray:
    """What each option pays on average for closes spread evenly over each cell, (options, cells)."""
    k, low, high = strike[:, None], edges[:-1], edges[1:]
    call = np.maximum(high - k, 0.0) ** 2 - np.maximum(low - k, 0.0) ** 2
    put = np.maximum(k - low, 0.0) ** 2 - np.maximum(k - high, 0.0) ** 2
    paid: FloatArray = np.where(is_call[:, None], call, put) / (2 * (high - low))
    return paid
