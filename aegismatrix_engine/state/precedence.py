"""Which of two documents is published, and which of two model sets.

Of documents the later ``as_of``, then the healthier, then the later ``generated_at``; of sets the one trained later.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, order=True)
class Standing:
    """What two documents are compared by, in this order; the greater one is published."""

    as_of: datetime
    healthy: bool
    generated_at: datetime


def standing(document: bytes) -> Standing | None:
    """The standing of a document of any version of the schema; None where the bytes do not tell it."""
    try:
        content: Any = json.loads(document)
        found = Standing(
            datetime.fromisoformat(content["as_of"]),
            content["health"]["status"] == "ok",
            datetime.fromisoformat(content["generated_at"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    # Moments without a zone cannot be compared with those that have one.
    return found if found.as_of.tzinfo is not None and found.generated_at.tzinfo is not None else None


def ours_wins(ours: bytes, theirs: bytes | None) -> bool:
    """Whether our document, a valid one, is the one to be published; one that stands there already is ours as well.

    What cannot be read as a document loses to one that can. Of two that compare equal the one published stays.
    """
    if theirs is None or ours == theirs:
        return True
    our_standing, their_standing = standing(ours), standing(theirs)
    if our_standing is None or their_standing is None:
        return their_standing is None
    return our_standing > their_standing


def trained_later(ours: bytes | None, theirs: bytes | None) -> bool | None:
    """Whether our model set was trained after theirs, by the manifests; None where one of them does not tell."""
    found = [None if manifest is None else _trained_at(manifest) for manifest in (ours, theirs)]
    return None if found[0] is None or found[1] is None else found[0] > found[1]


def _trained_at(manifest: bytes) -> datetime | None:
    try:
        moment = datetime.fromisoformat(json.loads(manifest)["training"]["trained_at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return moment if moment.tzinfo is not None else None
