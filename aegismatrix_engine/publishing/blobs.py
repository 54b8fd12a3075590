"""Many blobs read by one git process, one after the other: a process for each would take much longer."""

import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import IO, Final

from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.publishing.git import Git

READING_SECONDS: Final = 600.0
"""Limit for all that is read; a year takes seconds."""

AS_HELD: Final = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_LITERAL_PATHSPECS": "1"}
"""Environment in which git shows the content of a branch itself: without objects replaced in this clone, and with
paths taken literally."""


def sizes(git: Git, ids: Iterable[str]) -> dict[str, int]:
    """Id -> size in bytes of the blobs that are here."""
    fed = "".join(f"{one}\n" for one in dict.fromkeys(ids))
    answer = git.local("cat-file", "--batch-check", feed=fed.encode(), environment=AS_HELD).decode().splitlines()
    return {one[0]: int(one[2]) for one in map(str.split, answer) if len(one) == 3 and one[1] == "blob"}


@contextmanager
def blob_reader(git: Git) -> Iterator[Callable[[str], bytes]]:
    """A function that gives the bytes of a blob by its id.

    Raises:
        OutputUnwritable: from that function: a blob is damaged, or reading took too long.
    """
    with git.started("cat-file", "--batch", environment=AS_HELD) as process:
        limit = Timer(READING_SECONDS, process.kill)
        limit.start()
        try:
            yield lambda id_: _read(git, process, id_)
        finally:
            limit.cancel()
            with suppress(BrokenPipeError):
                _pipe(process.stdin).close()
            process.kill()


def _read(git: Git, process: "subprocess.Popen[bytes]", id_: str) -> bytes:
    asked, answer = _pipe(process.stdin), _pipe(process.stdout)
    with suppress(BrokenPipeError):
        asked.write(f"{id_}\n".encode())
        asked.flush()
    described = answer.readline().split()
    if len(described) == 3:
        size = int(described[2])
        content = answer.read(size + 1)
        if len(content) == size + 1:
            return content[:-1]
    git.local("cat-file", "blob", id_)  # raises git's own message
    raise OutputUnwritable(f"git cat-file ended in {git.folder} before it gave {id_}; check `git fsck`, then try again")


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
