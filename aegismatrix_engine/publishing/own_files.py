"""The files of a publisher, read once: document, last values, record and models."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from aegismatrix_engine.document import check_json
from aegismatrix_engine.errors import ConfigurationError, DataError, InvalidDocument, OtherSchemaVersion
from aegismatrix_engine.files import pointer
from aegismatrix_engine.state.beside import LAST_VALUES_NAME, ROLLBACK_NAME
from aegismatrix_engine.state.plain_file import TABLE_LIMIT, FileFault, read_plain_file
from aegismatrix_engine.state.precedence import document_dated_ahead, rank


@dataclass(frozen=True)
class OwnPaths:
    """Where a publisher's files stand; relative ones from the folder it runs in."""

    document: Path
    record: Path
    models: Path


@dataclass(frozen=True)
class MadeFiles:
    """What this process has just written, so that nothing of it is read again.

    Attributes:
        document: the document's bytes.
        last_values: those of the last values beside it.
    """

    document: bytes
    last_values: bytes


@dataclass(frozen=True)
class OwnFiles:
    """What is to be published, by paths inside the repository.

    document: a valid document, or one of another major schema version, which ``other_version`` then says: such a one
    may stay where it is published already, and is refused elsewhere. recent: the last values beside it, None where
    there are none. record, models: every file below those folders, none where there is no such folder. as_of, market:
    the document's. rollback_path: where the branch says that its models were rolled back; a file of ours there is never
    published.
    """

    document_path: str
    document: bytes
    as_of: str
    market: str
    last_values_path: str
    last_values: bytes | None
    record_folder: str
    record: Mapping[str, bytes]
    models_folder: str
    models: Mapping[str, bytes]
    rollback_path: str
    other_version: str = ""

    def paths(self) -> list[str]:
        """All that a publisher may write: two files and two folders."""
        return [self.document_path, self.last_values_path, self.record_folder, self.models_folder]


def read_own(
    root: Path, folder: Path, paths: OwnPaths, now: datetime, *, replay: bool, made: MadeFiles | None = None
) -> OwnFiles:
    """The files below the work tree ``root``, of a publisher that runs in ``folder`` at ``now``.

    Args:
        root: top of the work tree.
        folder: where relative paths begin.
        paths: of the files.
        now: what the clock says, with a zone.
        replay: whether a replay of the past may be published.
        made: those that this process has made, which are not read.

    Raises:
        ConfigurationError: a path lies outside the work tree, or in another; the document is a replay and ``replay``
            does not allow it.
        DataError: the document is missing, breaks its contract or is dated later than now; a file cannot be read, or is
            no plain one.
    """
    document, last_values, record, models, rollback = own_places(root, folder, paths)
    content = _document(root, document) if made is None else made.document
    other_version = _checked(content, document, now, replay=replay)
    if made is not None:
        last_values_content: bytes | None = made.last_values
    else:
        last_values_content = _read(root, last_values) if os.path.lexists(root / last_values) else None
    described = json.loads(content)
    return OwnFiles(
        document_path=str(document),
        document=content,
        as_of=str(described["as_of"]),
        market=str(described.get("market_id", "")),
        last_values_path=str(last_values),
        last_values=last_values_content,
        record_folder=str(record),
        record=_below(root, record),
        models_folder=str(models),
        models=_below(root, models),
        rollback_path=str(rollback),
        other_version=other_version,
    )


class OwnPlaces(NamedTuple):
    """The places of a publisher's files as git knows them: three files and two folders, none within another."""

    document: PurePosixPath
    last_values: PurePosixPath
    record: PurePosixPath
    models: PurePosixPath
    rollback: PurePosixPath


def own_places(root: Path, folder: Path, paths: OwnPaths) -> OwnPlaces:
    """Where the files of a publisher that runs in ``folder`` stand below the work tree ``root``.

    Raises:
        ConfigurationError: a path lies outside the work tree, or in another.
    """
    places = {
        "--output": paths.document,
        f"{LAST_VALUES_NAME} beside --output": paths.document.parent / LAST_VALUES_NAME,
        "--record": paths.record,
        "--models": paths.models,
        f"{ROLLBACK_NAME} beside --output": paths.document.parent / ROLLBACK_NAME,
    }
    inside = {name: place_inside(root, folder, path, name, of_file="--output" in name) for name, path in places.items()}
    for (name, path), (other, around) in permutations(inside.items(), 2):
        if path.is_relative_to(around):
            raise ConfigurationError(f"{name} ({path}) lies in {other} ({around}); give each a place of its own")
    return OwnPlaces(*inside.values())


def place_inside(root: Path, folder: Path, path: Path, name: str, *, of_file: bool = False) -> PurePosixPath:
    """A path as git knows it, links followed; the work tree as a whole is no place for files of ours.

    Args:
        root: top of the work tree.
        folder: where relative paths begin.
        path: the place.
        name: of the option that names it, for messages.
        of_file: whether it is that of a file, which is never a link: what stands there is not followed, only the way.

    Raises:
        ConfigurationError: it lies outside of the work tree, or is a link to a folder that is not there.
    """
    top, at = Path(os.path.realpath(root)), folder / path
    if not of_file and at.is_symlink() and not at.exists():
        raise ConfigurationError(f"{name} ({path}) is a link to nowhere; remove it, or make the folder it leads to")
    way = of_file and at.name not in ("", "..")
    real = Path(os.path.realpath(at.parent)) / at.name if way else Path(os.path.realpath(at))
    if real == top or not real.is_relative_to(top) or ".git" in real.relative_to(top).parts:
        raise ConfigurationError(f"{name} ({path}) is no place inside the work tree {root}; name one in it")
    return PurePosixPath(real.relative_to(top))


def _document(root: Path, path: PurePosixPath) -> bytes:
    try:
        return _read(root, path)
    except DataError as error:
        if isinstance(error.__cause__, FileFault) and error.__cause__.kind == "missing":
            raise DataError(
                f"there is no document at {path}; make it with `aegis infer`, or name it with --output"
            ) from error
        raise


def _checked(content: bytes, path: PurePosixPath, now: datetime, *, replay: bool) -> str:
    """Refuse a document that breaks its contract; why it could not be checked where it is of another version."""
    # Told before the rest, so that an old replay is refused for what it is. One that was withdrawn is no live document
    # either, and is what restoring brought: a training is published beside it.
    if not replay and _mode(content) == "replay":
        raise ConfigurationError(f"{path} is a replay of the past; publish it with --replay, or make a live one")
    ahead = document_dated_ahead(content, now)
    if ahead is not None:
        raise DataError(f"{path} is not published: {ahead}; set the machine's clock right and make it again")
    try:
        check_json(content)
    except OtherSchemaVersion as error:
        described = f"{path} is not published: {error}"
        if rank(content) is None:
            raise DataError(described) from error
        return described
    except InvalidDocument as error:
        raise DataError(f"{path} is not published: {error}") from error
    return ""


def _mode(content: bytes) -> object:
    try:
        parsed: Any = json.loads(content)
        return "withdrawn" if parsed["health"]["status"] == "withdrawn" else parsed["provenance"]["mode"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _below(root: Path, folder: PurePosixPath) -> dict[str, bytes]:
    """Every file below a folder, but for those another process is writing."""
    if not os.path.lexists(root / folder):
        return {}
    if not (root / folder).is_dir():
        raise DataError(f"{folder} is no folder; remove it or name another")
    return {str(path): _read(root, path) for path in _files(root, folder) if not _unfinished(path)}


def _files(root: Path, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    for at, folders, names in os.walk(root / folder, onerror=_unreadable):
        folders.sort()
        here = PurePosixPath(Path(at).relative_to(root))
        # A link to a folder is not walked into: reading it as a file refuses it.
        yield from (
            here / name for name in [*folders, *sorted(names)] if name in names or (root / here / name).is_symlink()
        )


def _unfinished(path: PurePosixPath) -> bool:
    return path.name.startswith(".aegis-") and path.suffix == ".tmp"


def _unreadable(error: OSError) -> None:
    raise DataError(f"{error.filename} cannot be read ({(error.strerror or '').lower()}); check its permissions")


def _read(root: Path, path: PurePosixPath) -> bytes:
    """The bytes of a plain file; a link could lead anywhere, a pipe would never end, a pointer holds nothing."""
    try:
        content = read_plain_file(root / path, TABLE_LIMIT)
    except FileFault as fault:
        if fault.kind in ("missing", "forbidden", "unreadable"):
            raise DataError(f"{path} {fault.reason}; check its permissions") from fault
        raise DataError(f"{path} {fault.reason}, which is not published; put a plain file in its place") from fault
    instead = pointer(content)
    if instead is not None:
        raise DataError(f"{path} {instead}, then publish again")
    return content
