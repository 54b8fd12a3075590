"""A branch's history as evidence: its commits in their order, the time of each, and what it changed.

Read with a fixed number of git calls, however many commits there are. No ref of the repository is touched.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from aegismatrix_engine.errors import DataError, OutputUnwritable
from aegismatrix_engine.network.retries import Pauses
from aegismatrix_engine.publishing.blobs import AS_HELD
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.remote import Remote

HISTORY_SECONDS: Final = 600.0
"""Limit for one exchange with the remote: a year of commits weighs some 80 MB."""

_NO_BLOB: Final = "0"
_LATEST_TIME: Final = 2**40
"""Seconds; a limit for dates of commits, which their authors choose."""


@dataclass(frozen=True)
class Commit:
    """One commit of a branch, in first-parent order.

    Attributes:
        parent: the first parent, None for the first commit of the branch.
        time: the committer date, but never earlier than that of a commit before it; seconds of UTC since 1970.
    """

    id: str
    parent: str | None
    time: int


def fetched_tip(remote: Remote, seconds: float = HISTORY_SECONDS, pauses: Pauses | None = None) -> str:
    """The commit a branch is at, fetched with all of its history; a shallow clone is deepened.

    Raises:
        DataError: there is no such branch.
        OutputUnwritable: access is refused, or git fails here.
        RemoteUnreachable: the remote cannot be reached.
    """
    tip = remote.fetched("--unshallow", "no history was read", seconds, pauses)
    if tip is None:
        raise DataError(
            f"there is no branch {remote.destination}, so no history can be read; name another with --branch"
        )
    return tip


def first_parents(git: Git, tip: str) -> list[Commit]:
    """The commits of a branch from its first to ``tip``, merges by their first parent.

    Raises:
        OutputUnwritable: the history is not all here, or git cannot read it.
    """
    listed = git.local("rev-list", "--first-parent", "--reverse", "--parents", "--timestamp", tip, environment=AS_HELD)
    lines = [line.split(" ") for line in listed.decode().splitlines()]
    dates = accumulate((min(int(line[0]), _LATEST_TIME) for line in lines), max)
    commits = [
        Commit(line[1], line[2] if len(line) > 2 else None, time) for line, time in zip(lines, dates, strict=True)
    ]
    if commits[0].id in _cut_off(git):
        raise OutputUnwritable(
            f"the history of {tip[:10]} is not all in {git.folder}: it is cut off at {commits[0].id[:10]}; run "
            "`git fetch --unshallow`, then try again"
        )
    return commits


def _cut_off(git: Git) -> set[str]:
    """The commits whose parents a shallow clone has left out."""
    path = git.folder / os.fsdecode(git.local("rev-parse", "--git-path", "shallow")).rstrip("\n")
    try:
        return set(path.read_text().split())
    except FileNotFoundError:
        return set()


def changes(git: Git, commits: Sequence[Commit], paths: Sequence[str]) -> Iterator[tuple[int, dict[str, str | None]]]:
    """What each commit changes at or below ``paths``, in their order; commits that change nothing there are left out.

    Returns:
        Pairs of the commit's place in ``commits``, and path -> id of the plain file's blob; None for a path that was
        removed, or is not a plain file.
    """
    fed = "".join(f"{one.id} {one.parent}\n" if one.parent else f"{one.id}\n" for one in commits)
    plainly = ["--stdin", "--root", "-r", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff"]
    answer = git.local("diff-tree", *plainly, "--", *paths, feed=fed.encode(), environment=AS_HELD)
    place = {one.id: at for at, one in enumerate(commits)}
    at, changed = -1, dict[str, str | None]()
    tokens = iter(os.fsdecode(answer).split("\0")[:-1])
    for token in tokens:
        if not token.startswith(":"):
            if changed:
                yield at, changed
            at, changed = place[token], {}
            continue
        _, mode, _, blob, _ = token.split(" ")
        changed[next(tokens)] = blob if mode.startswith("100") and blob.strip(_NO_BLOB) else None
    if changed:
        yield at, changed
