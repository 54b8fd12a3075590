"""What an exchange's clock says at a moment: which state the day is in, which bar is complete, when it opens next.

A moment is a ``Timestamp`` with any zone; every instant returned has the exchange's own. All functions raise
`AegisError` for a moment without a zone, and what the market's calendar raises for dates that it does not cover.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd
from pandas import Timestamp

from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.markets.sessions import SessionHours

ClockState = Literal["before_open", "in_session", "after_close", "holiday"]

BAR = pd.Timedelta(minutes=15)
"""The length of an intraday bar."""


@dataclass(frozen=True)
class TradingClock:
    """The state of an exchange's day at a moment.

    Attributes:
        moment: in the exchange's zone.
        state: before_open from midnight of a session's date, in_session from ``opens`` (inclusive) to
            ``official_close`` (exclusive), so with a closing auction, after_close to midnight; holiday where the date
            has no session.
        session: today's date where it has one.
        special: that session is not counted in horizons.
        last_closed: the last session, regular or special, whose official close is at or before the moment.
        hours: those of ``session``.
    """

    moment: Timestamp
    state: ClockState
    session: Timestamp | None
    special: bool
    last_closed: Timestamp
    hours: SessionHours | None


def trading_clock(market: Market, moment: Timestamp) -> TradingClock:
    """The state of ``market``'s exchange at ``moment``, on the exchange's own date."""
    local = exchange_time(market, moment)
    today = exchange_date(local)
    last_closed = market.calendar.last_closed(local)
    if not market.calendar.is_session(today):
        return TradingClock(local, "holiday", None, False, last_closed, None)
    hours = market.calendar.hours(today)
    state: ClockState = "in_session"
    if local < hours.opens:
        state = "before_open"
    elif local >= hours.official_close:
        state = "after_close"
    special = len(market.calendar.special(today, today)) > 0
    return TradingClock(local, state, today, special, last_closed, hours)


def last_due_bar(clock: TradingClock) -> Timestamp | None:
    """The end of the newest bar of today's session that is complete; None before the first, and without a session.

    Bars start at ``opens`` and the last one ends at ``continuous_close``, shorter than the others where the session is
    not a whole number of bars.
    """
    if clock.hours is None or clock.moment < clock.hours.opens:
        return None
    if clock.moment >= clock.hours.continuous_close:
        return clock.hours.continuous_close
    complete = bar_end_before(clock.moment, clock.hours.opens)
    return complete if complete > clock.hours.opens else None


def exchange_time(market: Market, moment: Timestamp) -> Timestamp:
    """``moment`` in the exchange's zone, in nanoseconds."""
    if moment.tz is None:
        raise AegisError(f"trading clock of {market.id}: the moment {moment} has no zone; give it one")
    return moment.tz_convert(market.calendar.zone).as_unit("ns")


def exchange_date(local: Timestamp) -> Timestamp:
    """The date of a moment in the exchange's zone, as a naive midnight."""
    return local.tz_localize(None).normalize()


def bar_end_before(moment: Timestamp, opens: Timestamp) -> Timestamp:
    """The last end of a bar at or before ``moment``, bars being counted from ``opens`` on without end."""
    return opens + (moment - opens) // BAR * BAR


def next_open(market: Market, clock: TradingClock) -> Timestamp:
    """The open of the next session, regular or special: today's, where it is still to come."""
    if clock.hours is not None and clock.state == "before_open":
        return clock.hours.opens
    today = exchange_date(clock.moment)
    regular = market.calendar.following(today, 1)[0]
    special = market.calendar.special(today + pd.Timedelta(days=1), regular)
    return market.calendar.opens_at(special[0] if len(special) else regular)
