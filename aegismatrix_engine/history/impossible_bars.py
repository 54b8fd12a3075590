"""Bars of a quarter hour that no index makes, found by their neighbours, their session's row and the close before.

An index moves no 20 % within a quarter of an hour and back: NSE halts trading at 10, 15 and 20 % from the close before
(SEBI circular SMDRPD/Policy/Cir-37/2001), the US exchanges at 7, 13 and 20 %. In NIFTY's bars of 2015 to 2022, March
2020 with its two halts among them, the longest wick is 5.0 % (a bad tick by the day's own high), the next 2.7 %; no
close moves by more than 6.2 % from bar to bar, nor by more than 1.8 % and back (benchmarks/bar_limits.py).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aegismatrix_engine.history.bar_spans import QUARTER

WICK = 0.05
"""How far, in logarithms, a high or low may lie outside of its bar's open and close, unless the official row has it."""

NEWEST_WICK = 0.03
"""The same in a session that has no official row yet, where a forecast stands on each bar."""

STEP_AND_BACK = 0.05
LAST_STEP = 0.10
"""How far the newest close may lie from the bar before: no later bar confirms it, and an exchange would have halted."""

FROM_CLOSE_BEFORE = 0.225
"""Trading stops for the day at 20 % from the close before, in logarithms 0.182 above and 0.223 below."""

WITHIN_ROW = 5e-4
"""How far a bar may leave its session's range by rounding and by other feeds."""

LEAST_STILL = 2
"""Bars of a day at one price from which on the feed has stopped, or the exchange has."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ImpossibleBar:
    """A bar that was left out: its start, and both values that contradict one another, in words."""

    start: pd.Timestamp
    found: str


def impossible_bars(bars: pd.DataFrame, spot: pd.DataFrame, so_far: pd.DataFrame | None) -> list[ImpossibleBar]:
    """The bars of a history that cannot be, in ascending order.

    Args:
        bars: quarter hours, float64 open, high, low, close (points), ascending.
        spot: daily rows, float64 open, high, low, close (points), by session date.
        so_far: today's row as a live source gave it, while its session runs; None where there is none.
    """
    days = pd.DatetimeIndex(bars.index).normalize()
    rows = spot if so_far is None else pd.concat([spot, so_far.loc[~so_far.index.isin(spot.index)]])
    of_day = rows.reindex(days)
    before = spot.index.searchsorted(days) - 1
    previous = np.where(before >= 0, spot["close"].to_numpy()[np.maximum(before, 0)], np.nan)
    open_, high, low, close = np.log(bars[["open", "high", "low", "close"]].to_numpy(dtype=np.float64)).T
    row_high, row_low = (np.log(of_day[name].to_numpy(dtype=np.float64)) for name in ("high", "low"))
    # Bars that follow one another without a gap open where the one before closed: a far open is a bad tick too.
    follows = np.concatenate([[False], np.diff(bars.index.to_numpy()) == QUARTER.to_timedelta64()])
    begin = np.where(follows, np.concatenate([[np.nan], close[:-1]]), open_)
    official = np.asarray(days.isin(spot.index))
    limit = np.where(official | (days != days[-1]), WICK, NEWEST_WICK)
    found: dict[int, str] = {}
    sides = (
        ("high", high - np.maximum(begin, close), high - row_high),
        ("low", np.minimum(begin, close) - low, row_low - low),
    )
    for name, wick, beyond in sides:
        # Only an official row confirms: today's may hold the same bad tick as the bar.
        for row in np.flatnonzero((wick > limit) & ~(official & (beyond <= WITHIN_ROW))):
            known = of_day[name].iloc[row]
            against = f"the session's own {name} is {known:.2f}" if beyond[row] > WITHIN_ROW else "no other bar is near"
            far = f"{np.expm1(wick[row]):.1%} off the bar before and its own close"
            found[int(row)] = f"{name} {bars[name].iloc[row]:.2f} is {far}, and {against}"
    for name, price in (("open", open_), ("close", close)):
        for row in np.flatnonzero(np.abs(price - np.log(previous)) > FROM_CLOSE_BEFORE):
            value = f"{name} {bars[name].iloc[row]:.2f}"
            found[int(row)] = f"{value} is over 20 % off the close before, {previous[row]:.2f}, where trading stops"
    _steps(found, bars, days, close)
    return [ImpossibleBar(pd.Timestamp(bars.index[row]), text) for row, text in sorted(found.items())]


def still_days(bars: pd.DataFrame) -> "pd.Series[float]":
    """The price (points) at which every bar of a day stands, indexed by day; only days where all stand at one.

    bars: quarter hours, float64 high and low (points), ascending. An index of many shares moves within any half hour
    of trading; one that does not is a feed that repeats its last price, or a day halted from its open on.
    """
    by_day = bars.groupby(pd.DatetimeIndex(bars.index).normalize())
    highest = by_day["high"].max()
    still = (highest == by_day["low"].min()) & (by_day.size() >= LEAST_STILL)
    return highest[still]


def _steps(found: dict[int, str], bars: pd.DataFrame, days: pd.DatetimeIndex, close: FloatArray) -> None:
    """Add bars whose close leaves its neighbours of the same session, on both sides or as the newest of all."""
    inside = np.flatnonzero([row not in found for row in range(len(bars))])
    step = np.diff(close[inside])
    same = np.asarray(days[inside[1:]] == days[inside[:-1]])
    step = np.where(same, step, 0.0)
    there, back = step[:-1], step[1:]
    far = np.minimum(np.abs(there), np.abs(back)) > STEP_AND_BACK
    rows = list(inside[1:-1][far & (np.abs(there + back) < STEP_AND_BACK / 2)])
    adjacent = len(inside) > 1 and bars.index[inside[-1]] - bars.index[inside[-2]] == QUARTER
    if adjacent and abs(step[-1]) > LAST_STEP:
        rows.append(inside[-1])
    for row in rows:
        at = int(np.searchsorted(inside, row))
        found[int(row)] = (
            f"close {bars['close'].iloc[row]:.2f} follows {bars['close'].iloc[inside[at - 1]]:.2f} a bar before, and "
            + ("no later bar confirms it" if row == inside[-1] else "the next one is back")
        )
