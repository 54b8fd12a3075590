"""Daily rows against the bars of their own session: whether both can speak of the same market.

Measured on the 1,956 sessions of NIFTY 50 with bars, 2015 to 2022: no bar's close left its row's range, and every
official close, an average of the last half hour, lay within the range of the last half hour's bars
(benchmarks/bar_limits.py prints the largest of each).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aegismatrix_engine.markets import BAR, Market
from aegismatrix_engine.typing import BoolArray, FloatArray

OUTSIDE_RANGE = 5e-4
"""How far, in logarithms, a bar's close may leave its row's range by rounding and by other feeds."""

AVERAGE_OFF = 1e-3
"""How far an average of the last half hour may lie outside of that half hour's bars."""

AUCTION_OFF = 0.03
"""The closing auction admits orders within 3 % of its reference price, the average of 15:00 to 15:15 (SEBI circular of
2026-01-16 on the closing auction session)."""

FAR_CLOSE = 0.01
"""How far a close may lie from its session's last bars without a doubt: the 3 % are a limit for single shares."""

BEYOND_BARS = 0.015
"""How far a row's high or low may lie beyond all bars of its session; 0.7 % at most in 1,945 whole sessions."""

MOST_CONTRADICTED = 3
MOST_CONTRADICTED_SHARE = 0.02
"""Sessions whose daily value and bars may contradict, whichever is more; beyond, the bars are of another index."""

CLOSING_BARS = 2


@dataclass(frozen=True)
class Contradiction:
    """A session whose daily row and bars cannot both be right.

    Attributes:
        session: its date.
        found: both values, in words.
        whole: whether every bar of the session is there, so that a row can be made of them.
        of_range: whether the row's range alone is at fault, its close being one that the bars allow.
    """

    session: pd.Timestamp
    found: str
    whole: bool
    of_range: bool = False


@dataclass(frozen=True)
class SessionBars:
    """What the bars of each day add up to, one row a day; prices in points.

    days: (d,) datetime64[ns]. lowest, highest: of all closes. bottom, top: of all bars. low, high: of the closing bars.
    whole: whether every bar of continuous trading is there. ended: whether its last one is. closing: whether its
    last two are.
    """

    days: pd.DatetimeIndex
    lowest: FloatArray
    highest: FloatArray
    low: FloatArray
    high: FloatArray
    bottom: FloatArray
    top: FloatArray
    whole: BoolArray
    ended: BoolArray
    closing: BoolArray

    def prices(self, day: int) -> dict[str, float]:
        """The prices of one day by name."""
        return {name: float(getattr(self, name)[day]) for name in ("lowest", "highest", "low", "high", "bottom", "top")}

    @classmethod
    def of(cls, bars: pd.DataFrame, market: Market) -> "SessionBars":
        """From quarter hours in ascending order, at least one."""
        starts = pd.DatetimeIndex(bars.index).as_unit("ns")
        days, first, counts = np.unique(np.asarray(starts.normalize()), return_index=True, return_counts=True)
        close, high, low = (bars[name].to_numpy(dtype=np.float64) for name in ("close", "high", "low"))
        last = first + counts - 1
        closing = np.maximum(last - CLOSING_BARS + 1, first)
        hours = market.calendar.local_hours(pd.DatetimeIndex(days))
        length = BAR.to_timedelta64()
        expected = np.where(np.isnat(hours[:, 0]), 0, -((hours[:, 0] - hours[:, 1]) // length))
        last_start = hours[:, 0] + np.maximum(expected - 1, 0) * length
        ended = np.asarray(starts)[last] + length >= hours[:, 1]
        return cls(
            days=pd.DatetimeIndex(days),
            lowest=np.minimum.reduceat(close, first),
            highest=np.maximum.reduceat(close, first),
            low=np.minimum(low[last], low[closing]),
            high=np.maximum(high[last], high[closing]),
            bottom=np.minimum.reduceat(low, first),
            top=np.maximum.reduceat(high, first),
            whole=ended & (counts >= expected) & (expected > 0),
            ended=ended,
            closing=ended & (counts >= CLOSING_BARS) & (np.asarray(starts)[closing] == last_start - length),
        )


def contradicted_rows(spot: pd.DataFrame, found: SessionBars, market: Market) -> list[Contradiction]:
    """The daily rows that their own session's bars contradict.

    spot: daily rows, float64 open, high, low, close (points), by session date.
    """
    own = spot.reindex(found.days)
    repeats = np.asarray((spot == spot.shift(1)).all(axis=1).reindex(found.days, fill_value=False))
    rows = {name: np.log(own[name].to_numpy(dtype=np.float64)) for name in ("high", "low", "close")}
    above, below = np.log(found.highest) - rows["high"], rows["low"] - np.log(found.lowest)
    off = np.maximum(rows["close"] - np.log(found.high), np.log(found.low) - rows["close"])
    averaged = np.array([market.averages_close(day) for day in found.days])
    off = np.where(found.ended, off - np.where(averaged, AVERAGE_OFF, AUCTION_OFF), -np.inf)
    # The price of a closing auction may lie beyond every bar.
    wide = (rows["high"] - np.log(found.top) > BEYOND_BARS) & (rows["high"] > rows["close"])
    deep = (np.log(found.bottom) - rows["low"] > BEYOND_BARS) & (rows["low"] < rows["close"])
    kinds = (
        (repeats, "it repeats the row before, and its bars close between {lowest:.2f} and {highest:.2f}", False),
        (above > OUTSIDE_RANGE, "its high is {row_high:.2f}, and a bar closes at {highest:.2f}", False),
        (below > OUTSIDE_RANGE, "its low is {row_low:.2f}, and a bar closes at {lowest:.2f}", False),
        (off > 0, "its close is {row_close:.2f}, and the last bars range from {low:.2f} to {high:.2f}", False),
        (wide & found.whole, "its high is {row_high:.2f}, and its bars reach {top:.2f}", True),
        (deep & found.whole, "its low is {row_low:.2f}, and its bars reach {bottom:.2f}", True),
    )
    contradictions = []
    for at in map(int, np.flatnonzero(np.any([wrong for wrong, _, _ in kinds], axis=0))):
        text, of_range = next((text, of_range) for wrong, text, of_range in kinds if wrong[at])
        values = {f"row_{name}": float(own[name].iloc[at]) for name in ("high", "low", "close")}
        sentence = text.format(**values, **found.prices(at))
        contradictions.append(Contradiction(pd.Timestamp(found.days[at]), sentence, bool(found.whole[at]), of_range))
    return contradictions


def far_closes(spot: pd.DataFrame, found: SessionBars) -> dict[pd.Timestamp, str]:
    """Sessions whose close is allowed, and still far from their last bars: both values in words, by date.

    spot: daily rows with a column close (points), by session date.
    """
    close = np.log(spot["close"].reindex(found.days).to_numpy(dtype=np.float64))
    off = np.maximum(close - np.log(found.high), np.log(found.low) - close)
    return {
        pd.Timestamp(found.days[at]): f"its close is {np.exp(close[at]):.2f}, and the last bars range from "
        f"{found.low[at]:.2f} to {found.high[at]:.2f}"
        for at in map(int, np.flatnonzero(found.ended & (off > FAR_CLOSE)))
    }
