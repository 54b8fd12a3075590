"""The bars of past sessions at every moment of the session: what was seen so far, and what was still to come.

A moment is the end of a bar, put on a grid of 25 that NIFTY's 15-minute bars filled until August 2026; a session of
another number of bars takes the nearest moments of the grid. The official close is an average of the last half hour:
bar closes and official closes are therefore never mixed within one return but from a bar's close to an official one.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.daily_series import DailySeries

MOMENTS = 25
MINIMUM_BARS = 20
VIX_BARS = 3
RECENT_MOMENTS = 4


def moment_of(finished: int, bars: int) -> int:
    """The moment 1..25 at which ``finished`` of a session's ``bars`` bars are complete."""
    return min(max(round(MOMENTS * finished / bars), 1), MOMENTS)


def half_year_of(day: pd.Timestamp) -> pd.Timestamp:
    """First day of the half-year, from January or from August on, over which a session's usual bars are counted."""
    return pd.Timestamp(day.year, 8 if day.month > 7 else 1, 1)


def bar_variance(high: FloatArray, low: FloatArray) -> FloatArray:
    """Parkinson's (1980) variance of each bar, ln(H/L)^2 / (4 ln 2), squared log points; points of any shape."""
    return np.asarray(np.log(high / low) ** 2 / (4 * math.log(2)))


@dataclass(frozen=True)
class IntradaySessions:
    """S sessions with every bar, at the 25 moments; NaN at a moment that a session of fewer bars does not have.

    rows: (S,) int64, the session's row of the daily series. level: (S, 25) log close of the bar that ends there.
    so_far: (S, 25) variance from the close before to the moment, the night included. within: the same without the
    night. recent: (S, 25) variance of the bars that ended within the last four moments. to_come: (S, 25) variance of
    the bars after it. total: (S,) of all bars. high, low: (S, 25) highest and
    lowest log price after it, -inf and inf after the last bar. high_so_far, low_so_far: (S, 25) those up to it, the
    close before counted in. vix: (S, 25) median of its last three bars, vol points.
    gap: (S,) log open less the log close before.
    """

    rows: IntArray
    level: FloatArray
    so_far: FloatArray
    within: FloatArray
    recent: FloatArray
    to_come: FloatArray
    total: FloatArray
    high: FloatArray
    low: FloatArray
    high_so_far: FloatArray
    low_so_far: FloatArray
    vix: FloatArray
    gap: FloatArray

    @classmethod
    def from_bars(cls, bars: pd.DataFrame, series: DailySeries, span: int = 0) -> Self:
        """The complete sessions of ``bars`` that the daily series knows with the session before it.

        bars: index bar start in exchange time, columns open, high, low, close (points), vix. A session is complete
        where it has the usual number of bars, that of most sessions of its half-year. span: bars from
        the open to the official close where a closing auction makes them more than a session's own.
        """
        stamps = pd.DatetimeIndex(bars.index)
        days, first, counts = np.unique(stamps.normalize().as_unit("ns").asi8, return_index=True, return_counts=True)
        dates = series.dates.as_unit("ns").asi8
        rows = np.searchsorted(dates, days)
        known = (rows > 0) & (rows < len(dates))
        known[known] &= dates[rows[known]] == days[known]
        known &= counts == _usual_count(pd.DatetimeIndex(days), counts)
        parts = [
            _moments(bars, first[known & (counts == n)], int(n), rows[known & (counts == n)], series, span)
            for n in np.unique(counts[known])
        ]
        if not parts:
            parts = [_moments(bars, np.empty(0, np.int64), MOMENTS, np.empty(0, np.int64), series, span)]
        order = np.argsort(np.concatenate([part[0] for part in parts]), kind="stable")
        return cls(*(np.concatenate(columns)[order] for columns in zip(*parts, strict=True)))

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, chosen: BoolArray) -> "IntradaySessions":
        """Some of the sessions; chosen: (S,)."""
        return IntradaySessions(**{name: values[chosen] for name, values in vars(self).items()})


def _usual_count(days: pd.DatetimeIndex, counts: IntArray) -> IntArray:
    """The commonest number of bars of each session's calendar half-year, so that hours may change; 0 below 20 bars."""
    span = np.asarray(days.year * 2 + (days.month > 7))
    usual = pd.Series(counts).groupby(span).agg(lambda seen: int(seen.mode().iloc[-1]))
    found = usual.reindex(span).to_numpy(dtype=np.int64)
    return np.where(found >= MINIMUM_BARS, found, 0)


def _moments(
    bars: pd.DataFrame, first: IntArray, n: int, rows: IntArray, series: DailySeries, span: int
) -> tuple[IntArray | FloatArray, ...]:
    """The fields of ``IntradaySessions`` for sessions of n bars that start at the rows ``first`` of the bars."""
    at = first[:, None] + np.arange(n)
    open_, high, low, close, vix = (
        bars[name].to_numpy(dtype=np.float64)[at] for name in ("open", "high", "low", "close", "vix")
    )
    variance = bar_variance(high, low)
    seen = np.cumsum(variance, axis=1)
    total = seen[:, -1]
    gap = np.log(open_[:, 0]) - series.close[rows - 1]
    later_high = np.full((len(rows), n), -np.inf)
    later_low = np.full((len(rows), n), np.inf)
    if n > 1:
        later_high[:, :-1] = np.maximum.accumulate(np.log(high)[:, :0:-1], axis=1)[:, ::-1]
        later_low[:, :-1] = np.minimum.accumulate(np.log(low)[:, :0:-1], axis=1)[:, ::-1]
    before = series.close[rows - 1][:, None]
    columns = np.array([moment_of(m + 1, max(n, span)) - 1 for m in range(n)], dtype=np.int64)
    # The zero in front stands for the sum before the first bar.
    earlier = np.searchsorted(columns, columns - RECENT_MOMENTS, side="right")
    tables = (
        np.log(close),
        seen + gap[:, None] ** 2,
        seen,
        seen - np.hstack([np.zeros((len(rows), 1)), seen])[:, earlier],
        total[:, None] - seen,
        later_high,
        later_low,
        np.maximum(np.maximum.accumulate(np.log(high), axis=1), before),
        np.minimum(np.minimum.accumulate(np.log(low), axis=1), before),
        steady_vix(vix),
    )
    grids = [_on_grid(table, columns) for table in tables]
    return rows.astype(np.int64), *grids[:5], total, *grids[5:], gap


def _on_grid(table: FloatArray, columns: IntArray) -> FloatArray:
    grid = np.full((len(table), MOMENTS), np.nan)
    grid[:, columns] = table
    return grid


def steady_vix(vix: FloatArray) -> FloatArray:
    """Median of the last three known bars' closes at each bar, shape of ``vix`` (S, n).

    A single opening print of India VIX can be wild, which a median of three forgives.
    """
    if vix.size == 0:
        return vix
    padded = np.concatenate([np.full((len(vix), VIX_BARS - 1), np.nan), vix], axis=1)
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(padded, VIX_BARS, axis=1), axis=2)
    known = np.isfinite(windows).sum(axis=2)
    lower = np.take_along_axis(windows, np.maximum((known - 1) // 2, 0)[..., None], axis=2)[..., 0]
    upper = np.take_along_axis(windows, np.maximum(known // 2, 0)[..., None].clip(max=VIX_BARS - 1), axis=2)[..., 0]
    return np.where(known > 0, (lower + upper) / 2, np.nan)
