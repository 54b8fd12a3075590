"""Sessions by a dated table: weekdays less its closures, with special sessions and hours by effective date.

Past the table's ``valid_through`` a session is a weekday that is none of its fixed closures, nor Good Friday where the
table says so; holidays of moving calendars are not known by then, and every such date is provisional.
"""

from collections.abc import Mapping
from datetime import date, timedelta
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

_LOOK_AHEAD_YEARS = 2


class DatedSessions(SessionCalendar):
    """A calendar of closures, special sessions and hours by effective date, as a table of TOML holds them."""

    def __init__(self, name: str, zone: str, table: Mapping[str, Any]) -> None:
        """Take the sessions from a table that was checked.

        Args:
            name: of the exchange, in messages.
            zone: IANA name.
            table: ``first_date``, ``valid_through``, ``closures`` (dates), ``hours`` (``from`` and the clock times of
                ``SessionHours``, by rising ``from``); where there are any ``fixed_closures`` ('MM-DD'),
                ``closed_on_good_friday``, ``special`` and ``irregular`` (``date``, ``opens``, ``closes``).
        """
        through: date = table["valid_through"]
        first: date = table["first_date"]
        years = first.year, through.year + _LOOK_AHEAD_YEARS
        super().__init__(name, zone, midnight(first), midnight(through), years)
        special = table.get("special", [])
        self._special: list[date] = [row["date"] for row in special]
        self._closures: list[date] = list(table["closures"])
        self._fixed: list[str] = table.get("fixed_closures", [])
        self._good_friday: bool = table.get("closed_on_good_friday", False)
        self._rules: list[dict[str, Any]] = table["hours"]
        self._irregular: list[dict[str, Any]] = special + table.get("irregular", [])

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
        if self._good_friday:
            derived += [easter(year) - timedelta(days=2) for year in years]
        return np.array([*self._closures, *(day for day in derived if day >= start)], dtype="datetime64[D]")

    def _clock_times(self, days: Days) -> Minutes:
        """(n, 3) minutes after midnight, the columns as in `SessionHours`."""
        effective = np.array([rule["from"] for rule in self._rules], dtype="datetime64[D]")
        by_rule = np.array([[minutes_of_day(rule[column]) for column in CLOCK_TIMES] for rule in self._rules])
        row = np.maximum(np.searchsorted(effective, days, side="right") - 1, 0)
        clock: Minutes = by_rule[row].astype(np.int64)
        for irregular in self._irregular:
            closes = minutes_of_day(irregular["closes"])
            clock[days == np.datetime64(irregular["date"])] = (minutes_of_day(irregular["opens"]), closes, closes)
        return clock
