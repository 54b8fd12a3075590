"""Publication: a commit on top of a remote branch, composed anew whenever another publisher was faster.

The checkout, its index and its refs are left alone: a commit is made of objects on top of the branch's tip and offered
to the remote, which takes it only if it continues the branch. So nothing is ever half done, and a killed run needs no
repair.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from aegismatrix_engine.errors import DataError, RaceLost, RemoteUnreachable
from aegismatrix_engine.network.retries import Pauses, repeated
from aegismatrix_engine.publishing.commits import commit_changes
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
class Proposal(Generic[T]):
    """What a commit on top of a branch would be.

    Attributes:
        changes: path -> new bytes, None where the file goes; empty where the branch has it all.
        message: of the commit.
        outcome: what is told of it once it is there.
    """

    changes: Mapping[str, bytes | None]
    message: str
    outcome: T


class Publication(Generic[T]):
    """One run: what it publishes where, what it has seen of the branch, and what it has offered.

    Args:
        remote: whose branch is continued.
        top: the folder that relative addresses are taken from.
        propose: the proposal on top of a commit; None where nothing stands there yet.
        patience: limits to attempts and time.
        may_begin: whether a branch that does not exist is made.
    """

    def __init__(
        self,
        remote: Remote,
        top: Path,
        propose: Callable[[str | None], Proposal[T]],
        patience: Patience,
        *,
        may_begin: bool,
    ) -> None:
        self._remote, self._top, self._propose = remote, top, propose
        self._patience, self._may_begin = patience, may_begin
        self._told_apart = False
        self._ends = time.monotonic() + patience.total
        self._seen: str | None = None
        self._offered: tuple[str, Proposal[T]] | None = None
        self._unreachable = 0

    def made(self) -> tuple[str | None, Proposal[T]]:
        """Push it: the id of the commit, None where the branch had it all, and what it holds.

        Raises:
            DataError: there is no such branch, and none may be made; whatever ``propose`` raises.
            OutputUnwritable: the remote refuses it, and will again; git cannot write its objects.
            RaceLost: others were faster at every attempt.
            RemoteUnreachable: the remote cannot be reached.
        """
        return repeated(self._attempt, self._again, self._patience.pauses)

    def _again(self, error: Exception) -> bool:
        self._unreachable += isinstance(error, RemoteUnreachable)
        if time.monotonic() + self._patience.pauses.longest >= self._ends:
            return False
        return isinstance(error, RaceLost) or (
            isinstance(error, RemoteUnreachable) and self._unreachable < self._patience.unreachable
        )

    def _seconds(self) -> float:
        """What an exchange beginning now may last."""
        return max(1.0, min(self._patience.call, self._ends - time.monotonic()))

    def _attempt(self) -> tuple[str | None, Proposal[T]]:
        git = self._remote.git
        if not self._told_apart:
            self._remote.refuse_elsewhere(self._top, self._seconds())
            self._told_apart = True
        tip = self._remote.tip(self._seconds(), self._seen)
        if tip is None and not self._may_begin:
            raise DataError(f"there is no branch {self._remote.destination} yet; name another with --branch")
        self._seen = tip or self._seen
        if self._offered is not None and tip == self._offered[0]:
            # The remote took it, though its answer was lost.
            return self._offered
        base = tip or self._head()
        proposal = self._propose(base)
        if not proposal.changes and tip is not None:
            return None, proposal
        commit = commit_changes(git, base, proposal.changes, proposal.message) if proposal.changes else base
        assert commit is not None, "without any commit there is a document to be put in"
        self._offered = commit, proposal
        self._remote.offer(commit, self._seconds())
        return self._offered

    def _head(self) -> str | None:
        """What a branch new to the remote continues: the current one, if that is it; else nothing."""
        if not self._remote.destination.checked_out:
            return None
        found = self._remote.git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return found.out.decode().strip() or None
