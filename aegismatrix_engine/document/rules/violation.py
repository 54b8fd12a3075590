"""A broken rule and where it is broken, and walking the document to find it."""

import math
import operator
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

ROUNDING = 1.5e-4
"""How far a sum or difference of a few published fractions may be off by rounding."""

POINT_ROUNDING = 0.0151
"""How far a sum or difference of published levels and points may be off by rounding."""

_RELATIONS: Final[dict[str, tuple[Callable[[Any, Any], bool], str, str]]] = {
    "==": (operator.eq, "equal", "equal"),
    "<": (operator.lt, "be below", "be before"),
    "<=": (operator.le, "be at most", "not be after"),
    ">": (operator.gt, "be above", "be after"),
    ">=": (operator.ge, "be at least", "not be before"),
}
"""Relation -> how it is checked, and how it reads of numbers and of dates."""


class Violation(NamedTuple):
    """Dotted path of the field at fault, and the rule it breaks with the value found."""

    path: str
    rule: str


Violations = Iterator[Violation]


def related(path: str, found: Any, relation: str, bound: Any, name: str) -> Violations:
    """The violation of ``found relation bound``, where both are there and it does not hold; ``name`` is the bound's."""
    holds, of_numbers, of_dates = _RELATIONS[relation]
    if found is not None and bound is not None and not holds(found, bound):
        words = of_numbers if isinstance(found, int | float) else of_dates
        yield Violation(path, f"must {words} {name} {bound}, is {found}")


def near(path: str, found: float, expected: float, tolerance: float, name: str) -> Violations:
    """The violation of a number, called ``name``, that is off the expected one by more than a tolerance."""
    if off(found, expected, tolerance):
        yield Violation(path, f"{name} must be {round(expected, 4)}, is {round(found, 4)}")


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value of a document or its JSON with its dotted path, blocks before their fields, items by index from 0."""
    # A stack, not recursion: every rule of a document walks it, and nested generators hand each value up every level.
    ahead = [(path, value)]
    while ahead:
        at, found = ahead.pop()
        if at:
            yield at, found
        items: list[tuple[object, object]]
        if found is None or isinstance(found, str | float | int):
            continue
        if isinstance(found, dict):
            items = list(found.items())
        elif isinstance(found, list | tuple):
            items = list(enumerate(found))
        elif isinstance(found, BaseModel):
            items = [(name, getattr(found, name)) for name in type(found).model_fields]
        else:
            continue
        lead = f"{at}." if at else ""
        ahead += [(f"{lead}{name}", item) for name, item in reversed(items)]


def off(found: float, expected: float, tolerance: float) -> bool:
    """Whether two numbers differ by more than a tolerance, floating point noise forgiven."""
    return not math.isclose(found, expected, rel_tol=0.0, abs_tol=tolerance + 1e-9)


def moment(text: str) -> datetime:
    """The instant a document's timestamp names."""
    return datetime.fromisoformat(text)


def local_day(text: str) -> date:
    """The date of a document's timestamp, in the zone it is written in."""
    return moment(text).date()


def is_since(schema_version: str, version: str) -> bool:
    """Whether a document of a ``schema_version`` keeps what came with another version."""
    found, wanted = (tuple(map(int, text.split("."))) for text in (schema_version, version))
    return found >= wanted
