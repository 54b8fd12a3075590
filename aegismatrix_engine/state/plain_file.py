"""The one reader of files that an earlier run or anybody else left: a plain file of limited size, or a fault.

A pipe or a device never ends, a link leads anywhere, and a file of gigabytes fills the memory: each is refused before
it is read.
"""

import os
import stat
from pathlib import Path
from typing import Final, Literal

FaultKind = Literal["missing", "forbidden", "link", "not_plain", "too_large", "unreadable", "content"]

KIBI, MEBI = 2**10, 2**20
DOCUMENT_LIMIT: Final = 8 * MEBI
"""Bytes of a document, which has 50 thousand; of last values and calendars, which have less."""

TABLE_LIMIT: Final = 256 * MEBI
"""Bytes of a table of bars: a century of minutes has some 200 million."""


CHUNK: Final = 1 << 20
"""Bytes that are read at once of a file that has grown."""

_KINDS: Final = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class FileFault(Exception):
    """Why a file was not read, as a clause without its name: 'is a link, not a plain file'."""

    def __init__(self, kind: FaultKind, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason


def read_plain_file(path: Path, limit: int, *, follow_links: bool = False) -> bytes:
    """The bytes of a plain file.

    Args:
        path: the file.
        limit: bytes it may have.
        follow_links: whether it may be a link to a plain file. An operator's own file may; what a branch or a former
            run left may not.

    Raises:
        FileFault: there is none, it may not be read, it is a link, a folder, pipe or device, or it is too large.
    """
    # Opened once and judged by what was opened, so that nothing can be swapped in between; never waiting for a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | (0 if follow_links else getattr(os, "O_NOFOLLOW", 0))
    try:
        descriptor = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileFault("missing", "is not there") from error
    except PermissionError as error:
        raise FileFault("forbidden", f"may not be read{_by_whom()} ({_words(error)})") from error
    except (OSError, ValueError) as error:
        if not follow_links and path.is_symlink():
            raise FileFault("link", "is a link, not a plain file") from error
        raise FileFault("unreadable", f"cannot be read ({_words(error)})") from error
    try:
        found = os.fstat(descriptor)
        wrong = not_plain(found.st_mode)
        if wrong is not None:
            raise FileFault("not_plain", wrong)
        if found.st_size > limit:
            raise FileFault("too_large", f"has {found.st_size:,} bytes, more than the {limit:,} allowed")
        content = _read(descriptor, found.st_size, limit + 1)
    except OSError as error:
        raise FileFault("unreadable", f"cannot be read ({_words(error)})") from error
    finally:
        os.close(descriptor)
    if len(content) > limit:
        raise FileFault("too_large", f"grew beyond the {limit:,} bytes allowed while it was read")
    return content


def _read(descriptor: int, size: int, most: int) -> bytes:
    """A file of about so many bytes, up to ``most`` where it has grown.

    Memory is asked for as it is needed: to ask for ``most`` each time takes longer than to read a small file.
    """
    content = os.read(descriptor, size + 1)
    while len(content) < most and (more := os.read(descriptor, min(most - len(content), CHUNK))):
        content += more
    return content


def not_plain(mode: int) -> str | None:
    """'is a pipe, not a plain file', by a file's ``st_mode``; None for a plain file."""
    if stat.S_ISREG(mode):
        return None
    return f"is {next((words for is_kind, words in _KINDS if is_kind(mode)), 'a device')}, not a plain file"


def _by_whom() -> str:
    return f" by user {os.geteuid()}" if hasattr(os, "geteuid") else ""


def _words(error: OSError | ValueError) -> str:
    return ((error.strerror if isinstance(error, OSError) else None) or str(error)).lower()
