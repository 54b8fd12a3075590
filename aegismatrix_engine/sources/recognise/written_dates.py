"""Dates and times as exports write them: one way of writing a file, read strictly."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import SessionCalendar
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.recognise.date_order import DateOrder, days_of_parts
from aegismatrix_engine.sources.recognise.table import Column, Table

_TIME = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?(?: ?(?P<half>[AaPp][Mm]))?"
    r" ?(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_SHAPES = {
    "year, month, day": r"(?P<a>\d{4})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,2})",
    "year, month, day without marks": r"(?P<a>(?:19|20|21)\d\d)(?P<b>0[1-9]|1[0-2])(?P<c>0[1-9]|[12]\d|3[01])",
    "day, month by name, year": (
        r"(?:[A-Za-z]{3,9},? )?(?P<a>\d{1,2})[-/ ]?(?P<b>[A-Za-z]{3,9})[-/, ]*(?P<c>\d{4}|\d{2})"
    ),
    "month by name, day, year": r"(?:[A-Za-z]{3,9},? )?(?P<a>[A-Za-z]{3,9})[. -]+(?P<b>\d{1,2}),?[ -]+(?P<c>\d{4})",
    "numbers": r"(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4}|\d{2})",
    "numbers without marks": r"(?P<a>\d{2})(?P<b>\d{2})(?P<c>(?:19|20|21)\d\d)",
}
_PATTERNS = {shape: re.compile(pattern + _TIME, re.ASCII) for shape, pattern in _SHAPES.items()}
_EPOCH = re.compile(r"(\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.0+)?", re.ASCII)
_EPOCH_UNITS = {3: ("seconds", 10**9), 4: ("milliseconds", 10**6), 5: ("microseconds", 10**3), 6: ("nanoseconds", 1)}
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.0+)?)?(?: ?(?P<half>[AaPp][Mm]))?", re.ASCII
)
_CLOCK_DIGITS = re.compile(r"\d{1,6}", re.ASCII)


@dataclass(frozen=True)
class WrittenMoments:
    """What a column of dates says, before it is known in which zone.

    Attributes:
        days: (n,) datetime64[ns], midnights as written; of instants, midnights of UTC.
        times: (n,) timedelta64[ns] since midnight, or None where no time of day is written.
        offsets: (n,) timedelta64[ns] that the written time is ahead of UTC, NaT where none is written.
        findings: what was understood, in words.
    """

    days: pd.DatetimeIndex
    times: pd.TimedeltaIndex | None
    offsets: pd.TimedeltaIndex
    findings: tuple[str, ...]


def read_moments(
    table: Table, moment: int, clock: int | None, calendars: Sequence[SessionCalendar], order: DateOrder | None
) -> WrittenMoments:
    """Dates, times of day and offsets of every row.

    Args:
        table: the cells.
        moment: position of the column of dates, or dates and times.
        clock: position of the column of times of day, if it has one.
        calendars: the exchanges whose sessions the dates may be; they may prove the order of day and month.
        order: the order that the user chooses.

    Raises:
        DataError: an invalid date or time, two ways of writing them, an order that nothing proves and nobody chose, or
            that a line contradicts.
    """
    column = table.column(moment)
    texts = column.texts
    if all(map(_EPOCH.fullmatch, texts)) and not _PATTERNS["year, month, day without marks"].fullmatch(texts.iloc[0]):
        return _instants(column)
    shape = next((shape for shape, pattern in _PATTERNS.items() if pattern.fullmatch(texts.iloc[0])), None)
    if shape is None:
        raise _not_a_date(column, 0)
    parts = texts.str.extract(_PATTERNS[shape])
    unread = parts["a"].isna().to_numpy()
    if unread.any():
        _refuse_unread(column, shape, int(unread.argmax()))
    days, findings = days_of_parts(column, parts, shape, calendars, order)
    times = None
    if parts["hour"].notna().any():
        column.refuse(parts["hour"].isna().to_numpy(), "has no time of day, other rows do")
        times = _time_of_day(column, parts)
    if clock is not None:
        times = _clock_times(table.column(clock), times)
    return WrittenMoments(days, times, _offsets(column, parts), findings)


def _instants(column: Column) -> WrittenMoments:
    digits = column.texts.str.replace(r"\.0+$", "", regex=True)
    widths = digits.str.len().floordiv(3)
    column.refuse((widths != widths.iloc[0]).to_numpy(), "is an epoch of another unit than the rows before")
    unit, factor = _EPOCH_UNITS[max(3, int(widths.iloc[0]))]
    instants = pd.DatetimeIndex(digits.astype("int64").to_numpy() * factor)
    days = instants.normalize()
    offsets = pd.TimedeltaIndex(np.zeros(len(days), dtype="timedelta64[ns]"))
    finding = f"times are {unit} since 1970, UTC: {column.finding(0)}"
    return WrittenMoments(days.as_unit("ns"), pd.TimedeltaIndex(instants - days).as_unit("ns"), offsets, (finding,))


def _not_a_date(column: Column, row: int) -> DataError:
    text = column.texts.iloc[row]
    problem = f"invalid date {shown(text)}" if text else "the date is missing"
    place = f"{column.name}, line {column.texts.index[row]}"
    return DataError(f"{place}: {problem}: expected one such as 2021-01-25, 25-JAN-2021 or 25/01/2021")


def _refuse_unread(column: Column, shape: str, row: int) -> None:
    text = column.texts.iloc[row]
    if any(pattern.fullmatch(text) for pattern in _PATTERNS.values()) or _EPOCH.fullmatch(text):
        unlike = f"is written another way than {column.quoted(0)} ({shape})"
        raise column.refusal(row, f"{unlike}; write all dates the same way")
    raise _not_a_date(column, row)


def _time_of_day(column: Column, parts: pd.DataFrame) -> pd.TimedeltaIndex:
    hour, minute, second = (parts[part].fillna("0").astype("int64").to_numpy() for part in ("hour", "minute", "second"))
    half = parts["half"].str.casefold()
    halved = half.notna().to_numpy()
    wrong = (hour > 23) | (minute > 59) | (second > 59) | (halved & ((hour < 1) | (hour > 12)))
    column.refuse(wrong, "has a time that does not exist")
    hour = np.where(halved, hour % 12 + 12 * half.eq("pm").to_numpy(), hour)
    return pd.TimedeltaIndex(((hour * 60 + minute) * 60 + second).astype("timedelta64[s]")).as_unit("ns")


def _clock_times(column: Column, beside: pd.TimedeltaIndex | None) -> pd.TimedeltaIndex | None:
    """Times of a column of their own; None where they are all midnight, as daily files have them."""
    texts = column.texts
    if beside is not None and (beside != pd.Timedelta(0)).any():
        raise DataError(
            f"{column.name}: its dates have times of day, and it has a column of times; remove one of the two"
        )
    if all(map(_CLOCK_DIGITS.fullmatch, texts)):
        # Leading zeros get lost where a spreadsheet has seen the file: 93000 is 09:30:00, 930 is 09:30.
        full = texts.str.zfill(6 if texts.str.len().max() > 4 else 4)
        parts = full.str.extract(r"(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?").assign(half=None)
    else:
        parts = texts.str.extract(_CLOCK)
    column.refuse(parts["hour"].isna().to_numpy(), "is not a time of day: expected one such as 09:15")
    times = _time_of_day(column, parts.astype({"half": "object"}))
    return times if (times != pd.Timedelta(0)).any() else None


def _offsets(column: Column, parts: pd.DataFrame) -> pd.TimedeltaIndex:
    absent = parts["offset"].isna().to_numpy()
    if absent.all():
        return pd.TimedeltaIndex([pd.NaT] * len(parts)).as_unit("ns")
    column.refuse(absent, "has no zone, other rows have one")
    signed = parts["offset"].replace(["Z", "UTC", "GMT"], "+0000").str.replace(":", "")
    minutes = signed.str[1:3].astype("int64") * 60 + signed.str[3:5].astype("int64")
    minutes = minutes.where(signed.str[0].eq("+"), -minutes)
    return pd.TimedeltaIndex(minutes.to_numpy().astype("timedelta64[m]")).as_unit("ns")
