"""Sessions from the library ``exchange_calendars``, half days included."""

import warnings

import numpy as np
import pandas as pd
from pandas import Timestamp

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets.sessions import SessionCalendar, SessionTable

_FIRST_YEAR = 1999
_LOOK_AHEAD_YEARS = 17


class LibrarySessions(SessionCalendar):
    """An exchange's calendar by the library; past ``valid_through`` it is the library's own rules.

    There are no special sessions. The official close is that of continuous trading.

    Attributes:
        code: the library's name of the calendar, such as XNYS.
        lunch_break: whether trading is said to stop for lunch; the library's sessions must agree.
    """

    def __init__(
        self, code: str, name: str, zone: str, first: Timestamp, through: Timestamp, *, lunch_break: bool = False
    ) -> None:
        """Name the calendar and say what it covers; the library is loaded when it is first asked."""
        years = max(first.year, _FIRST_YEAR), through.year + _LOOK_AHEAD_YEARS
        super().__init__(name, zone, first, through, years)
        self.code = code
        self.lunch_break = lunch_break

    def _build(self, first_year: int, last_year: int) -> SessionTable:
        with warnings.catch_warnings():
            # The library's own use of what pandas deprecates is not something a user can act on.
            warnings.simplefilter("ignore")
            from exchange_calendars import get_calendar
            from exchange_calendars.errors import CalendarError

            try:
                # Without an explicit span the library takes one that moves with today's date.
                found = get_calendar(self.code, start=f"{first_year}-01-01", end=f"{last_year}-12-31")
            except (ValueError, CalendarError) as error:
                raise DataError(
                    f"{self.name} calendar: exchange_calendars {self.code} cannot be built for {first_year} to "
                    f"{last_year}: {' '.join(str(error).split())[:200]}; use another calendar, or a dated list of "
                    "closures (docs/markets.md)"
                ) from error
            opens = pd.DatetimeIndex(found.opens).as_unit("ns").asi8
            closes = pd.DatetimeIndex(found.closes).as_unit("ns").asi8
            dates = pd.DatetimeIndex(found.sessions).as_unit("ns")
            breaks = bool(found.has_break)
        hours = np.column_stack([opens, closes, closes]).astype(np.int64)
        self._refuse_other_days(dates, hours, breaks=breaks)
        days = np.asarray(dates, dtype="datetime64[ns]")
        return SessionTable(first_year, last_year, days, np.ones(len(days), dtype=bool), hours)

    def _refuse_other_days(
        self, dates: pd.DatetimeIndex, hours: "np.typing.NDArray[np.int64]", *, breaks: bool
    ) -> None:
        """Raise DataError for sessions that are not part of one day of the zone, and for breaks that are not said."""
        opens = pd.DatetimeIndex(hours[:, 0], tz="UTC").tz_convert(self.zone).tz_localize(None).normalize()
        closes = pd.DatetimeIndex(hours[:, 2], tz="UTC").tz_convert(self.zone).tz_localize(None).normalize()
        if not (opens.equals(closes) and (opens == dates).all()):
            raise DataError(
                f"{self.name} calendar: sessions of exchange_calendars {self.code} do not open and close on one day of "
                f"{self.zone.key}: a market that trades round the clock has no close to forecast; or correct the zone"
            )
        if breaks and not self.lunch_break:
            raise DataError(
                f"{self.name} calendar: exchange_calendars {self.code} has a lunch break: set lunch_break = true"
            )
