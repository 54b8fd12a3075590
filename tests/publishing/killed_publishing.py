"""Kill a run of ``aegis publish`` at every call of git: ``python killed_publishing.py PLACE INTO MOMENT``.

For k = 1, 2, ... PLACE, a folder with origin.git and a clone, is copied to INTO/k, and a child forked that publishes
there with a git that kills it at its k-th call: ``after`` the call, or, where MOMENT is a number, that many seconds
into it, the call itself included. Between two calls a run changes nothing on disk. It ends with the first k at which a
child comes to its end.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from publishing import published
from repositories import Clone

from aegismatrix_engine import document
from aegismatrix_engine.publishing import publish

LOADED = (document, publish)
AFTER = 'cat > "$K/fed"; "$G" "$@" < "$K/fed" > "$K/out"; kill -9 "$PPID"; exit 0'
DURING = 'exec 3<&0; "$G" "$@" <&3 & sleep {seconds}; kill -9 "$!" "$PPID"; exit 0'
COUNTING = """#!/bin/sh
read -r n < "$K/calls"
n=$((n + 1))
echo "$n" > "$K/calls"
if [ "$n" -eq "$AT" ]; then {death}; fi
exec "$G" "$@"
"""


def deadly_git(at: Path, k: int, moment: str) -> dict[str, str]:
    """The environment of a run that dies at its k-th call of git."""
    folder = at / "deadly"
    folder.mkdir()
    script = COUNTING.format(death=AFTER if moment == "after" else DURING.format(seconds=moment))
    (folder / "calls").write_text("0\n")
    (folder / "git").write_text(script)
    (folder / "git").chmod(0o755)
    real = shutil.which("git")
    assert real is not None
    return {"K": str(folder), "G": real, "AT": str(k), "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def kill_everywhere(place: Path, into: Path, moment: str) -> None:
    for k in range(1, 200):
        _, clone = Clone.copied(place, into / str(k))
        child = os.fork()
        if child == 0:
            code = 3
            try:
                os.environ.update(deadly_git(into / str(k), k, moment))
                code = published(clone).code
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
    kill_everywhere(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3])
