"""The policy of time: how far ahead of now an earlier run's output may be dated.

A clock that was wrong for a day leaves documents, rows and models dated later than now, to which every run would give
way until that day comes. So anything dated further ahead than two clocks differ is disregarded.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

DOCUMENT_AHEAD: Final = timedelta(minutes=5)
"""How far ahead of now a document, last values, stored bars or a row may be dated: what two clocks may differ by."""

SET_AHEAD: Final = timedelta(days=1)
"""The same of the training of a model set, which may name a day rather than a moment."""


def dated_ahead(now: datetime, moments: Mapping[str, datetime], allowed: timedelta = DOCUMENT_AHEAD) -> str | None:
    """Which of some moments is later than now by more than is allowed, in words; None where none is.

    Args:
        now: the time of the clock here, with a zone.
        moments: name of a field -> its value, with a zone.
        allowed: how far ahead of now a moment may lie.

    Returns:
        'as_of 2027-11-25T10:00:00+05:30 is later than now, 2026-11-26T10:00:00+05:30', of the first such moment.
    """
    for name, moment in moments.items():
        if moment > now + allowed:
            shown = now.astimezone(moment.tzinfo).replace(microsecond=0)
            return f"{name} {moment.isoformat()} is later than now, {shown.isoformat()}"
    return None
