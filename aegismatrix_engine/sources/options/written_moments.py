"""Dates and times as files of option chains write them, which is in Indian order and in the exchange's zone."""

import re
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

FIRST_YEAR, LAST_YEAR = 2000, 2099

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_DATE: Final = (
    re.compile(r"(?P<day>\d{1,2})[- ](?P<name>[A-Za-z]{3})[- ](?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<day>\d{2})-(?P<month>\d{2})-(?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII),
)
_CLOCK: Final = re.compile(r"(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?", re.ASCII)
DATES_EXPECTED: Final = "expected a date such as 23-Jun-2026, 23-06-2026 or 2026-06-23"
MOMENT_EXPECTED: Final = "expected the exchange's own date and time, such as 19-Jun-2026 15:30:00"


@lru_cache(maxsize=4096)
def written_date(text: object) -> pd.Timestamp | None:
    """The naive date of '05-Aug-2025', '18-MAR-2021', '5 Aug 2025', '23-06-2026' or '2026-06-23'; else None."""
    if not isinstance(text, str):
        return None
    found = next((match for shape in _DATE if (match := shape.fullmatch(text.strip()))), None)
    if found is None:
        return None
    parts = found.groupdict()
    month = _MONTHS.get(parts["name"].lower()) if "name" in parts else int(parts["month"])
    year = int(parts["year"])
    if month is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return pd.Timestamp(year, month, int(parts["day"])).as_unit("ns")
    except ValueError:
        return None


def written_moment(text: object, zone: ZoneInfo) -> pd.Timestamp | None:
    """The aware moment of '19-Jun-2026 15:30:00', which the exchange writes in its own time; else None."""
    if not isinstance(text, str):
        return None
    day, _, clock = text.strip().rpartition(" ")
    date, time = written_date(day), _CLOCK.fullmatch(clock)
    if date is None or time is None:
        return None
    hour, minute, second = (int(time[part] or 0) for part in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        return None
    return (date + pd.Timedelta(hours=hour, minutes=minute, seconds=second)).tz_localize(zone)
