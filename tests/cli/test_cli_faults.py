"""Faults nobody foresaw, and interruptions: a code of ours, one line, and models and document as they were."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import CSV, EARLY, FORMER, MODULE, Ended, aegis, assert_refused, contents, environment, read_terminal

# Python runs a module of this name at its start: the fault lies in the environment, the code under test is as it is.
FAULT_DEEP_INSIDE = """
from aegismatrix_engine.volatility import realised_variance

def nobody_foresaw(*args, **kwargs):
    raise FloatingPointError("one line,\\nand another")

realised_variance.range_variance = nobody_foresaw
"""

INTERRUPTED_WHILE_SAVING = """
import os, signal

real, calls = os.fsync, []

def fsync(descriptor):
    calls.append(descriptor)
    if len(calls) == {call}:
        os.kill(os.getpid(), signal.SIGINT)
    real(descriptor)

os.fsync = fsync
"""


def site(place: Path, text: str) -> dict[str, str]:
    folder = place.parent / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(text)
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))}


@pytest.mark.parametrize("command", ["train", "infer"])
def test_what_nobody_foresaw_is_a_bug_told_in_one_line_and_at_length_with_verbose(place: Path, command: str) -> None:
    env = site(place, FAULT_DEEP_INSIDE)
    before = contents(place)
    ended = aegis(command, *CSV, at=place, env=env)
    assert_refused(ended, 70, "a bug, FloatingPointError: one line, and another; run again with --verbose")
    verbose = aegis(command, *CSV, "--verbose", at=place, env=env)
    assert verbose.code == 70
    assert verbose.out == b""
    assert "Traceback (most recent call last):" in verbose.err
    assert "in nobody_foresaw" in verbose.err
    assert verbose.err.endswith(ended.err)
    assert contents(place) == before


def test_an_error_of_ours_has_a_traceback_with_verbose_only(place: Path) -> None:
    (place / "data" / "spot_daily.csv").write_text("")
    plain = aegis("infer", *CSV, at=place)
    assert_refused(plain, 65, "spot_daily.csv is empty")
    verbose = aegis("infer", *CSV, "--verbose", at=place)
    assert (verbose.code, verbose.out) == (65, b"")
    assert "Traceback (most recent call last):" in verbose.err
    assert verbose.err.endswith(plain.err)


def interrupted_at_the_bar(place: Path) -> Ended:
    """``aegis train``, interrupted as soon as its bar shows that it is at work."""
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, *MODULE, "train", *CSV],
        cwd=place,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    while b"walking" not in shown:
        part = read_terminal(master)
        assert part, shown
        shown += part
    process.send_signal(signal.SIGINT)
    shown += b"".join(iter(lambda: read_terminal(master), b""))
    out, _ = process.communicate(timeout=60)
    os.close(master)
    return Ended(process.returncode, out, shown.decode())


@pytest.mark.slow
def test_an_interrupted_training_leaves_the_models_as_they_were(place: Path) -> None:
    before = contents(place)
    ended = interrupted_at_the_bar(place)
    assert ended.code == 130
    assert ended.out == b""
    assert "aegis: interrupted" in ended.err
    assert "Traceback" not in ended.err
    assert contents(place) == before


@pytest.mark.slow
@pytest.mark.parametrize("call", [3, 19], ids=["model files", "manifest"])
def test_an_interruption_while_saving_leaves_a_whole_set(place: Path, call: int) -> None:
    before = contents(place)
    env = site(place, INTERRUPTED_WHILE_SAVING.format(call=call))
    ended = aegis("train", *CSV, "--as-of", EARLY, at=place, env=env)
    assert (ended.code, ended.out, ended.err.strip()) == (130, b"", "aegis: interrupted")
    after = contents(place)
    assert {name: after.get(name) for name in before} == before
    assert not [name for name in after if name.endswith(".tmp")]


def test_an_interrupted_inference_leaves_the_document_as_it_was(place: Path) -> None:
    before = contents(place)
    ended = aegis("infer", *CSV, at=place, env=site(place, INTERRUPTED_WHILE_SAVING.format(call=1)))
    assert (ended.code, ended.out, ended.err.strip()) == (130, b"", "aegis: interrupted")
    assert contents(place) == before
    assert (place / "aegismatrix.json").read_bytes() == FORMER
