"""Restore: the published files of a remote branch put into the work tree, from which a run goes on.

Only files move: the checkout's index, its branches and its refs stay as they are.
"""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME
from aegismatrix_engine.errors import DataError, OutputUnwritable
from aegismatrix_engine.files import POINTER_SIZE, pointer, write_atomically
from aegismatrix_engine.network.retries import Pauses
from aegismatrix_engine.publishing.commits import blob, entries_at, files_at, is_blob, sizes_at
from aegismatrix_engine.publishing.destination import Destination
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.ledger_rows import united
from aegismatrix_engine.publishing.merge import LEDGER_ENDINGS
from aegismatrix_engine.publishing.own_paths import OwnPaths
from aegismatrix_engine.publishing.own_places import OwnPlaces
from aegismatrix_engine.publishing.publication import PublishedBranch
from aegismatrix_engine.state.market_index import indexed_ids
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, TABLE_LIMIT, FileFault, read_plain_file
from aegismatrix_engine.state.precedence import document_dated_ahead, set_dated_ahead

__all__ = ["OwnPaths", "PublishedBranch", "Restored", "restore"]

FILE_ENDINGS: Final = (*LEDGER_ENDINGS, ".json", ".joblib", ".html")
"""Endings of files of ours, which no folder has."""

SECONDS: Final = 60.0
"""Limit for one exchange with the remote."""


@dataclass(frozen=True)
class Restored:
    """The result of a restore.

    Attributes:
        destination: remote and branch.
        commit: the one that was read; None without such a branch.
        written: files that changed here.
        removed: files that were removed: models of another set, a rollback that the branch does not have.
        record: size in bytes of each file of the published record, by its path.
        left: what was left on the branch because it is dated later than now, a clause each.
        foreign: paths that were left because no file of ours belongs there, because of their size, or because they are
            pointers.
    """

    destination: Destination
    commit: str | None
    written: int = 0
    removed: int = 0
    record: Mapping[str, int] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def restore(
    branch: PublishedBranch, now: datetime, *, seconds: float = SECONDS, pauses: Pauses | None = None
) -> Restored:
    """Write a branch's document, last values, record and model set over those in the work tree.

    Of several markets, which the index on the branch names, it writes those of each, and the index.

    Model files that the branch does not have are removed, where it has a set at all, and so is a rollback. Rows of the
    record that are here alone stay: they are still to be published. A document or model set dated later than ``now`` is
    left on the branch, and what is here stays. Where the branch does not exist nothing is touched.

    Args:
        branch: what is restored.
        now: the time of the clock, with a zone.
        seconds: limit for one exchange with the remote.
        pauses: between attempts; None for the usual ones.

    Raises:
        DataError: the branch holds an invalid path, or a ledger of ours has another header than theirs.
        OutputUnwritable: a file cannot be written; git fails here; the remote refuses.
        RemoteUnreachable: the remote cannot be reached.
    """
    git, root = branch.git, branch.top
    # A year of documents is not needed to go on from the last.
    tip = branch.remote.fetched("--depth=1", "nothing was restored", seconds, pauses)
    if tip is None:
        return Restored(branch.destination, None)
    several, there, sizes = _there(git, tip, branch.places)
    for path in there:
        if not set(PurePosixPath(path).parts).isdisjoint((".", "..", ".git")):
            raise DataError(f"{branch.destination} holds the invalid path {path!r}; remove it there")
    foreign = sorted(path for path in there if _is_foreign(git, path, there[path], sizes.get(path, 0), several))
    for path in foreign:
        del there[path]
    record = {path: sizes[path] for path in there if PurePosixPath(path).is_relative_to(branch.places.record)}
    left = {place: why for places in several for place, why in _dated_ahead(git, there, places, now).items()}
    for path in [path for path in there if not {PurePosixPath(path), PurePosixPath(path).parent}.isdisjoint(left)]:
        del there[path]
    written = sum(_put(git, root, id_, path, branch.places) for path, id_ in sorted(there.items(), key=_last_named))
    removed = sum(_removed(git, root, tip, places, there.keys()) for places in several)
    reasons = tuple(filter(None, left.values()))
    return Restored(branch.destination, tip, written, removed, record, reasons, tuple(foreign))


def _there(git: Git, tip: str, first: OwnPlaces) -> tuple[tuple[OwnPlaces, ...], dict[str, str], dict[str, int]]:
    """The places of every market that a commit holds, and the blobs and sizes of the files there."""
    index = str(first.market_index)
    paths = [*map(str, first), index]
    there, sizes = files_at(git, tip, *paths), sizes_at(git, tip, *paths)
    if index not in there:
        return (first,), there, sizes
    content = b"" if sizes[index] > DOCUMENT_LIMIT else blob(git, there[index])
    if not indexed_ids(content):
        del there[index]  # somebody else's file of that name
    others = tuple(first.of_others(content).values())
    if others:
        paths = [str(place) for places in others for place in places]
        there |= files_at(git, tip, *paths)
        sizes |= sizes_at(git, tip, *paths)
    return (first, *others), there, sizes


def _is_foreign(git: Git, path: str, id_: str, size: int, several: Sequence[OwnPlaces]) -> bool:
    """Whether a file of a branch is left there: it is too large, not at a place of ours, or a pointer."""
    if size > TABLE_LIMIT or not any(_belongs_at(path, places) for places in several):
        return True
    # A row cannot be appended to a pointer, whose content is elsewhere.
    in_record = PurePosixPath(path).is_relative_to(several[0].record)
    return in_record and size <= POINTER_SIZE and pointer(blob(git, id_)) is not None


def _belongs_at(path: str, places: OwnPlaces) -> bool:
    """Whether a file of ours can be at a path: never in a folder with the name of a file, nor in place of a folder.

    A name without an ending is a folder's: of a market, a kind of rows or a year.
    """
    at = PurePosixPath(path)
    if at in (places.document, places.last_values, places.rollback, places.market_index) or at.parent == places.models:
        return True
    if places.record not in at.parents or not at.suffix:
        return False
    return all(PurePosixPath(folder).suffix not in FILE_ENDINGS for folder in at.relative_to(places.record).parts[:-1])


def _dated_ahead(git: Git, there: Mapping[str, str], places: OwnPlaces, now: datetime) -> dict[PurePosixPath, str]:
    """Place -> why it is not restored: it is dated later than now; one reason for the document and its last values."""
    found: dict[PurePosixPath, str] = {}
    document, manifest = there.get(str(places.document)), there.get(str(places.models / MANIFEST_NAME))
    ahead = None if document is None else document_dated_ahead(blob(git, document), now)
    if ahead is not None:
        found |= {places.document: f"the published document is dated ahead: {ahead}", places.last_values: ""}
    ahead = None if manifest is None else set_dated_ahead(blob(git, manifest), now)
    if ahead is not None:
        found[places.models] = f"the published model set is dated ahead: {ahead}"
    return found


def _last_named(item: tuple[str, str]) -> tuple[bool, str]:
    """Sorts a manifest after the files it names: a run killed in between leaves no set that looks complete."""
    return PurePosixPath(item[0]).name == MANIFEST_NAME, item[0]


def _here(at: Path, path: str) -> bytes | None:
    """The bytes at a file's place; None where there is no plain file."""
    try:
        return read_plain_file(at, TABLE_LIMIT)
    except FileFault as fault:
        if fault.kind in ("forbidden", "unreadable"):
            raise OutputUnwritable(f"{path} {fault.reason}; check its permissions, or remove it") from fault
        return None


def _put(git: Git, root: Path, id_: str, path: str, places: OwnPlaces) -> bool:
    """Put one file in its place below the work tree; whether anything changed."""
    at = root / path
    _clear(root, at)
    here = _here(at, path)
    if here is not None and is_blob(id_, here):
        return False
    content = blob(git, id_)
    if here and path.endswith(LEDGER_ENDINGS) and PurePosixPath(path).is_relative_to(places.record):
        content, _ = united(content, here, path, header=path.endswith(".csv"))
        if content == here:
            return False
    with _reporting(f"cannot make the folder {at.parent}", "remove what is in its place"):
        at.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(at, content)
    return True


@contextmanager
def _reporting(failed: str, remedy: str) -> Iterator[None]:
    """Raise OutputUnwritable for an error of the system."""
    try:
        yield
    except OSError as error:
        raise OutputUnwritable(f"{failed}: {(error.strerror or str(error)).lower()}; {remedy}") from error


def _clear(root: Path, at: Path) -> None:
    """Remove a link, pipe or device from a file's place; refuses a folder that is reached over a link."""
    folder = Path(os.path.realpath(at.parent))
    if folder != Path(os.path.realpath(root)) / at.parent.relative_to(root):
        raise OutputUnwritable(f"the folder {at.parent} is a link, or lies behind one; remove the link")
    with _reporting(f"cannot remove {at}, which is not a plain file", "remove it"):
        try:
            mode = at.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            at.unlink()


def _removed(git: Git, root: Path, tip: str, places: OwnPlaces, published: Set[str]) -> int:
    """Remove what a market's files here have and the branch has not; how many files there were."""
    rollback = _rollback_as_published(git, root / places.rollback, tip, str(places.rollback), published)
    return _swept(root, places, published) + rollback


def _swept(root: Path, places: OwnPlaces, published: Set[str]) -> int:
    """Remove the model files of another set; how many there were."""
    if str(places.models / MANIFEST_NAME) not in published:
        return 0
    files = (root / places.models).glob("*.joblib")
    foreign = [path for path in files if path.relative_to(root).as_posix() not in published]
    for path in foreign:
        with _reporting(f"cannot remove {path}, of another model set", "remove it"):
            path.unlink()
    return len(foreign)


def _rollback_as_published(git: Git, at: Path, tip: str, path: str, published: Set[str]) -> int:
    """Have a rollback here exactly where the branch has one; how many files were removed, none or one.

    A link or a folder in its place is restored as an empty file, which counts as a damaged rollback too.
    """
    if path in published:
        return 0
    if entries_at(git, tip, path):
        write_atomically(at, b"")
        return 0
    if not os.path.lexists(at):
        return 0
    with _reporting(f"cannot remove {at}, of a rollback that was lifted", "remove it"):
        at.unlink()
    return 1
