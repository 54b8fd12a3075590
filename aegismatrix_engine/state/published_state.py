"""Age and health of a published document, whatever version of the schema it has."""

import json
from dataclasses import dataclass
from datetime import datetime

from aegismatrix_engine.document import check_json
from aegismatrix_engine.errors import DataError, InvalidDocument, OtherSchemaVersion
from aegismatrix_engine.files import stand_in


@dataclass(frozen=True)
class PublishedState:
    """Age and health of a published document.

    Attributes:
        withdrawn: why its publisher took it back; empty where that was not done.
        generated_at, market_id: None of a document of another major version.
        other_version: its schema_version where the major number is not this engine's, else empty.
    """

    as_of: str
    valid_until: str
    health: str
    withdrawn: str = ""
    generated_at: str | None = None
    market_id: str | None = None
    other_version: str = ""


def published_state(content: bytes, where: str) -> PublishedState:
    """The state of a published document.

    Args:
        content: its bytes.
        where: its name in messages.

    Raises:
        DataError: it is damaged: no document, one that breaks its contract, or one of another major version without
            its dates.
    """
    instead = stand_in(content)
    if instead is not None:
        raise DataError(f"{where} is damaged: it {instead}")
    try:
        document = check_json(content)
    except OtherSchemaVersion as error:
        state = _state(content, error.found)
        if state is None:
            raise DataError(f"{where} is damaged: it needs as_of, valid_until and health.status; {error}") from error
        return state
    except InvalidDocument as error:
        raise DataError(f"{where} is damaged: {error}") from error
    return PublishedState(
        document.as_of,
        document.valid_until,
        document.health.status,
        document.health.withdrawn or "",
        document.generated_at,
        document.market_id,
    )


def _state(content: bytes, version: str) -> PublishedState | None:
    """The fields that every version of the document has had so far; None where one cannot be read."""
    parsed = json.loads(content)
    try:
        as_of, valid_until, health = parsed["as_of"], parsed["valid_until"], parsed["health"]["status"]
        moments = [datetime.fromisoformat(text) for text in (as_of, valid_until)]
    except (KeyError, TypeError, ValueError):
        return None
    if any(moment.tzinfo is None for moment in moments):
        return None
    return PublishedState(as_of, valid_until, str(health), other_version=version)
