"""Where the expiries that the exchange lists differ from those of our calendar, which counts as wrong then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from aegismatrix_engine.markets import Expiry, Market, expiries
from aegismatrix_engine.markets.expiry_rules import MovedExpiry
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.options.settlement import has_settled

COMPARED_AHEAD: Final = pd.Timedelta(days=70)
"""A document speaks of two monthly expiries, of which the second is at most so far away."""

NEAREST: Final = 4
"""Weeklies are listed so many weeks ahead at least; further ones of the calendar may not be listed yet."""

MOVED_BY: Final = pd.Timedelta(days=6)
"""A holiday or a new weekday moves an expiry by less than a week at most."""


@dataclass(frozen=True)
class _Compared:
    """What is listed, and the expiries that only one side has: all in order, none settled."""

    listed: tuple[pd.Timestamp, ...]
    only_listed: tuple[pd.Timestamp, ...]
    only_ours: tuple[Expiry, ...]


def calendar_differences(chain: OptionChain, market: Market) -> tuple[str, ...]:
    """Each expiry that only the chain or only our calendar has, as a sentence.

    The calendar's are compared up to the fourth that the chain lists, monthly ones up to the last, the chain's up to
    70 days ahead. Nothing is compared where the file does not say what is listed.
    """
    found = _compared(chain, market)
    return (
        *(f"the exchange lists an expiry on {date:%Y-%m-%d}, which our calendar lacks" for date in found.only_listed),
        *(
            f"our calendar has an expiry on {one.date:%Y-%m-%d}, which the exchange does not list"
            for one in found.only_ours
        ),
    )


def moved_expiries(chain: OptionChain, market: Market) -> tuple[MovedExpiry, ...]:
    """The expiries of our calendar that the chain lists on another session, less than a week away.

    The one in the same week, else the nearest that is left, without another expiry between. A date that is no regular
    session of ours stays a difference: no close of it is forecast.
    """
    found = _compared(chain, market)
    left = [date for date in found.only_listed if len(market.calendar.regular(date, date)) == 1]
    pairs: dict[Expiry, pd.Timestamp] = {}
    for same_week in (True, False):
        for ours in (one for one in found.only_ours if one not in pairs):
            others = [date for date in found.listed if date not in left]
            near = [
                date for date in left if abs(date - ours.date) <= MOVED_BY and not _between(date, ours.date, others)
            ]
            near = [date for date in near if not same_week or date.to_period("W") == ours.date.to_period("W")]
            if near:
                pairs[ours] = min(near, key=lambda date: (abs(date - ours.date), date))
                left.remove(pairs[ours])
    return tuple(
        MovedExpiry(ours.date, theirs, _is_monthly(theirs, ours, found.listed, market))
        for ours, theirs in sorted(pairs.items(), key=lambda pair: pair[1])
    )


def as_listed(market: Market, moved: tuple[MovedExpiry, ...]) -> Market:
    """The market with the expiries where the exchange lists them; the same object where none is moved."""
    return replace(market, moved_expiries=moved) if moved else market


def moved_words(moved: MovedExpiry) -> str:
    """A moved expiry as a sentence for the health of a document that is made for the exchange's date."""
    return (
        f"the exchange lists the expiry of {moved.ours:%Y-%m-%d} on {moved.listed:%Y-%m-%d}: everything about it is "
        "for that date; put the holiday that moved it into calendar.toml"
    )


def _is_monthly(theirs: pd.Timestamp, ours: Expiry, listed: tuple[pd.Timestamp, ...], market: Market) -> bool:
    """Whether a listed date in place of ours is a monthly expiry: the last that is listed of its month.

    Not where the list has our calendar's monthly of that month, or it is past. Where the list ends, ours tells.
    """
    month = theirs.to_period("M")
    if any(one > theirs and one.to_period("M") == month for one in listed):
        return False
    if listed[-1] == theirs:
        return ours.kind == "monthly"
    known = expiries(market, theirs.replace(day=1), theirs + pd.offsets.MonthEnd(0))
    return not any(one.kind == "monthly" and (one.date in listed or one.date < listed[0]) for one in known)


def _between(one: pd.Timestamp, other: pd.Timestamp, dates: Sequence[pd.Timestamp]) -> bool:
    return any(min(one, other) < date < max(one, other) for date in dates)


def _compared(chain: OptionChain, market: Market) -> _Compared:
    listed = tuple(sorted(date for date in chain.listed if not has_settled(market, date, chain.as_of)))
    if not listed:
        return _Compared((), (), ())
    today = chain.as_of.tz_convert(market.zone).tz_localize(None).normalize()
    ours = expiries(market, today, today + COMPARED_AHEAD)
    known = {one.date for one in ours}
    until = {"weekly": listed[min(NEAREST, len(listed)) - 1], "monthly": listed[-1]}
    missing = (one for one in ours if one.date < until[one.kind] and one.date not in listed)
    return _Compared(
        listed,
        tuple(date for date in listed if date <= today + COMPARED_AHEAD and date not in known),
        tuple(one for one in missing if not has_settled(market, one.date, chain.as_of)),
    )
