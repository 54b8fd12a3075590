"""What the next five sessions are known to hold beside the index's own past: columns of the scale to five sessions.

Three blocks. How far the index stands below its highest closes; the variance of the S&P 500, which reaches another
market a session later (Hamao, Masulis and Ng, 1990, Correlations in price changes and volatility across international
stock markets); and scheduled events. Each row uses what was known at its own close. The weekdays ahead were measured
and left out (docs/decisions.md).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.outcomes import SINGLE_SESSIONS
from aegismatrix_engine.volatility.realised_variance import range_variance, trailing_mean

NEAR_HORIZONS = 5
NEAR_TARGETS = NEAR_HORIZONS + SINGLE_SESSIONS
HIGH_WINDOWS = (66, 252)
HIGH_FEATURES = tuple(f"below_high{window}" for window in HIGH_WINDOWS)
SPILLOVER_WINDOWS = (1, 5, 22)
SPILLOVER_FEATURES = tuple(f"us_lv{window}" for window in SPILLOVER_WINDOWS)
EVENT_FEATURES = ("domestic_events", "fomc")
SPILLOVER_DAYS = 7
"""A US row of more days before a session than this is not the latest one: the series stopped, or the US was closed."""


@dataclass(frozen=True)
class EventDates:
    """Scheduled events that a model may know, of one column.

    Attributes:
        dates: (e,) the first date whose session can show what the event brought, any order.
        known_from: (e,) the date from whose close on each was known.
        last: the date up to which no event is missing. Before the earliest of them none is counted.
    """

    dates: pd.DatetimeIndex
    known_from: pd.DatetimeIndex
    last: pd.Timestamp


def high_block(series: DailySeries) -> FloatArray:
    """HIGH_FEATURES: log distance of the close from the highest close of the last 66 and 252 sessions.

    At most 0. Shape (n, 2), NaN before there are enough sessions.
    """
    return np.column_stack([series.close - _trailing_maximum(series.close, window) for window in HIGH_WINDOWS])


def spillover_block(us_spot: pd.DataFrame | None, dates: pd.DatetimeIndex) -> FloatArray:
    """SPILLOVER_FEATURES at each date: ln of the mean range variance of the last 1, 5, 22 US sessions before it.

    The US session of the date itself ends after the close. Rows of ``us_spot`` without all four prices are left out.
    Shape (n, 3), NaN where nothing is known.
    """
    result = np.full((len(dates), len(SPILLOVER_WINDOWS)), np.nan)
    whole = None if us_spot is None else us_spot[["open", "high", "low", "close"]].dropna()
    if whole is None or whole.empty:
        return result
    series = DailySeries.from_frame(whole.assign(vix=np.nan))
    variance = range_variance(series)
    logs = np.column_stack([np.log(trailing_mean(variance, window)) for window in SPILLOVER_WINDOWS])
    wanted = dates.as_unit("ns")
    before = series.dates.searchsorted(wanted, side="left") - 1
    known = before >= 0
    known &= np.asarray(wanted - series.dates[np.maximum(before, 0)] <= pd.Timedelta(days=SPILLOVER_DAYS))
    result[known] = logs[before[known]]
    return result


def event_block(
    columns: tuple[EventDates, ...] | None, dates: pd.DatetimeIndex, sessions: pd.DatetimeIndex
) -> FloatArray:
    """Events in t+1..t+h by session for h = 1..5, then in the single session t+k for k = 1..5; shape (n, 10, 2).

    Those known at the close of t. An event between sessions counts in the session after it. NaN where a column's dates
    end before the fifth session ahead, or where there are no columns.
    """
    result = np.full((len(dates), NEAR_TARGETS, len(EVENT_FEATURES)), np.nan)
    if columns is None or len(dates) == 0:
        return result
    position = _positions(dates, sessions)
    for column, events in enumerate(columns):
        single = _events_by_offset(events, dates, position, sessions)
        shares = np.cumsum(single[:, :NEAR_HORIZONS], axis=1) / np.arange(1, NEAR_HORIZONS + 1)
        covered = np.asarray(sessions[position + SINGLE_SESSIONS] <= events.last)
        result[covered, :, column] = np.hstack([shares, single])[covered]
    return result


def _events_by_offset(
    events: EventDates, dates: pd.DatetimeIndex, position: IntArray, sessions: pd.DatetimeIndex
) -> FloatArray:
    """Events in the single session t+k, column k - 1, that were known at t; position: (n,) of the dates in sessions."""
    shown = np.asarray(sessions.searchsorted(events.dates.as_unit("ns"), side="left"))
    known_from = np.asarray(dates.searchsorted(events.known_from.as_unit("ns"), side="left"))
    count = np.zeros((len(dates), SINGLE_SESSIONS))
    for k in range(1, SINGLE_SESSIONS + 1):
        row = np.searchsorted(position, shown - k)
        at = np.minimum(row, len(dates) - 1)
        known = (position[at] == shown - k) & (at >= known_from) & (shown < len(sessions))
        np.add.at(count[:, k - 1], at[known], 1.0)
    return count


def _positions(dates: pd.DatetimeIndex, sessions: pd.DatetimeIndex) -> IntArray:
    return np.asarray(sessions.as_unit("ns").searchsorted(dates.as_unit("ns")))


def _trailing_maximum(values: FloatArray, window: int) -> FloatArray:
    return pd.Series(values).rolling(window).max().to_numpy()
