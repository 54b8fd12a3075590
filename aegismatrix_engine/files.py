"""Writing a file whole or not at all, and recognising files that are not the file meant: a pointer to it, an archive, a
web page, or an unfinished merge.
"""

import contextlib
import os
import re
import stat
from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import OutputUnwritable

LEFT_BEHIND_SECONDS: Final = 3600.0
"""Age from which a temporary file counts as left behind by a killed process: writing one takes milliseconds."""

WORKING_FILES: Final = ".aegis-"
"""What the names of files begin with that are there only while a process writes."""

POINTER_SIZE: Final = 1024
"""Limit of a Git LFS pointer, by its specification (git-lfs, docs/spec.md)."""

# Their first lines; hawser was the name of Git LFS before its first version.
_POINTERS: Final = (
    (re.compile(rb"version https://(git-lfs\.github\.com|hawser\.github\.com)/spec/"), "Git LFS", "git lfs pull"),
    (re.compile(rb"(/|(\.\./)*\.git/)annex/objects/"), "git-annex", "git annex get"),
)
_PAGE: Final = re.compile(rb"\s*<(!--|(!doctype html|html|head|body)\b)", re.IGNORECASE)
_MERGE: Final = tuple(re.compile(line, re.MULTILINE) for line in (rb"^<{7} ", rb"^={7}\r?$", rb"^>{7} "))
_PACKED: Final = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def pointer(content: bytes) -> str | None:
    """'is a Git LFS pointer, its content is not here; run `git lfs pull`'; None for a file that is no pointer."""
    if len(content) > POINTER_SIZE:
        return None
    start = content.removeprefix(_BYTE_ORDER_MARK).lstrip()
    kinds = ((kind, command) for first, kind, command in _POINTERS if first.match(start))
    return next((f"is a {kind} pointer, its content is not here; run `{command}`" for kind, command in kinds), None)


def stand_in(content: bytes) -> str | None:
    """What a file is that was put in place of a text file by mistake, with the remedy; None for any other.

    A pointer, an archive, a web page (the answer to a download without a login), or both sides of a git merge.
    """
    packed = next((kind for start, kind in _PACKED if content.startswith(start)), None)
    if packed is not None:
        return f"is not UTF-8 text but {packed}; unpack it, or save it as text"
    if _PAGE.match(content.removeprefix(_BYTE_ORDER_MARK)):
        return "is a web page (HTML); download the file itself"
    # Hardly any file has such a run of characters, and searching for it is far quicker than for lines.
    if b"<<<<<<< " in content and all(line.search(content) for line in _MERGE):
        return "holds both sides of a git merge (<<<<<<<, >>>>>>>); resolve it"
    return pointer(content)


def write_atomically(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` whole: a reader sees the old file or the new one, also when power fails half way.

    The bytes go to a temporary file in the same folder, are forced to disk, and the file is renamed over the old one.
    The new file's mode is what the umask leaves of 0666. A symbolic link is followed: the file it names is replaced.
    Temporary files that killed processes left in the folder over an hour ago are removed.

    Raises:
        OutputUnwritable: the folder is missing or read-only, the disk is full, ``path`` is a folder; a former file is
            unchanged.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise OutputUnwritable(f"cannot write {str(path)!r}: it is a folder; name a file in it")
        if target.exists() and not target.is_file():
            raise OutputUnwritable(f"cannot write {str(path)!r}: it is a device or a pipe; name a plain file")
        temporary = target.parent / f"{WORKING_FILES}{os.urandom(8).hex()}.tmp"
        try:
            _write_through(temporary, data)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _settle(target.parent)
        _sweep(target)
    except (OSError, ValueError) as error:
        raise OutputUnwritable(
            f"cannot write {str(path)!r}: {_reason(error)}; make room or name a file in a folder that can be written"
        ) from error


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, where they are not there; raises OutputUnwritable where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(
            f"cannot make the folder {str(folder)!r}: {_reason(error)}; remove what is in its place, or name another"
        ) from error


def _write_through(temporary: Path, data: bytes) -> None:
    """Write ``data`` to a new file and force it to disk."""
    # O_EXCL: never through a link someone put there; 0o666 lets the kernel apply the umask.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Force the rename to disk, where the file system can."""
    # Without it a power failure leaves the old file or the new one, both whole.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep(written: Path) -> None:
    """Remove temporary files of former processes beside a file just written, whose time is the file system's now."""
    # A file that cannot be removed does no harm, and the next document tries again.
    with contextlib.suppress(OSError):
        now = written.stat().st_mtime
        for path in written.parent.glob(f"{WORKING_FILES}*.tmp"):
            found = path.lstat()
            if stat.S_ISREG(found.st_mode) and now - found.st_mtime > LEFT_BEHIND_SECONDS:
                path.unlink()


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).lower()
