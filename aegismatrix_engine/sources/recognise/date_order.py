"""Which order of day, month and year dates have: by the way they are written, by a line, by the calendar, by choice."""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_checks import CLOSED_DAYS_SHARE, regular_dates
from aegismatrix_engine.markets import SessionCalendar
from aegismatrix_engine.markets.sessions import FIRST_YEAR, LAST_YEAR
from aegismatrix_engine.sources.recognise.table import Column
from aegismatrix_engine.typing import BoolArray

DateOrder = Literal["day-first", "month-first", "year-first"]

_MONTH_NAMES = (
    "jan january, feb february, mar march, apr april, may, jun june, jul july, aug august, sep sept september, "
    "oct october, nov november, dec december"
)
_MONTHS = {name: month for month, names in enumerate(_MONTH_NAMES.split(", "), 1) for name in names.split()}
_PARTS: dict[DateOrder, str] = {"day-first": "dmy", "month-first": "mdy", "year-first": "ymd"}


Dated = tuple[pd.DatetimeIndex, tuple[str, ...]]
"""Dates, and what was understood of their order, in words."""


def days_of_parts(
    column: Column,
    parts: pd.DataFrame,
    shape: str,
    calendars: Sequence[SessionCalendar],
    chosen: DateOrder | None,
) -> Dated:
    """Dates of their parts a, b and c as written, which are of a ``shape``, and what was understood of their order.

    Raises:
        DataError: a date that does not exist, two orders in one file, an order that nothing proves and nobody chose, or
            that a line contradicts.
    """
    if "mark" in parts:
        # A spreadsheet that took some dates for its own shows those, day and month exchanged, with another mark.
        other_mark = parts["mark"].ne(parts["mark"].iloc[0]).to_numpy()
        column.refuse(other_mark, f"is written another way than {column.quoted(0)}; write all dates the same way")
    short_year = parts["c"].str.len().eq(2).to_numpy()
    order = "ymd" if shape.startswith("year") else "mdy" if shape == "month by name, day, year" else ""
    if not order and short_year.any() and not short_year.all():
        unlike = f"has another number of digits in its year than {column.quoted(0)}"
        column.refuse(short_year != short_year[0], f"{unlike}; write all years with four digits")
    if shape == "day, month by name, year" and not short_year.any():
        order = "dmy"
    if order:
        days = _in_order(parts, order)
        column.refuse(np.asarray(days.isna()), "is a date that does not exist")
        return days, (f"dates are {shape}: {column.finding(0)}",)
    orders: list[DateOrder] = ["day-first"]
    orders += [] if shape == "day, month by name, year" else ["month-first"]
    orders += ["year-first"] if short_year.any() else []
    return _proven(column, {order: _in_order(parts, _PARTS[order]) for order in orders}, calendars, chosen)


def _in_order(parts: pd.DataFrame, order: str) -> pd.DatetimeIndex:
    """Dates of the three parts read as that order of d, m and y; NaT where that is no date."""
    by_part = dict(zip(order, (parts["a"], parts["b"], parts["c"]), strict=True))
    months = by_part["m"].str.casefold()
    month = months.map(_MONTHS) if months.str.isalpha().all() else pd.to_numeric(months, errors="coerce")
    year = pd.to_numeric(by_part["y"], errors="coerce")
    year = year.where(by_part["y"].str.len() > 2, year + np.where(year < 70, 2000, 1900))
    year = year.where(year.between(FIRST_YEAR, LAST_YEAR))
    fields = pd.DataFrame({"year": year, "month": month, "day": pd.to_numeric(by_part["d"], errors="coerce")})
    return pd.DatetimeIndex(pd.to_datetime(fields, errors="coerce")).as_unit("ns")


def _proven(
    column: Column,
    read: dict[DateOrder, pd.DatetimeIndex],
    calendars: Sequence[SessionCalendar],
    chosen: DateOrder | None,
) -> Dated:
    """Dates in the one order that every line allows, or that the calendar proves, or else that the user chooses."""
    refuted = {order: int(days.isna().argmax()) for order, days in read.items() if days.isna().any()}
    possible = [order for order in read if order not in refuted]
    if not possible:
        _refuse_every_order(column, refuted)
    if chosen is not None:
        if chosen not in read:
            raise column.refusal(0, f"is not {chosen}; use {_options(read)}")
        if chosen in refuted:
            raise column.refusal(refuted[chosen], f"is not {chosen}; leave --date-order out, or use another order")
        return read[chosen], (f"dates are {chosen}, as chosen with --date-order",)
    if len(possible) == 1:
        against = "; ".join(f"{column.finding(row)}, which is not {order}" for order, row in refuted.items())
        return read[possible[0]], (f"dates are {possible[0]}: {against}",)
    objections = {order: _objection(column.texts, read[order], calendars) for order in possible}
    held = [order for order, objection in objections.items() if objection is None]
    if len(held) != 1:
        problem = f"may be {' or '.join(possible)}, and no line of the file shows which"
        raise column.refusal(0, f"{problem}; use {_options(possible)}")
    against = "; ".join(f"{order}, {objection}" for order, objection in objections.items() if objection)
    return read[held[0]], (f"dates are {held[0]}, by the calendar: {against}",)


def _options(orders: Iterable[DateOrder]) -> str:
    return " or ".join(f"--date-order {order}" for order in orders)


def _refuse_every_order(column: Column, refuted: dict[DateOrder, int]) -> None:
    rows = set(refuted.values())
    if len(rows) == 1:
        raise column.refusal(rows.pop(), "is a date that does not exist")
    places = " and ".join(f"{column.quoted(row)} is not {order}" for order, row in refuted.items())
    raise DataError(f"{column.name}: two orders of day and month: {places}; write all dates the same way")


def _objection(texts: "pd.Series[str]", days: pd.DatetimeIndex, calendars: Sequence[SessionCalendar]) -> str | None:
    """Why dates cannot be those of sessions in the file's order, or None; a file goes forwards or backwards in time."""
    steps = np.diff(days.asi8)
    rising = steps > 0
    turns = rising[1:] != rising[:-1]
    if turns[(steps[1:] != 0) & (steps[:-1] != 0)].any():
        turned = int(np.flatnonzero(turns)[0]) + 2
        return f"line {texts.index[turned]} ({texts.iloc[turned]}) would turn back in time"
    for calendar in calendars:
        closed = closed_days(days, calendar)
        # Few rows on closed days are special sessions that no table has, or stale copies of the day before.
        if closed.sum() <= CLOSED_DAYS_SHARE * len(days):
            return None
    row = int(closed.argmax())
    return f"line {texts.index[row]} would be {days[row]:%Y-%m-%d}, on which the exchange was closed"


def closed_days(days: pd.DatetimeIndex, calendar: SessionCalendar) -> BoolArray:
    """Which dates, of those that the calendar covers, it has no session on."""
    covered = days[days >= calendar.first_date]
    if covered.empty:
        return np.zeros(len(days), dtype=bool)
    dates = covered.unique().sort_values()
    sessions = regular_dates(calendar, dates).union(calendar.special(dates[0], dates[-1]))
    return np.asarray((days >= calendar.first_date) & ~days.isin(sessions))
