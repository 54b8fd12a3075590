"""Until when a forecast has to be there to count as made at its moment: the one definition of live."""

import pandas as pd

from aegismatrix_engine.markets import BAR, PUBLISHING_INTERVAL
from aegismatrix_engine.markets.as_of import exchange_day
from aegismatrix_engine.markets.market import Market

LATEST = BAR + PUBLISHING_INTERVAL
"""How long after its moment a forecast of a session in progress still counts as made then."""


def live_until(market: Market, as_of: pd.Timestamp, *, in_session: bool) -> pd.Timestamp:
    """The last instant at which a forecast of ``as_of`` is still made before anything of its outcome is known.

    Args:
        market: whose sessions open.
        as_of: the moment it speaks from, with a zone.
        in_session: whether that lies in a session in progress, from which it may be 45 minutes late; from a close, or
            the night after it, it has until the next open.

    Raises:
        DataError: the market's calendar does not cover ``as_of``.
    """
    return as_of + LATEST if in_session else _next_open(market, as_of) - pd.Timedelta(1, "ns")


def lies_in_session(market: Market, as_of: pd.Timestamp) -> bool:
    """Whether a moment lies in a session, regular or special, whose official close is still to come.

    Raises:
        DataError: the market's calendar does not cover ``as_of``.
    """
    day = exchange_day(as_of, market)
    if not market.calendar.is_session(day):
        return False
    hours = market.calendar.hours(day)
    return bool(hours.opens <= as_of < hours.official_close)


def _next_open(market: Market, as_of: pd.Timestamp) -> pd.Timestamp:
    """The first open after a moment, of a regular or a special session."""
    calendar, today = market.calendar, exchange_day(as_of, market)
    following = calendar.following(today, 1)[0]
    days = calendar.regular(today, following).union(calendar.special(today, following))
    return next(opens for opens in map(calendar.opens_at, days) if opens > as_of)
