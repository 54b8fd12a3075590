"""Signals for sellers of options: ranges, breaches, the volatility trap and the stress before an expiry."""

from aegismatrix_engine.seller.loading import SellerModels, load_models

__all__ = ["SellerModels", "load_models"]
