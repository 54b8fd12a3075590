"""One run at a time in the folder of a backtest: a lock of the operating system, which ends with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import ConfigurationError, OutputUnwritable
from aegismatrix_engine.files import WORKING_FILES

LOCK_NAME: Final = f"{WORKING_FILES}run.lock"


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Keeps other runs out of a folder, which is made where it is missing.

    The file of the lock is removed at the end. One that a killed run has left locks nothing.

    Raises:
        ConfigurationError: another run is at work in the folder.
        OutputUnwritable: the folder cannot be made, or no file in it can be locked.
    """
    path = folder / LOCK_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(path)
    except BlockingIOError as error:
        raise ConfigurationError(
            f"another run is at work in {folder}; wait until it has ended, or name another --output"
        ) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputUnwritable(f"{folder}: cannot make or lock the folder ({reason}); name another --output") from error
    try:
        yield
    finally:
        # While it is locked: whoever opens the same file now finds it gone once it can lock it, and makes another.
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(path: Path) -> int:
    """The descriptor of the file at the path, made where it is missing; raises BlockingIOError where it is locked."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Else its holder has removed it meanwhile.
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
