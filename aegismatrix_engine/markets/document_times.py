"""How long a document is valid, when the next one is due, and whether one is due now.

All follows from the exchange's calendar and from what a document says of itself: up to when it uses data, whether its
close is the official one, when it was made. Moments are ``Timestamp`` with any zone, and a moment without one raises
`AegisError`; every instant returned has the exchange's own zone.
"""

from dataclasses import dataclass
from typing import Final

import pandas as pd
from pandas import Timestamp

from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.markets.trading_clock import (
    BAR,
    TradingClock,
    bar_end_before,
    exchange_date,
    exchange_time,
    next_open,
    trading_clock,
)

PUBLISHING_INTERVAL: Final = pd.Timedelta(minutes=30)
"""How often a document is published while a session runs."""

VALIDITY: Final = pd.Timedelta(minutes=60)
"""How long a document is valid after the end of the newest bar that it uses."""

PREOPEN_LEAD: Final = pd.Timedelta(minutes=95)
"""How long before the open the document of the night is due: from 07:40 on at NSE, when the US close has been in for
five hours."""

NIGHT_LATE_LEAD: Final = pd.Timedelta(minutes=10)
"""How long before the open the document of the night must be there: by 09:05 at NSE."""


@dataclass(frozen=True)
class PublishedClose:
    """What a published document says of its close and of itself.

    Attributes:
        as_of: the instant up to which it uses data, with a zone.
        official: whether its close is the official one rather than a provisional one made of intraday bars.
        generated_at: when it was made, with a zone.
        healthy: whether every signal came from a healthy model.
    """

    as_of: Timestamp
    official: bool
    generated_at: Timestamp
    healthy: bool = True


@dataclass(frozen=True)
class Due:
    """Whether a document is due, and why or why not: one plain line for the operator."""

    due: bool
    why: str


def valid_until(market: Market, moment: Timestamp, as_of: Timestamp, *, official: bool) -> Timestamp:
    """Until when a document made at ``moment`` is valid; always later than ``moment``.

    `VALIDITY` after the end of the newest bar it uses, or, for an official close, after the next open, special sessions
    included. While the official close of a session that is over is not known, bars are counted on after it, as if it
    still ran. A document whose bar is older than that when it is made, of a source that lags, is valid until the next
    bar is complete. A market with a lunch break has no documents of a session in progress: its close counts where the
    open does elsewhere.

    Args:
        market: whose calendar.
        moment: when the document is made.
        as_of: the instant up to which it uses data.
        official: whether its close is the official one of the last session that closed.
    """
    clock = trading_clock(market, moment)
    as_of = exchange_time(market, as_of)
    if clock.state == "in_session" and clock.hours is not None:
        if market.lunch_break:
            return clock.hours.official_close + VALIDITY
        known = max(as_of, clock.hours.opens)
        return max(known + VALIDITY, _next_bar(clock))
    if official:
        return _next_data(market, next_open(market, clock)) + VALIDITY
    return _counted_on(market, clock) + VALIDITY


def longest_closure(market: Market) -> pd.Timedelta:
    """The longest time that the exchange has ever been closed, or will be by its announced calendar.

    From the close of one regular session to the open of the next, or to its close where that gives the next data.
    """
    calendar = market.calendar
    sessions = calendar.regular(calendar.first_date, calendar.valid_through)
    days = sessions[1:] - sessions[:-1]
    ends = [at for at, gap in enumerate(days) if gap >= days.max() - pd.Timedelta(days=1)]
    opens = [(calendar.opens_at(sessions[at + 1]), calendar.closes_at(sessions[at])) for at in ends]
    return max(_next_data(market, at) - closed for at, closed in opens)


def next_due(market: Market, made: PublishedClose) -> Timestamp:
    """When the document after this one is due; always later than its making.

    Inside a session a publishing interval after the end of its newest bar, or at the end of continuous trading where
    that is sooner; before the first bar, when that is complete. While the official close is not known, a publishing
    interval on. With the official close, `PREOPEN_LEAD` before the next open; for a document made within that time, the
    document of the night, when the first bar is complete. A market with a lunch break has no documents of a session in
    progress: its next one is due at the close.
    """
    clock, as_of = _clock_of(market, made), exchange_time(market, made.as_of)
    if clock.state == "in_session" and clock.hours is not None:
        if market.lunch_break:
            return clock.hours.official_close
        return max(_due_in_session(as_of, clock), _next_bar(clock))
    if not made.official or as_of < market.calendar.closes_at(clock.last_closed):
        return _counted_on(market, clock) + PUBLISHING_INTERVAL
    opens = next_open(market, clock)
    if clock.moment < opens - PREOPEN_LEAD:
        return opens - PREOPEN_LEAD
    return _next_data(market, opens) if market.lunch_break else opens + BAR


def document_due(market: Market, moment: Timestamp, published: PublishedClose | None) -> Due:
    """Whether a document is due at ``moment``, given what the published one says of itself; None is no document.

    It is due from `next_due` of the published one on; before the open also while the document of the night is degraded,
    so that a later run may replace it; and where the published one is dated later than ``moment``.
    """
    clock = trading_clock(market, moment)
    if published is None:
        return Due(True, "there is no readable document")
    for verb, when in (("uses data up to", published.as_of), ("was made at", published.generated_at)):
        if exchange_time(market, when) > clock.moment:
            return Due(True, f"the document {verb} {_written(market, when)}, which is later than now")
    due_from, as_of = next_due(market, published), exchange_time(market, published.as_of)
    window = next_open(market, clock) - PREOPEN_LEAD
    if clock.moment >= due_from:
        return Due(True, _why(market, clock, as_of, window))
    if clock.moment >= window and not published.healthy:
        return Due(True, "the document of the night is degraded")
    if as_of < market.calendar.closes_at(clock.last_closed) or not published.official:
        known = f"uses data up to {as_of:%Y-%m-%d %H:%M}"
    else:
        known = f"has the official close of {clock.last_closed:%Y-%m-%d}"
    return Due(False, f"the document {known}; the next is due from {_written(market, due_from)}")


def night_missing(market: Market, moment: Timestamp, generated_at: Timestamp) -> bool:
    """Whether the document of the night is missing at a moment.

    It is from `NIGHT_LATE_LEAD` before the open of a session to its close, where the newest document was made before
    that of the night was due.
    """
    clock = trading_clock(market, moment)
    if clock.hours is None or clock.state == "after_close" or clock.moment < clock.hours.opens - NIGHT_LATE_LEAD:
        return False
    return exchange_time(market, generated_at) < clock.hours.opens - PREOPEN_LEAD


def _next_data(market: Market, opens: Timestamp) -> Timestamp:
    """When a session begins to give data to forecast from: at its open, or at its close where bars are not used."""
    return market.calendar.closes_at(exchange_date(opens)) if market.lunch_break else opens


def _why(market: Market, clock: TradingClock, as_of: Timestamp, window: Timestamp) -> str:
    known = f"the document uses data up to {as_of:%Y-%m-%d %H:%M}"
    if clock.state == "in_session":
        return f"the session of {clock.moment:%Y-%m-%d} is open and {known}"
    if clock.moment >= window:
        return f"the session of {window:%Y-%m-%d} opens soon"
    if as_of < market.calendar.hours(clock.last_closed).continuous_close:
        return f"{known}, before the close of {clock.last_closed:%Y-%m-%d}"
    return f"the document has a provisional close of {clock.last_closed:%Y-%m-%d}"


def _clock_of(market: Market, made: PublishedClose) -> TradingClock:
    """The clock at its making; at ``as_of`` where a session that it does not know had closed by then."""
    clock = trading_clock(market, made.generated_at)
    unknown = exchange_date(exchange_time(market, made.as_of)) < clock.last_closed
    return trading_clock(market, made.as_of) if unknown else clock


def _due_in_session(as_of: Timestamp, clock: TradingClock) -> Timestamp:
    assert clock.hours is not None
    if as_of < clock.hours.opens:
        return clock.hours.opens + BAR
    if as_of >= clock.hours.continuous_close:
        return as_of + PUBLISHING_INTERVAL
    return min(as_of + PUBLISHING_INTERVAL, clock.hours.continuous_close)


def _next_bar(clock: TradingClock) -> Timestamp:
    """The end of the bar that is not complete yet, counted on beyond the end of continuous trading."""
    assert clock.hours is not None
    return bar_end_before(clock.moment, clock.hours.opens) + BAR


def _counted_on(market: Market, clock: TradingClock) -> Timestamp:
    """The last quarter of an hour, counted from the open of the last session that closed."""
    return bar_end_before(clock.moment, market.calendar.opens_at(clock.last_closed))


def _written(market: Market, moment: Timestamp) -> str:
    local = exchange_time(market, moment)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"
