"""Daily rows against the bars of their own session: whether both can speak of the same market.

Measured on the 1,956 sessions of NIFTY 50 with bars, 2015 to 2022: no bar's close left its row's range, and every
official close, an average of the last half hour, lay within the range of the last half hour's bars. India VIX closed
within 3.9 % of the closes of its last two bars in each of 1,955 sessions, within 1.4 % in 99.9 % of them
(benchmarks/bar_limits.py prints the largest of each).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aegismatrix_engine.history.bar_spans import QUARTER
from aegismatrix_engine.markets import Market

OUTSIDE_RANGE = 5e-4
"""How far, in logarithms, a bar's close may leave its row's range by rounding and by other feeds."""

AVERAGE_OFF = 1e-3
"""How far an average of the last half hour may lie outside of that half hour's bars."""

AUCTION_OFF = 0.03
"""The closing auction admits orders within 3 % of its reference price, the average of 15:00 to 15:15 (SEBI circular of
2026-01-16 on the closing auction session)."""

VIX_OFF = 0.05
VIX_BARS = 2

CLOSING_BARS = 2


@dataclass(frozen=True)
class Contradiction:
    """A session whose daily row and bars cannot both be right.

    Attributes:
        session: its date.
        found: both values, in words.
        whole: whether every bar of the session is there, so that a row can be made of them.
    """

    session: pd.Timestamp
    found: str
    whole: bool


@dataclass(frozen=True)
class SessionBars:
    """What the bars of each day add up to, one row a day; prices in points.

    days: (d,) datetime64[ns]. lowest, highest: of all closes. low, high: of the closing bars. close: the last one.
    whole: whether every bar of continuous trading is there. ended: whether its last one is.
    """

    days: pd.DatetimeIndex
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    close: NDArray[np.float64]
    whole: NDArray[np.bool_]
    ended: NDArray[np.bool_]

    @classmethod
    def of(cls, bars: pd.DataFrame, market: Market) -> "SessionBars":
        """From quarter hours in ascending order, at least one."""
        starts = pd.DatetimeIndex(bars.index).as_unit("ns")
        days, first, counts = np.unique(np.asarray(starts.normalize()), return_index=True, return_counts=True)
        close, high, low = (bars[name].to_numpy(dtype=np.float64) for name in ("close", "high", "low"))
        last = first + counts - 1
        closing = np.maximum(last - CLOSING_BARS + 1, first)
        hours = market.calendar.local_hours(pd.DatetimeIndex(days))
        length = QUARTER.to_timedelta64()
        expected = np.where(np.isnat(hours[:, 0]), 0, -((hours[:, 0] - hours[:, 1]) // length))
        ended = np.asarray(starts)[last] + length >= hours[:, 1]
        return cls(
            days=pd.DatetimeIndex(days),
            lowest=np.minimum.reduceat(close, first),
            highest=np.maximum.reduceat(close, first),
            low=np.minimum(low[last], low[closing]),
            high=np.maximum(high[last], high[closing]),
            close=close[last],
            whole=ended & (counts >= expected) & (expected > 0),
            ended=ended,
        )


def contradicted_rows(spot: pd.DataFrame, found: SessionBars, market: Market) -> list[Contradiction]:
    """The daily rows that their own session's bars contradict.

    spot: daily rows, float64 open, high, low, close (points), by session date.
    """
    rows = spot.reindex(found.days)
    row_high, row_low, row_close = (np.log(rows[name].to_numpy(dtype=np.float64)) for name in ("high", "low", "close"))
    above, below = np.log(found.highest) - row_high, row_low - np.log(found.lowest)
    averaged = np.array([market.averages_close(day) for day in found.days])
    allowed = np.where(averaged, AVERAGE_OFF, AUCTION_OFF)
    off = np.maximum(row_close - np.log(found.high), np.log(found.low) - row_close)
    off = np.where(found.ended, off, 0.0)
    contradictions = []
    for at in map(int, np.flatnonzero((above > OUTSIDE_RANGE) | (below > OUTSIDE_RANGE) | (off > allowed))):
        row, day = rows.iloc[at], found.days[at]
        if above[at] > OUTSIDE_RANGE:
            told = f"its high is {row['high']:.2f}, and a bar closes at {found.highest[at]:.2f}"
        elif below[at] > OUTSIDE_RANGE:
            told = f"its low is {row['low']:.2f}, and a bar closes at {found.lowest[at]:.2f}"
        else:
            ranged = f"{found.low[at]:.2f} to {found.high[at]:.2f}"
            told = f"its close is {row['close']:.2f}, and the last bars range from {ranged}"
        contradictions.append(Contradiction(pd.Timestamp(day), told, bool(found.whole[at])))
    return contradictions


def closing_vix(bars: pd.DataFrame) -> pd.DataFrame:
    """Lowest, highest and last of the volatility index's last two closes of each day that has one, with their start.

    Columns lowest, highest, last (vol points) and start, indexed by day.
    """
    known = bars["vix"].dropna()
    if known.empty:
        empty = pd.DatetimeIndex([], dtype="datetime64[ns]")
        return pd.DataFrame({"lowest": [], "highest": [], "last": [], "start": empty}, index=empty)
    tail = known.groupby(pd.DatetimeIndex(known.index).normalize()).tail(VIX_BARS)
    by_day = tail.groupby(pd.DatetimeIndex(tail.index).normalize())
    start = pd.Series(tail.index, index=tail.index).groupby(pd.DatetimeIndex(tail.index).normalize()).last()
    return pd.DataFrame({"lowest": by_day.min(), "highest": by_day.max(), "last": by_day.last(), "start": start})
