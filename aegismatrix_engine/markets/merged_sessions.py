"""A market's calendar with an operator's own entries in place of what it has for the same dates."""

from dataclasses import replace
from datetime import date
from itertools import chain

import numpy as np
from pandas import DatetimeIndex

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets.calendar_rules import check_operator_calendar, superseded
from aegismatrix_engine.markets.market import CalendarFile, Market
from aegismatrix_engine.markets.operator_calendar import OperatorCalendar
from aegismatrix_engine.markets.scheduled_events import EventTable, ScheduledEvent
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
from aegismatrix_engine.typing import BoolArray, IntArray


class MergedSessions(SessionCalendar):
    """A calendar with the entries of an operator's file in place of what it has for the same dates."""

    def __init__(self, shipped: SessionCalendar, operator: OperatorCalendar) -> None:
        """Check the entries against the calendar ``shipped``, and merge them into it.

        Raises:
            DataError: an entry contradicts another one, or what the calendar covers.
        """
        check_operator_calendar(operator, shipped)
        announced = operator.entries.valid_through
        through = shipped.valid_through if announced is None else max(shipped.valid_through, midnight(announced))
        super().__init__(shipped.name, shipped.zone.key, shipped.first_date, through, shipped.years)
        self.shipped = shipped
        self.operator = operator
        for row in operator.entries.hours:
            if row.date is not None and not self.is_session(midnight(row.date)):
                fault = f"{operator.where} hours, {row.date}: no session is held then"
                raise DataError(f"{fault}: expected a session's date")

    def calendar_file(self) -> CalendarFile:
        """The file, and what it changes of the engine's own calendar."""
        entries, idle = self.operator.entries, superseded(self.operator, self.shipped)
        regular = [row.date for row in entries.sessions]
        special = [row.date for row in entries.special]
        dated = [row.date for row in entries.hours if row.date is not None]
        closed = [row.date for row in entries.closures if row.date not in special]
        return CalendarFile(
            file=self.operator.file,
            sha256=self.operator.sha256,
            closures=sum(self.shipped.is_session(midnight(day)) for day in closed),
            sessions=sum(not _is_regular(self.shipped, day) for day in regular) + sum(map(self._differs, special)),
            hours=sum(map(self._differs, dated)) + len(entries.hours) - len(dated),
            warnings=() if idle is None else (idle,),
        )

    def _differs(self, day: date) -> bool:
        at = midnight(day)
        if not self.shipped.is_session(at) or _is_regular(self.shipped, day) != _is_regular(self, day):
            return True
        return self.shipped.hours(at) != self.hours(at)

    def _build(self, first_year: int, last_year: int) -> SessionTable:
        # One year more, so that a session added at its start has the hours of the one before.
        before = max(first_year - 1, self.first_date.year)
        table = self.shipped._build(before, last_year)
        entries = self.operator.entries
        closed = _days([row.date for row in entries.closures])
        special = _days([row.date for row in entries.special])
        own = table.dates.astype("datetime64[D]")
        regular = np.setdiff1d(_days([row.date for row in entries.sessions]), own[table.regular])
        kept = ~np.isin(own, np.concatenate([closed, regular, special]))
        days = np.concatenate([own[kept], regular, special])
        counted = np.concatenate([table.regular[kept], np.ones(len(regular), bool), np.zeros(len(special), bool)])
        hours = np.concatenate([table.hours[kept], self._added_hours(table, regular), self._special_hours(special)])
        merged = SessionTable.of(first_year, last_year, days, counted, hours)
        hours = self._with_own_hours(merged)
        within = merged.dates >= np.datetime64(f"{first_year}-01-01")
        return SessionTable(first_year, last_year, merged.dates[within], merged.regular[within], hours[within])

    def _added_hours(self, table: SessionTable, days: Days) -> IntArray:
        """Ordinary hours for regular sessions on ``days``: those of the last ordinary session before each."""
        dates, clock = self._clock(table.dates, table.hours)
        ordinary = table.regular & _ordinary(table.regular, clock)
        row = np.maximum(np.searchsorted(dates[ordinary], days) - 1, 0)
        return utc_nanoseconds(days, clock[ordinary][row], self.zone)

    def _special_hours(self, days: Days) -> IntArray:
        rows = {np.datetime64(row.date): row for row in self.operator.entries.special}
        clock = [[minutes_of_day(rows[day].opens), *[minutes_of_day(rows[day].closes)] * 2] for day in days]
        return utc_nanoseconds(days, np.array(clock, dtype=np.int64).reshape(-1, len(CLOCK_TIMES)), self.zone)

    def _with_own_hours(self, table: SessionTable) -> IntArray:
        found = table.hours.copy()
        days, clock = self._clock(table.dates, table.hours)
        ordinary = table.regular & _ordinary(table.regular, clock)
        # Rules by rising date, so that a later one wins; then single dates, which win over every rule.
        for row in sorted(self.operator.entries.hours, key=lambda row: (row.date is not None, str(row.since))):
            held = days == np.datetime64(row.date) if row.date else ordinary & (days >= np.datetime64(row.since))
            own = [minutes_of_day(getattr(row, column)) for column in CLOCK_TIMES]
            found[held] = utc_nanoseconds(days[held], np.tile(own, (int(held.sum()), 1)), self.zone)
        return found

    def _clock(self, dates: Days, hours: IntArray) -> tuple[Days, Minutes]:
        """The dates in days, and minutes after midnight of the exchange's zone: (n, 3)."""
        local = DatetimeIndex(hours.ravel(), tz="UTC").tz_convert(self.zone).tz_localize(None).to_numpy()
        days = dates.astype("datetime64[D]")
        return days, (local.reshape(hours.shape) - days[:, None]).astype("timedelta64[m]").astype(np.int64)


def merged_market(market: Market, operator: OperatorCalendar) -> Market:
    """The market with an operator's entries merged into its calendar and its events.

    Raises:
        DataError: what `MergedSessions` raises, or an event of a kind that the market does not know.
    """
    calendar = MergedSessions(market.calendar, operator)
    known = [table.kind for table in market.events]
    rows = ((row.kind, row.date) for row in operator.entries.events)
    ends = ((row.kind, row.date) for row in operator.entries.events_through)
    for kind, day in chain(rows, ends):
        if kind not in known:
            fault = f"the market knows no events of kind {kind}: expected one of {', '.join(known)}"
            raise DataError(f"{operator.where} events, {day}: {fault}")
    events = tuple(_with_events(table, operator) for table in market.events)
    return replace(market, calendar=calendar, events=events, calendar_file=calendar.calendar_file())


def _with_events(table: EventTable, operator: OperatorCalendar) -> EventTable:
    """A table with the operator's events of its kind, and its later end, past which no event may lie."""
    through = [midnight(row.date) for row in operator.entries.events_through if row.kind == table.kind]
    events = (
        ScheduledEvent(midnight(row.date), None if row.announced is None else midnight(row.announced))
        for row in operator.entries.events
        if row.kind == table.kind
    )
    found = table.extended(tuple(events), max(through, default=None))
    for day in found.dates[found.dates > found.valid_through]:
        fault = f"{table.kind} is complete up to {found.valid_through:%Y-%m-%d} only: expected a later events_through"
        raise DataError(f"{operator.where} events, {day:%Y-%m-%d}: {fault}")
    return found


def _ordinary(counted: BoolArray, clock: Minutes) -> BoolArray:
    """Which regular sessions have the hours of a neighbour; a half day, or one that was prolonged, has not."""
    same = (clock[counted][1:] == clock[counted][:-1]).all(axis=1)
    found = np.zeros(len(counted), dtype=bool)
    found[counted] = np.concatenate([same, [False]]) | np.concatenate([[False], same])
    return found


def _is_regular(calendar: SessionCalendar, day: date) -> bool:
    return len(calendar.regular(midnight(day), midnight(day))) > 0


def _days(dates: list[date]) -> Days:
    return np.array(dates, dtype="datetime64[D]")
