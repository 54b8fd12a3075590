"""What a market is: its symbols and zone, its exchange's sessions and clock, and the expiries of its options."""

from aegismatrix_engine.markets.expiries import (
    Expiry,
    ExpiryKind,
    expiries,
    nearest_expiry,
    nearest_horizon,
    nearest_horizons,
    next_expiries,
    primary_expiry,
    primary_horizons,
    sessions_left,
)
from aegismatrix_engine.markets.market import Market, get_market, known_markets
from aegismatrix_engine.markets.sessions import SessionCalendar, SessionHours
from aegismatrix_engine.markets.trading_clock import (
    BAR,
    PREOPEN_LEAD,
    PUBLISHING_INTERVAL,
    ClockState,
    Due,
    PublishedClose,
    TradingClock,
    document_due,
    last_due_bar,
    trading_clock,
    valid_until,
)

__all__ = [
    "BAR",
    "PREOPEN_LEAD",
    "PUBLISHING_INTERVAL",
    "ClockState",
    "Due",
    "Expiry",
    "ExpiryKind",
    "Market",
    "PublishedClose",
    "SessionCalendar",
    "SessionHours",
    "TradingClock",
    "document_due",
    "expiries",
    "get_market",
    "known_markets",
    "last_due_bar",
    "nearest_expiry",
    "nearest_horizon",
    "nearest_horizons",
    "next_expiries",
    "primary_expiry",
    "primary_horizons",
    "sessions_left",
    "trading_clock",
    "valid_until",
]
