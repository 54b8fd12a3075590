"""Withdrawn: a document with that status has the reason, middle words alone, and is no longer valid."""

from aegismatrix_engine.document.fields import middle_word
from aegismatrix_engine.document.rules.violation import Violation, Violations, moment, walk
from aegismatrix_engine.document.schema.document import Document


def is_withdrawn(document: Document) -> bool:
    """Whether the rules of the regime, of ``next_due`` and of ``health.status`` beside its lists do not apply."""
    return document.health.status == "withdrawn"


def withdrawn_violations(document: Document) -> Violations:
    """Only a withdrawn document has a reason for it; it is a replay, no longer valid, and at its middle words."""
    withdrawn, reason = is_withdrawn(document), document.health.withdrawn
    if withdrawn != (reason is not None):
        state = "absent" if reason is None else "there"
        yield Violation("health.withdrawn", f"must be there exactly where status is withdrawn, is {state}")
    if not withdrawn:
        return
    if document.provenance.mode == "live":
        yield Violation("provenance.mode", "must be replay in a withdrawn document, is live")
    if moment(document.valid_until) > moment(document.generated_at):
        rule = f"of a withdrawn document must not be after generated_at {document.generated_at}"
        yield Violation("valid_until", f"{rule}, is {document.valid_until}")
    for path, value in walk(document):
        word = middle_word(path)
        if word is not None and value not in (word, None):
            yield Violation(path, f"must be the middle word {word} in a withdrawn document, is {value}")
