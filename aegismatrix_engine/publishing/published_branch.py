"""The branch that is published to, seen from a work tree, and changes to what stands on it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from aegismatrix_engine.publishing.destination import Destination, destination, work_tree
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.own_files import OwnPaths, OwnPlaces, own_places
from aegismatrix_engine.publishing.publication import Patience, Proposal, Publication
from aegismatrix_engine.publishing.remote import Remote

T = TypeVar("T")


@dataclass(frozen=True)
class PublishedBranch:
    """A branch of a remote, and where our files stand on it and in the work tree.

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
        """The branch as seen from a folder; nothing is asked of the remote yet.

        Args:
            folder: where git runs, inside a work tree.
            paths: our files; relative ones from ``folder``. Nothing is read there.
            branch: the remote's branch; None for the upstream of the current one.

        Raises:
            ConfigurationError: no work tree, no remote or branch to be found, paths outside.
            OutputUnwritable: no git, or one that is too old; git does not read the repository.
        """
        git = Git(folder)
        top = work_tree(git)
        return cls(git, top, own_places(top, folder, paths), Remote(git, destination(git, branch)))

    @property
    def destination(self) -> Destination:
        """Remote and branch."""
        return self.remote.destination

    def changed(self, propose: Callable[[str], Proposal[T]]) -> tuple[str | None, T]:
        """Commit a change on top of the branch, which has to be there, and push it.

        Args:
            propose: the change on top of a commit; asked anew whenever another publisher was faster.

        Returns:
            The commit that was pushed, None where there was nothing to do, and the outcome of the proposal.

        Raises:
            DataError: there is no such branch; whatever ``propose`` raises.
            OutputUnwritable, RaceLost, RemoteUnreachable: as in publishing.
        """

        def on(base: str | None) -> Proposal[T]:
            assert base is not None, "the branch is there"
            return propose(base)

        publication = Publication(self.remote, self.top, on, Patience(), may_begin=False)
        commit, done = publication.made()
        return commit, done.outcome
