"""The files of a publisher, read once: document, last values, record and models."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from aegismatrix_engine.document import check_json
from aegismatrix_engine.errors import ConfigurationError, DataError, InvalidDocument, OtherSchemaVersion
from aegismatrix_engine.files import pointer
from aegismatrix_engine.publishing.own_places import OwnPlaces
from aegismatrix_engine.state.plain_file import TABLE_LIMIT, FileFault, read_plain_file
from aegismatrix_engine.state.precedence import document_dated_ahead, rank


@dataclass(frozen=True)
class MadeFiles:
    """The bytes of the document and last values that this process has just written, so that they are not read again."""

    document: bytes
    last_values: bytes


@dataclass(frozen=True)
class OwnFiles:
    """What is to be published, by paths inside the repository.

    Attributes:
        places: of the files.
        document: a valid document, or one of another major schema version, which may only stay where it is published.
        as_of, market: the document's.
        last_values: those beside it, None where there are none.
        record, models: path -> bytes of every file below those folders.
        other_version: why the document could not be checked; empty where it is valid.
    """

    places: OwnPlaces
    document: bytes
    as_of: str
    market: str
    last_values: bytes | None
    record: Mapping[str, bytes]
    models: Mapping[str, bytes]
    other_version: str = ""


def read_own(
    root: Path,
    places: OwnPlaces,
    now: datetime,
    *,
    replay: bool,
    made: MadeFiles | None = None,
    with_record: bool = True,
) -> OwnFiles:
    """The files of a publisher below the work tree ``root`` at ``now``.

    Args:
        root: top of the work tree.
        places: of the files.
        now: the time of the clock, with a zone.
        replay: whether a replay of the past may be published.
        made: files that this process has made, which are not read again.
        with_record: whether the record is published with them; several markets have one.

    Raises:
        ConfigurationError: the document is a replay and ``replay`` does not allow it.
        DataError: the document is missing, breaks its contract or is dated later than now; a file cannot be read, or is
            not a plain file.
    """
    content = _document(root, places.document) if made is None else made.document
    other_version = _checked(content, places.document, now, replay=replay)
    last_values: bytes | None = None
    if made is not None:
        last_values = made.last_values
    elif os.path.lexists(root / places.last_values):
        last_values = _read(root, places.last_values)
    described = json.loads(content)
    return OwnFiles(
        places=places,
        document=content,
        as_of=str(described["as_of"]),
        market=str(described.get("market_id", "")),
        last_values=last_values,
        record=files_below(root, places.record) if with_record else {},
        models={
            path: content for path, content in files_below(root, places.models).items() if places.holds_model(path)
        },
        other_version=other_version,
    )


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
    """Refuse a document that breaks its contract; returns why one of another version could not be checked."""
    # Checked first, so that an old replay is refused as a replay. A withdrawn document, which was restored from the
    # branch, is accepted whatever its mode: a training is published beside it.
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


def files_below(root: Path, folder: PurePosixPath) -> dict[str, bytes]:
    """Path -> bytes of every file below a folder of the work tree, but for unfinished files of other processes.

    Raises:
        DataError: it is not a folder, or a file of it cannot be read, is not a plain file, or is a pointer.
    """
    if not os.path.lexists(root / folder):
        return {}
    if not (root / folder).is_dir():
        raise DataError(f"{folder} is not a folder; remove it or name another")
    found = (path for path in _files(root, folder) if not (path.name.startswith(".aegis-") and path.suffix == ".tmp"))
    return {str(path): _read(root, path) for path in found}


def _files(root: Path, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    for at, folders, names in os.walk(root / folder, onerror=_unreadable):
        folders.sort()
        here = PurePosixPath(Path(at).relative_to(root))
        # A link to a folder is not followed: reading it as a file refuses it.
        yield from (
            here / name for name in [*folders, *sorted(names)] if name in names or (root / here / name).is_symlink()
        )


def _unreadable(error: OSError) -> None:
    raise DataError(f"{error.filename} cannot be read ({(error.strerror or '').lower()}); check its permissions")


def _read(root: Path, path: PurePosixPath) -> bytes:
    """The bytes of a plain file that is not a pointer to another."""
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
