"""Signals for buyers of options: breakouts, their side, the windows of the day and the price of time."""

from aegismatrix_engine.buyer.loading import BuyerModels, load_models

__all__ = ["BuyerModels", "load_models"]
