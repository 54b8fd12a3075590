"""Kill a process at every point at which it touches the disk: ``python killing.py FOLDER INTO ACTION...``.

For k = 1, 2, ... FOLDER is copied to INTO/k, a child is forked in the copy, runs the action there, and is killed with
SIGKILL at its k-th call that touches the disk: half way through a write, else before the call. It ends with the first k
at which a child comes to its end; that copy shows what a run that nobody disturbed leaves. Actions: ``save N``, which
writes a model set trained on the first N synthetic sessions; or the arguments of ``aegis``.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

CALLS = ("open", "fsync", "rename", "replace", "unlink", "mkdir", "write")
CHANGING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Countdown:
    """Kills this process when it is told of the k-th call."""

    def __init__(self, k: int) -> None:
        self.left = k

    def due(self) -> bool:
        self.left -= 1
        return self.left == 0


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class HalfWriting:
    """A file that dies in the middle of the write that is due."""

    def __init__(self, file: Any, countdown: Countdown) -> None:
        self._file, self._countdown = file, countdown

    def write(self, data: bytes) -> int:
        if self._countdown.due():
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            die()
        written: int = self._file.write(data)
        return written

    def __enter__(self) -> "HalfWriting":
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def arm(k: int) -> None:
    """From now on this process dies at its k-th call that changes or syncs anything on disk."""
    countdown = Countdown(k)

    def deadly(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if countdown.due():
                die()
            return real(*args, **kwargs)

        return call

    real_open, real_fdopen = os.open, os.fdopen

    def open_(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if flags & CHANGING and countdown.due():
            die()
        return real_open(path, flags, *args, **kwargs)

    def fdopen(descriptor: int, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        file = real_fdopen(descriptor, mode, *args, **kwargs)
        return HalfWriting(file, countdown) if "w" in mode else file

    os.open, os.fdopen = open_, fdopen
    for name in CALLS[1:]:
        setattr(os, name, deadly(getattr(os, name)))


def command(arguments: Sequence[str]) -> None:
    from aegismatrix_engine.cli import main

    try:
        main(arguments)
    except SystemExit as ended:
        if ended.code not in (0, 10):
            raise


def saving(sessions: int) -> Callable[[], object]:
    import pandas as pd
    from synthetic import daily_frame, history

    from aegismatrix_engine.forecasting.model_set import save_models
    from aegismatrix_engine.training.train import train

    models, training = train(history(daily_frame().iloc[:sessions]), pd.Timestamp("2026-06-30T12:00+00:00"))
    return partial(save_models, models, training, Path("models"))


def kill_everywhere(folder: Path, into: Path, action: Callable[[], object]) -> None:
    for k in range(1, 1000):
        place = into / str(k)
        shutil.copytree(folder, place)
        child = os.fork()
        if child == 0:
            os.chdir(place)
            arm(k)
            code = 3
            try:
                action()
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        ended = os.waitstatus_to_exitcode(status)
        if ended == 0:
            return
        if ended != -signal.SIGKILL:
            raise SystemExit(f"the child that was to die at call {k} ended with {ended}")
    raise SystemExit("no child came to its end")


if __name__ == "__main__":
    folder, into, *words = sys.argv[1:]
    action = saving(int(words[1])) if words[0] == "save" else partial(command, words)
    kill_everywhere(Path(folder).resolve(), Path(into).resolve(), action)
