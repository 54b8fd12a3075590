"""Publication: a commit on top of a remote branch, composed anew whenever another publisher was faster.

The checkout, its index and its refs are not touched: a commit is made of objects on top of the branch's tip and offered
to the remote, which takes it only if it continues the branch; one that replaces the branch, only if the branch is still
where it was read. So nothing is ever half done, and a killed run needs no repair.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Self, TypeVar

from aegismatrix_engine.errors import DataError, RaceLost, RemoteUnreachable
from aegismatrix_engine.network.retries import Pauses, repeated
from aegismatrix_engine.publishing.commits import commit_alone, commit_changes
from aegismatrix_engine.publishing.destination import Destination, destination, work_tree
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.own_paths import OwnPaths
from aegismatrix_engine.publishing.own_places import OwnPlaces, own_places
from aegismatrix_engine.publishing.remote import Remote

T = TypeVar("T")

_PAUSES = Pauses(attempts=60, first=0.1, longest=2.0)


@dataclass(frozen=True)
class Patience:
    """How long a run tries, in seconds.

    Attributes:
        total: in all, waiting included.
        call: one exchange with the remote.
        unreachable: how many attempts at most may find no remote.
        pauses: between attempts.
    """

    total: float = 180.0
    call: float = 60.0
    unreachable: int = 10
    pauses: Pauses = _PAUSES


@dataclass(frozen=True)
class PublishedBranch:
    """A branch of a remote, and the places of our files on it and in the work tree.

    Attributes:
        git: runs inside the work tree.
        top: the top folder of the work tree.
        places: of our files.
        remote: whose branch it is.
    """

    git: Git
    top: Path
    places: OwnPlaces
    remote: Remote

    @classmethod
    def of(cls, folder: Path, paths: OwnPaths, branch: str | None) -> Self:
        """The branch as seen from a folder; no file is read, and the remote is not contacted yet.

        Args:
            folder: where git runs, inside a work tree.
            paths: our files; relative ones from ``folder``.
            branch: the remote's branch; None for the upstream of the current one.

        Raises:
            ConfigurationError: no work tree, no remote or branch to be found, paths outside of the work tree.
            OutputUnwritable: git is missing, too old, or does not read the repository.
        """
        git = Git(folder)
        top = work_tree(git)
        return cls(git, top, own_places(top, folder, paths), Remote(git, destination(git, branch)))

    @property
    def destination(self) -> Destination:
        """Remote and branch."""
        return self.remote.destination


@dataclass(frozen=True)
class Proposal(Generic[T]):
    """A commit on top of a branch.

    Attributes:
        changes: path -> new bytes, None where the file is removed; empty where the branch needs no change.
        message: of the commit.
        outcome: the result for the caller once it is published.
        alone: a tree that a commit without a parent holds, which replaces the branch; then there are no ``changes``.
    """

    changes: Mapping[str, bytes | None]
    message: str
    outcome: T
    alone: str = ""


def push(
    branch: PublishedBranch,
    propose: Callable[[str | None], Proposal[T]],
    patience: Patience | None = None,
    *,
    may_begin: bool = False,
) -> tuple[str | None, T]:
    """Commit a change on top of a branch, and push it.

    Args:
        branch: the branch.
        propose: the change on top of a commit, None where a branch is begun without one; called again whenever another
            publisher was faster.
        patience: limits to attempts and time; None for the usual ones.
        may_begin: whether a branch that does not exist is made.

    Returns:
        The id of the commit, None where the branch needed no change, and the outcome of the proposal.

    Raises:
        DataError: there is no such branch, and none may be made; also any error of ``propose``.
        OutputUnwritable: the remote refuses it, and will again; git cannot write its objects.
        RaceLost: others were faster at every attempt.
        RemoteUnreachable: the remote cannot be reached.
    """
    run = _Publication(branch, propose, patience or Patience(), may_begin=may_begin)
    commit, done = repeated(run.attempt, run.again, run.patience.pauses)
    return commit, done.outcome


class _Publication(Generic[T]):
    """One run: what it publishes where, what it has seen of the branch, and what it has offered."""

    def __init__(
        self,
        branch: PublishedBranch,
        propose: Callable[[str | None], Proposal[T]],
        patience: Patience,
        *,
        may_begin: bool,
    ) -> None:
        self._branch, self._remote, self._propose = branch, branch.remote, propose
        self.patience, self._may_begin = patience, may_begin
        self._address_checked = False
        self._ends = time.monotonic() + patience.total
        self._seen: str | None = None
        self._offered: tuple[str, Proposal[T]] | None = None
        self._unreachable = 0

    def again(self, error: Exception) -> bool:
        self._unreachable += isinstance(error, RemoteUnreachable)
        if time.monotonic() + self.patience.pauses.longest >= self._ends:
            return False
        return isinstance(error, RaceLost) or (
            isinstance(error, RemoteUnreachable) and self._unreachable < self.patience.unreachable
        )

    def _seconds(self) -> float:
        """Limit for an exchange that begins now."""
        return max(1.0, min(self.patience.call, self._ends - time.monotonic()))

    def attempt(self) -> tuple[str | None, Proposal[T]]:
        if not self._address_checked:
            self._remote.refuse_elsewhere(self._branch.top, self._seconds())
            self._address_checked = True
        tip = self._remote.tip(self._seconds(), self._seen)
        if tip is None and not self._may_begin:
            raise DataError(f"there is no branch {self._remote.destination} yet; name another with --branch")
        self._seen = tip or self._seen
        if self._offered is not None and tip == self._offered[0]:
            # The remote took it, though its answer was lost.
            return self._offered
        base = tip or self._head()
        proposal = self._propose(base)
        if not proposal.changes and not proposal.alone and tip is not None:
            return None, proposal
        commit = self._composed(base, proposal)
        self._offered = commit, proposal
        self._remote.offer(commit, self._seconds(), replacing=(tip or "") if proposal.alone else None)
        return self._offered

    def _composed(self, base: str | None, proposal: Proposal[T]) -> str:
        """The commit that is offered: alone, on top of ``base``, or ``base`` itself where a branch is begun with it."""
        git = self._branch.git
        if proposal.alone:
            return commit_alone(git, proposal.alone, proposal.message)
        if proposal.changes:
            return commit_changes(git, base, proposal.changes, proposal.message)
        assert base is not None, "a branch that is begun gets a document"
        return base

    def _head(self) -> str | None:
        """The commit that a branch new to the remote continues: the current branch's, if it is that branch."""
        if not self._remote.destination.checked_out:
            return None
        found = self._branch.git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return found.out.decode().strip() or None
