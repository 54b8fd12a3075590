"""The files of a publisher, read once: document, last values, record and models."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from aegismatrix_engine.document import check_json
from aegismatrix_engine.errors import ConfigurationError, DataError, InvalidDocument, OtherSchemaVersion
from aegismatrix_engine.files import pointer
from aegismatrix_engine.publishing.precedence import standing
from aegismatrix_engine.recent import RECENT_NAME


@dataclass(frozen=True)
class OwnPaths:
    """Where a publisher's files stand; relative ones from the folder it runs in."""

    document: Path
    record: Path
    models: Path


@dataclass(frozen=True)
class OwnFiles:
    """What is to be published, by paths inside the repository.

    document: a valid document, or one of another major schema version, which ``other_version`` then says: such a one
    may stay where it is published already, and is refused elsewhere. recent: the last values beside it, None where
    there are none. record, models: every file below those folders, none where there is no such folder. as_of: the
    document's.
    """

    document_path: str
    document: bytes
    as_of: str
    recent_path: str
    recent: bytes | None
    record_folder: str
    record: Mapping[str, bytes]
    models_folder: str
    models: Mapping[str, bytes]
    other_version: str = ""

    def paths(self) -> list[str]:
        """All that a publisher may write: two files and two folders."""
        return [self.document_path, self.recent_path, self.record_folder, self.models_folder]


def read_own(root: Path, folder: Path, paths: OwnPaths, *, replay: bool) -> OwnFiles:
    """The files below the work tree ``root``, of a publisher that runs in ``folder``.

    Raises:
        ConfigurationError: a path lies outside the work tree, or in another; the document is a replay and ``replay``
            does not allow it.
        DataError: the document is missing or breaks its contract; a file cannot be read, or is no plain one.
    """
    document, recent, record, models = own_places(root, folder, paths)
    content, as_of, other_version = _document(root, document, replay=replay)
    return OwnFiles(
        document_path=str(document),
        document=content,
        as_of=as_of,
        recent_path=str(recent),
        recent=_read(root, recent) if os.path.lexists(root / recent) else None,
        record_folder=str(record),
        record=_below(root, record),
        models_folder=str(models),
        models=_below(root, models),
        other_version=other_version,
    )


class OwnPlaces(NamedTuple):
    """The places of a publisher's files as git knows them: two files and two folders, none within another."""

    document: PurePosixPath
    recent: PurePosixPath
    record: PurePosixPath
    models: PurePosixPath


def own_places(root: Path, folder: Path, paths: OwnPaths) -> OwnPlaces:
    """Where the files of a publisher that runs in ``folder`` stand below the work tree ``root``.

    Raises:
        ConfigurationError: a path lies outside the work tree, or in another.
    """
    places = {
        "--output": paths.document,
        f"{RECENT_NAME} beside --output": paths.document.parent / RECENT_NAME,
        "--record": paths.record,
        "--models": paths.models,
    }
    inside = {name: place_inside(root, folder, path, name) for name, path in places.items()}
    for (name, path), (other, around) in permutations(inside.items(), 2):
        if path.is_relative_to(around):
            raise ConfigurationError(f"{name} ({path}) lies in {other} ({around}); give each a place of its own")
    return OwnPlaces(*inside.values())


def place_inside(root: Path, folder: Path, path: Path, name: str) -> PurePosixPath:
    """A path as git knows it, links followed; the work tree as a whole is no place for files of ours.

    Args:
        root: top of the work tree.
        folder: where relative paths begin.
        path: the place.
        name: of the option that names it, for messages.

    Raises:
        ConfigurationError: it lies outside of the work tree.
    """
    top, real = Path(os.path.realpath(root)), Path(os.path.realpath(folder / path))
    if real == top or not real.is_relative_to(top) or ".git" in real.relative_to(top).parts:
        raise ConfigurationError(f"{name} ({path}) is no place inside the work tree {root}; name one in it")
    return PurePosixPath(real.relative_to(top))


def _document(root: Path, path: PurePosixPath, *, replay: bool) -> tuple[bytes, str, str]:
    """A document that keeps its contract, its as_of, and why it could not be checked where it is of another version."""
    try:
        content = _read(root, path)
    except DataError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            raise DataError(
                f"there is no document at {path}; make it with `aegis infer`, or name it with --output"
            ) from error
        raise
    # Told before the rest, so that an old replay is refused for what it is.
    if not replay and _mode(content) == "replay":
        raise ConfigurationError(f"{path} is a replay of the past; publish it with --replay, or make a live one")
    try:
        return content, check_json(content).as_of, ""
    except OtherSchemaVersion as error:
        told = f"{path} is not published: {error}"
        if standing(content) is None:
            raise DataError(told) from error
        return content, json.loads(content)["as_of"], told
    except InvalidDocument as error:
        raise DataError(f"{path} is not published: {error}") from error


def _mode(content: bytes) -> object:
    try:
        parsed: Any = json.loads(content)
        return parsed["provenance"]["mode"]
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
        if not stat.S_ISREG((root / path).lstat().st_mode):
            raise DataError(f"{path} is a link or no plain file, which is not published; put a file in its place")
        content = (root / path).read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({(error.strerror or '').lower()}); check its permissions") from error
    instead = pointer(content)
    if instead is not None:
        raise DataError(f"{path} {instead}, then publish again")
    return content
