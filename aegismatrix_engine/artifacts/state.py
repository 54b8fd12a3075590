"""Models as plain numbers: what is pickled is dictionaries of arrays, floats, integers and text, never a class of ours.

So a file can be read by an allow-list of two numpy names, an estimator of another library version can never come back
to life half broken, and renaming a class changes no file.

A pickle may name one part many times, at a few bytes each, so that a small file unfolds without end. Turning a state
into a model therefore has a budget: a few times the bytes of the file it came from.
"""

import dataclasses
import math
import typing
from types import UnionType
from typing import Any, Final

import numpy as np

from aegismatrix_engine.errors import ModelsUnusable, UntrustedModelFile
from aegismatrix_engine.typing import LENGTH, FloatArray

State = dict[str, Any]
T = typing.TypeVar("T")

SIZES_ALLOWED: Final = 4
"""How many times its file's bytes a model may unfold to; one of ours, which shares nothing, unfolds to about one."""

ITEM_BYTES: Final = 32
"""What a number, a text or a part counts as: about what it takes in a file, with its name."""

SMALLEST_BUDGET: Final = 2**16
"""Bytes that any file may unfold to: the names of a small model weigh more than its numbers."""


class _Budget:
    """Bytes that a state may still unfold to."""

    def __init__(self, file_size: float) -> None:
        self.left = max(SIZES_ALLOWED * file_size, SMALLEST_BUDGET)

    def spend(self, size: int, where: str) -> None:
        """Count ``size`` bytes of the part ``where``; raises UntrustedModelFile where they are not left."""
        self.left -= size
        if self.left < 0:
            raise UntrustedModelFile(
                f"unfolds to more than {SIZES_ALLOWED} times its size (at {where}), it names the same parts many times"
            )


def to_state(model: Any) -> State:
    """A dataclass of arrays, numbers, text, tuples and further dataclasses as nested dictionaries and lists.

    A part that may be None, and is, is left out: a model without it has the file that it had before there was such a
    part.
    """
    values = {field.name: getattr(model, field.name) for field in dataclasses.fields(model)}
    return {name: _plain(value) for name, value in values.items() if value is not None}


def from_state(kind: type[T], state: Any, where: str, file_size: float = math.inf) -> T:
    """The dataclass ``kind`` back from what ``to_state`` made of it, or from what a file holds instead.

    Args:
        kind: a dataclass of arrays, numbers, text, tuples and further dataclasses.
        state: as read.
        where: the name of the model, for errors.
        file_size: bytes of the file the state was read from, which limit how far it may unfold.

    Raises:
        ModelsUnusable: the state has another shape than the class, or a float is NaN; names the field.
        UntrustedModelFile: it unfolds to more than a few times ``file_size``.
    """
    return _dataclass(kind, state, where, _Budget(file_size))


def _dataclass(kind: type[T], state: Any, where: str, budget: _Budget) -> T:
    hints = typing.get_type_hints(kind)
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    names = [field.name for field in fields]
    needed = {field.name for field in fields if field.default is not None}
    if not isinstance(state, dict) or not needed <= set(state) <= set(names):
        raise ModelsUnusable(f"{where}: expected the fields {', '.join(names)}; run `aegis train`")
    found = {}
    for field in fields:
        if field.name not in state:
            continue
        place, value = f"{where}.{field.name}", state[field.name]
        budget.spend(_size(value), place)
        length = field.metadata.get(LENGTH)
        if isinstance(value, list) and length not in (None, len(value)):
            raise ModelsUnusable(f"{place}: has {len(value)} items, expected {length}; run `aegis train`")
        found[field.name] = _typed(hints[field.name], value, place, budget)
    return kind(**found)


def _size(value: Any) -> int:
    """Bytes that a part counts as, what it holds by its number only."""
    if isinstance(value, np.ndarray):
        return ITEM_BYTES + value.nbytes
    if isinstance(value, list | dict):
        return ITEM_BYTES * (1 + len(value))
    return ITEM_BYTES + (len(value) if isinstance(value, str) else 0)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return to_state(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return np.ascontiguousarray(value) if isinstance(value, np.ndarray) else value


def _typed(hint: Any, value: Any, where: str, budget: _Budget) -> Any:
    origin = typing.get_origin(hint)
    if origin is UnionType:  # of a part that may be left out
        hint = typing.get_args(hint)[0]
    if dataclasses.is_dataclass(hint):
        return _dataclass(typing.cast(type, hint), value, where, budget)
    if origin is tuple and isinstance(value, list):
        kind, items = typing.get_args(hint)[0], []
        for i, item in enumerate(value):
            place = f"{where}[{i}]"
            budget.spend(_size(item), place)
            items.append(_typed(kind, item, place, budget))
        return tuple(items)
    if hint == FloatArray and isinstance(value, np.ndarray) and value.dtype == np.float64:
        if np.isnan(value).any():
            raise ModelsUnusable(f"{where}: holds NaN; run `aegis train`")
        return value
    if type(value) is hint:
        if isinstance(value, float) and np.isnan(value):
            raise ModelsUnusable(f"{where}: is NaN; run `aegis train`")
        return value
    raise ModelsUnusable(f"{where}: is a {type(value).__name__}, expected {hint}; run `aegis train`")
