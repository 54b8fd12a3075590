"""Reading a model file as what it may be: dictionaries of float64 arrays, numbers and text.

joblib's layout is a pickle stream with raw array bytes between its parts. A pickle runs whatever callable it names. So
the three names a file of ours holds are answered with stand-ins of this module, which do nothing but check what they
are given; every other name is refused before it is looked up. No constructor of numpy or joblib ever sees the file, and
an array is made here, from bytes that are known to be there. Of the operations of a pickle those that a file of ours
uses are carried out, each on the one kind of object it is for: a name that is allowed can be neither called nor changed
in a way of the file's own.

A list kept beside the file, or one of prefixes such as ``numpy.*``, could be bent to the attacker's will; this one is
code, and exact.
"""

import io
import math
import pickle
import warnings
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler

from aegismatrix_engine.errors import UntrustedModelFile

COMPRESSED_STARTS: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x5d\x00", b"\x04\x22\x4d\x18", b"PK\x03\x04", b"\x78")
ALIGNMENT = 16
LONGEST_SHAPE, LONGEST_SIDE = 4, 2**31


class _ArrayName:
    """Stands for ``numpy.ndarray``: a name that an array's description may mention, nothing that can be called."""


class _Float64:
    """Stands for ``numpy.dtype``: the one type of our arrays, in little-endian order, or a refusal."""

    def __init__(self, *description: Any) -> None:
        if description != ("f8", False, True):
            raise UntrustedModelFile("holds an array of another type than float64")

    def __setstate__(self, state: Any) -> None:
        if state != (3, "<", None, None, None, -1, -1, 0):
            raise UntrustedModelFile("holds an array of another type than little-endian float64")


class _StoredArray(NumpyArrayWrapper):  # type: ignore[misc]
    """Stands for joblib's description of an array: checked to the letter, then read from the bytes that follow it."""

    def __init__(self) -> None:
        """The state comes from the file."""

    def __setstate__(self, state: Any) -> None:
        shape = state.get("shape") if isinstance(state, dict) else None
        expected = {
            "subclass": _ArrayName,
            "shape": shape,
            "order": "C",
            "allow_mmap": True,
            "numpy_array_alignment_bytes": ALIGNMENT,
        }
        if not isinstance(state, dict) or not isinstance(state.pop("dtype", None), _Float64) or state != expected:
            raise UntrustedModelFile("describes an array in a way no model file does")
        if type(shape) is not tuple or len(shape) > LONGEST_SHAPE:
            raise UntrustedModelFile("describes an array of an impossible shape")
        if not all(type(side) is int and 0 <= side < LONGEST_SIDE for side in shape):
            raise UntrustedModelFile("describes an array of an impossible size")
        self.sides: tuple[int, ...] = shape

    def read(self, unpickler: Any, ensure_native_byte_order: bool) -> Any:
        """The array: a padding byte, padding, and exactly as many float64 as the shape asks for."""
        handle: io.BytesIO = unpickler.file_handle
        handle.read(int.from_bytes(handle.read(1), "little"))
        size = 8 * math.prod(self.sides)
        if size > len(handle.getbuffer()) - handle.tell():
            raise UntrustedModelFile("describes a larger array than it holds")
        array: Any = np.frombuffer(handle.read(size), dtype="<f8").reshape(self.sides).astype(np.float64)
        return array


ALLOWED_NAMES: Final[dict[tuple[str, str], type]] = {
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): _StoredArray,
    ("numpy", "ndarray"): _ArrayName,
    ("numpy", "dtype"): _Float64,
}


OPERATIONS: Final = frozenset(
    pickle.PROTO + pickle.FRAME + pickle.STOP + pickle.MARK + pickle.MEMOIZE + pickle.BINGET + pickle.LONG_BINGET
    + pickle.NONE + pickle.NEWTRUE + pickle.NEWFALSE + pickle.BININT + pickle.BININT1 + pickle.BININT2 + pickle.BINFLOAT
    + pickle.SHORT_BINUNICODE + pickle.BINUNICODE + pickle.EMPTY_LIST + pickle.APPEND + pickle.APPENDS
    + pickle.EMPTY_DICT + pickle.SETITEM + pickle.SETITEMS + pickle.EMPTY_TUPLE + pickle.TUPLE + pickle.TUPLE1
    + pickle.TUPLE2 + pickle.TUPLE3 + pickle.STACK_GLOBAL + pickle.NEWOBJ + pickle.REDUCE + pickle.BUILD
)  # fmt: skip


class _Operations(dict[int, Callable[["_Reader"], None]]):
    """What the reader does for each operation; one that a pickle may hold and a model file does not is refused."""

    def __missing__(self, code: int) -> Callable[["_Reader"], None]:
        name = NumpyUnpickler.dispatch[code].__name__.removeprefix("load_")
        raise UntrustedModelFile(f"uses the operation {name}, which no model file needs")


class _Reader(NumpyUnpickler):  # type: ignore[misc]
    """joblib's reader with stand-ins for the names of ALLOWED_NAMES and no others."""

    dispatch = _Operations({code: NumpyUnpickler.dispatch[code] for code in OPERATIONS})

    def load_reduce(self) -> None:
        """Call the stand-in for a type, nothing else."""
        if self.stack[-2] is not _Float64:
            raise UntrustedModelFile("calls something other than an array's type, which no model file needs")
        super().load_reduce()

    def load_newobj(self) -> None:
        """Make a description of an array, nothing else."""
        if self.stack[-2] is not _StoredArray:
            raise UntrustedModelFile("creates something other than an array, which no model file needs")
        super().load_newobj()

    def load_build(self) -> None:
        """Complete a description; the state of anything else, a class for one, would outlive this reading."""
        if type(self.stack[-2]) not in (_Float64, _StoredArray):
            raise UntrustedModelFile("sets the state of something other than an array, which no model file needs")
        super().load_build()

    def load_setitem(self) -> None:
        """Put one item into a dictionary, its key a text."""
        _refuse_keys(self.stack[-2:-1])
        super().load_setitem()

    def load_setitems(self) -> None:
        """Put items into a dictionary, their keys texts."""
        _refuse_keys(self.stack[::2])
        super().load_setitems()

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.NEWOBJ[0]] = load_newobj
    dispatch[pickle.BUILD[0]] = load_build
    dispatch[pickle.SETITEM[0]] = load_setitem
    dispatch[pickle.SETITEMS[0]] = load_setitems

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED_NAMES:
            raise UntrustedModelFile(f"names {module}.{name}, which no model file needs")
        return ALLOWED_NAMES[module, name]


def _refuse_keys(keys: list[Any]) -> None:
    # To hash a tuple of tuples that share their parts takes time without end.
    if not all(type(key) is str for key in keys):
        raise UntrustedModelFile("has a key that is not text")


def read_plain_numbers(data: bytes) -> Any:
    """What the bytes of a model file hold.

    Raises:
        UntrustedModelFile: there is something that a file of ours never contains.
        ValueError: the file is damaged.
    """
    if data.startswith(COMPRESSED_STARTS):
        raise UntrustedModelFile("is compressed, which no model file is")
    handle = io.BytesIO(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            content = _Reader("", handle, ensure_native_byte_order=True).load()
    except UntrustedModelFile:
        raise
    except (Exception, MemoryError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if handle.read(1):
        raise ValueError("there are bytes after its end")
    return content
