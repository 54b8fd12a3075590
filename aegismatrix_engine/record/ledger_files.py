"""The files of a record, wherever they are read from: plain ones of a sane size, and what is wrong with any other."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aegismatrix_engine.files import pointer
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, Row

FOLDERS: Final[dict[type[Row], str]] = {ForecastRow: "forecasts", ResolutionRow: "resolutions"}

LARGEST_FILE: Final = 64 * 1024 * 1024
"""Bytes from which on a file is none of the ledger's; a session's is a quarter of a megabyte."""

_KINDS: Final = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


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


def not_plain(mode: int) -> str | None:
    """In words, what stands in the place of a plain file, by its ``st_mode``; None for a plain file."""
    if stat.S_ISREG(mode):
        return None
    found = next((words for is_kind, words in _KINDS if is_kind(mode)), "a device")
    return f"is {found}, expected a plain file; put one in its place, or remove it"


def plain_content(path: Path) -> bytes | str:
    """The bytes of a plain file, or in words why it cannot be used.

    Nothing that is no plain file is opened for longer than it takes to see that: a pipe would never end.

    Raises:
        FileNotFoundError, NotADirectoryError: there is none.
    """
    try:
        mode = path.lstat().st_mode
        wrong = not_plain(mode)
        if wrong is not None:
            return wrong
        # What was put there since is not followed, and not waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            wrong = not_plain(os.fstat(descriptor).st_mode)
            content = b"" if wrong else file.read(LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        return _unreadable(error)
    return wrong or content


def _read(path: Path, name: str, kind: type[Row]) -> LedgerFile:
    try:
        found = plain_content(path)
    except FileNotFoundError:
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
