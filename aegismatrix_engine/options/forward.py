"""The forward of an expiry by put-call parity: C - P = D (F - K), with the discount factor D known.

Every strike at which a call and a put are priced names a forward. The forward of the expiry is the mean of those of
the ten strikes nearest the money, each weighted by how well its two prices are known.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from aegismatrix_engine.options.chain import MID
from aegismatrix_engine.options.quotes import NoPrices, Quotes
from aegismatrix_engine.typing import FloatArray

RATE: Final = 0.065
"""Continuously compounded rate a year at which prices are discounted.

About the yield of Indian treasury bills in 2021 to 2026 (3.3 to 7.1 per cent). One per cent more or less changes the
prices of a month by 0.08 per cent of themselves, and forwards near the money by less than a tick.
"""

STRIKES_NEAR_MONEY: Final = 10
FEWEST_STRIKES: Final = 3

LARGEST_VIOLATION: Final = 0.01
"""As a share of the forward. Prices farther apart than this are not of one moment, or not of these strikes.

So far, too, the index that a file states may be from the one that its prices name.
"""

CARRY: Final = 0.05
"""A year. How far a forward may be from what `RATE` makes of the index: by dividends, and interest that is lower."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """The strikes at which a call and a put are priced, in rising order; arrays of one length.

    Attributes:
        strike: index points.
        difference: call less put, in index points.
        total: call plus put, the price of a straddle.
        spread: sum of both spreads.
        volume: the lesser of both; NaN where not known.
    """

    strike: FloatArray
    difference: FloatArray
    total: FloatArray
    spread: FloatArray
    volume: FloatArray


@dataclass(frozen=True, eq=False)
class Forward:
    """The forward of one expiry.

    Attributes:
        level: index points.
        discount: today's value of 1 paid at the settlement.
        years: time to the settlement in years of 365 days.
        strikes: how many strikes it is taken from.
        pairs: every strike with both prices, not only those.
    """

    level: float
    discount: float
    years: float
    strikes: int
    pairs: Pairs


def pairs_of(quotes: Quotes) -> Pairs:
    """The strikes at which both a call and a put have a usable price."""
    # The put of a strike stands before its call.
    at = np.flatnonzero((quotes.strike[:-1] == quotes.strike[1:]) & quotes.is_call[1:] & ~quotes.is_call[:-1])
    call, put = quotes.where(at + 1), quotes.where(at)
    return Pairs(
        put.strike,
        call.price - put.price,
        call.price + put.price,
        call.spread + put.spread,
        np.minimum(call.volume, put.volume),
    )


def forward_by_parity(quotes: Quotes, underlying: float, years: float) -> Forward | NoPrices:
    """The forward of an expiry, or why its prices name none.

    Args:
        quotes: every usable price of the expiry, both sides.
        underlying: level of the index that the file states; where it is NaN, the money is where call and put cost
            the same.
        years: time to the settlement; above 0.
    """
    pairs = pairs_of(quotes)
    if len(pairs.strike) < FEWEST_STRIKES:
        what = "quoted on both sides" if quotes.kind == MID else "traded today"
        return NoPrices(
            f"has {len(pairs.strike)} strikes of which call and put are {what}, {FEWEST_STRIKES} are needed"
        )
    discount = math.exp(-RATE * years)
    named = pairs.strike + pairs.difference / discount
    money = underlying if math.isfinite(underlying) else pairs.strike[np.argmin(np.abs(pairs.difference))]
    near = np.argsort(np.abs(pairs.strike - money), kind="stable")[:STRIKES_NEAR_MONEY]
    weight = pairs.spread[near] ** -2.0
    if quotes.kind != MID and np.isfinite(pairs.volume[near]).all():
        # The spreads of trades are a convention; what trades often has traded lately.
        weight = np.maximum(pairs.volume[near], 1.0)
    level = float(np.average(named[near], weights=weight))
    beyond = np.abs(named[near] - level)
    worst = int(np.argmax(beyond))
    if beyond[worst] > LARGEST_VIOLATION * level:
        return NoPrices(
            f"violates put-call parity at strike {pairs.strike[near][worst]:g}: its prices name the forward "
            f"{named[near][worst]:.0f}, the others {level:.0f}, more than {LARGEST_VIOLATION:.0%} apart"
        )
    apart = level * discount / underlying - 1 if underlying > 0 else 0.0
    if abs(apart) > LARGEST_VIOLATION + CARRY * years:
        return NoPrices(
            f"violates put-call parity: its prices name the forward {level:.0f}, which is {apart:+.1%} from what the "
            f"index level {underlying:.2f} makes it"
        )
    return Forward(level, discount, years, len(near), pairs)
