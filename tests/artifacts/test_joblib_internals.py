"""What is used of joblib that it promises to nobody, by name: a release that changes it shows here first."""

import inspect
import io
import pickle
import tomllib
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyPickler, NumpyUnpickler
from packaging.requirements import Requirement

from aegismatrix_engine.artifacts.plain_numbers import ALIGNMENT, OPERATIONS


def test_the_version_here_is_one_that_the_project_takes_and_the_next_minor_one_is_not() -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    (joblib_of_ours,) = (one for one in map(Requirement, project["project"]["dependencies"]) if one.name == "joblib")
    assert version("joblib") in joblib_of_ours.specifier
    major, minor, *_ = (int(part) for part in version("joblib").split("."))
    assert f"{major}.{minor + 1}.0" not in joblib_of_ours.specifier


def test_the_reader_is_made_and_asked_as_we_do() -> None:
    parameters = list(inspect.signature(NumpyUnpickler.__init__).parameters)
    assert parameters[:4] == ["self", "filename", "file_handle", "ensure_native_byte_order"]
    reader = NumpyUnpickler("", io.BytesIO(pickle.dumps({"a": 1.0}, 4)), ensure_native_byte_order=True)
    assert isinstance(reader.file_handle, io.BytesIO)
    assert isinstance(reader, pickle._Unpickler), "written in Python, with a table of operations that we replace"
    assert reader.load() == {"a": 1.0}


def test_every_operation_that_we_let_pass_is_in_the_table_of_the_reader() -> None:
    assert set(OPERATIONS) <= set(NumpyUnpickler.dispatch)
    assert all(one.__name__.startswith("load_") for one in NumpyUnpickler.dispatch.values())
    for name in ("load_reduce", "load_newobj", "load_build", "load_setitem", "load_setitems", "find_class"):
        assert callable(getattr(NumpyUnpickler, name))


def test_a_completed_description_is_replaced_by_what_its_read_returns() -> None:
    asked = []

    class Reader(NumpyUnpickler):
        def find_class(self, module: str, name: str) -> object:
            return Description if name == "NumpyArrayWrapper" else super().find_class(module, name)

    class Description(NumpyArrayWrapper):
        def read(self, unpickler: object, ensure_native_byte_order: bool) -> str:
            asked.append((unpickler, ensure_native_byte_order))
            return "read"

    described = pickle.dumps(NumpyPickler(io.BytesIO())._create_array_wrapper(np.zeros(3)), 4)
    reader = Reader("", io.BytesIO(described), ensure_native_byte_order=True)
    assert reader.load() == "read"
    assert asked == [(reader, True)]


def test_an_array_is_described_as_we_expect_it() -> None:
    buffer = io.BytesIO()
    described = vars(NumpyPickler(buffer)._create_array_wrapper(np.zeros((2, 3))))
    assert described == {
        "subclass": np.ndarray,
        "shape": (2, 3),
        "order": "C",
        "dtype": np.dtype("<f8"),
        "allow_mmap": True,
        "numpy_array_alignment_bytes": ALIGNMENT,
    }


def test_the_bytes_of_an_array_follow_its_description_behind_a_padding_that_tells_its_length() -> None:
    numbers = np.arange(3.0)
    buffer = io.BytesIO()
    joblib.dump(numbers, buffer)
    data = buffer.getvalue()
    end = len(data) - 1
    assert data[end:] == pickle.STOP
    start = end - numbers.nbytes
    assert data[start:end] == numbers.astype("<f8").tobytes()
    assert start % ALIGNMENT == 0
    padding = data[:start].rstrip(b"\xff")
    assert start - len(padding) == padding[-1]


def test_what_is_written_in_memory_is_not_compressed() -> None:
    buffer = io.BytesIO()
    joblib.dump({"a": np.zeros(1000)}, buffer)
    assert buffer.getvalue().startswith(pickle.PROTO)
