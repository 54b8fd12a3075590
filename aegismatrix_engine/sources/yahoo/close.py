"""Which daily rows of a live source are closes already, and which sessions its intraday bars hold whole."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.history.bar_spans import us_known_at
from aegismatrix_engine.markets import BAR, Market, SessionCalendar
from aegismatrix_engine.markets.as_of import exchange_day

SETTLING = pd.Timedelta(minutes=15)
"""NSE's official close is an average over the last half hour of trading (NSE Indices, methodology), which it publishes
some minutes after the session; until then Yahoo's row of the day carries the last price."""


def official_from(market: Market, session: pd.Timestamp) -> pd.Timestamp:
    """The instant from which a session's daily row counts as its close; midnight for a day without a session."""
    calendar = market.calendar
    return calendar.ends_at(session) + (SETTLING if calendar.is_session(session) else pd.Timedelta(0))


LATE_PRICE = pd.Timedelta(minutes=1)
"""How long before the end of continuous trading the last price may be from: the closing one has been seen 2 s early."""


@dataclass(frozen=True)
class DailyRows:
    """Daily rows whose close is official, and today's row while its close is not (or no row)."""

    official: SourcedBars
    so_far: pd.DataFrame


def official_rows(
    market: Market, sourced: SourcedBars, now: pd.Timestamp, market_time: pd.Timestamp | None
) -> DailyRows:
    """Daily rows whose close is official at ``now``, and today's while it is not.

    ``market_time`` is the instant of the last price, where it is known: a row of that price's own day is not a close
    while the price is from before the session's continuous close, however late it is by then.
    """
    calendar = market.calendar
    dates = pd.DatetimeIndex(sourced.rows.index)
    today = exchange_day(now, market)
    unofficial = {date for date in dates[-3:] if official_from(market, date) > now}
    unofficial |= set(dates[dates > today])
    if market_time is not None:
        day = exchange_day(market_time, market)
        held = day in dates and calendar.is_session(day)
        if held and market_time < calendar.hours(day).continuous_close - LATE_PRICE:
            unofficial.add(day)
    early = dates.isin(list(unofficial))
    so_far = sourced.bars()[np.asarray(early & (dates == today))]
    return DailyRows(SourcedBars(sourced.name, sourced.rows[~early]) if unofficial else sourced, so_far)


def us_official_rows(frame: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Daily rows of the US, indexed by midnights, whose close had been known for the settling time at ``now``."""
    dates = pd.DatetimeIndex(frame.index).tz_localize(None).normalize()
    return frame[us_known_at(dates) + SETTLING <= now]


def whole_sessions(bars: pd.DataFrame, calendar: SessionCalendar, before: pd.Timestamp) -> pd.DatetimeIndex:
    """Sessions, regular and special, before a date of which every 15-minute bar is there."""
    starts = pd.DatetimeIndex(bars.index)
    first, last = starts[0].normalize(), starts[-1].normalize()
    sessions = calendar.regular(first, last).union(calendar.special(first, last))
    sessions = sessions[sessions < before]
    opens, closes = calendar.local_hours(sessions)[:, :2].T
    grids = (pd.date_range(*hours, freq=BAR, inclusive="left") for hours in zip(opens, closes, strict=True))
    return sessions[np.array([grid.isin(starts).all() for grid in grids], dtype=bool)]
