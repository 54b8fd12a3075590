"""When a published document is out of date, so that somebody has to be told."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

OUT_OF_DATE_AFTER: Final = timedelta(minutes=30)
"""How long after its own ``valid_until`` a document may stand before it is called out of date: what the scheduler's
delays are allowed to cost. The one such span: of the issue, of ``aegis check-published`` and of pages."""

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
        What is wrong with it; None where it is in time. One that cannot be read helps no reader: it is out of date.
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
    spoken = (
        f"is as of {as_of.isoformat()} and was {'withdrawn at' if withdrawn else 'valid until'} {until.isoformat()}"
    )
    return OutOfDate(f"{spoken}, {span(late)} ago", as_of.isoformat() + (" withdrawn" if withdrawn else ""))


def span(length: timedelta) -> str:
    """A time span as a person says it."""
    minutes = int(length.total_seconds() // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"
