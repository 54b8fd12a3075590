"""What an exchange's clock says at a moment: which state the day is in, which bar is complete, when a document is due.

A moment is a ``Timestamp`` with any zone; every instant handed back carries the exchange's own. All functions raise
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

PUBLISHING_INTERVAL = pd.Timedelta(minutes=30)
"""How often a document is published while a session runs."""

PREOPEN_LEAD = pd.Timedelta(minutes=35)
"""How long before the open the day's first document is due: 08:40 at NSE, when the US night is known."""


@dataclass(frozen=True)
class TradingClock:
    """The state of an exchange's day at a moment.

    moment: in the exchange's zone. state: before_open from midnight of a session's date, in_session from ``opens``
    (inclusive) to ``official_close`` (exclusive), so a closing auction is part of it, after_close to midnight; holiday
    where the date has no session. session: today's date where it has one. special: that session is not counted in
    horizons. last_closed: the last session, regular or special, whose official close is at or before the moment.
    hours: those of ``session``.
    """

    moment: Timestamp
    state: ClockState
    session: Timestamp | None
    special: bool
    last_closed: Timestamp
    hours: SessionHours | None


@dataclass(frozen=True)
class PublishedClose:
    """What a published document says of its close: the instant it speaks from (with a zone), and whether its close is
    the official one rather than a provisional one made of intraday bars.
    """

    as_of: Timestamp
    official: bool


@dataclass(frozen=True)
class Due:
    """Whether a document is due, and why or why not: one plain line for the operator."""

    due: bool
    why: str


def trading_clock(market: Market, moment: Timestamp) -> TradingClock:
    """The state of ``market``'s exchange at ``moment``, on the exchange's own date."""
    local = _exchange_time(market, moment)
    today = _date(local)
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
    no whole number of bars.
    """
    if clock.hours is None or clock.moment < clock.hours.opens:
        return None
    if clock.moment >= clock.hours.continuous_close:
        return clock.hours.continuous_close
    complete = _floored(clock.moment, clock.hours.opens)
    return complete if complete > clock.hours.opens else None


def valid_until(market: Market, moment: Timestamp, *, close_in: bool = True) -> Timestamp:
    """When the next document after one made at ``moment`` is due at the latest; always later than ``moment``.

    In session that is a bar and a publishing interval after the last complete bar. Otherwise it is so long after the
    next open, special sessions included: the first document that knows a bar of it. ``close_in`` says whether the
    official close of the last session is known: until it is, the next document is due as soon as in session.
    """
    clock = trading_clock(market, moment)
    if clock.state == "in_session" and clock.hours is not None:
        last = last_due_bar(clock) or clock.hours.opens
    elif close_in:
        last = _next_open(market, clock)
    else:
        last = _floored(clock.moment, market.calendar.opens_at(clock.last_closed))
    return last + BAR + PUBLISHING_INTERVAL


def document_due(market: Market, moment: Timestamp, published: PublishedClose | None) -> Due:
    """Whether a document is due at ``moment``, given what the published one says of its close; None is no document.

    It is due from `PREOPEN_LEAD` before the open to the close, and from then on, over nights and holidays too, until
    the published document speaks from the official close of the last session. One that claims to speak from the
    future cannot be believed, so it is due as well.
    """
    clock = trading_clock(market, moment)
    closed = f"{clock.last_closed:%Y-%m-%d}"
    if published is None:
        return Due(True, "there is no readable document")
    if clock.state == "in_session":
        return Due(True, f"the session of {clock.moment:%Y-%m-%d} is open")
    due_from = _next_open(market, clock) - PREOPEN_LEAD
    if clock.moment >= due_from:
        return Due(True, f"the session of {clock.moment:%Y-%m-%d} opens soon")
    as_of = _exchange_time(market, published.as_of)
    if as_of > clock.moment:
        return Due(True, f"the document speaks from {as_of:%Y-%m-%d %H:%M}, which is still to come")
    if as_of < market.calendar.closes_at(clock.last_closed):
        return Due(True, f"the document speaks from {as_of:%Y-%m-%d %H:%M}, before the close of {closed}")
    if not published.official:
        return Due(True, f"the document has a provisional close of {closed}")
    return Due(False, f"the document has the official close of {closed}; the next is due from {_told(due_from)}")


def _exchange_time(market: Market, moment: Timestamp) -> Timestamp:
    if moment.tz is None:
        raise AegisError(f"trading clock of {market.id}: the moment {moment} has no zone; give it one")
    return moment.tz_convert(market.calendar.zone).as_unit("ns")


def _date(local: Timestamp) -> Timestamp:
    return local.tz_localize(None).normalize()


def _floored(moment: Timestamp, opens: Timestamp) -> Timestamp:
    """The last end of a bar at or before ``moment``, bars being counted from ``opens`` on without end."""
    return opens + (moment - opens) // BAR * BAR


def _next_open(market: Market, clock: TradingClock) -> Timestamp:
    """The open of the next session, regular or special: today's, where it is still to come."""
    if clock.hours is not None and clock.state == "before_open":
        return clock.hours.opens
    today = _date(clock.moment)
    regular = market.calendar.following(today, 1)[0]
    special = market.calendar.special(today + pd.Timedelta(days=1), regular)
    return market.calendar.opens_at(special[0] if len(special) else regular)


def _told(moment: Timestamp) -> str:
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname()}"
