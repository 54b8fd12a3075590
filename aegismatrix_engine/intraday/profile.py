"""How a session's variance is spread over its windows."""

import numpy as np
import pandas as pd

from aegismatrix_engine.typing import FloatArray

MINIMUM_PROFILE_SESSIONS = 60

PROFILE_HALF_LIFE = 125
"""Sessions after which one counts half: about half a year, so that the profile follows the market.

Of half-lives from 21 to 1,000 sessions it came nearest to the mean shares of the 63 sessions that followed, NIFTY 2017
to 2022; docs/decisions.md has the figures.
"""

# Mean share of a session's variance by NIFTY's six windows, 1,945 complete sessions 2015-01-09 to 2022-12-30, the
# latest weighing most: benchmarks/fit_session_prior.py prints them from any folder with 15-minute bars.
PRIOR_SHARES = (0.2303, 0.1591, 0.1194, 0.2298, 0.1588, 0.1026)


def window_shares(bars: pd.DataFrame, windows: tuple[tuple[str, str], ...]) -> tuple[FloatArray, int]:
    """Mean share of a session's variance that falls into each window, with the number of sessions it rests on.

    A session counts half as much as one 125 sessions later.

    bars: index timestamp = bar start in exchange time, columns high and low (points). windows: ('HH:MM', 'HH:MM')
    pairs. A bar's variance is ln(H/L)^2 / (4 ln 2), Parkinson (1980); a bar belongs to the window it starts in. Only
    sessions with the usual number of bars count, and of those the bars between the first window's start and the last
    one's end. Shares add up to 1; shape (6,). The night before is not part of it. NaN and no session where bars are so
    long that a window holds none.
    """
    stamps = pd.DatetimeIndex(bars.index)
    days = stamps.normalize()
    counts = pd.Series(days).value_counts()
    minute = stamps.hour * 60 + stamps.minute
    inside = (minute >= minutes_of_day(windows[0][0])) & (minute < minutes_of_day(windows[-1][1]))
    usual = days.isin(counts.index[counts == counts.mode().iloc[0]]) & np.asarray(inside)
    kept, days, minute = bars[usual], days[usual], minute[usual]
    variance = np.log(kept["high"].to_numpy() / kept["low"].to_numpy()) ** 2
    starts = np.array([minutes_of_day(start) for start, _ in windows])
    window = np.searchsorted(starts, minute, side="right") - 1
    table = pd.DataFrame({"day": days, "window": window, "variance": variance})
    sums = table.pivot_table(index="day", columns="window", values="variance", aggfunc="sum")
    by_window = sums.reindex(columns=range(len(windows))).to_numpy()
    moved = by_window[by_window.sum(axis=1) > 0]
    if len(moved) == 0:
        return np.full(len(windows), np.nan), 0
    weight = 0.5 ** (np.arange(len(moved))[::-1] / PROFILE_HALF_LIFE)
    return np.average(moved / moved.sum(axis=1, keepdims=True), axis=0, weights=weight), len(moved)


def spread_scores(shares: FloatArray, windows: tuple[tuple[str, str], ...]) -> FloatArray:
    """Shares as scores in 0..1 that are 0.5 for a window with its even share of the session's minutes. Shape (6,).

    ratio / (1 + ratio), ratio = share of variance / share of minutes: 2/3 is twice the even spread.
    """
    minutes = np.array([minutes_of_day(end) - minutes_of_day(start) for start, end in windows], dtype=np.float64)
    ratio = shares / (minutes / minutes.sum())
    return np.asarray(ratio / (1 + ratio))


def minutes_of_day(clock: str) -> int:
    """Minutes since midnight of 'HH:MM'."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
