"""Blocks of a backtest that workers leave in a folder that the command sees, too; their bytes are not sent back."""

import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aegismatrix_engine.backtest.block_files import BlockContent, BlockFiles, write_block
from aegismatrix_engine.backtest.tables import TableContent, read_content
from aegismatrix_engine.errors import ConfigurationError


@contextmanager
def folder_of_run(shared: Path) -> Iterator[Path]:
    """A new folder in the shared one, for one run; removed at its end with all that is left in it.

    Raises:
        ConfigurationError: none can be made there.
    """
    folder = shared.absolute() / f"aegis-backtest-{os.urandom(8).hex()}"
    try:
        folder.mkdir()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(
            f"invalid --shared-folder {shared}: cannot make a folder in it ({reason}); name one that this machine and "
            "all workers can write to"
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_seen(folder: str) -> bool:
    """Whether the process that calls it sees the folder of a run."""
    return Path(folder).is_dir()


def unseen(folder: Path, worker: str) -> ConfigurationError:
    """The error that a worker does not see the folder of a run."""
    return ConfigurationError(
        f"worker {worker} does not see the shared folder {folder.parent}; make it visible there under the same path, "
        "or leave --shared-folder out"
    )


def put(folder: Path, content: BlockContent) -> BlockFiles:
    """Write a block into the folder of a run, each file whole; in a worker.

    Raises:
        ConfigurationError: this worker does not see the folder.
        OutputUnwritable: a file cannot be written.
    """
    if not is_seen(str(folder)):
        raise unseen(folder, platform.node())
    return write_block(folder, content)


def taken(folder: Path, block: BlockFiles, suffix: str) -> BlockContent:
    """What a worker has written of a block, whose files are then removed; in the command.

    Raises:
        DataError: a file is missing, or is not the one that the worker wrote.
    """
    tables = {}
    for kind, file in block.files.items():
        path = folder / file.path
        tables[kind] = TableContent(file.rows, read_content(path, file.sha256, "run the same command again"))
        path.unlink(missing_ok=True)
    return BlockContent(block.market, block.fitted, block.first, block.last, suffix, tables, block.inside)
