"""One snapshot of an index's option chain: the legs of each expiry as arrays, and what was left out of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aegismatrix_engine.typing import BoolArray, FloatArray

PriceKind = Literal["mid", "last", "none"]
MID: Final = "mid"
LAST: Final = "last"
NO_PRICE: Final = "none"


@dataclass(frozen=True, eq=False)
class Legs:
    """All legs of one expiry, by strike, at each strike the put before the call; arrays of one length.

    Attributes:
        expiry: naive date of the expiry, as the file names it.
        strike: index points.
        is_call: False for puts.
        bid: best bid in index points; NaN where absent or zero, like the three below.
        ask: best ask.
        last: price of the last trade, whether or not it was today.
        settlement: the exchange's settlement price, which is theoretical for legs without a trade.
        traded: whether ``last`` is the price of a trade of the snapshot's day.
        volume: traded on the day, in units of the index (never lots); NaN where absent.
        open_interest: in units of the index (never lots); NaN where absent.
        published_volatility: the exchange's own implied volatility, per cent; NaN where absent or zero.
        as_of: the aware moment of these legs, where a snapshot is made of files of several moments; else None.
        underlying: likewise the index level that their file states, NaN where it does not; else None.
    """

    expiry: pd.Timestamp
    strike: FloatArray
    is_call: BoolArray
    bid: FloatArray
    ask: FloatArray
    last: FloatArray
    settlement: FloatArray
    traded: BoolArray
    volume: FloatArray
    open_interest: FloatArray
    published_volatility: FloatArray
    as_of: pd.Timestamp | None = None
    underlying: float | None = None

    @cached_property
    def quoted(self) -> BoolArray:
        """Whether a leg has a bid and an ask that is not below it."""
        both: BoolArray = np.isfinite(self.bid) & np.isfinite(self.ask) & (self.bid > 0) & (self.ask >= self.bid)
        return both

    @cached_property
    def price(self) -> FloatArray:
        """The price of each leg in index points: the middle of bid and ask, else the last trade of the day, else NaN.

        How wide a spread may be is for the one who uses the price to decide.
        """
        price: FloatArray = np.where(self.quoted, (self.bid + self.ask) / 2, np.where(self.traded, self.last, np.nan))
        return price

    @cached_property
    def price_kind(self) -> NDArray[np.str_]:
        """Which price each leg has: 'mid', 'last' or 'none'."""
        traded = self.traded & np.isfinite(self.last)
        kinds: NDArray[np.str_] = np.where(self.quoted, MID, np.where(traded, LAST, NO_PRICE))
        return kinds


@dataclass(frozen=True)
class LeftOut:
    """Legs of a snapshot that are not used, or something else about it that has to be told.

    Attributes:
        expiry: the expiry they belong to; None where they belong to several or to none.
        legs: how many; 0 where nothing is left out, or a file whose legs cannot be counted.
        rule: why, in plain words.
    """

    expiry: pd.Timestamp | None
    legs: int
    rule: str


@dataclass(frozen=True, eq=False)
class OptionChain:
    """One snapshot of an index's options.

    Attributes:
        source: layout of the file: 'nse', 'nse-v3', 'bhavcopy', 'udiff' or 'upstox'; of files of several layouts
            all of them, as 'nse-v3+udiff'.
        as_of: the aware moment that the prices are of; of several files the oldest, so that age is never understated.
        underlying: index level that the file states; NaN where it does not.
        expiries: legs of each expiry, by date.
        left_out: what is not used, and why.
        files: name without folder, and SHA-256 of each file as it stands.
        listed: naive dates of the expiries that the file says are listed, with or without legs in it.
    """

    source: str
    as_of: pd.Timestamp
    underlying: float
    expiries: tuple[Legs, ...]
    left_out: tuple[LeftOut, ...]
    files: tuple[tuple[str, str], ...]
    listed: tuple[pd.Timestamp, ...] = ()
