"""A publisher that its scheduler ends: the git it started ends with it, and nothing of it is left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from publishing import ROOT, wrapped_git
from repositories import Clone, Origin, git
from slow_cases import slow_but

SLEEPING = 'if [ "$1" = {command} ]; then echo $$ > {noted}; sleep 300 & wait; fi\nexec "$GIT" "$@"'
SECONDS = 60.0


def started(clone: Clone, command: str, place: Path) -> tuple["subprocess.Popen[bytes]", int]:
    """``aegis publish`` at the moment when git hangs in a command, and the process of that git."""
    noted = place / "noted"
    path = wrapped_git(place, SLEEPING.format(command=command, noted=noted))
    process = subprocess.Popen(
        [sys.executable, "-m", "aegismatrix_engine", "publish"],
        cwd=clone.path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    begun = time.monotonic()
    while not (noted.exists() and noted.read_text().strip()):
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() - begun < SECONDS
        time.sleep(0.01)
    return process, int(noted.read_text())


def members(group: int) -> list[str]:
    """What the processes of a group are that have not ended; who ended and was not asked about yet counts as ended."""
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, check=True, text=True).stdout
    found = [line.split(None, 2) for line in listed.splitlines()]
    return [arguments for number, state, arguments in found if int(number) == group and not state.startswith("Z")]


@pytest.mark.parametrize(("number", "code", "word"), [(15, 143, "terminated"), (2, 130, "interrupted")])
@pytest.mark.parametrize("command", slow_but(["ls-remote", "hash-object", "push"], ["push"]))
def test_a_publisher_that_is_ended_ends_its_git(
    clone: Clone, origin: Origin, place: Path, command: str, number: int, code: int, word: str
) -> None:
    before, objects = origin.branches(), git(clone.path, "status", "--porcelain")
    process, child = started(clone, command, place)
    assert members(child)
    process.send_signal(signal.Signals(number))
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err.decode().strip()) == (code, b"", f"aegis: {word}")
    assert members(child) == []
    assert origin.branches() == before
    assert git(clone.path, "status", "--porcelain") == objects
    clone.untouched()
