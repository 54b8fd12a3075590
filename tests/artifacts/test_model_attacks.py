"""A model file that wants more than to be numbers: refused before any of it runs, whatever its manifest says."""

import bz2
import contextlib
import gzip
import io
import lzma
import os
import pickle
import re
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import synthetic
from joblib.numpy_pickle import NumpyArrayWrapper
from set_folder import edited, file_of, manifest_of, pickled, report_of, vouch_for, write_manifest

from aegismatrix_engine.artifacts import plain_numbers
from aegismatrix_engine.artifacts.plain_numbers import ALLOWED_NAMES, read_plain_numbers
from aegismatrix_engine.artifacts.state import to_state
from aegismatrix_engine.errors import UntrustedModelFile
from aegismatrix_engine.forecasting.audit import audit
from aegismatrix_engine.forecasting.models import MODEL_NAMES

HIDDEN = "trap"


class Call:
    """Unpickled by a trusting reader, it calls what it was given."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


def named(module: str, name: str, argument: str) -> bytes:
    """A pickle that calls a function by its name with one text; nothing is imported to write it."""
    return f"c{module}\n{name}\n(V{argument}\ntR.".encode()


def touching(mark: Path) -> str:
    return f"open({str(mark)!r}, 'w').close()"


def nested_load(mark: Path) -> bytes:
    inner = mark.with_name("inner.joblib")
    inner.write_bytes(pickled(Call(os.system, f"touch '{mark}'")))
    return pickled(Call(joblib.load, str(inner)))


def array_of_objects(mark: Path) -> bytes:
    """joblib nests a stream in its own where an array holds objects, and reads it with another unpickler."""
    harmless = pickled(np.array([None]))
    _, nested = (found.start() for found in re.finditer(rb"\x80[\x02-\x05][\x95c]", harmless))
    return harmless[:nested] + pickle.dumps(Call(os.system, f"touch '{mark}'")) + b"."


PAYLOADS: dict[str, Callable[[Path], bytes]] = {
    "os.system": lambda mark: pickled(Call(os.system, f"touch '{mark}'")),
    "in a state": lambda mark: pickled({"forecaster": [Call(os.system, f"touch '{mark}'")]}),
    "builtins.eval": lambda mark: pickled(Call(eval, touching(mark))),
    "builtins.exec": lambda mark: pickled(Call(exec, touching(mark))),
    "a nested load": nested_load,
    "runstring": lambda mark: pickled(Call(np.testing._private.utils.runstring, touching(mark), {})),
    "objects in an array": array_of_objects,
    "a name of old pickles": lambda mark: named("__builtin__", "eval", touching(mark)),
    "an instance of old pickles": lambda mark: f"(V{touching(mark)}\nibuiltins\neval\n.".encode(),
}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_code_in_a_file_is_refused_and_does_not_run(models_dir: Path, tmp_path: Path, payload: str) -> None:
    mark = tmp_path / "ran"
    data = PAYLOADS[payload](mark)
    file_of(models_dir, HIDDEN).write_bytes(data)
    assert report_of(models_dir, HIDDEN).status == "corrupt"  # its manifest tells
    assert not mark.exists()
    vouch_for(models_dir, HIDDEN, data)
    report = audit(models_dir, "nifty50")
    assert report.reports[HIDDEN].status == "untrusted"
    assert HIDDEN not in report.models
    assert not mark.exists()
    assert report.unhealthy.keys() == {HIDDEN}
    with contextlib.suppress(Exception):
        joblib.load(io.BytesIO(data))
    assert mark.exists()  # a trusting reader runs it


def good_bytes() -> bytes:
    return pickled(to_state(synthetic.trained_whole()[0].trap))


COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "zlib": zlib.compress,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    "lz4": lambda data: b"\x04\x22\x4d\x18" + data,
    "zip": lambda data: b"PK\x03\x04" + data,
}


@pytest.mark.parametrize("packing", COMPRESSED)
def test_a_compressed_file_is_refused(models_dir: Path, packing: str) -> None:
    vouch_for(models_dir, HIDDEN, COMPRESSED[packing](good_bytes()))
    report = report_of(models_dir, HIDDEN)
    assert (report.status, "compressed" in report.reason) == ("untrusted", True)


def test_the_joblib_layout_of_the_good_file_is_what_is_read(models_dir: Path) -> None:
    vouch_for(models_dir, HIDDEN, good_bytes())
    assert report_of(models_dir, HIDDEN).status == "ok"


class Odd(np.ndarray):
    """An array that is none."""


def wrapped(**changed: Any) -> bytes:
    """An array of three numbers in joblib's layout, described otherwise than it is."""
    wrapper = NumpyArrayWrapper(np.ndarray, (3,), "C", np.dtype("<f8"), allow_mmap=True, numpy_array_alignment_bytes=16)
    wrapper.__dict__.update(changed)
    return pickle.dumps(wrapper, 4)[:-1] + b"\x01\xff" + struct.pack("<3d", 1.0, 2.0, 3.0) + b"."


def text(words: str) -> bytes:
    return b"\x8c" + bytes([len(words)]) + words.encode()


def name(module: str, word: str) -> bytes:
    return text(module) + text(word) + b"\x93"


ARRAY_NAME = name("numpy", "ndarray")
TYPE_NAME = name("numpy", "dtype")
WRAPPER_NAME = name("joblib.numpy_pickle", "NumpyArrayWrapper")

UNTRUSTED: dict[str, bytes] = {
    "objects": pickled(np.array([{}, 1.0], dtype=object)),
    "a structure": pickled(np.zeros(3, dtype=[("a", "<f8")])),
    "notes on the type": pickled(np.zeros(3, dtype=np.dtype("f8", metadata={"a": 1}))),
    "single precision": pickled(np.zeros(3, dtype=np.float32)),
    "integers": pickled(np.zeros(3, dtype=np.int64)),
    "the other byte order": pickled(np.zeros(3, dtype=">f8")),
    "text": pickled(np.array(["a", "b"])),
    "moments": pickled(np.zeros(3, dtype="M8[ns]")),
    "a subclass": pickled(np.zeros(3).view(Odd)),
    "a matrix": wrapped(subclass=np.matrix),
    "a map of memory": pickle.dumps(np.memmap, 4),
    "columns first": wrapped(order="F"),
    "another alignment": wrapped(numpy_array_alignment_bytes=64),
    "a field more": wrapped(extra=1),
    "2 GB": wrapped(shape=(2**28,)),
    "2 GB by another way": wrapped(shape=(2**14, 2**14)),
    "more than there is": wrapped(shape=(2**62, 2**62)),
    "less than nothing": wrapped(shape=(-3,)),
    "a side that is a truth": wrapped(shape=(True, 3)),
    "a side that is a fraction": wrapped(shape=(3.0,)),
    "no shape": wrapped(shape=None),
    "a list for a shape": wrapped(shape=[3]),
    "a thousand sides": wrapped(shape=(1,) * 1000),
    "an array by hand": pickle.dumps(np.zeros(3), 4),
    "an array called": b"\x80\x04" + ARRAY_NAME + b"K\x03\x85R.",
    "an array made": b"\x80\x04" + ARRAY_NAME + b"K\x03\x85\x81.",
    "a type made": b"\x80\x04" + TYPE_NAME + text("O8") + b"\x89\x88\x87\x81.",
    "a description called": b"\x80\x04" + WRAPPER_NAME + b")R.",
    "the state of a class": b"\x80\x04" + ARRAY_NAME + b"N}" + text("x") + b"K\x01s\x86b.",
    "the state of a dictionary": b"\x80\x04}" + b"N}" + text("x") + b"K\x01s\x86b.",
    "the state of a list": b"\x80\x04]}b.",
    "a persistent name": b"Ppid\n.",
    "a persistent thing": b"\x80\x04K\x01Q.",
    "an extension": b"\x80\x04\x82\x01.",
    "a far extension": b"\x80\x04\x84\x01\x00\x00\x00.",
    "a buffer out of band": b"\x80\x05\x97.",
    "2 GB of bytes": b"\x80\x05\x96" + struct.pack("<Q", 2**31) + b".",
    "bytes": pickle.dumps(b"abc", 4),
    "a set": pickle.dumps({1, 2}, 4),
    "a wide number": pickle.dumps(2**4000, 4),
    "a number for a key": pickle.dumps({3: 1.0}, 4),
    "an operation of a keyword": b"\x80\x04" + TYPE_NAME + b")}\x92.",
    "a function": pickle.dumps(print, 4),
    "a class of ours": pickle.dumps(synthetic.MarketHistory, 4),
    "a scalar of numpy": pickled({"low": np.float64(1.0)}),
}


@pytest.mark.parametrize("case", UNTRUSTED)
def test_a_file_that_is_more_than_numbers_is_untrusted(models_dir: Path, case: str) -> None:
    vouch_for(models_dir, HIDDEN, UNTRUSTED[case])
    started = time.perf_counter()
    assert report_of(models_dir, HIDDEN).status == "untrusted"
    assert time.perf_counter() - started < 5


def test_a_refused_file_leaves_nothing_behind() -> None:
    before = {kind: dict(vars(kind)) for kind in ALLOWED_NAMES.values()}
    for data in UNTRUSTED.values():
        with pytest.raises(UntrustedModelFile):
            read_plain_numbers(data)
    assert {kind: dict(vars(kind)) for kind in ALLOWED_NAMES.values()} == before


def doubling(levels: int) -> bytes:
    """A value that holds the one before twice, again and again: small as a file, endless when walked."""
    return (
        b"\x80\x04"
        + text("x")
        + b"\x94"
        + b"".join(b"h" + bytes([i]) + b"h" + bytes([i]) + b"\x86\x94" for i in range(levels))
    )


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (doubling(200) + b".", "schema-mismatch"),
        (b"\x80\x04}" + doubling(200)[2:] + b"K\x01s.", "untrusted"),
        (b"\x80\x04}(" + doubling(200)[2:] + b"K\x01u.", "corrupt"),
        (b"\x80\x04" + b"]" * 100_000 + b"a" * 99_999 + b".", "schema-mismatch"),
        (b"\x80\x04]\x94h\x00a.", "schema-mismatch"),
    ],
    ids=["doubled", "doubled as a key", "doubled among keys", "deep", "holds itself"],
)
def test_a_value_without_end_is_refused_at_once(models_dir: Path, data: bytes, status: str) -> None:
    vouch_for(models_dir, HIDDEN, data)
    started = time.perf_counter()
    found = report_of(models_dir, HIDDEN).status
    assert found in {status, "untrusted"}
    assert time.perf_counter() - started < 5


def test_a_list_of_names_beside_the_files_is_no_list(models_dir: Path) -> None:
    for place in (lambda m: m, lambda m: m["files"][HIDDEN], lambda m: m["training"]):
        good = manifest_of(models_dir)
        edited(models_dir, lambda m, place=place: place(m).update(allowed=["posix.system", "numpy.*"]))
        report = report_of(models_dir, HIDDEN)
        assert (report.status, "allowed" in report.reason) == ("corrupt", True)
        write_manifest(models_dir, good)


LEADING_OUT = [
    "../{}",
    "../../{}",
    "/{}",
    "{}/../{}",
    "a/{}",
    "..\\{}",
    "C:{}",
    "{}\0",
    "\0",
    "..",
    ".",
    "",
    "manifest.json",
]


@pytest.mark.parametrize("path", LEADING_OUT)
def test_a_path_that_leads_out_is_refused_though_its_file_is_good(models_dir: Path, path: str) -> None:
    good = file_of(models_dir, HIDDEN)
    (models_dir.parent / good.name).write_bytes(good.read_bytes())
    leads = path.replace("/{}", f"{models_dir.parent}/{{}}") if path.startswith("/") else path
    edited(models_dir, lambda m: m["files"][HIDDEN].update(file=leads.replace("{}", good.name)))
    report = audit(models_dir, "nifty50")
    assert {one.status for one in report.reports.values()} == {"untrusted"}
    assert not report.models


def test_links_and_devices_are_refused(models_dir: Path) -> None:
    path = file_of(models_dir, HIDDEN)
    elsewhere = models_dir.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert report_of(models_dir, HIDDEN).status == "untrusted"
    path.unlink()
    os.mkfifo(path)
    assert report_of(models_dir, HIDDEN).status == "untrusted"
    path.unlink()
    elsewhere.rename(path)
    assert report_of(models_dir, HIDDEN).status == "ok"
    manifest = models_dir / "manifest.json"
    manifest.rename(elsewhere)
    manifest.symlink_to(elsewhere)
    assert report_of(models_dir, HIDDEN).status == "untrusted"


def test_claims_of_2_gb_are_refused_without_reading(models_dir: Path) -> None:
    path = file_of(models_dir, HIDDEN)
    edited(models_dir, lambda m: m["files"][HIDDEN].update(size=2 * 2**30))
    assert report_of(models_dir, HIDDEN).status == "untrusted"
    os.truncate(path, 2 * 2**30)
    started = time.perf_counter()
    assert report_of(models_dir, HIDDEN).status == "untrusted"
    os.truncate(models_dir / "manifest.json", 2 * 2**30)
    assert report_of(models_dir, HIDDEN).status == "untrusted"
    assert time.perf_counter() - started < 2


def test_the_names_allowed_are_those_a_trained_set_uses(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[tuple[str, str]] = set()
    find_class = plain_numbers._Reader.find_class

    def noting(reader: Any, module: str, word: str) -> Any:
        asked.add((module, word))
        return find_class(reader, module, word)

    monkeypatch.setattr(plain_numbers._Reader, "find_class", noting)
    for model in MODEL_NAMES:
        read_plain_numbers(file_of(saved, model).read_bytes())
    assert asked == set(ALLOWED_NAMES)
