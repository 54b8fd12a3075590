"""From a validated history to the features that every model reads, and to the nights that followed."""

import numpy as np
import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.night import night_changes
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON


def market_features(history: MarketHistory) -> DailyFeatures:
    """Features of every regular session of the history, gaps to the sessions ahead from the exchange's calendar."""
    daily = history.daily()
    calendar = history.market.calendar
    last = pd.Timestamp(daily.index[-1])
    sessions = daily.index.union(calendar.following(last, MAX_HORIZON + 1))
    return DailyFeatures.from_series(DailySeries.from_frame(daily), pd.DatetimeIndex(sessions))


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
