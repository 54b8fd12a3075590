"""Which order of day, month and year dates have: by the way they are written, by a line, by the calendar, by choice."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_checks import CLOSED_DAYS_SHARE, regular_dates
from aegismatrix_engine.markets import SessionCalendar
from aegismatrix_engine.markets.sessions import FIRST_YEAR, LAST_YEAR
from aegismatrix_engine.sources.recognise.table import Table, shown
from aegismatrix_engine.typing import BoolArray

DateOrder = Literal["day-first", "month-first", "year-first"]

_MONTH_NAMES = (
    ("jan", "january"),
    ("feb", "february"),
    ("mar", "march"),
    ("apr", "april"),
    ("may",),
    ("jun", "june"),
    ("jul", "july"),
    ("aug", "august"),
    ("sep", "sept", "september"),
    ("oct", "october"),
    ("nov", "november"),
    ("dec", "december"),
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_PARTS: dict[DateOrder, str] = {"day-first": "dmy", "month-first": "mdy", "year-first": "ymd"}


def days_of_parts(
    table: Table,
    texts: "pd.Series[str]",
    parts: pd.DataFrame,
    shape: str,
    calendars: Sequence[SessionCalendar],
    chosen: DateOrder | None,
) -> tuple[pd.DatetimeIndex, tuple[str, ...]]:
    """Dates of parts, and what was understood of their order.

    Args:
        table: where the dates stand.
        texts: the dates as written, indexed by line.
        parts: their parts a, b and c in the order written.
        shape: what the parts are, as far as the way of writing tells.
        calendars: the exchanges whose sessions the dates may be.
        chosen: the order that the user chooses.

    Raises:
        DataError: a date that does not exist, two orders in one file, an order that nothing proves and nobody chose, or
            that a line contradicts.
    """
    first, line = texts.iloc[0], texts.index[0]
    other_mark = parts["mark"].ne(parts["mark"].iloc[0]).to_numpy() if "mark" in parts else np.zeros(len(parts), bool)
    if other_mark.any():
        # A spreadsheet that took some dates for its own shows those, day and month exchanged, with another mark.
        row = int(other_mark.argmax())
        raise DataError(
            f"{table.place(texts.index[row])}: {shown(texts.iloc[row])} is written another way than {shown(first)} in "
            f"line {line}; write all dates the same way"
        )
    if shape.startswith("year"):
        return _existing(table, texts, parts, "ymd"), (f"dates are {shape}: line {line} has {first}",)
    if shape == "month by name, day, year":
        return _existing(table, texts, parts, "mdy"), (f"dates are {shape}: line {line} has {first}",)
    short_year = parts["c"].str.len().eq(2).to_numpy()
    if short_year.any() and not short_year.all():
        _refuse_mixed_years(table, texts, short_year)
    if shape == "day, month by name, year":
        if not short_year.any():
            return _existing(table, texts, parts, "dmy"), (f"dates are {shape}: line {line} has {first}",)
        return _proven(table, texts, parts, ("day-first", "year-first"), calendars, chosen)
    orders: tuple[DateOrder, ...] = ("day-first", "month-first")
    return _proven(table, texts, parts, (*orders, "year-first") if short_year.any() else orders, calendars, chosen)


def _refuse_mixed_years(table: Table, texts: "pd.Series[str]", short_year: BoolArray) -> None:
    row = int((short_year != short_year[0]).argmax())
    raise DataError(
        f"{table.place(texts.index[row])}: {shown(texts.iloc[row])} has another number of digits in its year than "
        f"{shown(texts.iloc[0])} in line {texts.index[0]}; write all years with four digits"
    )


def _existing(table: Table, texts: "pd.Series[str]", parts: pd.DataFrame, order: str) -> pd.DatetimeIndex:
    days = _in_order(parts, order)
    absent = days.isna()
    if absent.any():
        row = int(absent.argmax())
        raise DataError(f"{table.place(texts.index[row])}: {shown(texts.iloc[row])} is a date that does not exist")
    return days


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
    table: Table,
    texts: "pd.Series[str]",
    parts: pd.DataFrame,
    orders: Sequence[DateOrder],
    calendars: Sequence[SessionCalendar],
    chosen: DateOrder | None,
) -> tuple[pd.DatetimeIndex, tuple[str, ...]]:
    """Dates in the one order that every line allows, or that the calendar proves, or else that the user tells."""
    read = {order: _in_order(parts, _PARTS[order]) for order in orders}
    refuted = {order: int(days.isna().argmax()) for order, days in read.items() if days.isna().any()}
    possible = [order for order in orders if order not in refuted]
    if not possible:
        _refuse_every_order(table, texts, refuted)
    if chosen is not None:
        return _as_chosen(table, texts, read, refuted, chosen)
    if len(possible) == 1:
        against = "; ".join(
            f"line {texts.index[row]} has {texts.iloc[row]}, which is not {order}" for order, row in refuted.items()
        )
        return read[possible[0]], (f"dates are {possible[0]}: {against}",)
    objections = {order: _objection(texts, read[order], calendars) for order in possible}
    held = [order for order, objection in objections.items() if objection is None]
    if len(held) != 1:
        raise DataError(
            f"{table.place(texts.index[0])}: {shown(texts.iloc[0])} may be {' or '.join(possible)}, and no line of the "
            f"file tells; say --date-order {' or --date-order '.join(possible)}"
        )
    against = "; ".join(f"{order}, {objection}" for order, objection in objections.items() if objection)
    return read[held[0]], (f"dates are {held[0]}, by the calendar: {against}",)


def _as_chosen(
    table: Table,
    texts: "pd.Series[str]",
    read: dict[DateOrder, pd.DatetimeIndex],
    refuted: dict[DateOrder, int],
    chosen: DateOrder,
) -> tuple[pd.DatetimeIndex, tuple[str, ...]]:
    if chosen not in read:
        raise DataError(
            f"{table.place(texts.index[0])}: {shown(texts.iloc[0])} is not {chosen}; say --date-order "
            f"{' or --date-order '.join(read)}"
        )
    if chosen in refuted:
        row = refuted[chosen]
        raise DataError(
            f"{table.place(texts.index[row])}: {shown(texts.iloc[row])} is not {chosen}; leave --date-order out, or "
            "say another order"
        )
    return read[chosen], (f"dates are {chosen}, as chosen with --date-order",)


def _refuse_every_order(table: Table, texts: "pd.Series[str]", refuted: dict[DateOrder, int]) -> None:
    rows = sorted(set(refuted.values()))
    if len(rows) == 1:
        raise DataError(
            f"{table.place(texts.index[rows[0]])}: {shown(texts.iloc[rows[0]])} is a date that does not exist"
        )
    places = " and ".join(
        f"{shown(texts.iloc[row])} in line {texts.index[row]} is not {order}" for order, row in refuted.items()
    )
    raise DataError(f"{table.name}: two orders of day and month: {places}; write all dates the same way")


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
