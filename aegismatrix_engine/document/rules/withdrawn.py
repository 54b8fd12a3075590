"""Withdrawn: a document that says so says why, decides nothing and is good for nothing."""

from aegismatrix_engine.document.middle_words import middle_word
from aegismatrix_engine.document.rules.violation import Violation, Violations, moment, walk
from aegismatrix_engine.document.schema.document import Document


def is_withdrawn(document: Document) -> bool:
    """Whether three rules are waived: the regime's, that of ``next_due``, and what ``health.status`` says of lists."""
    return document.health.status == "withdrawn"


def withdrawn_violations(document: Document) -> Violations:
    """The reason stands exactly in withdrawn documents; they are no live ones, over, and at their middle words."""
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
        if word is not None and value != word:
            yield Violation(path, f"must be the middle word {word} in a withdrawn document, is {value}")
