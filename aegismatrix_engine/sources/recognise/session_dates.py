"""Session dates of daily rows: out of dates or moments, and whether they can be those of an exchange."""

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_checks import CLOSED_DAYS_SHARE
from aegismatrix_engine.markets import Market, SessionCalendar
from aegismatrix_engine.sources.recognise.bar_starts import left_out
from aegismatrix_engine.sources.recognise.date_order import closed_days
from aegismatrix_engine.sources.recognise.table import Table
from aegismatrix_engine.sources.recognise.written_dates import WrittenMoments
from aegismatrix_engine.typing import BoolArray, IntArray

LONGEST_STEP = pd.Timedelta(days=4)
"""Between most daily rows; rows of weeks and months are further apart."""


def session_dates(
    table: Table,
    written: WrittenMoments,
    local: pd.DatetimeIndex,
    zone_findings: tuple[str, ...],
    calendar: SessionCalendar,
) -> tuple[pd.DatetimeIndex, tuple[str, ...]]:
    """Session dates of daily rows, and what was understood of their times.

    Args:
        table: where they stand.
        written: dates, times and offsets as the file has them.
        local: (n,) the same as naive exchange time.
        zone_findings: how that is known, in words.
        calendar: the exchange's sessions.

    Raises:
        DataError: a time inside a session, which is neither a day's open nor its close.
    """
    if written.times is None:
        return written.days, ()
    offset_is_utc = bool((written.offsets == pd.Timedelta(0)).all())
    if offset_is_utc and bool((written.times == pd.Timedelta(0)).all()):
        return written.days, ("every time is midnight of UTC: dates are those of UTC",)
    inside = [row for row, moment in enumerate(local) if _inside_session(moment, calendar)]
    if inside:
        line = table.cells.index[inside[0]]
        raise DataError(
            f"{table.place(line)}: one row a date, at {local[inside[0]]:%H:%M}, which is neither the open nor the "
            "close of its session; give daily rows, or all bars of each session"
        )
    return local.normalize(), (*zone_findings, f"one row a date; times of day such as {local[0]:%H:%M} are not read")


def _inside_session(moment: pd.Timestamp, calendar: SessionCalendar) -> bool:
    day = moment.normalize()
    if day < calendar.first_date or not calendar.is_session(day):
        return False
    hours = calendar.hours(day)
    return bool(hours.opens.tz_localize(None) < moment < hours.continuous_close.tz_localize(None))


def refuse_other_days(table: Table, kept: IntArray, dates: pd.DatetimeIndex, calendar: SessionCalendar) -> None:
    """Raise DataError where dates are mostly weeks apart, or more than single rows, or 2 %, are on closed days.

    Args:
        table: where they stand.
        kept: (m,) positions of the rows in the table.
        dates: (m,) their dates.
        calendar: the exchange's sessions.
    """
    steps = np.diff(dates.unique().sort_values())
    if len(steps) and np.median(steps) > LONGEST_STEP.to_timedelta64():
        days = int(np.median(steps) / np.timedelta64(1, "D"))
        raise DataError(f"{table.name}: rows are {days} days apart, as weekly or monthly ones are; give daily rows")
    closed = closed_days(dates, calendar)
    if closed.sum() > max(1, CLOSED_DAYS_SHARE * len(dates)):
        row = int(closed.argmax())
        raise DataError(
            f"{table.place(table.cells.index[kept[row]])}: {dates[row]:%A %Y-%m-%d} and {closed.sum() - 1} more of "
            f"{len(dates)} rows stand on days {calendar.name} was closed; check their zone and --date-order"
        )


def before_the_calendar(table: Table, early: BoolArray, market: Market) -> tuple[str, ...]:
    """Words for the rows before the calendar begins; ``early`` is (n,) bool."""
    first = f"{market.calendar.first_date:%Y-%m-%d}"
    return (left_out(table, early, f"before {first}, where the exchange's calendar begins"),) if early.any() else ()
