"""Running ``aegis publish``: within this process, and as processes of their own that publish round after round."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from repositories import Clone

from aegismatrix_engine.cli import main


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def published(clone: Clone, *arguments: str, at: Path | None = None) -> Ended:
    """``aegis publish ARGUMENTS`` run in a clone."""
    here = Path.cwd()
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    os.chdir(at or clone.path)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(["publish", *arguments])
    except SystemExit as ended:
        code = ended.code
    finally:
        os.chdir(here)
    assert isinstance(code, int)
    out.seek(0), err.seek(0)
    return Ended(code, out.read(), err.read())


def refused(ended: Ended, code: int, *told: str) -> None:
    assert ended.out == ""
    assert ended.err.startswith("aegis: error: ")
    assert ended.err.count("\n") == 1, ended.err
    for part in told:
        assert part in ended.err, ended.err
    assert ended.code == code, ended.err


def wrapped_git(folder: Path, script: str) -> str:
    """A PATH on which git is a shell script that knows the real one as $GIT."""
    wrapper = folder / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f"#!/bin/sh\nGIT={shutil.which('git')}\n{script}\n")
    wrapper.chmod(0o755)
    return f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"


def counted_git(folder: Path, script: str = "") -> tuple[str, Path]:
    """A PATH on which git notes the command of each call in a file, and that file."""
    calls = folder / "calls"
    calls.touch()
    return wrapped_git(folder, f'echo "$1" >> {calls}\n{script}\nexec "$GIT" "$@"'), calls


HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def python(*arguments: str) -> "subprocess.Popen[bytes]":
    """A process of this interpreter that finds what these tests are made of."""
    path = os.pathsep.join(str(folder) for folder in (ROOT, HERE, HERE.parent / "document"))
    return subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def racing(clone: Clone, name: str, steps: Sequence[int], *arguments: str) -> "subprocess.Popen[bytes]":
    """A publisher at work: a process that publishes once for each step."""
    moments = ",".join(str(step) for step in steps)
    return python(str(HERE / "publishing.py"), str(clone.path), name, moments, *arguments)


def rounds(clone: Clone, name: str, steps: Sequence[int], arguments: Sequence[str] = ()) -> None:
    """Publish once for each step: a document of its own, and two more rows of a ledger."""
    rows: list[str] = []
    for number, step in enumerate(steps):
        rows += [f"{name},{number}a", f"{name},{number}b"]
        clone.write(document=step, rows=rows)
        ended = published(clone, *arguments)
        if ended.code != 0:
            raise SystemExit(f"{name} round {number} ended with {ended.code}: {ended.err}")


if __name__ == "__main__":
    folder, publisher, moments, *options = sys.argv[1:]
    rounds(Clone(Path(folder)), publisher, [int(moment) for moment in moments.split(",")], options)
