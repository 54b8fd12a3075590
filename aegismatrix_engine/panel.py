"""From a validated history to the panel of features that every model reads."""

import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyPanel
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON


def market_panel(history: MarketHistory) -> DailyPanel:
    """Features of every regular session of the history, gaps to the sessions ahead from the exchange's calendar."""
    daily = history.daily()
    calendar = history.market.calendar
    last = pd.Timestamp(daily.index[-1])
    sessions = daily.index.union(calendar.following(last, MAX_HORIZON + 1))
    return DailyPanel.from_series(DailySeries.from_frame(daily), pd.DatetimeIndex(sessions))
