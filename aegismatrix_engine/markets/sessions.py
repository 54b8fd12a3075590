"""What every market's calendar answers: which dates are sessions, which of them count, and when each opens and closes.

A session's date is a naive midnight ``Timestamp`` of the exchange's own days; an instant is a ``Timestamp`` with a
zone. A *regular* session counts in horizons; a *special* one (Muhurat, a weekend) gives the index a row, uncounted.
"""

from abc import ABC, abstractmethod
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas import DatetimeIndex, Timestamp

from aegismatrix_engine.errors import AegisError, DataError
from aegismatrix_engine.typing import BoolArray, IntArray

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""No date of a bar or a record lies outside these years; pandas itself ends in 2262."""

_FIRST_LOOK_AHEAD = pd.Timedelta(days=30)


@dataclass(frozen=True)
class SessionHours:
    """The instants of one session, each with the exchange's zone.

    Attributes:
        opens: first trade.
        continuous_close: end of continuous trading.
        official_close: when the index's official close is known.
    """

    opens: Timestamp
    continuous_close: Timestamp
    official_close: Timestamp


CLOCK_TIMES = tuple(field.name for field in fields(SessionHours))
Days = npt.NDArray[np.datetime64]
Minutes = IntArray


@dataclass(frozen=True, eq=False)
class SessionTable:
    """All sessions of a span of whole years.

    Attributes:
        dates: (n,) datetime64[ns], rising.
        regular: (n,) bool.
        hours: (n, 3) int64, nanoseconds of UTC since 1970, the columns in the order of `SessionHours`' fields.
    """

    first_year: int
    last_year: int
    dates: Days
    regular: BoolArray
    hours: IntArray

    @classmethod
    def of(cls, first_year: int, last_year: int, dates: Days, regular: BoolArray, hours: IntArray) -> Self:
        """A table of sessions in any order."""
        order = np.argsort(dates, kind="stable")
        return cls(first_year, last_year, dates[order].astype("datetime64[ns]"), regular[order], hours[order])


class SessionCalendar(ABC):
    """An exchange's sessions; a subclass supplies the table, this class every answer drawn from it.

    The table grows by whole years when a question reaches beyond it, so no answer depends on what was asked before.

    Raises, from every method: `DataError` for a date before `first_date` or after `LAST_YEAR`; `AegisError` for a date
    with a zone or a time of day, and for a moment without a zone, which are mistakes of the caller.
    """

    def __init__(self, name: str, zone: str, first_date: Timestamp, valid_through: Timestamp, years: tuple[int, int]):
        """Name the calendar and say what it covers; ``years`` is the span of the table first built."""
        self.name = name
        self.zone = ZoneInfo(zone)
        self.first_date = first_date
        self._valid_through = valid_through
        self.years = years
        self._held: SessionTable | None = None

    @abstractmethod
    def _build(self, first_year: int, last_year: int) -> SessionTable:
        """The table of these whole years, both included."""

    @property
    def valid_through(self) -> Timestamp:
        """The last date whose closures the exchange has announced."""
        return self._valid_through

    def provisional(self, date: Timestamp) -> bool:
        """Whether ``date`` lies past `valid_through`, where closures are derived by rule and may change."""
        return bool(self.plain_date(date) > self._valid_through)

    def regular(self, first: Timestamp, last: Timestamp) -> DatetimeIndex:
        """The sessions counted in horizons from ``first`` to ``last``, both included."""
        return self._between(first, last, regular=True)

    def special(self, first: Timestamp, last: Timestamp) -> DatetimeIndex:
        """The special sessions from ``first`` to ``last``, both included: rows of the index, never counted."""
        return self._between(first, last, regular=False)

    def following(self, date: Timestamp, n: int) -> DatetimeIndex:
        """The next ``n`` regular sessions strictly after ``date``, which need not be a session itself."""
        if n < 0:
            raise AegisError(f"{self.name} calendar: {n} sessions were asked for; ask for 0 or more")
        start = self.plain_date(date) + pd.Timedelta(days=1)
        ahead = _FIRST_LOOK_AHEAD + pd.Timedelta(days=2 * n)
        found = self.regular(start, start + ahead)
        while len(found) < n:
            ahead *= 2
            found = self.regular(start, start + ahead)
        return found[:n]

    def is_session(self, date: Timestamp) -> bool:
        """Whether the index has a row on ``date``: a regular or a special session."""
        return self._row(self.plain_date(date)) is not None

    def hours(self, session: Timestamp) -> SessionHours:
        """When ``session``, regular or special, opens and closes; `DataError` where there is no session."""
        day = self.plain_date(session)
        hours = self._row(day)
        if hours is None:
            raise DataError(f"{self.name} calendar: {day:%Y-%m-%d} is not a session; use the date of a trading day")
        return SessionHours(*(Timestamp(int(at), unit="ns", tz=self.zone).as_unit("ns") for at in hours))

    def usual_hours(self, date: Timestamp) -> SessionHours:
        """The hours of a session on any ``date``: those of the last regular session up to it, else of the next."""
        day = self.plain_date(date)
        before = self.regular(max(day - _FIRST_LOOK_AHEAD, self.first_date), day)
        like = before[-1] if len(before) else self.following(day, 1)[0]
        clock = (at.tz_localize(None) - like for at in astuple(self.hours(like)))
        return SessionHours(*((day + since).tz_localize(self.zone).as_unit("ns") for since in clock))

    def local_hours(self, dates: DatetimeIndex) -> npt.NDArray[np.datetime64]:
        """Clock times of many sessions, (n, 3) datetime64[ns] in the columns' order of `SessionHours`.

        dates: (n,) naive dates. Times are the exchange's own, without a zone; NaT where a date has no session.
        """
        found = np.full((len(dates), len(CLOCK_TIMES)), np.datetime64("NaT"), dtype="datetime64[ns]")
        if len(dates) == 0:
            return found
        table = self.table(dates.min(), dates.max())
        days = np.asarray(dates.as_unit("ns"), dtype="datetime64[ns]")
        row = np.minimum(np.searchsorted(table.dates, days), len(table.dates) - 1)
        known = table.dates[row] == days
        local = DatetimeIndex(table.hours[row[known]].ravel(), tz="UTC").tz_convert(self.zone).tz_localize(None)
        found[known] = np.asarray(local.as_unit("ns"), dtype="datetime64[ns]").reshape(-1, len(CLOCK_TIMES))
        return found

    def opens_at(self, session: Timestamp) -> Timestamp:
        """The instant of ``session``'s first trade; `DataError` where there is no session."""
        return self.hours(session).opens

    def closes_at(self, session: Timestamp) -> Timestamp:
        """The instant at which ``session``'s official close is known; `DataError` where there is no session."""
        return self.hours(session).official_close

    def closes_of(self, sessions: DatetimeIndex) -> DatetimeIndex:
        """`closes_at` of many sessions, in rising order and at least one."""
        table = self.table(sessions[0], sessions[-1])
        row = np.searchsorted(table.dates, np.asarray(sessions.as_unit("ns"), dtype="datetime64[ns]"))
        return DatetimeIndex(table.hours[row, 2], tz="UTC").tz_convert(self.zone)

    def ends_at(self, date: Timestamp) -> Timestamp:
        """When a session's close is known; a day without a session is over at midnight."""
        if self.is_session(date):
            return self.closes_at(date)
        return (date + pd.Timedelta(days=1)).tz_localize(self.zone)

    def last_closed(self, moment: Timestamp) -> Timestamp:
        """The last session, regular or special, whose official close is at or before ``moment``.

        Raises `DataError` where no session of the calendar has closed yet.
        """
        if moment.tz is None:
            raise AegisError(f"{self.name} calendar: the moment {moment} has no zone; give it one")
        local = moment.tz_convert(self.zone)
        day = self.plain_date(local.tz_localize(None).normalize())
        # The last session may be one of the year before.
        for first in (day, Timestamp(max(self._covering(day, day).first_year - 1, self.first_date.year), 12, 31)):
            table = self._covering(min(first, day), day)
            closed = int(np.searchsorted(table.hours[:, 2], moment.value, side="right"))
            if closed:
                return Timestamp(table.dates[closed - 1]).as_unit("ns")
        raise DataError(f"{self.name} calendar: no session has closed by {local.isoformat()}; use a later moment")

    def plain_date(self, date: Timestamp) -> Timestamp:
        """``date`` in nanoseconds, checked to be a naive midnight that the calendar covers."""
        if date.tz is not None or date != date.normalize():
            raise AegisError(f"{self.name} calendar: {date} is not a plain date; pass a naive midnight")
        if date < self.first_date or date.year > LAST_YEAR:
            raise DataError(
                f"{self.name} calendar: {date:%Y-%m-%d} is outside {self.first_date:%Y-%m-%d}..{LAST_YEAR}-12-31, "
                "the dates it covers; use dates within them"
            )
        return date.as_unit("ns")

    def _between(self, first: Timestamp, last: Timestamp, *, regular: bool) -> DatetimeIndex:
        start, end = self.plain_date(first), self.plain_date(last)
        if start > end:
            return DatetimeIndex([], dtype="datetime64[ns]")
        table = self._covering(start, end)
        low = np.searchsorted(table.dates, start.to_datetime64(), side="left")
        high = np.searchsorted(table.dates, end.to_datetime64(), side="right")
        return DatetimeIndex(table.dates[low:high][table.regular[low:high] == regular])

    def table(self, first: Timestamp, last: Timestamp) -> SessionTable:
        """The table of whole years that holds ``first`` to ``last``; it may reach further on either side."""
        return self._covering(self.plain_date(first), self.plain_date(last))

    def _covering(self, first: Timestamp, last: Timestamp) -> SessionTable:
        held = self._held
        low, high = (held.first_year, held.last_year) if held else self.years
        wanted = (min(low, first.year), max(high, last.year))
        if held is None or wanted != (low, high):
            held = self._held = self._build(*wanted)
        return held

    def _row(self, day: Timestamp) -> IntArray | None:
        """The hours of the session on a date; None where there is none."""
        table, at = self._covering(day, day), day.to_datetime64()
        row = int(np.searchsorted(table.dates, at))
        return table.hours[row] if row < len(table.dates) and table.dates[row] == at else None


def midnight(day: date) -> Timestamp:
    """A date as a naive midnight in nanoseconds."""
    return Timestamp(day).as_unit("ns")


def minutes_of_day(clock: str) -> int:
    """A clock time 'HH:MM' in minutes after midnight."""
    return int(clock[:2]) * 60 + int(clock[3:])


def utc_nanoseconds(days: Days, clock: Minutes, zone: ZoneInfo) -> IntArray:
    """Clock times of days, (n, 3) minutes after midnight of ``zone``, as nanoseconds of UTC since 1970: (n, 3)."""
    local = days.astype("datetime64[D]")[:, None] + clock.astype("timedelta64[m]")
    instants = DatetimeIndex(local.ravel()).as_unit("ns").tz_localize(zone)
    return np.asarray(instants.asi8, dtype=np.int64).reshape(local.shape)
