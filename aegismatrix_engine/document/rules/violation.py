"""A broken rule and where it is broken, and walking the document to find it."""

import math
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from pydantic import BaseModel

ROUNDING = 1.5e-4
"""How far a sum or difference of a few published fractions may be off by rounding."""

POINT_ROUNDING = 0.0151
"""How far a sum or difference of published levels and points may be off by rounding."""


class Violation(NamedTuple):
    """Dotted path of the field at fault, and the rule it breaks with the value found."""

    path: str
    rule: str


Violations = Iterator[Violation]


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value of a document with its dotted path, blocks before their fields; list items by index from 0."""
    if path:
        yield path, value
    lead = f"{path}." if path else ""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from walk(getattr(value, name), lead + name)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from walk(item, f"{lead}{index}")


def off(found: float, expected: float, tolerance: float) -> bool:
    """Whether two numbers differ by more than a tolerance, floating point noise forgiven."""
    return not math.isclose(found, expected, rel_tol=0.0, abs_tol=tolerance + 1e-9)


def moment(text: str) -> datetime:
    """The instant a document's timestamp names."""
    return datetime.fromisoformat(text)


def local_day(text: str) -> date:
    """The date of a document's timestamp, in the zone it is written in."""
    return moment(text).date()
