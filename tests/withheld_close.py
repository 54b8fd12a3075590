"""A history as it stood before a session's official close was in."""

from dataclasses import replace

import pandas as pd

from aegismatrix_engine.history import MarketHistory


def without_close_of(history: MarketHistory, session: pd.Timestamp) -> MarketHistory:
    """Its daily rows of ``session`` taken out, its bars kept."""
    vix = None if history.vix is None else history.vix.drop(index=session, errors="ignore")
    return replace(history, spot=history.spot.drop(index=session, errors="ignore"), vix=vix)
