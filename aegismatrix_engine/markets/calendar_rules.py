"""What an operator's calendar must keep to: no contradiction in itself, none with dates that the market covers.

docs/data.md gives the reason for each rule, beside a whole file.
"""

from collections.abc import Iterator
from datetime import date
from itertools import chain

import pandas as pd
from pandas import Timestamp

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets.operator_calendar import Hours, MarketEntries, OperatorCalendar
from aegismatrix_engine.markets.sessions import SessionCalendar

FEWEST_CLOSURES = 8
"""Weekday closures of a year below which it is not all there: NSE had 10 or more in each of 2000-2026, NYSE has 9."""


Fault = tuple[str, str]
"""An entry's name, and what is wrong with it, with what was expected."""


def check_operator_calendar(calendar: OperatorCalendar, shipped: SessionCalendar) -> None:
    """Refuse a file that contradicts itself, or names dates or a year's end that cannot be meant.

    Raises:
        DataError: the first rule that is broken, with file, entry, what was found and what was expected.
    """
    entries = calendar.entries
    faults = chain(
        _faults_of_valid_through(entries, shipped),
        _faults_of_dates(entries, shipped),
        _faults_of_kinds(entries),
        _faults_of_clock_times(entries),
        _faults_of_repetition(entries),
        _faults_of_events(entries),
    )
    for entry, fault in faults:
        raise DataError(f"{calendar.where} {entry}: {fault}")


def superseded(calendar: OperatorCalendar, shipped: SessionCalendar) -> str | None:
    """The warning that ``valid_through`` has no effect, as the engine's table reaches further; None otherwise."""
    through = calendar.entries.valid_through
    if through is None or Timestamp(through) >= shipped.valid_through:
        return None
    return (
        f"{calendar.where}: valid_through {through} changes nothing, the engine's own calendar reaches "
        f"{shipped.valid_through:%Y-%m-%d}; remove it, or correct the year"
    )


def _name(row: Hours) -> str:
    return f"hours, {row.date}" if row.date is not None else f"hours, from {row.since}"


def _faults_of_dates(entries: MarketEntries, shipped: SessionCalendar) -> Iterator[Fault]:
    for row in entries.hours:
        if (row.date is None) == (row.since is None):
            yield _name(row), "date and from: expected one of them, a session's date or a first date"
    announced = max(entries.valid_through or date.min, shipped.valid_through.date())
    first, last = shipped.first_date.date(), date(announced.year + 1, 12, 31)
    dated = [(f"closures, {row.date}", row.date) for row in entries.closures]
    dated += [(f"special, {row.date}", row.date) for row in entries.special]
    dated += [(f"sessions, {row.date}", row.date) for row in entries.sessions]
    dated += [(_name(row), row.date or row.since or date.min) for row in entries.hours]
    dated += [(f"events, {row.date}", row.date) for row in entries.events]
    for name, day in dated:
        if not first <= day <= last:
            yield name, f"invalid date: expected {first} to {last}, a year after the last announced one"


def _faults_of_kinds(entries: MarketEntries) -> Iterator[Fault]:
    for session in entries.sessions:
        if session.date.weekday() >= 5:
            fault = "is a Saturday or Sunday, where no session counts: expected an entry under special"
            yield f"sessions, {session.date}", fault
    for special in entries.special:
        if special.kind == "weekend" and special.date.weekday() < 5:
            fault = "kind weekend on a weekday: expected a Saturday or Sunday, or the kind muhurat or other"
            yield f"special, {special.date}", fault


def _faults_of_clock_times(entries: MarketEntries) -> Iterator[Fault]:
    for special in entries.special:
        if special.opens >= special.closes:
            fault = f"closes {special.closes} is not after opens {special.opens}: expected a later time of that day"
            yield f"special, {special.date}", fault
    for row in entries.hours:
        if not row.opens < row.continuous_close <= min(row.official_close, row.derivatives_close):
            yield (
                _name(row),
                f"opens {row.opens}, continuous_close {row.continuous_close}, official_close {row.official_close}, "
                f"derivatives_close {row.derivatives_close}: expected the first before the second, and the second no "
                "later than the other two",
            )


def _faults_of_repetition(entries: MarketEntries) -> Iterator[Fault]:
    """A second entry for a date; but the exchange itself lists the day of a Muhurat among its holidays."""
    rows = [("closures", row.date) for row in entries.closures]
    rows += [("special, muhurat" if row.kind == "muhurat" else "special", row.date) for row in entries.special]
    rows += [("sessions", row.date) for row in entries.sessions]
    taken: dict[date, str] = {}
    for name, day in rows:
        if day in taken and (taken[day], name) != ("closures", "special, muhurat"):
            yield f"{name}, {day}", f"that date is under {taken[day]} already: expected one entry"
        taken[day] = name
    for row in entries.hours:
        if row.date is not None and taken.get(row.date, "sessions") != "sessions":
            yield _name(row), f"that date is under {taken[row.date]}: expected that of a regular session"
    names = [_name(row) for row in entries.hours]
    for at, name in enumerate(names):
        if name in names[:at]:
            yield name, "that date is under hours already: expected one entry"


def _faults_of_events(entries: MarketEntries) -> Iterator[Fault]:
    taken = set()
    for row in entries.events:
        if row.announced is not None and row.announced >= row.date:
            yield f"events, {row.date}", f"announced {row.announced}: expected a day before it, or no such key"
        if (row.kind, row.date) in taken:
            yield f"events, {row.date}", f"{row.kind} is listed on that date already: expected one entry"
        taken.add((row.kind, row.date))
    kinds = [row.kind for row in entries.events_through]
    for through in entries.events_through:
        if kinds.count(through.kind) > 1:
            yield f"events_through, {through.date}", f"{through.kind} has another entry: expected one"


def _faults_of_valid_through(entries: MarketEntries, shipped: SessionCalendar) -> Iterator[Fault]:
    through = entries.valid_through
    if through is None:
        return
    if entries.source is None:
        yield "valid_through", "has no source: expected source, the announcement, beside it"
    if (through.month, through.day) != (12, 31):
        yield "valid_through", f"{through}: expected a 31 December, an exchange announces whole years"
    listed = {row.date for row in entries.closures}
    held = {row.date for row in entries.sessions}
    for year in range(shipped.valid_through.year + 1, through.year + 1):
        first, last = Timestamp(year, 1, 1), Timestamp(year, 12, 31)
        derived = pd.bdate_range(first, last).difference(shipped.regular(first, last))
        for day in derived.date:
            if day not in listed | held:
                fault = f"{through} covers {year}, whose closures lack {day}, a holiday of every year"
                yield "valid_through", f"{fault}: expected all that the exchange announced, or that day under sessions"
        found = sum(day.year == year and day.weekday() < 5 for day in listed)
        if found < FEWEST_CLOSURES:
            fault = f"{through} covers {year}, of which closures has {found} on weekdays"
            yield "valid_through", f"{fault}: expected all that the exchange announced, {FEWEST_CLOSURES} or more"
