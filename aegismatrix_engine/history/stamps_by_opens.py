"""Whether intraday bars begin when their stamps say, by the opens of the daily rows.

Stamps alone do not distinguish bars stamped by their end from bars stamped by their start where a bar before the open
is in the first one's place. Prices do: on 1,797 of 1,956 sessions of NIFTY 50, 2015 to 2022, the open of the daily row
is that of the session's first bar to the cent, and the bar after it opens 0.17 % away in the median.
"""

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_lengths import hours_and_minutes
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.markets import SessionCalendar

SAME = 5e-7
"""How far, as a fraction, two records of one price are apart by rounding: 0.01 points at 20,000."""

FEWEST = 2
LEAST_SHARE = 0.25
"""Sessions, and their share, whose daily open must be at the same wrong time for the stamps to be refused. By chance 3
of the 1,956 are, each at a time of its own."""


def check_opens(sourced: SourcedBars, spot: pd.DataFrame, calendar: SessionCalendar) -> None:
    """Refuse bars, in any order, that have the daily row's open, on a good part of the sessions, at another time.

    Raises:
        DataError: the daily opens are those of bars stamped later, or earlier, by the same time.
    """
    stamps = pd.DatetimeIndex(sourced.rows.index).floor("min").as_unit("ns")
    dates = stamps.normalize()
    days, of_day = np.unique(np.asarray(dates), return_inverse=True)
    official = spot["open"].reindex(pd.DatetimeIndex(days)).to_numpy(dtype=np.float64)
    opens = calendar.local_hours(pd.DatetimeIndex(days))[:, 0]
    compared = np.isfinite(official) & ~np.isnat(opens)
    prices = sourced.rows["open"].to_numpy(dtype=np.float64)
    same = compared[of_day] & (np.abs(prices - official[of_day]) <= SAME * prices)
    found = pd.DataFrame({"day": of_day[same], "late": (np.asarray(stamps) - opens[of_day])[same]})
    nearest = found.loc[found["late"].abs().groupby(found["day"]).idxmin(), "late"]
    counts = nearest.value_counts()
    wrong = counts.drop(pd.Timedelta(0), errors="ignore")
    sessions = int(compared.sum())
    if wrong.empty or wrong.iloc[0] < max(FEWEST, LEAST_SHARE * sessions):
        return
    by = pd.Timedelta(wrong.index[0])
    row = int(np.flatnonzero(same)[int(nearest.index[nearest == by][0])])
    span = hours_and_minutes(abs(by).to_timedelta64())
    side, verb = ("later", "subtract") if by > pd.Timedelta(0) else ("earlier", "add")
    raise DataError(
        f"{sourced.place(row)}: on {wrong.iloc[0]} of {sessions} sessions the daily open is that of a bar stamped "
        f"{span} {side} than the session's open, expected bars stamped by their start; looks shifted or end-stamped; "
        f"{verb} {span}, or use `aegis import --bar-stamp end`"
    )
