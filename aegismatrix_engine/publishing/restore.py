"""Restore: the published files of a remote branch put into the work tree, from which a run goes on.

Only files move: the checkout's index, its branches and its refs stay as they are.
"""

import os
import stat
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME
from aegismatrix_engine.errors import DataError, OutputUnwritable
from aegismatrix_engine.files import POINTER_SIZE, pointer, write_atomically
from aegismatrix_engine.network.retries import Pauses
from aegismatrix_engine.publishing.branch_history import entries_at
from aegismatrix_engine.publishing.commits import blob, files_at, sizes_at
from aegismatrix_engine.publishing.destination import Destination
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.ledger_rows import united
from aegismatrix_engine.publishing.merge import LEDGER_ENDINGS, is_blob
from aegismatrix_engine.publishing.own_files import OwnPaths, OwnPlaces
from aegismatrix_engine.publishing.published_branch import PublishedBranch
from aegismatrix_engine.state.plain_file import TABLE_LIMIT, FileFault, read_plain_file
from aegismatrix_engine.state.precedence import document_dated_ahead, set_dated_ahead

__all__ = ["OwnPaths", "Restored", "restore"]


FILE_ENDINGS: Final = (*LEDGER_ENDINGS, ".json", ".joblib", ".html")
"""How files of ours end, and no folder."""

SECONDS: Final = 60.0
"""Limit for one exchange with the remote."""


@dataclass(frozen=True)
class Restored:
    """What became of a run.

    Attributes:
        destination: remote and branch.
        commit: the one that was read; None without such a branch.
        written: files that changed here.
        removed: files that went: models of another set, a rollback that the branch does not have.
        record: size in bytes of each file of the published record, by its path.
        left: what was left where it is because it is dated later than now, a clause each.
        foreign: paths that were left because no file of ours can stand there, because of their size, or because a
            pointer to the file stands in its place.
    """

    destination: Destination
    commit: str | None
    written: int = 0
    removed: int = 0
    record: Mapping[str, int] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def restore(
    folder: Path, paths: OwnPaths, branch: str, now: datetime, *, seconds: float = SECONDS, pauses: Pauses | None = None
) -> Restored:
    """Write a branch's document, last values, record and model set over those in the work tree.

    Model files that the branch does not have go, where it has a set at all, and so does a rollback. Rows of the record
    that are here alone stay: they are still to be published. A document or model set dated later than ``now`` is left
    on the branch, and what is here stays. Where the branch does not exist nothing is touched.

    Raises:
        ConfigurationError: no work tree, no remote to be found, paths outside.
        DataError: the branch holds a path that no file may have, or a ledger of ours has another header than theirs.
        OutputUnwritable: a file cannot be written; no git, or one that is too old; git does not read the repository;
            the remote refuses access, or cannot be found.
        RemoteUnreachable: the remote cannot be reached.
    """
    published = PublishedBranch.of(folder, paths, branch)
    git, root, places = published.git, published.top, published.places
    # A year of documents is not needed to go on from the last.
    tip = published.remote.fetched("--depth=1", "nothing was restored", seconds, pauses)
    if tip is None:
        return Restored(published.destination, None)
    there = files_at(git, tip, [str(place) for place in places])
    for path in there:
        if not set(PurePosixPath(path).parts).isdisjoint((".", "..", ".git")):
            raise DataError(f"{published.destination} holds {path!r}, which is no path for a file; remove it there")
    sizes = sizes_at(git, tip, [str(place) for place in places])
    foreign = sorted(path for path in there if _stands_aside(git, path, there[path], sizes.get(path, 0), places))
    for path in foreign:
        del there[path]
    record = {path: sizes[path] for path in there if PurePosixPath(path).is_relative_to(places.record)}
    left = _dated_ahead(git, there, places, now)
    for path in [path for path in there if any(PurePosixPath(path).is_relative_to(place) for place in left)]:
        del there[path]
    written = sum(_put(git, root, id_, path, places) for path, id_ in sorted(there.items(), key=_last_named))
    removed = _swept(root, places, there.keys())
    removed += _rollback_as_published(git, root / places.rollback, tip, str(places.rollback), there.keys())
    return Restored(
        published.destination, tip, written, removed, record, tuple(filter(None, left.values())), tuple(foreign)
    )


def _stands_aside(git: Git, path: str, id_: str, size: int, places: OwnPlaces) -> bool:
    """Whether what a branch holds at a path is left there: too large, in a place of no file of ours, or a pointer."""
    if size > TABLE_LIMIT or not _may_stand_at(path, places):
        return True
    # A row cannot be appended to a pointer, and what it points to is elsewhere.
    in_record = PurePosixPath(path).is_relative_to(places.record)
    return in_record and size <= POINTER_SIZE and pointer(blob(git, id_)) is not None


def _may_stand_at(path: str, places: OwnPlaces) -> bool:
    """Whether a file of ours can stand there: never in a folder whose name is that of a file, nor in place of one.

    A name without an ending is a folder's: of a market, a kind of rows or a year.
    """
    at = PurePosixPath(path)
    if at in (places.document, places.last_values, places.rollback):
        return True
    if at.parent == places.models:
        return True
    if places.record not in at.parents or not at.suffix:
        return False
    return all(PurePosixPath(folder).suffix not in FILE_ENDINGS for folder in at.relative_to(places.record).parts[:-1])


def _dated_ahead(git: Git, there: Mapping[str, str], places: OwnPlaces, now: datetime) -> dict[PurePosixPath, str]:
    """What is not restored because it cannot be believed: place -> why, told once for the document and its values."""
    found: dict[PurePosixPath, str] = {}
    document, manifest = there.get(str(places.document)), there.get(str(places.models / MANIFEST_NAME))
    ahead = None if document is None else document_dated_ahead(blob(git, document), now)
    if ahead is not None:
        found |= {places.document: f"the published document cannot be believed: {ahead}", places.last_values: ""}
    ahead = None if manifest is None else set_dated_ahead(blob(git, manifest), now)
    if ahead is not None:
        found[places.models] = f"the published model set cannot be believed: {ahead}"
    return found


def _last_named(item: tuple[str, str]) -> tuple[bool, str]:
    """A manifest after the files it names, so that a run killed in between leaves no set that looks whole."""
    return PurePosixPath(item[0]).name == MANIFEST_NAME, item[0]


def _here(at: Path, path: str) -> bytes | None:
    """What stands in a file's place; None where nothing does, or nothing that holds rows of ours."""
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
    try:
        at.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputUnwritable(f"cannot make the folder {at.parent}: {reason}; make way for it") from error
    write_atomically(at, content)
    return True


def _clear(root: Path, at: Path) -> None:
    """Take away what no file of ours is, a link or a pipe, where one is to stand; a folder there is not emptied.

    Raises:
        OutputUnwritable: it cannot be taken away, or the file's folder is reached over a link, which leads anywhere.
    """
    folder = Path(os.path.realpath(at.parent))
    if folder != Path(os.path.realpath(root)) / at.parent.relative_to(root):
        raise OutputUnwritable(f"the folder {at.parent} is a link, or lies behind one; remove the link")
    try:
        mode = at.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            at.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputUnwritable(f"cannot remove {at}, which is no plain file: {reason}; remove it") from error


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


def _rollback_as_published(git: Git, at: Path, tip: str, path: str, published: Set[str]) -> int:
    """Have a rollback stand here exactly where the branch has one; how many files went, none or one.

    A link or a folder in its place cannot be restored: an empty file, which cannot be read either, says that it is
    there.
    """
    if path in published:
        return 0
    if entries_at(git, tip, path):
        write_atomically(at, b"")
        return 0
    if not os.path.lexists(at):
        return 0
    try:
        at.unlink()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputUnwritable(f"cannot remove {at}, of a rollback that was lifted: {reason}; remove it") from error
    return 1


def _below(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
