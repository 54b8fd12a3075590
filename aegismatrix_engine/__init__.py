"""Calibrated risk signals for an equity index from its spot and volatility index."""

__version__ = "0.2.0"
