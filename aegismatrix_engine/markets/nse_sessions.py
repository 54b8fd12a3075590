"""Sessions of the National Stock Exchange of India, from the dated table ``nse_sessions.toml`` that ships beside it.

Past the table's ``valid_through`` a session is a weekday that is neither one of the fixed national holidays nor Good
Friday, on each of which NSE was closed from 2000 to 2026; holidays of other moving calendars are not known by then, and
every such date is provisional.
"""

import tomllib
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import numpy as np
from dateutil.easter import easter

from aegismatrix_engine.markets.sessions import (
    CLOCK_TIMES,
    Days,
    Minutes,
    SessionCalendar,
    SessionTable,
    midnight,
    minutes_of_day,
    utc_nanoseconds,
)

ZONE = "Asia/Kolkata"
_TABLE = "nse_sessions.toml"
_LOOK_AHEAD_YEARS = 2


class NseSessions(SessionCalendar):
    """The NSE calendar from 2000 on: closures, special sessions and hours by effective date."""

    def __init__(self) -> None:
        table: dict[str, Any] = tomllib.loads(files(__package__).joinpath(_TABLE).read_text(encoding="utf-8"))
        through: date = table["valid_through"]
        first: date = table["first_date"]
        years = first.year, through.year + _LOOK_AHEAD_YEARS
        super().__init__("NSE", ZONE, midnight(first), midnight(through), years)
        self._special: list[date] = [row["date"] for row in table["special"]]
        # What follows the date in an entry is the name of the holiday, for readers of the table.
        closures: dict[str, list[str]] = table["closures"]
        self._closures = [date.fromisoformat(f"{year}-{row[:5]}") for year, rows in closures.items() for row in rows]
        self._fixed: list[str] = table["fixed_closures"]
        self._rules: list[dict[str, Any]] = table["hours"]
        self._irregular: list[dict[str, Any]] = table["special"] + table["irregular"]

    def _build(self, first_year: int, last_year: int) -> SessionTable:
        every = np.arange(f"{first_year}-01-01", f"{last_year + 1}-01-01", dtype="datetime64[D]")
        weekday = np.is_busday(every, holidays=self._closed_days(last_year))
        held = weekday | np.isin(every, np.array(self._special, dtype="datetime64[D]"))
        days = every[held]
        hours = utc_nanoseconds(days, self._clock_times(days), self.zone)
        return SessionTable(first_year, last_year, days.astype("datetime64[ns]"), weekday[held], hours)

    def _closed_days(self, last_year: int) -> Days:
        start = self.valid_through.date() + timedelta(days=1)
        years = range(start.year, last_year + 1)
        derived = [date.fromisoformat(f"{year}-{fixed}") for year in years for fixed in self._fixed]
        derived += [easter(year) - timedelta(days=2) for year in years]
        return np.array([*self._closures, *(day for day in derived if day >= start)], dtype="datetime64[D]")

    def _clock_times(self, days: Days) -> Minutes:
        """(n, 3) minutes after midnight, the columns as in `SessionHours`."""
        effective = np.array([rule["from"] for rule in self._rules], dtype="datetime64[D]")
        by_rule = np.array([[minutes_of_day(rule[column]) for column in CLOCK_TIMES] for rule in self._rules])
        clock: Minutes = by_rule[np.searchsorted(effective, days, side="right") - 1].astype(np.int64)
        for row in self._irregular:
            closes = minutes_of_day(row["closes"])
            clock[days == np.datetime64(row["date"])] = (minutes_of_day(row["opens"]), closes, closes)
        return clock
