"""Publish: our files committed on top of a remote branch, whoever else publishes there.

The checkout, its index and its refs are left alone: a commit is made of objects on top of the branch's tip and offered
to the remote, which takes it only if it continues the branch. Where another publisher was faster, all is done again on
top of theirs. So nothing is ever half done, and a killed run needs no mending.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from aegismatrix_engine.errors import RaceLost, RemoteUnreachable
from aegismatrix_engine.publishing.commits import blob, commit_changes, files_at
from aegismatrix_engine.publishing.destination import Destination, destination, work_tree
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.merge import Merge, merged
from aegismatrix_engine.publishing.own_files import OwnFiles, OwnPaths, read_own
from aegismatrix_engine.publishing.remote import Remote
from aegismatrix_engine.retries import silent

__all__ = ["OwnPaths", "Patience", "Published", "publish"]


@dataclass(frozen=True)
class Patience:
    """How long a run tries, in seconds.

    total: in all, waiting included. call: one exchange with the remote. attempts: at most, of which unreachable ones
    at most ``unreachable``. first_wait, longest_wait: pauses, doubled from one to the next, each with up to ``jitter``
    added so that publishers who met once do not meet again.
    """

    total: float = 180.0
    call: float = 60.0
    attempts: int = 60
    unreachable: int = 10
    first_wait: float = 0.1
    longest_wait: float = 2.0
    jitter: float = 1.0


@dataclass(frozen=True)
class Published:
    """What became of a run.

    destination: remote and branch. commit: the id of the commit that was pushed, None where they had it all. as_of: our
    document's. ours: whether our document is the one that stands there. document, models: whether it, and the model
    set, were new there. rows: ledger rows that were. tip: the commit the branch is at then. record: bytes of each file
    of our record, all of which is published, by its path. set_kept: why the published set stays where ours is another.
    replaced: what was published and could not be believed or used, a clause each. dated_ahead: whether any of that was
    dated later than now.
    """

    destination: Destination
    commit: str | None
    as_of: str
    ours: bool
    document: bool
    rows: int
    models: bool
    tip: str | None = None
    record: Mapping[str, int] = field(default_factory=dict)
    set_kept: str = ""
    replaced: tuple[str, ...] = ()
    dated_ahead: bool = False


def publish(
    folder: Path,
    paths: OwnPaths,
    branch: str | None,
    now: datetime,
    *,
    replay: bool = False,
    patience: Patience | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Published:
    """Commit document, last values, record and models to a branch of the remote, and push.

    Args:
        folder: where git runs, inside a work tree.
        paths: our files; relative ones from ``folder``.
        branch: the remote's branch, made where there is none (on top of the current one if that is it, else without
            parents); None for the upstream of the current one.
        now: what the clock of the day says, with a zone.
        replay: whether a replay of the past may be published.
        patience: limits to attempts and time.
        clock: seconds that only grow, for the limits.

    Raises:
        ConfigurationError: no work tree, no remote or branch to be found, paths outside; a replay unasked for.
        DataError: a document or ledger that is damaged, a document dated later than now; nothing was pushed.
        OutputUnwritable: no git, or one that is too old; git cannot write its objects or does not read the repository;
            the remote refuses, cannot be found, or is pushed to elsewhere than it is fetched from.
        RaceLost: others were faster at every attempt.
        RemoteUnreachable: the remote cannot be reached.
    """
    git = Git(folder)
    top = work_tree(git)
    own = read_own(top, folder, paths, now, replay=replay)
    remote = Remote(git, destination(git, branch))
    with silent():
        return _Publication(remote, top, own, now, patience or Patience(), clock).made()


class _Publication:
    """One run: what it publishes where, what it has seen of the branch, and what it has offered."""

    def __init__(
        self,
        remote: Remote,
        top: Path,
        own: OwnFiles,
        now: datetime,
        patience: Patience,
        clock: Callable[[], float],
    ) -> None:
        self._remote, self._top, self._own, self._now = remote, top, own, now
        self._patience, self._clock = patience, clock
        self._told_apart = False
        self._ends = clock() + patience.total
        self._seen: str | None = None
        self._offered: tuple[str, Merge] | None = None
        self._unreachable = 0

    def made(self) -> Published:
        import stamina

        patience = self._patience
        attempts = stamina.retry_context(
            on=self._again,
            attempts=patience.attempts,
            timeout=None,
            wait_initial=patience.first_wait,
            wait_max=patience.longest_wait,
            wait_jitter=patience.jitter,
        )
        for attempt in attempts:
            with attempt:
                return self._attempt()
        raise AssertionError("stamina ends with a result or an exception")

    def _again(self, error: Exception) -> bool:
        self._unreachable += isinstance(error, RemoteUnreachable)
        if self._clock() + self._patience.longest_wait >= self._ends:
            return False
        return isinstance(error, RaceLost) or (
            isinstance(error, RemoteUnreachable) and self._unreachable < self._patience.unreachable
        )

    def _seconds(self) -> float:
        """What an exchange beginning now may last."""
        return max(1.0, min(self._patience.call, self._ends - self._clock()))

    def _attempt(self) -> Published:
        git = self._remote.git
        if not self._told_apart:
            self._remote.refuse_elsewhere(self._top, self._seconds())
            self._told_apart = True
        tip = self._remote.tip(self._seconds(), self._seen)
        self._seen = tip or self._seen
        if self._offered is not None and tip == self._offered[0]:
            # The remote took it, though its answer was lost.
            return self._result(*self._offered)
        base = tip or self._head()
        theirs = files_at(git, base, self._own.paths()) if base else {}
        merge = merged(self._own, theirs, partial(blob, git), self._now)
        if not merge.changes and tip is not None:
            return self._result(None, merge)
        commit = commit_changes(git, base, merge.changes, _message(self._own, merge)) if merge.changes else base
        assert commit is not None, "without any commit there is a document to be put in"
        self._offered = commit, merge
        self._remote.offer(commit, self._seconds())
        return self._result(commit, merge)

    def _head(self) -> str | None:
        """What a branch new to the remote continues: the current one, if that is it; else nothing."""
        if not self._remote.destination.checked_out:
            return None
        found = self._remote.git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return found.out.decode().strip() or None

    def _result(self, commit: str | None, merge: Merge) -> Published:
        document = self._own.document_path in merge.changes
        return Published(
            self._remote.destination,
            commit,
            self._own.as_of,
            merge.ours,
            document,
            merge.rows,
            merge.models,
            commit or self._seen,
            {path: len(content) for path, content in self._own.record.items()},
            merge.set_kept,
            merge.replaced,
            merge.dated_ahead,
        )


def _message(own: OwnFiles, merge: Merge) -> str:
    if merge.ours:
        return f"{own.document_path} as of {own.as_of}" + (", with its models" if merge.models else "")
    return f"{own.record_folder}: {merge.rows} rows as of {own.as_of}"
