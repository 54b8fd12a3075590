"""Validated bars of one market, and the only way to travel in time through them."""

from aegismatrix_engine.history.history import MarketHistory
from aegismatrix_engine.history.known_bars import VIX_CARRIED_SESSIONS

__all__ = ["VIX_CARRIED_SESSIONS", "MarketHistory"]
