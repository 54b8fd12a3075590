"""What an operator's calendar must keep to: no contradiction in itself, none with dates that the market covers.

Why each rule is there stands in docs/data.md, beside a whole file.
"""

from collections.abc import Iterator
from datetime import date
from typing import NoReturn

import pandas as pd
from pandas import Timestamp

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets.operator_calendar import Hours, OperatorCalendar
from aegismatrix_engine.markets.sessions import SessionCalendar

FEWEST_CLOSURES = 8
"""Weekday closures of a year below which it is not all there: NSE had 10 or more in each of 2000-2026, NYSE has 9."""


def check_operator_calendar(calendar: OperatorCalendar, shipped: SessionCalendar) -> None:
    """Refuse a file that contradicts itself, or names dates or a year's end that cannot be meant.

    Raises:
        DataError: the first rule that is broken, with file, entry, what was found and what was expected.
    """
    if calendar.entries.valid_through is not None:
        _check_valid_through(calendar, shipped, calendar.entries.valid_through)
    _check_dates(calendar, shipped)
    _check_kinds(calendar)
    _check_clock_times(calendar)
    _check_repetition(calendar)


def superseded(calendar: OperatorCalendar, shipped: SessionCalendar) -> str | None:
    """The line of a file that an engine of later tables has made idle, as a warning; None where there is none."""
    through = calendar.entries.valid_through
    if through is None or Timestamp(through) >= shipped.valid_through:
        return None
    return (
        f"{calendar.where}: valid_through {through} changes nothing, the engine's own calendar reaches "
        f"{shipped.valid_through:%Y-%m-%d}; remove it, or write the year that was meant"
    )


def _dated(calendar: OperatorCalendar) -> Iterator[tuple[str, date]]:
    """Every entry's name in messages, and its date."""
    entries = calendar.entries
    for name, rows in (("closures", entries.closures), ("special", entries.special), ("sessions", entries.sessions)):
        yield from ((f"{name}, {row.date}", row.date) for row in rows)
    yield from ((_name(row), row.date or row.since or date.min) for row in entries.hours)


def _name(row: Hours) -> str:
    return f"hours, {row.date}" if row.date is not None else f"hours, from {row.since}"


def _check_dates(calendar: OperatorCalendar, shipped: SessionCalendar) -> None:
    for row in calendar.entries.hours:
        if (row.date is None) == (row.since is None):
            _refuse(calendar, _name(row), "date and from: expected one of them, a session's date or a first date")
    announced = max(calendar.entries.valid_through or date.min, shipped.valid_through.date())
    first, last = shipped.first_date.date(), date(announced.year + 1, 12, 31)
    for name, day in _dated(calendar):
        if not first <= day <= last:
            _refuse(calendar, name, f"invalid date: expected {first} to {last}, a year after the last announced one")


def _check_kinds(calendar: OperatorCalendar) -> None:
    for session in calendar.entries.sessions:
        if session.date.weekday() >= 5:
            _refuse(
                calendar,
                f"sessions, {session.date}",
                "is a Saturday or Sunday, where no session counts: expected an entry under special",
            )
    for special in calendar.entries.special:
        if special.kind == "weekend" and special.date.weekday() < 5:
            _refuse(
                calendar,
                f"special, {special.date}",
                "kind weekend on a weekday: expected a Saturday or Sunday, or the kind muhurat or other",
            )


def _check_clock_times(calendar: OperatorCalendar) -> None:
    for special in calendar.entries.special:
        if special.opens >= special.closes:
            _refuse(
                calendar,
                f"special, {special.date}",
                f"closes {special.closes} is not after opens {special.opens}: expected a later time of that day",
            )
    for row in calendar.entries.hours:
        ends = min(row.official_close, row.derivatives_close)
        if not row.opens < row.continuous_close <= ends:
            _refuse(
                calendar,
                _name(row),
                f"opens {row.opens}, continuous_close {row.continuous_close}, official_close {row.official_close}, "
                f"derivatives_close {row.derivatives_close}: expected the first before the second, and the second no "
                "later than the other two",
            )


def _check_repetition(calendar: OperatorCalendar) -> None:
    """Refuse a second entry for a date; but the exchange itself lists the day of a Muhurat among its holidays."""
    entries = calendar.entries
    rows = [("closures", row.date) for row in entries.closures]
    rows += [("special, muhurat" if row.kind == "muhurat" else "special", row.date) for row in entries.special]
    rows += [("sessions", row.date) for row in entries.sessions]
    taken: dict[date, str] = {}
    for name, day in rows:
        if day in taken and (taken[day], name) != ("closures", "special, muhurat"):
            _refuse(calendar, f"{name}, {day}", f"that date stands under {taken[day]} already: expected one entry")
        taken[day] = name
    for row in entries.hours:
        if row.date is not None and taken.get(row.date, "sessions") != "sessions":
            _refuse(
                calendar, _name(row), f"that date stands under {taken[row.date]}: expected that of a regular session"
            )
    seen: set[str] = set()
    for name in map(_name, entries.hours):
        if name in seen:
            _refuse(calendar, name, "that date stands under hours already: expected one entry")
        seen.add(name)


def _check_valid_through(calendar: OperatorCalendar, shipped: SessionCalendar, through: date) -> None:
    entries = calendar.entries
    if entries.source is None:
        _refuse(calendar, "valid_through", "has no source: expected source, the announcement, beside it")
    if (through.month, through.day) != (12, 31):
        _refuse(calendar, "valid_through", f"{through}: expected a 31 December, an exchange announces whole years")
    listed = {row.date for row in entries.closures}
    held = {row.date for row in entries.sessions}
    for year in range(shipped.valid_through.year + 1, through.year + 1):
        first, last = Timestamp(year, 1, 1), Timestamp(year, 12, 31)
        derived = pd.bdate_range(first, last).difference(shipped.regular(first, last))
        for day in derived.date:
            if day not in listed | held:
                _refuse(
                    calendar,
                    "valid_through",
                    f"{through} covers {year}, whose closures lack {day}, a holiday of every year: expected all that "
                    "the exchange announced, or that day under sessions",
                )
        found = sum(day.year == year and day.weekday() < 5 for day in listed)
        if found < FEWEST_CLOSURES:
            _refuse(
                calendar,
                "valid_through",
                f"{through} covers {year}, of which closures has {found} on weekdays: expected all that the exchange "
                f"announced, {FEWEST_CLOSURES} or more",
            )


def _refuse(calendar: OperatorCalendar, entry: str, what: str) -> NoReturn:
    raise DataError(f"{calendar.where} {entry}: {what}")
