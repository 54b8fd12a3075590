"""The files of a record, wherever they are read from: plain ones of a sane size, and what is wrong with any other."""

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
"""Bytes from which on a file is none of the ledger's; a session's is a quarter of a megabyte."""

PLAIN_FILE_REMEDY: Final = "put one in its place, or remove it"


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
        """The date in its name, which every row of it has to be of."""
        return self.name.rpartition("/")[2].removesuffix(".csv")


def ledger_file(name: str, kind: type[Row], content: bytes) -> LedgerFile:
    """A file by its bytes; one that is too large, or only points to the one meant, has a fault."""
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
        elif year.is_symlink():
            yield LedgerFile(f"{lead}/{_shown(year)}", kind, b"", f"is a link, expected a folder; {_REMEDY}")
        elif year.is_dir(follow_symlinks=False):
            for entry in _entries(Path(year.path), f"{lead}/{_shown(year)}", kind):
                if isinstance(entry, LedgerFile):
                    yield entry
                elif entry.name.endswith(".csv"):
                    yield _read(Path(entry.path), f"{lead}/{_shown(year)}/{_shown(entry)}", kind)


_REMEDY: Final = "put the folder itself in its place, or remove it"


def too_large() -> str:
    """In words, that a file is larger than any of the ledger."""
    return f"is larger than {LARGEST_FILE // 1024**2} MB, more than any of the ledger; restore it from git"


def plain_content(path: Path) -> bytes | str | None:
    """The bytes of a plain file, or in words why it cannot be used; None where there is none."""
    try:
        return read_plain_file(path, LARGEST_FILE)
    except FileFault as fault:
        if fault.kind == "missing":
            return None
        if fault.kind == "too_large":
            return too_large()
        if fault.kind in ("link", "not_plain"):
            return f"{fault.reason}; {PLAIN_FILE_REMEDY}"
        return f"{fault.reason}; check its permissions"


def _read(path: Path, name: str, kind: type[Row]) -> LedgerFile:
    found = plain_content(path)
    if found is None:
        found = "went away while the record was read; read it again"
    return LedgerFile(name, kind, b"", found) if isinstance(found, str) else ledger_file(name, kind, found)


def _entries(folder: Path, name: str, kind: type[Row]) -> "Iterator[os.DirEntry[str] | LedgerFile]":
    """What a folder holds, by name; nothing where there is no such folder, and its fault where it cannot be read."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        yield LedgerFile(name, kind, b"", _unreadable(error))
        return
    yield from entries


def shown_name(name: str) -> str:
    """A path as text that a document and a line may hold, which one on a disk or a branch need not be."""
    text = os.fsencode(name).decode(errors="replace")
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _shown(entry: "os.DirEntry[str]") -> str:
    return shown_name(entry.name)


def _unreadable(error: OSError) -> str:
    return f"cannot be read ({error.strerror}); check its permissions"
