"""A job that is terminated, and one that gets too little memory: a code of its own, one line, nothing half done."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import CSV, EARLY, FORMER, MODULE, Ended, aegis, assert_refused, contents, environment
from test_cli_faults import site

from aegismatrix_engine.document import check_json

TERMINATED_WHILE_SAVING = """
import os, signal

real, calls = os.fsync, []

def fsync(descriptor):
    calls.append(descriptor)
    if len(calls) == {call}:
        os.kill(os.getpid(), signal.SIGTERM)
    real(descriptor)

os.fsync = fsync
"""

# pydantic makes an error of its own of whatever is raised while it builds a model.
TERMINATED_IN_A_LIBRARY = """
import os, signal
from aegismatrix_engine.volatility import realised_variance

def range_variance(*args, **kwargs):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(1000))
    except BaseException as error:
        raise ValueError(f"{type(error).__name__}: ") from None

realised_variance.range_variance = range_variance
"""

# Python swallows what is raised in a finaliser, and says so on standard error.
TERMINATED_IN_A_FINALISER = """
import os, signal
from aegismatrix_engine.volatility import realised_variance

class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(1000))

real = realised_variance.range_variance

def range_variance(*args, **kwargs):
    Dying()
    return real(*args, **kwargs)

realised_variance.range_variance = range_variance
"""

OUT_OF_MEMORY_DEEP_INSIDE = """
import numpy
from aegismatrix_engine.volatility import realised_variance

def more_than_there_is(*args, **kwargs):
    return numpy.ones(2**50)

realised_variance.range_variance = more_than_there_is
"""

OUT_OF_MEMORY = "out of memory; end other processes, or give this one more"
TERMINATED = (143, b"", "aegis: terminated")
MEGABYTE = 2**20


def temporary_files(place: Path) -> list[Path]:
    return list(place.rglob("*.tmp"))


@pytest.mark.slow
@pytest.mark.parametrize("call", [3, 19], ids=["model files", "manifest"])
def test_a_training_terminated_while_saving_leaves_a_whole_set(place: Path, call: int) -> None:
    before = contents(place)
    env = site(place, TERMINATED_WHILE_SAVING.format(call=call))
    ended = aegis("train", *CSV, "--as-of", EARLY, at=place, env=env)
    assert (ended.code, ended.out, ended.err.strip()) == TERMINATED
    after = contents(place)
    assert {name: after.get(name) for name in before} == before
    assert temporary_files(place) == []


def test_a_terminated_inference_leaves_the_document_as_it_was(place: Path) -> None:
    before = contents(place)
    ended = aegis("infer", *CSV, at=place, env=site(place, TERMINATED_WHILE_SAVING.format(call=1)))
    assert (ended.code, ended.out, ended.err.strip()) == TERMINATED
    assert contents(place) == before
    assert (place / "aegismatrix.json").read_bytes() == FORMER


def test_a_signal_that_python_swallows_ends_the_command_all_the_same(place: Path) -> None:
    before = contents(place)
    ended = aegis("infer", *CSV, at=place, env=site(place, TERMINATED_IN_A_FINALISER))
    assert (ended.code, ended.out, ended.err.strip()) == TERMINATED
    assert contents(place) == before


def test_a_signal_that_a_library_makes_an_error_of_its_own_is_no_bug(place: Path) -> None:
    before = contents(place)
    ended = aegis("infer", *CSV, at=place, env=site(place, TERMINATED_IN_A_LIBRARY))
    assert (ended.code, ended.out, ended.err.strip()) == TERMINATED
    assert contents(place) == before


def terminated_after(place: Path, seconds: float) -> Ended:
    process = subprocess.Popen(
        [sys.executable, *MODULE, "infer", *CSV, "--quiet"],
        cwd=place,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    return Ended(process.returncode, out, err.decode())


@pytest.mark.slow
def test_an_inference_terminated_at_random_moments_leaves_the_old_document_or_the_new_one(place: Path) -> None:
    begun = time.monotonic()
    assert aegis("infer", *CSV, at=place).code in (0, 10)
    seconds = time.monotonic() - begun
    draws, codes = random.Random("terminated"), []
    for _ in range(20):
        ended = terminated_after(place, seconds * draws.uniform(0.0, 1.0))
        codes.append(ended.code)
        # Before a command has begun there is nobody to say a word: the signal itself ends the process.
        assert (ended.code, ended.err) in {(143, "aegis: terminated\n"), (0, ""), (10, ""), (-signal.SIGTERM, "")}
        check_json((place / "aegismatrix.json").read_bytes())
        assert temporary_files(place) == []
    assert codes.count(143) >= 5, codes


@pytest.mark.parametrize("command", ["train", "infer"])
def test_memory_that_is_not_to_be_had_is_no_bug(place: Path, command: str) -> None:
    before = contents(place)
    ended = aegis(command, *CSV, at=place, env=site(place, OUT_OF_MEMORY_DEEP_INSIDE))
    assert_refused(ended, 71, OUT_OF_MEMORY)
    assert contents(place) == before


@pytest.mark.parametrize("megabytes", [60, 100, 160])
def test_a_process_with_too_little_memory_says_so(place: Path, megabytes: int) -> None:
    """Too little for the libraries: what fails is a map of one, a thread or an object, as it comes."""
    before = contents(place)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE,) * 2)

    ended = aegis("infer", *CSV, at=place, env={"OPENBLAS_NUM_THREADS": "1"}, preexec_fn=limited)
    assert_refused(ended, 71, OUT_OF_MEMORY)
    assert contents(place) == before


def test_only_the_main_thread_is_asked_to_take_signals(place: Path) -> None:
    """A program that calls the command line from another thread is served as before."""
    script = (
        "import threading\nfrom aegismatrix_engine.cli import main\ncodes = []\n"
        "def run():\n    try:\n        main(['--version'])\n    except SystemExit as ended:\n"
        "        codes.append(ended.code)\n"
        "thread = threading.Thread(target=run)\nthread.start()\nthread.join()\nassert codes == [0], codes"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=place, env=os.environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
