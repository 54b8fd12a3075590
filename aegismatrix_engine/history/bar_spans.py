"""Which bars were known at a moment, and what a session's bars add up to."""

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import BAR, Market
from aegismatrix_engine.markets.as_of import AsOf

US_ZONE = "America/New_York"
US_VIX_KNOWN_AT = pd.Timedelta(hours=16, minutes=15)
"""Cboe computes VIX until 16:15 New York time, 13:15 on half days; the later one is assumed for every day."""


def bars_until(bars: pd.DataFrame, as_of: AsOf, market: Market) -> pd.DataFrame:
    """Bars of a quarter hour of the dates up to a session's, or those that had ended at an instant."""
    if not as_of.is_instant:
        return bars.loc[bars.index < as_of.moment + pd.Timedelta(days=1)]
    return bars.loc[pd.DatetimeIndex(bars.index) + BAR <= as_of.moment.tz_convert(market.zone).tz_localize(None)]


def us_rows_until(us_vix: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """Daily rows of the US VIX whose close was known at an instant."""
    known = pd.DatetimeIndex(us_vix.index + US_VIX_KNOWN_AT).tz_localize(US_ZONE)
    return us_vix.loc[known <= moment]


def us_known_at(date: pd.Timestamp) -> pd.Timestamp:
    """When the US VIX's close of a US session date is known."""
    return (date + US_VIX_KNOWN_AT).tz_localize(US_ZONE)


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
