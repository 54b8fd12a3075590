"""When the options of an expiry settle."""

import pandas as pd

from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.as_of import exchange_day


def settles_at(market: Market, expiry: pd.Timestamp) -> pd.Timestamp:
    """The instant at which options of an expiry, a naive date, settle: the official close of that day.

    A date on which the calendar has no session is taken with the usual hours: which expiries are listed is for the
    exchange to say, not for the calendar.
    """
    calendar = market.calendar
    hours = calendar.hours(expiry) if calendar.is_session(expiry) else calendar.usual_hours(expiry)
    return hours.official_close


def has_settled(market: Market, expiry: pd.Timestamp, moment: pd.Timestamp) -> bool:
    """Whether options of an expiry, a naive date, have settled by an aware moment."""
    # Nearly every expiry is of another day, for which nobody has to ask the calendar.
    day = exchange_day(moment, market)
    return expiry < day or (expiry == day and settles_at(market, expiry) <= moment)
