"""Running the commands: as processes of their own, and inside the test's."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aegismatrix_engine.cli import main

ROOT = Path(__file__).resolve().parents[2]
MODULE = ("-m", "aegismatrix_engine")
CSV = ("--source", "csv", "--data", "data")
# Trained as of the first, there is no walk through the past, which takes the time; as of the second, a short one.
EARLY, LATER = "2017-03-01", "2018-04-10"
# What the clock says wherever a test does not say otherwise: the calendar is known for long, the set is new.
NOW = "2026-06-30T18:00+05:30"
ESCAPE = b"\x1b"
FORMER = b"what stood here before\n"
# What a developer has set must not change what is tested.
STEERING = re.compile(r"AEGIS_|NO_COLOR|FORCE_COLOR|TTY_|TERM$|COLUMNS|LINES|PYTHON(?!PATH$|HOME$)|CI$|GITHUB_")


@dataclass(frozen=True)
class Ended:
    code: int
    out: bytes
    err: str


def environment(**more: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not STEERING.match(name)}
    return {**plain, "TERM": "xterm-256color", "AEGIS_NOW": NOW, **more}


def aegis(
    *arguments: str, at: Path, env: Mapping[str, str] | None = None, start: Sequence[str] = MODULE, **settings: Any
) -> Ended:
    """A command in a process of its own, in the folder ``at``; ``start`` is what stands between python and options."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    done = subprocess.run(
        [sys.executable, *start, *arguments],
        cwd=at,
        env=environment(**(env or {})),
        timeout=120,
        check=False,
        **{**streams, **settings},
    )
    assert done.returncode != 1, "1 is never ours"
    return Ended(done.returncode, done.stdout or b"", (done.stderr or b"").decode())


def inside(
    *arguments: str,
    at: Path,
    env: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    streams: pytest.CaptureFixture[bytes],
) -> Ended:
    """A command inside this process, in the folder ``at`` and the environment that ``aegis`` would give it."""
    with monkeypatch.context() as patched:
        for name in os.environ:
            if STEERING.match(name):
                patched.delenv(name)
        for name, value in environment(**env).items():
            patched.setenv(name, value)
        patched.chdir(at)
        return run_inside(arguments, streams)


def run_inside(arguments: Sequence[str], streams: pytest.CaptureFixture[bytes]) -> Ended:
    """A command inside this process, as it is."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    code = ended.value.code
    assert isinstance(code, int)
    assert code != 1, "1 is never ours"
    out, err = streams.readouterr()
    return Ended(code, out, err.decode())


def on_terminal(
    *arguments: str, at: Path, streams: Sequence[str] = ("stdout", "stderr"), env: Mapping[str, str] | None = None
) -> tuple[Ended, bytes]:
    """The same with the named streams on a terminal; gives what that showed, too."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    pipes = {name: subprocess.PIPE for name in ("stdout", "stderr") if name not in streams}
    process = subprocess.Popen(
        [sys.executable, *MODULE, *arguments],
        cwd=at,
        env=environment(**(env or {})),
        stdin=subprocess.DEVNULL,
        **pipes,
        **dict.fromkeys(streams, slave),
    )
    os.close(slave)
    shown = b"".join(iter(lambda: read_terminal(master), b""))
    out, err = process.communicate(timeout=120)
    os.close(master)
    assert process.returncode != 1, "1 is never ours"
    return Ended(process.returncode, out or b"", (err or b"").decode()), shown


def read_terminal(master: int) -> bytes:
    """What a terminal shows next; nothing once its last writer has gone."""
    try:
        return os.read(master, 65536)
    except OSError:
        return b""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, every empty folder too."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
        if path.is_file() or not any(path.iterdir())
    }


def assert_refused(ended: Ended, code: int, *told: str) -> None:
    """One line on standard error that holds every part of ``told``, nothing on standard output, and that exit code."""
    assert ended.out == b""
    assert ended.err.startswith("aegis: error: ")
    assert ended.err.endswith("\n")
    assert ended.err.count("\n") == 1, ended.err
    for part in told:
        assert part in ended.err
    assert ended.code == code, ended.err


def without_moment(document: bytes) -> bytes:
    """The document but for when it was made."""
    text, n = re.subn(rb'^ "generated_at": "[^"]+",\n', b"", document, flags=re.MULTILINE)
    assert n == 1
    return text
