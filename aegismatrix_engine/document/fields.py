"""Every field of the document with its meaning, type and update frequency, read from the document's own models."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.meaning import ChangesWith, Kind, Meaning, UpdateFrequency

_MIDDLE_WORDS: Final = frozenset(
    ("AMBER", "BORDERLINE", "CAUTION", "CAUTIOUS", "CHOPPY", "MEDIUM", "NEUTRAL", "SPECULATIVE_ONLY", "USUAL")
)
"""Each label can be one of these, by which a reader decides nothing; words that name a kind or a state cannot."""

SATURATED = 0.01
"""A fraction this near to 0 or 1 may stay there: the tail of a breach curve, a percentile in a crash."""

SIGNAL_BLOCKS = ("market", "direction", "seller", "buyer", "forecast")


@dataclass(frozen=True)
class PublishedField:
    """A block or a value of the document.

    Attributes:
        path: dotted; ``[]`` is every item of a list, ``*`` every block of a set of equal ones.
        description: what it is, a template as in :mod:`aegismatrix_engine.document.schema.meaning`.
        meaning: what else is to be known of it.
        kind: the type in words, '' for a block.
        unit: unit of the number, '' without one.
        optional: whether it may be absent.
        updates: how often the number should move, taken from the block where the field names none; None where neither
            does.
        changes_with: what alone changes the number, taken from the block likewise; None where many things do.
        saturates: whether the number may stay near 0 or 1: any between these bounds, unless its meaning says otherwise.
    """

    path: str
    description: str
    meaning: Meaning
    kind: str
    unit: str
    optional: bool
    updates: UpdateFrequency | None
    changes_with: ChangesWith | None
    saturates: bool

    @property
    def block(self) -> str:
        """Path of its block, '' for the document itself."""
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Its name within that block."""
        return self.path.rpartition(".")[2]


@cache
def published_fields() -> dict[str, PublishedField]:
    """All blocks and values by path, in the document's order."""
    return {found.path: found for found in _walk(Document, "", _NO_BLOCK)}


def field_at(path: str) -> PublishedField | None:
    """The field at a path into one document, items of lists by their index; None where there is none."""
    every_item = re.sub(r"\.\d+\b", "[]", path)
    return published_fields().get(re.sub(r"^direction\.horizons\.\w+", "direction.horizons.*", every_item))


def signal_numbers(document: Document) -> Iterator[tuple[str, float]]:
    """Every number of the signal blocks with its dotted path; items of lists by their index."""
    for path, value in walk(document):
        if path.split(".")[0] in SIGNAL_BLOCKS and isinstance(value, int | float) and not isinstance(value, bool):
            yield path, float(value)


def middle_word(path: str) -> str | None:
    """The word that a label, at a path into one document, has once that is withdrawn; None for what keeps its value."""
    field = field_at(path)
    words = field.kind.removeprefix("one of ").split(", ") if field else ()
    return next((word for word in words if word in _MIDDLE_WORDS), None)


class _Change(NamedTuple):
    """How often a number should move, and what alone changes it."""

    updates: UpdateFrequency | None
    changes_with: ChangesWith | None

    def within(self, meaning: Meaning) -> "_Change":
        """That of a field in this block: its own where it names any."""
        named = meaning.updates is not None or meaning.changes_with is not None
        return _Change(meaning.updates or self.updates, meaning.changes_with if named else self.changes_with)


_NO_BLOCK: Final = _Change(None, None)


def _walk(model: type[BaseModel], lead: str, around: _Change) -> Iterator[PublishedField]:
    for name, info in model.model_fields.items():
        annotation, marks = _plain(info.annotation, info.metadata)
        items = _plain(get_args(annotation)[0], [])[0] if get_origin(annotation) is list else None
        path, held = (f"{lead}{name}[]", items) if _is_block(items) else (lead + name, annotation)
        if not _is_block(held):
            yield _field(path, info, _kind(held, marks), marks, around)
            continue
        alike = _one_kind(held)
        block = _field(f"{path}.*" if alike else path, info, "", marks, around)
        yield block
        yield from _walk(alike or held, f"{block.path}.", _Change(block.updates, block.changes_with))


def _field(path: str, info: FieldInfo, kind: str, marks: list[Any], around: _Change) -> PublishedField:
    meaning = info.json_schema_extra if isinstance(info.json_schema_extra, Meaning) else Meaning()
    unit = meaning.unit or next((mark.unit for mark in marks if isinstance(mark, Kind)), "")
    saturates = kind == "number from 0 to 1" if meaning.saturates is None else meaning.saturates
    change = around.within(meaning)
    return PublishedField(
        path, info.description or "", meaning, kind, unit, not info.is_required(), *change, saturates=saturates
    )


def _one_kind(model: type[BaseModel]) -> type[BaseModel] | None:
    """The model of every field, where a block is a set of several equal ones."""
    kinds: set[Any] = {info.annotation for info in model.model_fields.values()}
    alike = kinds.pop() if len(model.model_fields) > 1 and len(kinds) == 1 else None
    return alike if _is_block(alike) else None


def _plain(annotation: Any, marks: list[Any]) -> tuple[Any, list[Any]]:
    """The type without what makes it optional or constrained, and the constraints."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        marks = [*marks, *more, *(mark for part in more if isinstance(part, FieldInfo) for mark in part.metadata)]
    if get_origin(annotation) is tuple:
        marks = [*marks, *(mark for mark in _plain(get_args(annotation)[0], [])[1] if isinstance(mark, Kind))]
    return annotation, marks


def _is_block(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _kind(annotation: Any, marks: list[Any]) -> str:
    """The type in words a reader of the document needs."""
    origin = get_origin(annotation)
    if origin is Literal:
        words = [str(word) for word in get_args(annotation)]
        return f"always {words[0]}" if len(words) == 1 else f"one of {', '.join(words)}"
    if origin is not None:
        return "two numbers" if origin is tuple else "list of text"
    if annotation is str:
        formats = [mark.format for mark in marks if isinstance(mark, Kind)]
        return {"date": "date", "date-time": "timestamp"}[formats[0]] if formats else "text"
    if annotation is bool:
        return "true or false"
    return ("whole number" if annotation is int else "number") + _bounds(marks)


def _bounds(marks: list[Any]) -> str:
    low, high, above = (
        next((bound for mark in marks if (bound := getattr(mark, name, None)) is not None), None)
        for name in ("ge", "le", "gt")
    )
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if above is not None:
        return f" above {above:g}"
    return f" from {low:g} on" if low is not None else ""
