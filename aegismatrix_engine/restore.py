"""Restore: the published files of a remote branch put into the work tree, from which a run goes on.

Only files move: the checkout's index, its branches and its refs stay as they are.
"""

from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME
from aegismatrix_engine.document import write_atomically
from aegismatrix_engine.errors import DataError, OutputUnwritable, RaceLost, RemoteUnreachable
from aegismatrix_engine.publishing.commits import blob, files_at
from aegismatrix_engine.publishing.destination import Destination, destination, work_tree
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.ledger_rows import united
from aegismatrix_engine.publishing.merge import LEDGER_ENDINGS, is_blob
from aegismatrix_engine.publishing.own_files import OwnPaths, OwnPlaces, own_places
from aegismatrix_engine.publishing.remote import Remote
from aegismatrix_engine.retries import Pauses, repeated

__all__ = ["OwnPaths", "Restored", "restore"]


SECONDS: Final = 60.0
"""Limit for one exchange with the remote."""


@dataclass(frozen=True)
class Restored:
    """What became of a run: where from, the commit read (None without such a branch), and how many files changed."""

    destination: Destination
    commit: str | None
    written: int
    removed: int


def restore(
    folder: Path, paths: OwnPaths, branch: str, *, seconds: float = SECONDS, pauses: Pauses | None = None
) -> Restored:
    """Write a branch's document, last values, record and model set over those in the work tree.

    Model files that the branch does not have go, where it has a set at all. Rows of the record that are here alone
    stay: they are still to be published. Where the branch does not exist nothing is touched.

    Raises:
        ConfigurationError: no work tree, no remote to be found, paths outside.
        DataError: the branch holds a path that no file may have, or a ledger of ours has another header than theirs.
        OutputUnwritable: a file cannot be written; no git, or one that is too old; git does not read the repository;
            the remote refuses access, or cannot be found.
        RemoteUnreachable: the remote cannot be reached.
    """
    git = Git(folder)
    root = work_tree(git)
    places = own_places(root, folder, paths)
    remote = Remote(git, destination(git, branch))
    tip = _tip(remote, seconds, pauses)
    if tip is None:
        return Restored(remote.destination, None, 0, 0)
    there = files_at(git, tip, [str(place) for place in places])
    for path in there:
        if not set(PurePosixPath(path).parts).isdisjoint((".", "..", ".git")):
            raise DataError(f"{remote.destination} holds {path!r}, which is no path for a file; remove it there")
    written = sum(_put(git, root / path, id_, path, places) for path, id_ in sorted(there.items(), key=_last_named))
    return Restored(remote.destination, tip, written, _swept(root, places, there.keys()))


def _tip(remote: Remote, seconds: float, pauses: Pauses | None) -> str | None:
    """The branch's tip, fetched; without its history where the checkout has none of its own either."""
    git, name = remote.git, remote.destination
    shallow = git.ask("rev-parse", "--is-shallow-repository").out.strip() == b"true"
    quietly = ["--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-recurse-submodules"]

    def once() -> str | None:
        if shallow:
            # A year of documents is not needed to go on from the last. What fails here is told by what follows.
            git.ask("fetch", "--depth=1", *quietly, "--", name.remote, name.ref, seconds=seconds)
        return remote.tip(seconds, None)

    try:
        return repeated(once, (RemoteUnreachable, RaceLost), pauses)
    except (RemoteUnreachable, RaceLost) as error:
        reason = str(error).partition("; ")[0]
        raise RemoteUnreachable(f"nothing was restored: {reason}; check network and address, then try again") from error


def _last_named(item: tuple[str, str]) -> tuple[bool, str]:
    """A manifest after the files it names, so that a run killed in between leaves no set that looks whole."""
    return PurePosixPath(item[0]).name == MANIFEST_NAME, item[0]


def _put(git: Git, at: Path, id_: str, path: str, places: OwnPlaces) -> bool:
    """Put one file in its place; whether anything changed."""
    here = at.read_bytes() if at.is_file() else None
    if here is not None and is_blob(id_, here):
        return False
    content = blob(git, id_)
    if here and path.endswith(LEDGER_ENDINGS) and PurePosixPath(path).is_relative_to(places.record):
        content, _ = united(content, here, path, header=path.endswith(".csv"))
        if content == here:
            return False
    try:
        at.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputUnwritable(f"cannot make the folder {at.parent}: {reason}; make way for it") from error
    write_atomically(at, content)
    return True


def _swept(root: Path, places: OwnPlaces, published: Set[str]) -> int:
    """Remove the model files of another set; how many there were."""
    if str(places.models / MANIFEST_NAME) not in published:
        return 0
    foreign = [path for path in (root / places.models).glob("*.joblib") if _below(root, path) not in published]
    for path in foreign:
        try:
            path.unlink()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputUnwritable(f"cannot remove {path}, of another model set: {reason}; remove it") from error
    return len(foreign)


def _below(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
