"""What a published document says of its age and health, whatever version of the schema it has."""

import json
from dataclasses import dataclass
from datetime import datetime

from aegismatrix_engine.document import check_json
from aegismatrix_engine.errors import DataError, InvalidDocument, OtherSchemaVersion
from aegismatrix_engine.files import stand_in


@dataclass(frozen=True)
class PublishedState:
    """What a published document says of its age and health.

    withdrawn: why its publisher took it back; empty where that was not done. generated_at, market_id: None where a
    document of another major version does not say. other_version: its schema_version where the major number is not this
    engine's, else empty.
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
        where: what it is called in messages.

    Raises:
        DataError: it is damaged: no document, one that breaks its contract, or one of another major version that says
            nothing of its age.
    """
    instead = stand_in(content)
    if instead is not None:
        raise DataError(f"{where} is damaged: it {instead}")
    try:
        document = check_json(content)
    except OtherSchemaVersion as error:
        state = _state(content, error.found)
        if state is None:
            raise DataError(
                f"{where} is damaged: no as_of, valid_until and health.status can be read; {error}"
            ) from error
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
    """What every version of the document has said so far; None where it cannot be read."""
    parsed = json.loads(content)
    try:
        as_of, valid_until, health = parsed["as_of"], parsed["valid_until"], parsed["health"]["status"]
        moments = [datetime.fromisoformat(text) for text in (as_of, valid_until)]
    except (KeyError, TypeError, ValueError):
        return None
    if any(moment.tzinfo is None for moment in moments):
        return None
    return PublishedState(as_of, valid_until, str(health), other_version=version)
