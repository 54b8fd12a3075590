"""Daily rows against the bars of their own session: whether both can be of the same market.

Measured on the 1,956 sessions of NIFTY 50 with bars, 2015 to 2022: no bar's close left its row's range, and every
official close, an average of the last half hour, was within the range of the last half hour's bars
(benchmarks/bar_limits.py prints the largest of each).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aegismatrix_engine.markets import BAR, Market

OUTSIDE_RANGE = 5e-4
"""How far, in logarithms, a bar's close may leave its row's range by rounding and by other feeds."""

AVERAGE_OFF = 1e-3
"""How far an average of the last half hour may be outside of that half hour's bars."""

AUCTION_OFF = 0.03
"""The closing auction admits orders within 3 % of its reference price, the average of 15:00 to 15:15 (SEBI circular of
2026-01-16 on the closing auction session)."""

FAR_CLOSE = 0.01
"""How far a close may be from its session's last bars without a doubt: the 3 % are a limit for single shares."""

BEYOND_BARS = 0.015
"""How far a row's high or low may be beyond all bars of its session; 0.7 % at most in 1,945 whole sessions."""

HUNDREDTH = 0.0051
"""In points: rows and bars are given to the hundredth, and each may have been rounded."""

MOST_CONTRADICTED = 3
MOST_CONTRADICTED_SHARE = 0.02
"""Sessions whose daily value and bars may contradict, whichever is more; beyond, the bars are of another index."""

CLOSING_BARS = 2
PRICES_FOUND = ("lowest", "highest", "low", "high", "bottom", "top")
_LAST_BARS = "the last bars range from {low:.2f} to {high:.2f}"


@dataclass(frozen=True)
class Contradiction:
    """A session whose daily row and bars cannot both be right.

    Attributes:
        session: its date.
        found: both values, as a clause.
        whole: whether every bar of the session is there, so that a row can be made of them.
        of_range: whether the row's range alone is wrong, its close being one that the bars allow.
    """

    session: pd.Timestamp
    found: str
    whole: bool
    of_range: bool = False


def session_bars(bars: pd.DataFrame, market: Market) -> pd.DataFrame:
    """What the bars of each day add up to, indexed by day.

    Args:
        bars: quarter hours in ascending order, at least one.
        market: whose sessions they are of.

    Returns:
        Prices in points: lowest and highest of all closes, bottom and top of all bars, low and high of the last two.
        Whether every bar of continuous trading is there (whole), its last one (ended), its last two (closing).
    """
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
    found = {
        "lowest": np.minimum.reduceat(close, first),
        "highest": np.maximum.reduceat(close, first),
        "low": np.minimum(low[last], low[closing]),
        "high": np.maximum(high[last], high[closing]),
        "bottom": np.minimum.reduceat(low, first),
        "top": np.maximum.reduceat(high, first),
        "whole": ended & (counts >= expected) & (expected > 0),
        "ended": ended,
        "closing": ended & (counts >= CLOSING_BARS) & (np.asarray(starts)[closing] == last_start - length),
    }
    return pd.DataFrame(found, index=pd.DatetimeIndex(days))


def contradicted_rows(
    spot: pd.DataFrame, bars: pd.DataFrame, found: pd.DataFrame, market: Market
) -> list[Contradiction]:
    """The daily rows (float64 open, high, low, close in points, by date) that their ``bars`` contradict.

    ``found`` is what `session_bars` makes of the bars.
    """
    days = pd.DatetimeIndex(found.index)
    own = spot.reindex(days)
    repeats = (spot == spot.shift(1)).all(axis=1).reindex(days, fill_value=False)
    row, bar = _log(own), _log(found[list(PRICES_FOUND)])
    averaged = np.array([market.averages_close(day) for day in days])
    outside = _outside(row["close"], bar)
    off = outside - np.where(averaged, AVERAGE_OFF, AUCTION_OFF)
    # What is off by less may have been the price of a closing auction, unless the row shows when it stopped.
    stopped = _stopped_rows(own[found["ended"] & (outside > AVERAGE_OFF)], bars)
    # The price of a closing auction may be beyond every bar.
    wide = (row["high"] - bar["top"] > BEYOND_BARS) & (row["high"] > row["close"])
    deep = (bar["bottom"] - row["low"] > BEYOND_BARS) & (row["low"] < row["close"])
    above, below = bar["highest"] - row["high"] > OUTSIDE_RANGE, row["low"] - bar["lowest"] > OUTSIDE_RANGE
    kinds = (
        (repeats, "it repeats the row before, and its bars close between {lowest:.2f} and {highest:.2f}", False),
        (above, "its high is {row_high:.2f}, and a bar closes at {highest:.2f}", False),
        (below, "its low is {row_low:.2f}, and a bar closes at {lowest:.2f}", False),
        (found["ended"] & (off > 0), f"its close is {{row_close:.2f}}, and {_LAST_BARS}", False),
        (
            own.index.to_series().isin(stopped),
            f"it is the row of {{stopped}}, close {{row_close:.2f}}, and {_LAST_BARS}",
            False,
        ),
        (wide & found["whole"], "its high is {row_high:.2f}, and its bars reach {top:.2f}", True),
        (deep & found["whole"], "its low is {row_low:.2f}, and its bars reach {bottom:.2f}", True),
    )
    contradictions = []
    for at in map(int, np.flatnonzero(np.any([wrong for wrong, _, _ in kinds], axis=0))):
        text, of_range = next((text, of_range) for wrong, text, of_range in kinds if wrong.iloc[at])
        sentence = text.format(**found.iloc[at], **own.iloc[at].add_prefix("row_"), stopped=stopped.get(days[at]))
        contradictions.append(Contradiction(days[at], sentence, bool(found["whole"].iloc[at]), of_range))
    return contradictions


def _stopped_rows(rows: pd.DataFrame, bars: pd.DataFrame) -> dict[pd.Timestamp, str]:
    """Rows that were not updated after an earlier bar: the clock time of its end, by date.

    High, low and close are then those of the bars up to it, to the hundredth of a point.
    """
    stopped = {}
    prices = rows[["high", "low", "close"]].to_numpy(dtype=np.float64)
    for day, row in zip(pd.DatetimeIndex(rows.index), prices, strict=True):
        earlier = bars[day : day + pd.Timedelta(days=1)].iloc[:-CLOSING_BARS]
        so_far = np.column_stack([earlier["high"].cummax(), earlier["low"].cummin(), earlier["close"]])
        equal = np.flatnonzero((np.abs(so_far - row) < HUNDREDTH).all(axis=1))
        if len(equal):
            stopped[day] = f"{earlier.index[equal[-1]] + BAR:%H:%M}"
    return stopped


def far_closes(spot: pd.DataFrame, found: pd.DataFrame) -> dict[pd.Timestamp, str]:
    """Sessions whose close is allowed, and still far from their last bars: both values in words, by date."""
    close = spot["close"].reindex(found.index)
    far = found[found["ended"] & (_outside(_log(close.to_frame())["close"], _log(found[["low", "high"]])) > FAR_CLOSE)]
    return {
        pd.Timestamp(day): f"its close is {close[day]:.2f}, and {_LAST_BARS.format(**far.loc[day])}"
        for day in far.index
    }


def _outside(close: "pd.Series[float]", bar: pd.DataFrame) -> "pd.Series[float]":
    """How far closes are outside of the last two bars, all in logarithms."""
    return pd.Series(np.maximum(close - bar["high"], bar["low"] - close))


def _log(prices: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.log(prices))
