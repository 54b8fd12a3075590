"""Shorter bars put together to quarter hours."""

import numpy as np
import pandas as pd

from aegismatrix_engine.history.bar_stamps import StampedBars
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets import BAR, SessionCalendar


def quarter_hours(
    stamped: StampedBars, calendar: SessionCalendar, *, whole: bool
) -> tuple[pd.DataFrame, tuple[Repair, ...]]:
    """Bars put together to quarter hours, indexed by their start; the price columns of ``stamped``.

    With ``whole`` a quarter hour counts only where its last bar and at least four in five of its bars are there; others
    are left out and reported. Without, the last bar known within it counts as its end.
    """
    bars, length = stamped.sourced.bars(), stamped.length
    if length == BAR:
        return bars, ()
    starts = pd.DatetimeIndex(bars.index)
    quarters = starts.floor(BAR).rename(bars.index.name)
    how = {"open": "first", "high": "max", "low": "min", "close": "last"}
    grouped = bars.groupby(quarters)
    together: pd.DataFrame = grouped.agg({column: how[column] for column in bars.columns})
    if not whole:
        return together, ()
    begins = pd.DatetimeIndex(together.index)
    ends = np.asarray(begins + BAR, dtype="datetime64[ns]")
    closes = calendar.local_hours(begins.normalize())[:, 1]
    ends = np.where(np.isnat(closes) | (closes > ends), ends, closes)
    last = np.asarray(starts.to_series().groupby(np.asarray(quarters)).max(), dtype="datetime64[ns]")
    expected = (ends - np.asarray(begins, dtype="datetime64[ns]")) / length.to_timedelta64()
    counted = grouped.size().to_numpy() >= 0.8 * expected
    complete = counted & (last + length.to_timedelta64() >= ends)
    if complete.all():
        return together, ()
    text = f"{stamped.sourced.name}: quarter hours that lack some of their bars were left out ({{dates}})."
    return together[complete], (Repair(text, tuple(begins[~complete]), of_intraday=True),)
