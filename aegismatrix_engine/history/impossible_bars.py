"""Impossible bars of a quarter hour, found by their neighbours, their session's row and the close before.

An index moves no 20 % within a quarter of an hour and back: NSE halts trading at 10, 15 and 20 % from the close before
(SEBI circular SMDRPD/Policy/Cir-37/2001), the US exchanges at 7, 13 and 20 %. In NIFTY's bars of 2015 to 2022, March
2020 with its two halts among them, the longest wick is 5.0 % (a bad tick by the day's own high), the next 2.7 %; no
close moves by more than 6.2 % from bar to bar, nor by more than 1.8 % and back (benchmarks/bar_limits.py).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aegismatrix_engine.history.repairs import Repair, listed
from aegismatrix_engine.markets import BAR
from aegismatrix_engine.typing import FloatArray

WICK = 0.05
"""How far, in logarithms, a high or low may be outside of its bar's open and close, unless the official row has it."""

NEWEST_WICK = 0.03
"""The same in a session that has no official row yet, where a forecast depends on each bar."""

STEP_AND_BACK = 0.05
LAST_STEP = 0.10
"""How far the newest close may be from the bar before: no later bar confirms it, and an exchange would have halted."""

FROM_CLOSE_BEFORE = 0.225
"""Trading stops for the day at 20 % from the close before, in logarithms 0.182 above and 0.223 below."""

WITHIN_ROW = 5e-4
"""How far a bar may leave its session's range by rounding and by other feeds."""

SO_FAR_OFF = 3e-3
"""How far a bar may leave today's row of the same source, whose range holds all that was traded before."""

SO_FAR_STEP = 0.01
"""The step up to which bars leave a row because it is no longer updated; the largest in calm years."""

VIX_STEP_AND_BACK = 0.15
VIX_LAST_STEP = 0.50

LEAST_STILL = 2
"""Bars of a day at one price from which on the feed, or the exchange, has stopped."""


@dataclass(frozen=True)
class ImpossibleBar:
    """An impossible bar: its start, and both values that contradict one another, in words."""

    start: pd.Timestamp
    found: str


def impossible_bars(
    bars: pd.DataFrame, spot: pd.DataFrame, so_far: tuple[pd.DataFrame, pd.Timestamp] | None
) -> list[ImpossibleBar]:
    """The impossible bars of a history, in ascending order.

    Args:
        bars: quarter hours, float64 open, high, low, close (points), ascending.
        spot: daily rows, float64 open, high, low, close (points), by session date.
        so_far: today's row as a live source gave it, while its session runs, and the instant of its price; or None.
    """
    days = pd.DatetimeIndex(bars.index).normalize()
    of_day = spot.reindex(days)
    before = spot.index.searchsorted(days) - 1
    previous = np.where(before >= 0, spot["close"].to_numpy()[np.maximum(before, 0)], np.nan)
    open_, high, low, close = np.log(bars[["open", "high", "low", "close"]].to_numpy(dtype=np.float64)).T
    row_high, row_low = (np.log(of_day[name].to_numpy(dtype=np.float64)) for name in ("high", "low"))
    # Bars that follow one another without a gap open where the one before closed: a far open is a bad tick too.
    follows = np.concatenate([[False], np.diff(bars.index.to_numpy()) == BAR.to_timedelta64()])
    begin = np.where(follows, np.concatenate([[np.nan], close[:-1]]), open_)
    official = np.asarray(days.isin(spot.index))
    limit = np.where(official | (days != days[-1]), WICK, NEWEST_WICK)
    found: dict[int, str] = {}
    sides = (
        ("high", high - np.maximum(begin, close), high - row_high),
        ("low", np.minimum(begin, close) - low, row_low - low),
    )
    for name, wick, beyond in sides:
        for row in np.flatnonzero((wick > limit) & ~(official & (beyond <= WITHIN_ROW))):
            known = of_day[name].iloc[row]
            against = f"the session's own {name} is {known:.2f}" if beyond[row] > WITHIN_ROW else "no other bar is near"
            far = f"{np.expm1(wick[row]):.1%} off the bar before and its own close"
            found[int(row)] = f"{name} {bars[name].iloc[row]:.2f} is {far}, and {against}"
    for name, price in (("open", open_), ("close", close)):
        for row in np.flatnonzero(np.abs(price - np.log(previous)) > FROM_CLOSE_BEFORE):
            value = f"{name} {bars[name].iloc[row]:.2f}"
            found[int(row)] = f"{value} is over 20 % off the close before, {previous[row]:.2f}, where trading stops"
    found |= _steps(bars, days, close, found)
    found |= _outside_so_far(bars, so_far, found)
    return [ImpossibleBar(pd.Timestamp(bars.index[row]), text) for row, text in sorted(found.items())]


def impossible_vix(vix: "pd.Series[float]") -> list[ImpossibleBar]:
    """The bars whose value of the volatility index (vol points, NaN where unknown) is impossible, in ascending order.

    One that leaves both neighbours, or as the newest the one before. In the bars of India VIX of 2015 to 2022 the
    largest step is 28.5 % within a session (2020-03-13) and 36 % over a night, the largest there and back 10.4 %.
    """
    known = vix.dropna()
    steps = np.diff(np.log(known.to_numpy(dtype=np.float64)))
    return [
        ImpossibleBar(
            pd.Timestamp(known.index[row]), f"{known.iloc[row]:.2f} follows {known.iloc[row - 1]:.2f}, and {end}"
        )
        for row, end in _out_and_back(steps, VIX_STEP_AND_BACK, VIX_LAST_STEP)
    ]


def still_days(bars: pd.DataFrame) -> "pd.Series[float]":
    """The one price (points) of days whose bars are all at one, indexed by day.

    ``bars`` are quarter hours, float64 high and low (points), ascending. An index of many shares moves within any half
    hour of trading; one that does not is a feed that repeats its last price, or a day halted from its open on.
    """
    by_day = bars.groupby(pd.DatetimeIndex(bars.index).normalize())
    highest = by_day["high"].max()
    still = (highest == by_day["low"].min()) & (by_day.size() >= LEAST_STILL)
    return highest[still]


def bars_reported(found: Sequence[ImpossibleBar], what: str, done: str, more: str) -> tuple[Repair, ...]:
    """What is reported of impossible bars; ``more`` names them where they are counted."""
    repairs = [
        Repair(f"{what} of {bar.start:%Y-%m-%d %H:%M}: {bar.found}; {done}.", (bar.start,), of_intraday=True)
        for bar in found
    ]
    return listed(repairs, more)


def _out_and_back(steps: FloatArray, limit: float, last: float) -> list[tuple[int, str]]:
    """Rows further than ``limit`` from both neighbours, or as the newest further than ``last`` from the one before."""
    if not len(steps):
        return []
    out, back = steps[:-1], steps[1:]
    far = (np.minimum(np.abs(out), np.abs(back)) > limit) & (np.abs(out + back) < limit / 2)
    rows = [(1 + int(row), "the next one is back") for row in np.flatnonzero(far)]
    return [*rows, (len(steps), "no later bar confirms it")] if abs(steps[-1]) > last else rows


def _steps(bars: pd.DataFrame, days: pd.DatetimeIndex, close: FloatArray, others: Collection[int]) -> dict[int, str]:
    """Bars whose close differs from its neighbours of the same session, but for the rows of ``others``."""
    inside = np.flatnonzero(~np.isin(np.arange(len(bars)), list(others)))
    steps = np.where(np.asarray(days[inside[1:]] == days[inside[:-1]]), np.diff(close[inside]), 0.0)
    adjacent = len(inside) > 1 and bars.index[inside[-1]] - bars.index[inside[-2]] == BAR
    own = bars["close"].iloc[inside]
    return {
        int(inside[row]): f"close {own.iloc[row]:.2f} follows {own.iloc[row - 1]:.2f} a bar before, and {end}"
        for row, end in _out_and_back(steps, STEP_AND_BACK, LAST_STEP if adjacent else np.inf)
    }


def _outside_so_far(
    bars: pd.DataFrame, so_far: tuple[pd.DataFrame, pd.Timestamp] | None, others: Collection[int]
) -> dict[int, str]:
    """Bars of today that had ended when the source gave today's row, and that are outside the row's range.

    A row that is no longer updated is left by all later bars, which drift out of it: they are newer then, and kept.
    """
    if so_far is None or so_far[0].empty:
        return {}
    row, moment = so_far
    ended = pd.DatetimeIndex(bars.index) + BAR <= moment.tz_localize(None)
    today = np.flatnonzero(np.asarray((bars.index >= row.index[0]) & ended))
    today = today[~np.isin(today, list(others))]
    if len(today) == 0:
        return {}
    low, high = float(row["low"].iloc[0]), float(row["high"].iloc[0])
    own = np.log(bars[["high", "low", "close"]].to_numpy(dtype=np.float64)[today])
    above, below = own[:, 0] - np.log(high), np.log(low) - own[:, 1]
    out = np.maximum(above, below) > SO_FAR_OFF
    first = int(np.argmax(out)) if out.any() else len(out)
    drifted = first > 0 and bool(out[first:].all()) and len(out) - first > 1
    if drifted and abs(own[first, 2] - own[first - 1, 2]) <= SO_FAR_STEP:
        return {}
    return {
        int(today[at]): f"it ranges from {np.exp(own[at, 1]):.2f} to {np.exp(own[at, 0]):.2f}, and today's row from "
        f"{low:.2f} to {high:.2f} at {moment:%H:%M}"
        for at in map(int, np.flatnonzero(out))
    }
