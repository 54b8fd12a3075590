"""The files of a record, wherever they are read from: plain ones of a limited size, and what is wrong with others."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aegismatrix_engine.files import pointer
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, Row
from aegismatrix_engine.state.plain_file import FileFault, read_plain_file

FOLDERS: Final[dict[type[Row], str]] = {ForecastRow: "forecasts", ResolutionRow: "resolutions"}

LARGEST_FILE: Final = 64 * 1024 * 1024
"""Bytes that a file may have; that of a session has a quarter of a megabyte."""

PLAIN_FILE_REMEDY: Final = "replace it by a plain file, or remove it"
_PERMISSIONS: Final = "check its permissions"
_REMOVED: Final = "was removed while the record was read; read it again"


@dataclass(frozen=True)
class LedgerFile:
    """One file of the ledger.

    Attributes:
        name: its path below the record's folder, for messages.
        kind: what its rows are.
        content: its bytes, empty where it has a fault.
        fault: why it cannot be used, empty where it can.
    """

    name: str
    kind: type[Row]
    content: bytes
    fault: str = ""

    @property
    def session(self) -> str:
        """The date in its name, that of every row in it."""
        return self.name.rpartition("/")[2].removesuffix(".csv")


def ledger_file(name: str, kind: type[Row], content: bytes) -> LedgerFile:
    """A file by its bytes; one that is too large, or only a pointer to its content, has a fault."""
    if len(content) > LARGEST_FILE:
        return LedgerFile(name, kind, b"", too_large())
    instead = pointer(content)
    return LedgerFile(name, kind, content) if instead is None else LedgerFile(name, kind, b"", instead)


def ledger_files(folder: Path, market: str, kind: type[Row]) -> Iterator[LedgerFile]:
    """The files of one kind below a record's folder, by their names; none where there is no such folder."""
    lead = f"{market}/{FOLDERS[kind]}"
    for year in _entries(folder / lead, lead, kind):
        if isinstance(year, LedgerFile):
            yield year
            continue
        name = f"{lead}/{shown_name(year.name)}"
        if year.is_symlink():
            fault = "is a link, expected a folder; replace it by the folder itself, or remove it"
            yield LedgerFile(name, kind, b"", fault)
        elif year.is_dir(follow_symlinks=False):
            for entry in _entries(Path(year.path), name, kind):
                if isinstance(entry, LedgerFile):
                    yield entry
                elif entry.name.endswith(".csv"):
                    yield read_ledger_file(Path(entry.path), f"{name}/{shown_name(entry.name)}", kind, _REMOVED)


def too_large() -> str:
    """What is wrong with a file that is too large."""
    return f"is larger than {LARGEST_FILE // 1024**2} MB, more than any of the ledger; restore it from git"


def plain_content(path: Path) -> bytes | str | None:
    """The bytes of a plain file, or why it cannot be used; None where there is none."""
    try:
        return read_plain_file(path, LARGEST_FILE)
    except FileFault as fault:
        if fault.kind == "missing":
            return None
        if fault.kind == "too_large":
            return too_large()
        if fault.kind in ("link", "not_plain"):
            return f"{fault.reason}; {PLAIN_FILE_REMEDY}"
        return f"{fault.reason}; {_PERMISSIONS}"


def read_ledger_file(path: Path, name: str, kind: type[Row], missing: str = "") -> LedgerFile:
    """A file on disk; one that is not there is empty, or has the fault ``missing``."""
    found = plain_content(path)
    if isinstance(found, bytes):
        return ledger_file(name, kind, found)
    return LedgerFile(name, kind, b"", found or missing)


def _entries(folder: Path, name: str, kind: type[Row]) -> "Iterator[os.DirEntry[str] | LedgerFile]":
    """What a folder holds, by name; nothing where there is no such folder, and its fault where it cannot be read."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        yield LedgerFile(name, kind, b"", f"cannot be read ({error.strerror}); {_PERMISSIONS}")
        return
    yield from entries


def shown_name(name: str) -> str:
    """A path as printable text: one on a disk or a branch may hold any bytes."""
    text = os.fsencode(name).decode(errors="replace")
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
