"""Every field of the document with its meaning and type, read from the document's own models."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.quantities import Day, Timestamp

_DAY, _TIMESTAMP = get_args(Day)[-1], get_args(Timestamp)[-1]


@dataclass(frozen=True)
class DocumentField:
    """A block or a value of the document.

    path: dotted; ``[]`` is every item of a list, ``*`` every block of a set of equal ones. meaning: the models' own
    description, in one line. kind: the type in words, '' for a block. optional: whether it may be absent.
    """

    path: str
    meaning: str
    kind: str
    optional: bool


@cache
def document_fields() -> dict[str, DocumentField]:
    """All blocks and values by path, in the document's order."""
    return {found.path: found for found in _walk(Document, "")}


def _walk(model: type[BaseModel], path: str) -> Iterator[DocumentField]:
    fields = model.model_fields
    kinds = {field.annotation for field in fields.values()}
    if len(fields) > 1 and len(kinds) == 1 and _block(whole := kinds.pop()):
        yield from _blocks(whole, f"{path}.*", optional=False)
        return
    for name, field in fields.items():
        at = f"{path}.{name}" if path else name
        annotation, marks = _plain(field.annotation, field.metadata)
        items = _plain(get_args(annotation)[0], [])[0] if get_origin(annotation) is list else None
        optional = not field.is_required()
        if _block(annotation):
            yield from _blocks(annotation, at, optional)
        elif _block(items):
            yield from _blocks(items, f"{at}[]", optional)
        else:
            yield DocumentField(at, _one_line(field.description), _kind(annotation, marks), optional)


def _blocks(model: Any, path: str, optional: bool) -> Iterator[DocumentField]:
    yield DocumentField(path, _one_line(inspect.getdoc(model)), "", optional)
    yield from _walk(model, path)


def _plain(annotation: Any, marks: list[Any]) -> tuple[Any, list[Any]]:
    """The type without what makes it optional or constrained, and the constraints."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        inner = [mark for part in more for mark in (part.metadata if isinstance(part, FieldInfo) else [part])]
        return annotation, [*marks, *inner]
    return annotation, marks


def _block(annotation: Any) -> bool:
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
        return "date" if _DAY in marks else "timestamp" if _TIMESTAMP in marks else "text"
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


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
