"""From times as written to the exchange's own: times by their offset or a zone chosen, daily rows by session dates."""

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_checks import CLOSED_DAYS_SHARE
from aegismatrix_engine.markets import SessionCalendar
from aegismatrix_engine.sources.recognise.date_order import closed_days
from aegismatrix_engine.sources.recognise.table import Table
from aegismatrix_engine.sources.recognise.written_dates import WrittenMoments
from aegismatrix_engine.typing import IntArray

LONGEST_STEP = pd.Timedelta(days=4)
"""Between most daily rows; rows of weeks and months are further apart."""


Timed = tuple[pd.DatetimeIndex, tuple[str, ...]]
"""Exchange times or session dates, and what was understood of them, in words."""


def in_exchange_time(table: Table, written: WrittenMoments, market_zone: str, zone: str | None) -> Timed:
    """Written moments as naive exchange time, by their offset or else by the ``zone`` that the user chooses.

    Raises:
        DataError: offsets of more than one zone; a local time that the zone chosen skips or repeats.
    """
    local = pd.DatetimeIndex(written.days if written.times is None else written.days + written.times)
    if written.offsets.isna().all():
        return _by_choice(table, local, market_zone, zone)
    instants = pd.DatetimeIndex(local - written.offsets).tz_localize("UTC")
    exchange = naive(instants, market_zone)
    offsets = written.offsets
    own = offsets == pd.TimedeltaIndex(exchange - instants.tz_localize(None))
    other = np.asarray((offsets != offsets[0]) & ~(own & own[0]))
    if other.any():
        row = int(other.argmax())
        zones = f"its zone is UTC{_signed(offsets[row])}, that of line {table.cells.index[0]} UTC{_signed(offsets[0])}"
        raise table.refusal(row, f"{zones}; give bars of one zone")
    converted = f"; converted to {market_zone}" if not own.all() else f", that of {market_zone}"
    ignored = "; --zone is for times without one" if zone else ""
    finding = f"times are of UTC{_signed(offsets[0])}: line {table.cells.index[0]} has that offset{converted}{ignored}"
    return exchange, (finding,)


def _by_choice(table: Table, local: pd.DatetimeIndex, market_zone: str, zone: str | None) -> Timed:
    """Times without an offset, of the zone that was chosen; else as they are."""
    if zone is None:
        return local, ()
    chosen = f"times are of {zone}, as chosen with --zone"
    if zone == market_zone:
        return local, (chosen,)
    try:
        instants = local.tz_localize(zone)
    except ValueError as error:
        raise DataError(
            f"{table.name}: not all times exist once in {zone} ({error}); name the zone they are of"
        ) from None
    return naive(instants, market_zone), (f"{chosen}; converted to {market_zone}",)


def naive(instants: pd.DatetimeIndex, zone: str) -> pd.DatetimeIndex:
    """Instants as the clocks of a zone show them, without the zone."""
    return instants.tz_convert(zone).tz_localize(None).as_unit("ns")


def _signed(offset: pd.Timedelta) -> str:
    minutes = int(offset / pd.Timedelta(minutes=1))
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def session_dates(
    table: Table,
    written: WrittenMoments,
    local: pd.DatetimeIndex,
    zone_findings: tuple[str, ...],
    calendar: SessionCalendar,
) -> Timed:
    """Session dates of daily rows, whose times are ``local`` in exchange time by ``zone_findings``.

    Raises:
        DataError: a time inside a session, which is neither a day's open nor its close.
    """
    if written.times is None:
        return written.days, ()
    offset_is_utc = bool((written.offsets == pd.Timedelta(0)).all())
    if offset_is_utc and bool((written.times == pd.Timedelta(0)).all()):
        return written.days, ("every time is midnight of UTC: dates are those of UTC",)
    clocks = local - local.normalize()
    # Some write the usual close on a day of other hours, too; the row of a day in progress has another time.
    usual = clocks == clocks.value_counts().index[0]
    inside = [row for row, moment in enumerate(local) if _inside_session(moment, calendar)]
    if usual[inside].all() and len(inside) <= CLOSED_DAYS_SHARE * usual.sum():
        inside = []
    if inside:
        problem = f"one row a date, at {local[inside[0]]:%H:%M}, which is neither the open nor the close of its session"
        raise table.refusal(inside[0], f"{problem}; give daily rows, or all bars of each session")
    return local.normalize(), (*zone_findings, f"one row a date; times of day such as {local[0]:%H:%M} are not read")


def _inside_session(moment: pd.Timestamp, calendar: SessionCalendar) -> bool:
    day = moment.normalize()
    if day < calendar.first_date or not calendar.is_session(day):
        return False
    hours = calendar.hours(day)
    return bool(hours.opens.tz_localize(None) < moment < hours.continuous_close.tz_localize(None))


def refuse_other_days(table: Table, kept: IntArray, dates: pd.DatetimeIndex, calendar: SessionCalendar) -> None:
    """Refuse dates, of the rows ``kept``, that are mostly weeks apart, or of which more than one and 2 % are closed.

    Raises:
        DataError: the first such date.
    """
    steps = np.diff(dates.unique().sort_values())
    if len(steps) and np.median(steps) > LONGEST_STEP.to_timedelta64():
        days = int(np.median(steps) / np.timedelta64(1, "D"))
        raise DataError(f"{table.name}: rows are {days} days apart, as weekly or monthly ones are; give daily rows")
    closed = closed_days(dates, calendar)
    if closed.sum() > max(1, CLOSED_DAYS_SHARE * len(dates)):
        row = int(closed.argmax())
        problem = f"{dates[row]:%A %Y-%m-%d} and {closed.sum() - 1} more of {len(dates)} rows are of days on which"
        raise table.refusal(kept[row], f"{problem} {calendar.name} was closed; check their zone and --date-order")
