"""Whether a document keeps its contract: the rules between fields, and reading a published file back."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from aegismatrix_engine.document.rules.buyer import buyer_violations
from aegismatrix_engine.document.rules.direction import direction_violations
from aegismatrix_engine.document.rules.forecast import forecast_violations
from aegismatrix_engine.document.rules.heads import head_violations
from aegismatrix_engine.document.rules.health import finite_violations, health_violations
from aegismatrix_engine.document.rules.opening_gap import opening_gap_violations
from aegismatrix_engine.document.rules.options import options_violations
from aegismatrix_engine.document.rules.seller import seller_violations
from aegismatrix_engine.document.rules.time import time_violations
from aegismatrix_engine.document.rules.us_night import us_night_violations
from aegismatrix_engine.document.rules.violation import Violations, walk
from aegismatrix_engine.document.rules.withdrawn import withdrawn_violations
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION, Document
from aegismatrix_engine.errors import InvalidDocument, OtherSchemaVersion

_REMEDY = "make the document again with `aegis infer` and report it if this comes back"


def violations(document: Document) -> Violations:
    """Every broken rule of a document, part by part; non-finite numbers alone where there are any."""
    unusable = list(finite_violations(document))
    if unusable:
        yield from unusable
        return
    yield from time_violations(document)
    yield from us_night_violations(document)
    yield from direction_violations(document)
    yield from seller_violations(document)
    yield from buyer_violations(document)
    yield from head_violations(document)
    yield from forecast_violations(document)
    yield from health_violations(document)
    yield from opening_gap_violations(document)
    yield from options_violations(document)
    yield from withdrawn_violations(document)


def check_document(document: Document) -> None:
    """Accept a document that keeps every rule its types cannot state.

    Raises:
        InvalidDocument: one line naming the first field at fault and the rule it breaks.
    """
    for path, rule in violations(document):
        raise _refusal(path, rule)


def check_json(text: str | bytes) -> Document:
    """The document a published file holds.

    The text must be strict JSON in UTF-8 (no NaN or Infinity, no key twice in an object), must hold no null anywhere
    and no field unknown to this version, and must keep every rule of :func:`check_document`.

    Raises:
        InvalidDocument: one line naming the first fault and where it is.
        OtherSchemaVersion: the document has another major version; nothing else of it was checked.
    """
    try:
        content = text.encode() if isinstance(text, str) else text
        parsed = json.loads(content.decode(), object_pairs_hook=_distinct, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _refusal("(text)", f"must be strict JSON in UTF-8: {_one_line(error)}") from error
    _check_version(parsed)
    for path, value in (("(text)", parsed), *walk(parsed)):
        if value is None:
            raise _refusal(path, "must not be null")
    with refusals_named():
        document = Document.model_validate_json(content)
    check_document(document)
    return document


def _check_version(parsed: object) -> None:
    """Rules of one major version do not apply to a document of another."""
    found = parsed.get("schema_version") if isinstance(parsed, dict) else None
    version = re.fullmatch(r"([0-9]+)\.[0-9]+\.[0-9]+", found) if isinstance(found, str) else None
    if version is None or version[1] == SCHEMA_VERSION.split(".")[0]:
        return
    raise OtherSchemaVersion(
        f"document has schema_version {found}, this engine makes and checks {SCHEMA_VERSION}; make it again with "
        "`aegis run` or `aegis infer`, or use the engine that made it",
        version[0],
    )


@contextmanager
def refusals_named() -> Iterator[None]:
    """Build blocks inside this to have pydantic's refusal come out as one line naming the field.

    Raises:
        InvalidDocument: in place of ``pydantic.ValidationError``.
    """
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        path = ".".join(str(part) for part in first["loc"]) or "(whole)"
        found = "" if first["type"] == "missing" else f", is {repr(first['input'])[:60]} in {error.title}"
        raise _refusal(path, f"{first['msg'][0].lower()}{first['msg'][1:]}{found}") from error


def _refusal(path: str, rule: str) -> InvalidDocument:
    return InvalidDocument(_one_line(f"document breaks its contract at {path}: {rule}; {_REMEDY}"))


def _one_line(message: object) -> str:
    return " ".join(str(message).split())


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key {twice!r} occurs twice in one object")
    return content


def _no_constant(token: str) -> None:
    raise ValueError(f"{token} is not a JSON number")
