"""The closes that came after a session model was trained: its spread is carried on with them, by the bars at hand."""

import numpy as np
import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.intraday.model import IntradayModel
from aegismatrix_engine.intraday.sessions import IntradaySessions, half_year_of
from aegismatrix_engine.markets import BAR, Market
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import DistributionModel
from aegismatrix_engine.volatility.features import DailyFeatures

SessionKind = tuple[int, bool]
"""Bars from the open to the official close, and whether that is such an average as the model has learnt from."""


def is_averaged(model: IntradayModel, market: Market, day: pd.Timestamp) -> bool:
    """Whether the official close of a session is of the kind that the model has learnt from."""
    # A model of a market whose close never was an average has learnt from such closes as today's will be.
    alike = model.sessions > 0 and market.averaged_through is None
    return alike or market.averages_close(day)


def with_known_closes(
    model: IntradayModel, distribution: DistributionModel, features: DailyFeatures, history: MarketHistory
) -> IntradayModel:
    """The model once the closes since its training are known, as far as the history holds bars of their sessions.

    Args:
        model: as it was trained.
        distribution: the daily model of the same set.
        features: of all regular sessions whose close is known.
        history: their bars.
    """
    dates, since = features.series.dates, pd.Timestamp(model.known_until)
    if history.bars is None or dates[-1] <= since:
        return model
    bars = history.bars.loc[half_year_of(since + pd.Timedelta(days=1)) :]
    days = pd.DatetimeIndex(pd.DatetimeIndex(bars.index).normalize().unique())
    rows = dates.searchsorted(days[(days > since) & days.isin(dates)])
    kinds = [_kind(model, history.market, day) for day in dates[rows]]
    outcomes = np.full((len(features), model.spread.size), np.nan)
    scale = daily_scale_since(distribution, features, since)
    for span, averaged in dict.fromkeys(kinds):
        alike = [row for row, kind in zip(rows, kinds, strict=True) if kind == (span, averaged)]
        sessions = IntradaySessions.from_bars(bars, features.series, span)
        chosen = sessions.where(np.isin(sessions.rows, alike))
        outcomes[chosen.rows] = model.standardised_closes(features, scale, chosen, averaged=averaged)
    return model.carried_on(outcomes[rows], pd.Timestamp(dates[-1]))


def daily_scale_since(distribution: DistributionModel, features: DailyFeatures, since: pd.Timestamp) -> FloatArray:
    """The daily model's scales at every row from the last close up to ``since`` on, NaN before; shape (n, 45)."""
    first = max(int(features.series.dates.searchsorted(since, side="right")) - 1, 0)
    scale = distribution.scales(features.rows(slice(first, len(features)))).horizon
    return np.vstack([np.full((first, scale.shape[1]), np.nan), scale])


def _kind(model: IntradayModel, market: Market, day: pd.Timestamp) -> SessionKind:
    hours = market.calendar.hours(day)
    return round((hours.official_close - hours.opens) / BAR), is_averaged(model, market, day)
