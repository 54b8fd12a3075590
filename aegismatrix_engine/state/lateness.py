"""When a published document is out of date, so that an issue is opened about it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

OUT_OF_DATE_AFTER: Final = timedelta(minutes=30)
"""How long after its own ``valid_until`` a document counts as out of date: what the scheduler's delays may cost.
The one such span: of the issue, of ``aegis check-published`` and of pages."""

OUT_OF_DATE_TITLE: Final = "The published document is out of date"
"""Title of the one issue about it."""


@dataclass(frozen=True)
class OutOfDate:
    """A published document that is out of date.

    Attributes:
        what: what is wrong with it, one line without an end.
        state: what must differ for another comment in the issue about it.
    """

    what: str
    state: str


def out_of_date(document: bytes, now: datetime) -> OutOfDate | None:
    """Whether a published document of any version is out of date at a moment.

    Args:
        document: its bytes.
        now: the moment, with a zone.

    Returns:
        What is wrong with it; None where it is in time. A document that cannot be read is out of date.
    """
    try:
        content: Any = json.loads(document)
        as_of, until = (datetime.fromisoformat(content[name]) for name in ("as_of", "valid_until"))
        withdrawn = content.get("health", {}).get("status") == "withdrawn"
        late = now - until
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return OutOfDate("cannot be read", "unreadable")
    if late <= OUT_OF_DATE_AFTER:
        return None
    ended, state = (
        ("withdrawn at", f"{as_of.isoformat()} withdrawn") if withdrawn else ("valid until", as_of.isoformat())
    )
    return OutOfDate(f"is as of {as_of.isoformat()} and was {ended} {until.isoformat()}, {span(late)} ago", state)


def span(length: timedelta) -> str:
    """A time span in days and hours, or hours and minutes."""
    minutes = int(length.total_seconds() // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"
