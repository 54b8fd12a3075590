"""A scheduled job inside the test's process: a fresh checkout, a kept store, and what ``aegis run`` ends with."""

import contextlib
import io
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import pandas as pd
from first_run import bars_at
from github_server import GitHubServer
from machine_clock import machine_clock
from repositories import Origin, git
from trees import BRANCH
from yahoo_server import YahooServer

from aegismatrix_engine.cli import main

STORE = ".bars"
LONGEST = 240
"""Seconds that no run takes, however slow the machine: one that takes longer waits for something that never comes."""
MAKING = (
    "2026-07-14T11:09:30+05:30",
    "2026-07-14T16:09:30+05:30",
    "2026-07-15T11:09:30+05:30",
    "2026-07-15T16:09:30+05:30",
)
"""The runs that make the good tree: two sessions, in session and of their evenings."""
DUE = (
    ("2026-07-16T11:09:30+05:30", "2026-07-16T11:39:30+05:30"),
    ("2026-07-16T16:09:30+05:30", "2026-07-17T07:41:00+05:30"),
)
"""The two due runs that follow on what was mutated: in session, and after the close, when forecasts are decided."""


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, standard error, and when it was."""

    code: int
    err: str
    now: pd.Timestamp
    checkout: Path
    out: str = field(default="", repr=False)

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("aegis: error: ")]


@dataclass(frozen=True)
class World:
    """What a job meets: the remote, the source, GitHub, and a folder for its checkouts."""

    origin: Origin
    yahoo: YahooServer
    github: GitHubServer
    folder: Path

    @property
    def store(self) -> Path:
        """Where the store is kept between jobs."""
        return self.folder / "kept"

    def checkout(self, name: str) -> Path:
        """A fresh one, as a job begins with: one commit deep."""
        at = self.folder / name
        git(self.folder, "clone", "--quiet", "--depth=1", "--single-branch", self.origin.path.as_uri(), str(at))
        return at

    def run(self, checkout: Path, now: str, *options: str) -> Ended:
        """``aegis run`` in a checkout, with the store beside it for as long as it takes."""
        self.yahoo.series.clear()
        self.yahoo.series.update(bars_at(now))
        if os.path.lexists(self.store):
            self.store.rename(checkout / STORE)
        try:
            return _ran(checkout, now, *options)
        finally:
            if os.path.lexists(checkout / STORE):
                (checkout / STORE).rename(self.store)


def _ran(checkout: Path, now: str, *options: str) -> Ended:
    asked = ("run", "--if-due", "--source", "yahoo", "--cache", STORE, "--branch", BRANCH, *options)
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    code: int | str | None = None
    with contextlib.ExitStack() as around:
        around.enter_context(contextlib.chdir(checkout))
        around.enter_context(contextlib.redirect_stdout(out))
        around.enter_context(contextlib.redirect_stderr(err))
        around.enter_context(machine_clock(now))
        around.enter_context(_limited(LONGEST))
        try:
            main(asked)
        except SystemExit as ended:
            code = ended.code
    told, printed = (_text(stream) for stream in (err, out))
    assert isinstance(code, int), f"no exit code but {code!r}"
    return Ended(code, told, pd.Timestamp(now), checkout, printed)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode(errors="replace")


class _Hangs(BaseException):
    """No Exception: whoever catches everything must not catch this."""


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def over(_signal: int, _frame: FrameType | None) -> None:
        raise _Hangs

    former = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _Hangs:
        raise AssertionError(f"a run took more than {seconds} seconds") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def copied(template: Path, to: Path) -> Origin:
    """The remote and the store of the good tree, copied."""
    shutil.copytree(template / "origin.git", to / "origin.git")
    shutil.copytree(template / "kept", to / "kept")
    return Origin(to / "origin.git")
