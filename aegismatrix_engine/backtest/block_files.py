"""The blocks of a backtest that are done: the files of each, and their tables put together.

``run.json`` holds ``asdict`` of every ``BlockFiles`` in a list ``blocks``, in the order of time.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from aegismatrix_engine.backtest.columns import COLUMNS, Kind
from aegismatrix_engine.backtest.tables import (
    TableContent,
    fault_of,
    read_table,
    table_content,
    table_path,
    write_content,
)
from aegismatrix_engine.errors import DataError

RUN_NAME: Final = "run.json"


@dataclass(frozen=True)
class TableFile:
    """One file of a block: its path below the backtest's folder, its rows, its bytes and their SHA-256 in hex."""

    path: str
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True)
class InsideCount:
    """Moments inside sessions: how many have forecasts, and why others have none -> how many these are."""

    moments: int
    left_out: Mapping[str, int]


@dataclass(frozen=True)
class BlockFiles:
    """What one block left.

    Attributes:
        market: its id.
        fitted: date of the last session that the block's models know; its first origin, or a session before it.
        first: date of the first origin.
        last: date of its last origin.
        files: table -> file.
        inside: its moments inside sessions; None where they were not asked for.
    """

    market: str
    fitted: str
    first: str
    last: str
    files: Mapping[Kind, TableFile]
    inside: InsideCount | None = None


@dataclass(frozen=True)
class BlockContent:
    """The tables of one block as the bytes of their files, before they are written; other fields as in ``BlockFiles``.

    Attributes:
        suffix: of the files, as ``table_suffix`` gives it.
    """

    market: str
    fitted: str
    first: str
    last: str
    suffix: str
    tables: Mapping[Kind, TableContent]
    inside: InsideCount | None = None

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(len(table.data) for table in self.tables.values())


_NAME_ONE: Final = "name the --output of one"
_BLOCKS: Final = TypeAdapter(list[BlockFiles])


def block_content(
    market: str,
    dates: tuple[pd.Timestamp, pd.Timestamp, pd.Timestamp],
    tables: Mapping[Kind, pd.DataFrame],
    suffix: str,
    inside: InsideCount | None = None,
) -> BlockContent:
    """What the files of a block hold.

    Args:
        market: its id.
        dates: the last session that its models know, its first and its last origin.
        tables: one of each kind.
        suffix: as ``table_suffix`` gives it.
        inside: as in ``BlockFiles``.
    """
    fitted, first, last = (f"{date:%Y-%m-%d}" for date in dates)
    contents = {kind: table_content(table, kind, suffix) for kind, table in tables.items()}
    return BlockContent(market, fitted, first, last, suffix, contents, inside)


def write_block(folder: Path, content: BlockContent) -> BlockFiles:
    """Write the files of a block, each whole or not at all; what they are called is what ``run.json`` keeps.

    Raises:
        OutputUnwritable: a file cannot be written.
    """
    files: dict[Kind, TableFile] = {}
    for kind, table in content.tables.items():
        path = table_path(folder, kind, content.market, pd.Timestamp(content.first), content.suffix)
        written = write_content(path, table)
        files[kind] = TableFile(path.relative_to(folder).as_posix(), written.rows, written.size, written.sha256)
    return BlockFiles(content.market, content.fitted, content.first, content.last, files, content.inside)


def finished_blocks(folder: Path) -> tuple[BlockFiles, ...]:
    """The blocks that ``run.json`` of a backtest's folder names as done, oldest first.

    Raises:
        DataError: there is no such file, or it is not that of a backtest.
    """
    path = folder / RUN_NAME
    try:
        blocks = _BLOCKS.validate_python(json.loads(path.read_bytes())["blocks"])
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(f"{path} cannot be read ({reason}); name the --output of `aegis backtest`") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = " ".join(str(part) for part in fault["loc"])
        raise DataError(
            f"{path} is not the file of a backtest (blocks {place}: {fault['msg']}); {_NAME_ONE}"
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = "it has no blocks" if isinstance(error, KeyError) else " ".join(str(error).split())[:200]
        raise DataError(f"{path} is not the file of a backtest ({reason}); {_NAME_ONE}") from error
    return tuple(sorted(blocks, key=lambda block: (block.market, block.first)))


def block_fault(folder: Path, block: BlockFiles) -> str | None:
    """Which file of a block is not the one that was written, and why; None where all of them are."""
    faults = ((folder / file.path, fault_of(folder / file.path, file.sha256)) for file in block.files.values())
    return next((f"{path} {fault}" for path, fault in faults if fault is not None), None)


def read_blocks(folder: Path, blocks: Sequence[BlockFiles], kind: Kind) -> pd.DataFrame:
    """One table of several blocks, in their order; of the oracle every close once.

    Raises:
        DataError: a file is missing, was cut or altered; or two blocks contradict each other about a close.
    """
    tables = [read_table(folder / block.files[kind].path, kind, block.files[kind].sha256) for block in blocks]
    if not tables:
        raise DataError(f"{folder}: no block of the backtest is done; run `aegis backtest` with this --output")
    joined = pd.DataFrame({name: _joined([table[name] for table in tables]) for name in COLUMNS[kind]})
    return _once(joined, folder) if kind == "oracle" else joined


def _joined(parts: "list[pd.Series[Any]]") -> "pd.Series[Any]":
    if isinstance(parts[0].dtype, pd.CategoricalDtype):
        return pd.Series(pd.api.types.union_categoricals(parts))
    return pd.concat(parts, ignore_index=True)


def _once(oracle: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Every close once; the last sessions that a block forecasts are those of the next block."""
    found = oracle.drop_duplicates(ignore_index=True)
    again = found.duplicated(["market", "target", "target_end_date"])
    if again.any():
        day = found["target_end_date"][again].iloc[0]
        raise DataError(
            f"{folder / 'oracle'}: two blocks disagree about the close of {day:%Y-%m-%d}, so they were made from other "
            "bars; run `aegis backtest` into another --output"
        )
    return found
