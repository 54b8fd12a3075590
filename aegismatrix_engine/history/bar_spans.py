"""When a close of the US is known, and what a session's bars add up to."""

from typing import overload

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import BAR

US_ZONE = "America/New_York"
US_VIX_KNOWN_AT = pd.Timedelta(hours=16, minutes=15)
"""Cboe computes VIX until 16:15 New York time, 13:15 on half days; the later one is assumed for every day, and for
shares and the S&P 500 too, which close 15 minutes before."""


@overload
def us_known_at(dates: pd.Timestamp) -> pd.Timestamp: ...


@overload
def us_known_at(dates: pd.DatetimeIndex) -> pd.DatetimeIndex: ...


def us_known_at(dates: pd.Timestamp | pd.DatetimeIndex) -> pd.Timestamp | pd.DatetimeIndex:
    """When a close of a US session date is known, of the US VIX and of all that trades beside it."""
    return (dates + US_VIX_KNOWN_AT).tz_localize(US_ZONE)


def us_last_known(moment: pd.Timestamp) -> pd.Timestamp:
    """The newest US session date whose close is known at an instant."""
    return (moment.tz_convert(US_ZONE).tz_localize(None) - US_VIX_KNOWN_AT).normalize()


def session_row(bars: pd.DataFrame, session: pd.Timestamp, *, averaged: bool) -> tuple[pd.DataFrame, float]:
    """The daily row that a session's bars add up to, and the volatility index's last close among them (or NaN).

    First open, highest high, lowest low; columns and index as those of a daily frame. The close is the last bar's.
    Where the official one is an average of the last half hour (``averaged``), it is the mean of its two bars, each
    taken at (high + low + close) / 3: on 1,953 sessions of NIFTY 50, 2015 to 2022, that is off by 2.1 points in the
    mean and 21 at most, the mean of the two closes by 4.1 and 43, and the last close by 8.1 and 90
    (benchmarks/bar_limits.py).

    Raises:
        DataError: the session has no bars.
    """
    own = bars.loc[(bars.index >= session) & (bars.index < session + pd.Timedelta(days=1))]
    if own.empty:
        raise DataError(f"no intraday bars of {session:%Y-%m-%d} to make a daily row from")
    close = float(own["close"].iloc[-1])
    if averaged:
        half_hour = own.loc[own.index > own.index[-1] - 2 * BAR, ["high", "low", "close"]]
        close = float(half_hour.to_numpy(dtype=np.float64).mean())
    values = [own["open"].iloc[0], own["high"].max(), own["low"].min(), close]
    index = pd.DatetimeIndex([session], name="date").as_unit("ns")
    row = pd.DataFrame([values], index=index, columns=["open", "high", "low", "close"], dtype=np.float64)
    known = own["vix"].dropna()
    return row, float(known.iloc[-1]) if len(known) else float("nan")
