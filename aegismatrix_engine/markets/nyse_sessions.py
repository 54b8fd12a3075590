"""Sessions of the New York Stock Exchange, from the library ``exchange_calendars`` (XNYS), half days included."""

import warnings

import numpy as np
import pandas as pd
from pandas import Timestamp

from aegismatrix_engine.markets.sessions import SessionCalendar, SessionTable

ZONE = "America/New_York"

_FIRST_DATE = Timestamp("1953-01-01")
"""Before October 1952 the exchange also traded on Saturdays, which the library does not list."""

_VALID_THROUGH = Timestamp("2028-12-31")
"""NYSE Group, release of 2025-12-23: holidays and early closings of 2026, 2027 and 2028."""

_YEARS = (1999, 2045)


class NyseSessions(SessionCalendar):
    """The NYSE calendar from 1953 on. There are no special sessions; past 2028 it is the library's own rules."""

    def __init__(self) -> None:
        super().__init__("NYSE", ZONE, _FIRST_DATE.as_unit("ns"), _VALID_THROUGH.as_unit("ns"), _YEARS)

    def _build(self, first_year: int, last_year: int) -> SessionTable:
        with warnings.catch_warnings():
            # The library's own use of what pandas deprecates is not something a user can act on.
            warnings.simplefilter("ignore")
            from exchange_calendars import get_calendar

            # Without an explicit span the library takes one that moves with today's date.
            xnys = get_calendar("XNYS", start=f"{first_year}-01-01", end=f"{last_year}-12-31")
            opens = pd.DatetimeIndex(xnys.opens).as_unit("ns").asi8
            closes = pd.DatetimeIndex(xnys.closes).as_unit("ns").asi8
            dates = np.asarray(pd.DatetimeIndex(xnys.sessions).as_unit("ns"), dtype="datetime64[ns]")
        hours = np.column_stack([opens, closes, closes]).astype(np.int64)
        return SessionTable(first_year, last_year, dates, np.ones(len(dates), dtype=bool), hours)
