"""The volatility index's daily closes against its bars.

India VIX closed within 3.9 % of the closes of its last two bars in each of 1,955 sessions of 2015 to 2022, within 1.4 %
in 99.9 % of them (benchmarks/bar_limits.py).
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from aegismatrix_engine.history.history import MarketHistory
from aegismatrix_engine.history.impossible_bars import bars_reported, impossible_vix
from aegismatrix_engine.history.rebuilding import with_vix_closes
from aegismatrix_engine.history.repairs import Repair, listed
from aegismatrix_engine.history.rows_against_bars import MOST_CONTRADICTED, MOST_CONTRADICTED_SHARE
from aegismatrix_engine.markets import BAR

CLOSING_VIX_BARS = 2
VIX_OFF = 0.05
"""How far, in logarithms, a close may lie outside of those bars."""

VIX_CLOSING_AGE = pd.Timedelta(hours=1)
"""How long before the end of continuous trading the last bar of the volatility index may be to count as its close."""


def with_vix_sourced(history: MarketHistory) -> MarketHistory:
    """With closes of the volatility index put beside daily rows that were made since they were read."""
    if history.vix_apart is None:
        return history
    sourced = history.vix_apart.index.isin(history.spot.index)
    return with_vix_closes(history, history.vix_apart["close"][sourced]) if sourced.any() else history


def without_impossible_vix(history: MarketHistory, bars: pd.DataFrame) -> MarketHistory:
    """With the volatility index unknown in bars whose value of it is impossible."""
    found = impossible_vix(bars["vix"])
    if not found:
        return history
    name = history.market.volatility_index_name
    vix = bars["vix"].mask(bars.index.isin([bar.start for bar in found]))
    reported = bars_reported(found, f"{name} in the bar", "it was left out", f"impossible values of {name}")
    return replace(history, bars=bars.assign(vix=vix)).with_notes(*reported)


def vix_closes_rebuilt(history: MarketHistory, bars: pd.DataFrame) -> MarketHistory:
    """With a close of the volatility index where its bars have one that the daily series lacks or contradicts."""
    closing = closing_vix(bars)
    closing = closing[closing.index.isin(history.spot.index)]
    ends = history.market.calendar.local_hours(pd.DatetimeIndex(closing.index))[:, 1]
    closing = closing[np.asarray(closing["start"] + BAR) >= ends - VIX_CLOSING_AGE.to_timedelta64()]
    known = pd.Series(dtype=np.float64) if history.vix is None else history.vix["close"]
    own = known.reindex(closing.index)
    absent = pd.DatetimeIndex(closing.index[own.isna()])
    off = np.maximum(np.log(own / closing["highest"]), np.log(closing["lowest"] / own)) > VIX_OFF
    wrong = pd.DatetimeIndex(closing.index[off])
    name = history.market.volatility_index_name
    compared = int(own.notna().sum())
    if len(wrong) > max(MOST_CONTRADICTED, MOST_CONTRADICTED_SHARE * compared):
        day = wrong[0]
        text = (
            f"{name}: daily closes and last bars contradict on {len(wrong)} of {compared} sessions, first on "
            f"{day:%Y-%m-%d}, {own[day]:.2f} against {closing['last'][day]:.2f}; the daily closes were kept and all "
            "its bars left out."
        )
        return replace(history, bars=bars.assign(vix=np.nan)).with_notes(Repair(text))
    if absent.empty and wrong.empty:
        return history
    contradicted = [
        Repair(
            f"{name} of {day:%Y-%m-%d}: its daily close is {own[day]:.2f}, and its last bars close at "
            f"{closing['lowest'][day]:.2f} to {closing['highest'][day]:.2f}; the last bar was used.",
            (day,),
        )
        for day in wrong
    ]
    text = f"{name}: closes of {{dates}} were missing and taken from the last bars of their sessions."
    missing = (Repair(text, tuple(absent)),) if len(absent) else ()
    reported = listed(contradicted, f"closes of {name} that its bars contradict")
    return with_vix_closes(history, closing["last"].loc[absent.union(wrong)]).with_notes(*reported, *missing)


def closing_vix(bars: pd.DataFrame) -> pd.DataFrame:
    """The volatility index's last two closes of each day that has one, indexed by day.

    Columns lowest, highest, last (vol points) of the two, and start, that of the last bar.
    """
    known = bars["vix"].dropna().rename("vix").to_frame()
    known["start"] = known.index
    last = known.groupby(pd.DatetimeIndex(known.index).normalize()).tail(CLOSING_VIX_BARS)
    of = {"lowest": ("vix", "min"), "highest": ("vix", "max"), "last": ("vix", "last"), "start": ("start", "last")}
    return last.groupby(pd.DatetimeIndex(last.index).normalize()).agg(**of)
