"""From a validated history to the features that every model reads, and to the nights that followed."""

import numpy as np
import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import Market, SessionCalendar
from aegismatrix_engine.markets.scheduled_events import EventTable, known_from
from aegismatrix_engine.volatility.companion import CompanionCloses
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.near_sessions import EVENT_FEATURES, EventDates
from aegismatrix_engine.volatility.night_moves import NightMoves, UsBars, night_moves
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON


def market_features(history: MarketHistory) -> DailyFeatures:
    """Features of every regular session of the history, gaps to the sessions ahead from the exchange's calendar."""
    daily = history.daily()
    calendar = history.market.calendar
    last = pd.Timestamp(daily.index[-1])
    sessions = daily.index.union(calendar.following(last, MAX_HORIZON + 1))
    return DailyFeatures.from_series(
        DailySeries.from_frame(daily, history.market.sessions_per_year),
        pd.DatetimeIndex(sessions),
        history.us_spot,
        event_dates(history.market),
        companion_closes(history),
    )


def companion_closes(history: MarketHistory) -> CompanionCloses | None:
    """The closes of the market's companion index with its own sessions; None where there are none."""
    companion, closes = history.market.companion, history.companion
    if companion is None or closes is None:
        return None
    calendar = companion.market.calendar
    first = max(pd.Timestamp(closes.index[0]), calendar.first_date)
    sessions = calendar.regular(first, max(history.last_session, first))
    return CompanionCloses(closes, sessions, companion.same_sessions)


def event_dates(market: Market) -> tuple[EventDates, ...]:
    """The scheduled events that the models count, one entry a column of EVENT_FEATURES."""
    return tuple(
        _column([table for table in market.events if table.column == name], market.calendar) for name in EVENT_FEATURES
    )


def _column(tables: list[EventTable], calendar: SessionCalendar) -> EventDates:
    """The events of some kinds; a market without a kind of a column has none of them, and knows that."""
    days = [day for table in tables for day in table.first_days]
    known = [day for table in tables for day in known_from(table, calendar)]
    last = min((table.valid_through for table in tables), default=pd.Timestamp.max)
    return EventDates(pd.DatetimeIndex(days).as_unit("ns"), pd.DatetimeIndex(known).as_unit("ns"), last)


def next_open(history: MarketHistory) -> pd.Timestamp:
    """Date of the first session after the last close, regular or special: the one that ends the night."""
    calendar = history.market.calendar
    tomorrow, regular = history.last_session + pd.Timedelta(days=1), calendar.following(history.last_session, 1)[0]
    special = calendar.special(tomorrow, regular)
    return pd.Timestamp(special[0] if len(special) else regular)


def nights(history: MarketHistory, features: DailyFeatures) -> NightMoves:
    """The US nights after the rows of the history's features, the one after its last close last.

    Special sessions end a night like any other: by their open its news is in the price. Where one is the last session,
    its night is one more row.
    """
    calendar, dates = history.market.calendar, features.series.dates
    implied_sd, last = features.implied_sd, history.last_session.as_unit("ns")
    if last > dates[-1]:
        dates = pd.DatetimeIndex([*dates, last]).as_unit("ns")
        implied_sd = np.append(implied_sd, implied_sd[-1])
    first, ahead = pd.Timestamp(dates[0]), calendar.following(last, 1)[0]
    sessions = calendar.regular(first, ahead).union(calendar.special(first, ahead))
    us = UsBars(history.us_vix, history.us_spot, history.inda)
    return night_moves(us, history.spot["close"], dates, pd.DatetimeIndex(sessions), implied_sd)
