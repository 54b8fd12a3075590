"""From a validated history to the features that every model reads, and to the nights that followed."""

import numpy as np
import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import Market, SessionCalendar
from aegismatrix_engine.markets.scheduled_events import EventTable, known_from
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.near_sessions import EVENT_FEATURES, EventDates
from aegismatrix_engine.volatility.night import night_changes
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON


def market_features(history: MarketHistory) -> DailyFeatures:
    """Features of every regular session of the history, gaps to the sessions ahead from the exchange's calendar."""
    daily = history.daily()
    calendar = history.market.calendar
    last = pd.Timestamp(daily.index[-1])
    sessions = daily.index.union(calendar.following(last, MAX_HORIZON + 1))
    return DailyFeatures.from_series(
        DailySeries.from_frame(daily), pd.DatetimeIndex(sessions), history.us_spot, event_dates(history.market)
    )


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


def nights(history: MarketHistory, dates: pd.DatetimeIndex) -> FloatArray:
    """Log change of the US VIX over the night after each of ``dates``, shape (n,), NaN where it is not known.

    Special sessions end a night like any other: by their open its news is in the price.
    """
    if history.us_vix is None or len(dates) == 0:
        return np.full(len(dates), np.nan)
    calendar = history.market.calendar
    last = pd.Timestamp(dates[-1])
    ahead = calendar.following(last, 1)[0]
    sessions = calendar.regular(pd.Timestamp(dates[0]), ahead).union(calendar.special(pd.Timestamp(dates[0]), ahead))
    return night_changes(history.us_vix["close"], dates, pd.DatetimeIndex(sessions))
