"""What a market is: its symbols and zone, its exchange's sessions and clock, and the expiries of its options."""

from aegismatrix_engine.markets.document_times import (
    PREOPEN_LEAD,
    PUBLISHING_INTERVAL,
    VALIDITY,
    Due,
    PublishedClose,
    document_due,
    longest_closure,
    next_due,
    night_missing,
    valid_until,
)
from aegismatrix_engine.markets.expiries import (
    ExpiriesAhead,
    Expiry,
    expiries,
    expiries_ahead,
    nearest_expiry,
    nearest_horizon,
    nearest_horizons,
    next_expiries,
    primary_expiry,
    primary_horizons,
    sessions_left,
)
from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.markets.sessions import SessionCalendar
from aegismatrix_engine.markets.shipped_markets import get_market, known_markets
from aegismatrix_engine.markets.trading_clock import BAR, TradingClock, last_due_bar, trading_clock

__all__ = [
    "BAR",
    "PREOPEN_LEAD",
    "PUBLISHING_INTERVAL",
    "VALIDITY",
    "Due",
    "ExpiriesAhead",
    "Expiry",
    "Market",
    "PublishedClose",
    "SessionCalendar",
    "TradingClock",
    "document_due",
    "expiries",
    "expiries_ahead",
    "get_market",
    "known_markets",
    "last_due_bar",
    "longest_closure",
    "nearest_expiry",
    "nearest_horizon",
    "nearest_horizons",
    "next_due",
    "next_expiries",
    "night_missing",
    "primary_expiry",
    "primary_horizons",
    "sessions_left",
    "trading_clock",
    "valid_until",
]
