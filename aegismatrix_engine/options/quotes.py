"""Which prices of an expiry are used, and between which bounds each price lies."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aegismatrix_engine.options.chain import LAST, MID, Legs, PriceKind
from aegismatrix_engine.typing import BoolArray, FloatArray

TICK: Final = 0.05
"""The step of option prices at NSE, in index points."""

SPREAD_SHARE: Final = 0.5
"""Widest spread that is used, as a share of the price; `SPREAD_FLOOR` is always narrow enough."""

SPREAD_FLOOR: Final = 5 * TICK
"""Index points. Options at a few ticks have spreads of one tick, which is a large share of their price."""

SPREAD_OF_INDEX: Final = 0.004
"""Widest spread that is used as a share of the index, about 100 points: beyond it a quote names no price."""

TRADE_SHARE, TRADE_FLOOR = 0.02, 4 * TICK
"""How far apart the bounds of a price are that is known from a trade only: a share of it, at least so many points.

A bhavcopy has no quotes. Its closes are of different minutes, so that each is known to about so much.
"""


@dataclass(frozen=True)
class NoPrices:
    """Why nothing is computed from the prices of an expiry, as a clause after its date."""

    reason: str


@dataclass(frozen=True, eq=False)
class Quotes:
    """Prices of one expiry in the order of its `Legs`, between bounds; arrays of one length, index points, paid today.

    Attributes:
        kind: 'mid' where the prices are quotes, 'last' where they are trades of the day; never both.
        strike, is_call: of each leg.
        low, high: bid and ask; round a trade, bounds by `TRADE_SHARE`.
        volume: traded on the day, in units of the index; NaN where not known.
    """

    kind: PriceKind
    strike: FloatArray
    is_call: BoolArray
    low: FloatArray
    high: FloatArray
    volume: FloatArray

    @property
    def price(self) -> FloatArray:
        """The middle of the bounds."""
        return (self.low + self.high) / 2

    @property
    def spread(self) -> FloatArray:
        """The distance of the bounds, at least one tick: no price is known any better."""
        return np.maximum(self.high - self.low, TICK)

    def __len__(self) -> int:
        return len(self.strike)

    def where(self, wanted: BoolArray | NDArray[np.intp]) -> "Quotes":
        """Some of the legs: a mask or positions."""
        return Quotes(
            self.kind,
            self.strike[wanted],
            self.is_call[wanted],
            self.low[wanted],
            self.high[wanted],
            self.volume[wanted],
        )

    def out_of_the_money(self, forward: float) -> "Quotes":
        """Calls at and above the forward, puts below it: what they cost is all chance, and they trade the most."""
        return self.where((self.strike >= forward) == self.is_call)


def quotes_of(legs: Legs, index: float) -> Quotes:
    """Every leg with a usable price: quotes where the expiry has any, else the day's trades.

    Trades do not fill gaps between quotes, because they may be hours older.

    Args:
        legs: of one expiry.
        index: level of the index, roughly; it bounds the spread.
    """
    kind: PriceKind = MID if bool(legs.quoted.any()) else LAST
    priced = legs.price_kind == kind
    half = np.maximum(TRADE_SHARE * legs.price, TRADE_FLOOR) / 2
    low = legs.bid if kind == MID else np.maximum(legs.price - half, 0.0)
    high = legs.ask if kind == MID else legs.price + half
    everything = Quotes(kind, legs.strike, legs.is_call, low, high, legs.volume)
    with np.errstate(invalid="ignore"):
        narrow = high - low <= np.maximum(SPREAD_SHARE * everything.price, SPREAD_FLOOR)
        narrow &= high - low <= SPREAD_OF_INDEX * index
    return everything.where(priced & (narrow | (kind == LAST)))
