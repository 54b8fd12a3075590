"""A withdrawn document: the same numbers, every label at its middle word, the reason, and valid no longer."""

import json
from datetime import datetime
from typing import Any

from aegismatrix_engine.document.fields import middle_word
from aegismatrix_engine.document.rules.violation import moment
from aegismatrix_engine.document.schema.block import timestamp
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.validate import check_document

REASONED = ("seller.seller_flag.reasons", "buyer.buyer_environment.reasons")
"""Lists of reasons that readers show beside a label; in a withdrawn document they hold its reason alone."""


def withdrawn(document: Document, reason: str, now: datetime) -> Document:
    """The document as it is published to take it back.

    Args:
        document: the one that is published.
        reason: why, one line.
        now: when, with a zone; later than the document's ``as_of``, to the second.

    Raises:
        InvalidDocument: ``now`` is not later than ``as_of``.
    """
    content: dict[str, Any] = document.model_dump(mode="json", exclude_none=True)
    at = timestamp(now.astimezone(moment(document.as_of).tzinfo).replace(microsecond=0))
    content |= {"generated_at": at, "valid_until": at}
    content["health"] |= {"status": "withdrawn", "withdrawn": reason}
    content["provenance"]["mode"] = "replay"
    taken_back = Document.model_validate_json(json.dumps(_at_middle_words(content, "", f"withdrawn: {reason}")))
    check_document(taken_back)
    return taken_back


def _at_middle_words(value: Any, path: str, reason: str) -> Any:
    lead = f"{path}." if path else ""
    if path in REASONED:
        return [reason]
    if isinstance(value, dict):
        return {name: _at_middle_words(item, f"{lead}{name}", reason) for name, item in value.items()}
    if isinstance(value, list):
        return [_at_middle_words(item, f"{lead}{index}", reason) for index, item in enumerate(value)]
    return middle_word(path) or value
