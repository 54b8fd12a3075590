"""What a market is: its symbols and zone, the sessions of its exchange, and the expiries of its options."""

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

__all__ = [
    "Expiry",
    "ExpiryKind",
    "Market",
    "SessionCalendar",
    "SessionHours",
    "expiries",
    "get_market",
    "known_markets",
    "nearest_expiry",
    "nearest_horizon",
    "nearest_horizons",
    "next_expiries",
    "primary_expiry",
    "primary_horizons",
    "sessions_left",
]
