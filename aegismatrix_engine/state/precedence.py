"""Which of two documents is published, and which of two model sets.

Of documents the later ``as_of``, then the withdrawn one, then the healthier, then the later ``generated_at``. Of sets
the one that passes the audit here, then the one trained later. Whatever is dated later than now loses: see
`time_policy`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aegismatrix_engine.state.time_policy import SET_AHEAD, dated_ahead


@dataclass(frozen=True, order=True)
class Rank:
    """What two documents are compared by, in this order; the greater one is published."""

    as_of: datetime
    withdrawn: bool
    healthy: bool
    generated_at: datetime


def rank(document: bytes) -> Rank | None:
    """The rank of a document of any version of the schema; None where the bytes do not show it."""
    try:
        content: Any = json.loads(document)
        found = Rank(
            datetime.fromisoformat(content["as_of"]),
            content["health"]["status"] == "withdrawn",
            content["health"]["status"] == "ok",
            datetime.fromisoformat(content["generated_at"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    # Moments without a zone cannot be compared with those that have one.
    return found if found.as_of.tzinfo is not None and found.generated_at.tzinfo is not None else None


def document_dated_ahead(document: bytes, now: datetime) -> str | None:
    """In words, which moment of a document is later than ``now``; None where none is, or where it has no rank."""
    found = rank(document)
    return None if found is None else dated_ahead(now, {"as_of": found.as_of, "generated_at": found.generated_at})


def ours_wins(ours: bytes, theirs: bytes | None, now: datetime) -> bool:
    """Whether our valid document is the one to be published, or is published already.

    A document that cannot be read or is dated later than now loses to any other. Of two that compare equal the
    published one stays.
    """
    if theirs is None or ours == theirs:
        return True
    our_rank, their_rank = rank(ours), rank(theirs)
    if our_rank is None or their_rank is None or document_dated_ahead(theirs, now) is not None:
        return their_rank is None or our_rank is not None
    return our_rank > their_rank


def stays_withdrawn(ours: bytes, theirs: bytes | None) -> bool:
    """Whether the published document was withdrawn and therefore stays, ours being of the same moment."""
    our_rank, their_rank = rank(ours), None if theirs is None else rank(theirs)
    return bool(our_rank and their_rank and their_rank.withdrawn and our_rank.as_of == their_rank.as_of)


@dataclass(frozen=True)
class SetChoice:
    """Which of two model sets is published, and why.

    Attributes:
        ours: whether it is ours.
        why: why the published one stays, or was replaced although it claims to be newer; empty where ours is newer.
        dated_ahead: whether the published one was dated later than now.
    """

    ours: bool
    why: str = ""
    dated_ahead: bool = False


def set_choice(
    ours: bytes | None,
    theirs: bytes | None,
    now: datetime,
    faults: Callable[[], tuple[str, str]],
    *,
    with_document: bool,
) -> SetChoice:
    """Which of two model sets that differ is published.

    Args:
        ours: our manifest, None where our set has none.
        theirs: that of the published set, None where nothing is published.
        now: what the clock here says.
        faults: what the audit here finds in ours and in theirs, empty for a set that passes; called only where needed.
        with_document: whether our document is the one published, which decides where a manifest has no training time.
    """
    if theirs is None:
        return SetChoice(ours=True)
    our_moment, their_moment = (None if one is None else trained_at(one) for one in (ours, theirs))
    ahead = set_dated_ahead(theirs, now)
    if ahead is not None and ours is not None and our_moment is not None and set_dated_ahead(ours, now) is None:
        return SetChoice(ours=True, why=f"{ahead}; it was replaced", dated_ahead=True)
    our_fault, their_fault = faults()
    if our_fault and not their_fault:
        return SetChoice(ours=False, why=f"ours does not pass the audit: {our_fault}")
    if their_fault and not our_fault:
        return SetChoice(ours=True, why=f"it does not pass the audit here: {their_fault}; it was replaced")
    if our_moment is None or their_moment is None:
        return SetChoice(with_document, "" if with_document else "it goes with its document")
    if our_moment > their_moment:
        return SetChoice(ours=True)
    return SetChoice(ours=False, why=f"it was trained at {their_moment.isoformat()}, ours at {our_moment.isoformat()}")


def set_dated_ahead(manifest: bytes, now: datetime) -> str | None:
    """In words, that a set was trained later than ``now``; None where it was not, or where that is not known."""
    moment = trained_at(manifest)
    return None if moment is None else dated_ahead(now, {"trained_at": moment}, SET_AHEAD)


def trained_at(manifest: bytes) -> datetime | None:
    """When a set was trained; None where its manifest does not show it."""
    try:
        moment = datetime.fromisoformat(json.loads(manifest)["training"]["trained_at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return moment if moment.tzinfo is not None else None
