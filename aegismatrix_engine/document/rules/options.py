"""Options: a chain of the document's moment, and numbers of options in no document without one."""

from pydantic import BaseModel

from aegismatrix_engine.document.rules.violation import Violation, Violations, moment, related, walk
from aegismatrix_engine.document.schema.document import Document


def options_violations(document: Document) -> Violations:
    """Rules of the block about the option chain, and of every number that comes from it."""
    options = document.options
    if options is None:
        yield from _without_chain(document)
        return
    yield from related("options.legs_used", options.legs_used, "<=", options.legs_read, "legs_read")
    as_of, made = moment(options.as_of), moment(document.generated_at)
    if as_of > made:
        yield Violation("options.as_of", f"must not be after generated_at {document.generated_at}, is {options.as_of}")
    age = round((moment(document.as_of) - as_of).total_seconds() / 60, 1)
    yield from related(
        "options.age_minutes", options.age_minutes, "==", age, "the minutes from options.as_of to as_of,"
    )


def _without_chain(document: Document) -> Violations:
    for path, value in walk(document):
        if isinstance(value, BaseModel) and getattr(value, "basis", None) == "options":
            yield Violation(f"{path}.basis", "options must not be there in a document without a chain, is there")
