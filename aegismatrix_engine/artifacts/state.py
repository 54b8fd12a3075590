"""Models as plain numbers: what is pickled is dictionaries of arrays, floats, integers and text, never a class of ours.

So a file can be read by an allow-list of two numpy names, an estimator of another library version can never come back
to life half broken, and renaming a class changes no file.
"""

import dataclasses
import typing
from typing import Any

import numpy as np

from aegismatrix_engine.errors import ModelsUnusable
from aegismatrix_engine.volatility.daily_series import FloatArray

State = dict[str, Any]
T = typing.TypeVar("T")


def to_state(model: Any) -> State:
    """A dataclass of arrays, numbers, text, tuples and further dataclasses as nested dictionaries and lists."""
    return {field.name: _plain(getattr(model, field.name)) for field in dataclasses.fields(model)}


def from_state(kind: type[T], state: Any, where: str) -> T:
    """The dataclass ``kind`` back from its state.

    Raises ModelsUnusable naming the field where the state has another shape than the class, or a float is NaN.
    """
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    if not isinstance(state, dict) or set(state) != set(names):
        raise ModelsUnusable(f"{where}: expected the fields {', '.join(names)}; run `aegis train`")
    return kind(**{name: _typed(hints[name], state[name], f"{where}.{name}") for name in names})


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return to_state(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return np.ascontiguousarray(value) if isinstance(value, np.ndarray) else value


def _typed(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if dataclasses.is_dataclass(hint):
        return from_state(typing.cast(type, hint), value, where)
    if origin is tuple and isinstance(value, list):
        return tuple(_typed(typing.get_args(hint)[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if hint == FloatArray and isinstance(value, np.ndarray) and value.dtype == np.float64:
        if np.isnan(value).any():
            raise ModelsUnusable(f"{where}: holds NaN; run `aegis train`")
        return value
    if type(value) is hint:
        if isinstance(value, float) and np.isnan(value):
            raise ModelsUnusable(f"{where}: is NaN; run `aegis train`")
        return value
    raise ModelsUnusable(f"{where}: is a {type(value).__name__}, expected {hint}; run `aegis train`")
