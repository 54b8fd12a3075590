"""A document as text, and putting it where readers look so that none ever sees half of it."""

import contextlib
import json
import os
import stat
from pathlib import Path

from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.errors import OutputUnwritable

LEFT_BEHIND_SECONDS = 3600.0
"""Age from which a temporary file counts as left behind by a killed process: writing one takes milliseconds."""


def dump(document: Document) -> str:
    """The document as JSON: fields in the order of their models, absent ones left out, one newline at the end.

    The same document gives the same text. Characters outside ASCII stand as themselves, to be encoded as UTF-8.
    """
    content = document.model_dump(mode="json", exclude_none=True)
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_atomically(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` whole: a reader sees the old file or the new one, also when power fails half way.

    The bytes go to a temporary file in the same folder, are forced to disk, and the file is renamed over the old one.
    The new file's mode is what the umask leaves of 0666. A symbolic link is followed: the file it names is replaced.
    Temporary files that killed processes left in the folder over an hour ago are removed.

    Raises:
        OutputUnwritable: the folder is missing or read-only, the disk is full, ``path`` is a folder; what stood there
            before stands there still.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise OutputUnwritable(f"cannot write {str(path)!r}: it is a folder; name a file in it")
        if target.exists() and not target.is_file():
            raise OutputUnwritable(f"cannot write {str(path)!r}: it is a device or a pipe; name a plain file")
        temporary = target.parent / f".aegis-{os.urandom(8).hex()}.tmp"
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


def _write_through(temporary: Path, data: bytes) -> None:
    """A new file holding ``data``, on disk; half of one where that fails."""
    # O_EXCL: never through a link someone put there; 0o666 lets the kernel apply the umask.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Force the rename to disk, where the file system can."""
    # The new file stands already: a folder that cannot be synced leaves old or new after a power failure, both whole.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep(written: Path) -> None:
    """Remove temporary files of former processes beside a file just written, whose time is the file system's now."""
    # What cannot be removed harms nothing, and is tried again with the next document.
    with contextlib.suppress(OSError):
        now = written.stat().st_mtime
        for path in written.parent.glob(".aegis-*.tmp"):
            found = path.lstat()
            if stat.S_ISREG(found.st_mode) and now - found.st_mtime > LEFT_BEHIND_SECONDS:
                path.unlink()


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).lower()
