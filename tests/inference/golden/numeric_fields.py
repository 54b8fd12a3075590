"""The numeric fields of the document, found in its schema, and the numbers that stand there."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from aegismatrix_engine.document.schema.document import Document


def numeric_fields() -> dict[str, float]:
    """Dotted path of every field that can hold a number -> its smallest step; ``[]`` stands for a list's items."""
    return dict(_of_model(Document, ""))


def _of_model(model: type[BaseModel], at: str) -> Iterator[tuple[str, float]]:
    for name, field in model.model_fields.items():
        kind = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        yield from _of_kind(kind, f"{at}.{name}" if at else name)


def _of_kind(kind: Any, path: str) -> Iterator[tuple[str, float]]:
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if get_origin(bare) in (Union, UnionType):
        for one in get_args(bare):
            yield from _of_kind(one, path)
    elif get_origin(bare) in (list, tuple):
        # Both ends of an interval are of one kind.
        yield from _of_kind(get_args(bare)[0], f"{path}[]")
    elif isinstance(bare, type) and issubclass(bare, BaseModel):
        yield from _of_model(bare, path)
    elif bare in (int, float):
        yield path, 1.0 if bare is int else _step(kind)
    else:
        assert bare in (str, bool, type(None)) or get_origin(bare) is Literal, f"{path}: a kind of field unheard of"


def _step(kind: Any) -> float:
    """The unit that a type rounds to; 0 where it rounds to none."""
    rounded = TypeAdapter(kind).validate_python(0.123456789)
    return 0.0 if rounded == 0.123456789 else 10.0 ** -len(repr(rounded).removeprefix("0."))


def numbers(content: Any, at: str = "") -> dict[str, list[float]]:
    """Every number of a document, or of a part of one, in order by path; None and text are left out."""
    found: dict[str, list[float]] = defaultdict(list)
    _collect(content, at, found)
    return dict(found)


def _collect(content: Any, at: str, found: dict[str, list[float]]) -> None:
    if isinstance(content, Mapping):
        for name, value in content.items():
            _collect(value, f"{at}.{name}" if at else name, found)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for value in content:
            _collect(value, f"{at}[]", found)
    elif content is not None and not isinstance(content, str | bool):
        found[at].append(float(content))
