"""From a history that ends inside a session to that session's state, and to its own past at this time of day."""

from dataclasses import replace

import numpy as np
import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.intraday.sessions import IntradaySessions
from aegismatrix_engine.intraday.state import SessionSoFar
from aegismatrix_engine.markets import BAR
from aegismatrix_engine.markets.sessions import SessionHours
from aegismatrix_engine.volatility.daily_series import DailySeries, percentile_of_last

MINIMUM_PAST = 20


def bars_of(hours: SessionHours) -> int:
    """How many bars a session has; the last one is shorter where its length is no whole number of them."""
    return int(-((hours.opens - hours.continuous_close) // BAR))


def session_so_far(
    history: MarketHistory, day: pd.Timestamp, series: DailySeries, *, averaged: bool = True
) -> SessionSoFar:
    """The session of ``day``, of which the history holds at least one bar and no official close.

    series: the daily bars up to the close before. averaged: whether its official close is taken for such an average as
    the session model has learnt from.
    """
    bars = history.bars
    assert bars is not None
    hours = history.market.calendar.hours(day)
    opens = hours.opens.tz_localize(None)
    own = bars.loc[bars.index >= opens]
    so_far = SessionSoFar.from_bars(own, opens, bars_of(hours), BAR, series)
    return replace(so_far, span=round((hours.official_close - hours.opens) / BAR), averaged=averaged)


def bar_end(history: MarketHistory, start: pd.Timestamp | None = None) -> pd.Timestamp:
    """When a bar of the history, the newest unless ``start`` names another, was complete, in the exchange's zone."""
    bars = history.bars
    assert bars is not None
    start = pd.Timestamp(bars.index[-1]) if start is None else start
    end = (start + BAR).tz_localize(history.market.zone)
    calendar = history.market.calendar
    day = start.normalize()
    return min(end, calendar.hours(day).continuous_close) if calendar.is_session(day) else end


def last_vix(history: MarketHistory) -> tuple[float, pd.Timestamp] | None:
    """The volatility index in the newest bar that holds it, vol points, and when that was complete; None without."""
    known = None if history.bars is None else history.bars["vix"].dropna()
    if known is None or known.empty:
        return None
    return float(known.iloc[-1]), bar_end(history, pd.Timestamp(known.index[-1]))


def volatility_score(history: MarketHistory, series: DailySeries, so_far: SessionSoFar) -> float | None:
    """Share of the last year's sessions that had seen less variance by this time of day, the night not counted in.

    None where the history holds fewer than 20 complete sessions of bars before this one.
    """
    bars = history.bars
    if bars is None:
        return None
    past = IntradaySessions.from_bars(bars, series, so_far.span).within[:, so_far.moment - 1]
    past = past[np.isfinite(past)]
    if len(past) < MINIMUM_PAST:
        return None
    return percentile_of_last(np.append(past, so_far.within), series.sessions_per_year)
