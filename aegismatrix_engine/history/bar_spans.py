"""Which bars were known at a moment, and what a session's bars add up to."""

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError

FIRST_STEPS = 9
QUARTER = pd.Timedelta(minutes=15)

US_ZONE = "America/New_York"
US_VIX_KNOWN_AT = pd.Timedelta(hours=16, minutes=15)
"""Cboe computes VIX until 16:15 New York time, 13:15 on half days; the later one is assumed for every day."""


def bars_until(bars: pd.DataFrame, as_of: pd.Timestamp, zone: str) -> pd.DataFrame:
    """Intraday bars of the dates up to a naive ``as_of``, or those that had ended at an instant."""
    if as_of.tz is None:
        return bars.loc[bars.index < as_of + pd.Timedelta(days=1)]
    starts = pd.DatetimeIndex(bars.index)
    # The length is the shortest of the file's first steps, of which one may be missing, and which no bar after as_of
    # can change; a single bar lasts to its day's end.
    length = min(starts[1:FIRST_STEPS] - starts[: FIRST_STEPS - 1][: len(starts) - 1], default=pd.Timedelta(days=1))
    return bars.loc[starts + length <= as_of.tz_convert(zone).tz_localize(None)]


def quarter_hours(bars: pd.DataFrame) -> pd.DataFrame:
    """Bars of less than 15 minutes put together to those that begin at quarter hours; others as they are.

    Columns open, high, low, close, vix; the volatility index is the last one known within the quarter.
    """
    starts = pd.DatetimeIndex(bars.index)
    quarters = starts.floor(QUARTER)
    if quarters.is_unique:
        return bars
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "vix": "last"}
    return bars.groupby(quarters.rename(bars.index.name)).agg(how)


def us_rows_until(us_vix: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """Daily rows of the US VIX whose close was known at an instant."""
    known = pd.DatetimeIndex(us_vix.index + US_VIX_KNOWN_AT).tz_localize(US_ZONE)
    return us_vix.loc[known <= moment]


def us_known_at(date: pd.Timestamp) -> pd.Timestamp:
    """When the US VIX's close of a US session date is known."""
    return (date + US_VIX_KNOWN_AT).tz_localize(US_ZONE)


def session_row(bars: pd.DataFrame, session: pd.Timestamp) -> tuple[pd.DataFrame, float]:
    """The daily row that a session's bars add up to, and the volatility index's last close among them (or NaN).

    First open, highest high, lowest low, last close; columns and index as those of a daily frame. Raises DataError
    where the session has no bars.
    """
    own = bars.loc[(bars.index >= session) & (bars.index < session + pd.Timedelta(days=1))]
    if own.empty:
        raise DataError(f"no intraday bars of {session:%Y-%m-%d} to make a daily row from")
    values = [own["open"].iloc[0], own["high"].max(), own["low"].min(), own["close"].iloc[-1]]
    index = pd.DatetimeIndex([session], name="date").as_unit("ns")
    row = pd.DataFrame([values], index=index, columns=["open", "high", "low", "close"], dtype=np.float64)
    known = own["vix"].dropna()
    return row, float(known.iloc[-1]) if len(known) else float("nan")
