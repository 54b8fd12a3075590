"""The tables of a backtest: what their columns are, and how the table of one block is written and read.

    forecasts/nifty50-2014-01-02.parquet     every forecast and what came of it; docs/record.md names the columns
    quantiles/nifty50-2014-01-02.parquet     distributions of the close, in the columns of hubverse model output
    oracle/nifty50-2014-01-02.parquet        what happened, in those of hubverse oracle output

A file is named by its market and by the first session of its block, which ``table_path`` does. Where pyarrow is not
installed (the extra ``backtest``) the same columns are written as csv.gz: dates as YYYY-MM-DD, nothing where a value is
missing, numbers with as many digits as tell them apart.

``write_table`` returns the SHA-256 of what it wrote. It belongs into ``run.json``, and ``read_table`` wants it back: a
file that was cut or altered is refused by its name, and never read in part. Equal tables are equal bytes, by one
version of pyarrow; no file says when it was written.
"""

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pandas as pd

from aegismatrix_engine.backtest.columns import COLUMNS, Kind, typed
from aegismatrix_engine.errors import ConfigurationError, DataError, wants_memory
from aegismatrix_engine.files import make_folder, stand_in, write_atomically

PARQUET: Final = ".parquet"
CSV: Final = ".csv.gz"

REMEDY: Final = "run `aegis backtest` with the same options again, which makes its block anew"
_INSTALL: Final = "pip install 'aegismatrix-engine[backtest]'"


@dataclass(frozen=True)
class TableContent:
    """A table as the bytes of its file, and how many rows it has."""

    rows: int
    data: bytes


@dataclass(frozen=True)
class Written:
    """What identifies a table that was written: its rows, its bytes, and their SHA-256 as 64 hex digits."""

    rows: int
    size: int
    sha256: str


def table_suffix() -> str:
    """'.parquet', or '.csv.gz' where pyarrow is not installed."""
    try:
        _library("pyarrow")
    except ConfigurationError:
        return CSV
    return PARQUET


def table_path(folder: Path, kind: Kind, market: str, first: pd.Timestamp, suffix: str) -> Path:
    """Where the table of the block that begins with the session ``first`` lies in the folder of a backtest."""
    return folder / kind / f"{market}-{first:%Y-%m-%d}{suffix}"


def table_content(frame: pd.DataFrame, kind: Kind, suffix: str) -> TableContent:
    """What the file of one block's table holds.

    Args:
        frame: of the table's columns in any order; dates and numbers may also be text that pandas converts.
        kind: which table.
        suffix: '.parquet' or '.csv.gz'.

    Raises:
        ConfigurationError: Parquet without pyarrow.
        ValueError: the frame has other columns, or values that do not fit them.
    """
    table = typed(frame, kind)
    return TableContent(len(table), _to_parquet(table, kind) if suffix == PARQUET else _to_csv(table, kind))


def write_table(path: Path, frame: pd.DataFrame, kind: Kind) -> Written:
    """Write the table of one block: ``table_content`` of what the end of the path says, then ``write_content``."""
    return write_content(path, table_content(frame, kind, PARQUET if path.name.endswith(PARQUET) else CSV))


def write_content(path: Path, content: TableContent) -> Written:
    """Write the file of a table whole or not at all; its folder is made where it is missing.

    Raises:
        OutputUnwritable: the file cannot be written; a former one is unchanged.
    """
    make_folder(path.parent)
    write_atomically(path, content.data)
    return Written(content.rows, len(content.data), hashlib.sha256(content.data).hexdigest())


def read_table(path: Path, kind: Kind, sha256: str) -> pd.DataFrame:
    """The table of one block, with the dtypes of ``DTYPES``.

    Args:
        path: ends in .parquet or .csv.gz.
        kind: which table.
        sha256: of its bytes when it was written.

    Raises:
        DataError: the file is missing, was cut or altered, or holds another table.
        ConfigurationError: a Parquet file without pyarrow.
    """
    data = read_content(path, sha256, REMEDY)
    reader: Callable[[bytes, Kind], pd.DataFrame] = _of_parquet if path.name.endswith(PARQUET) else _of_csv
    try:
        return typed(reader(data, kind), kind)
    except _unreadable() as error:
        if wants_memory(error):
            raise
        reason = " ".join(str(error).split())[:200]
        raise DataError(f"{path} is not a table of {kind} ({reason}); {REMEDY}") from error


def read_content(path: Path, sha256: str, remedy: str) -> bytes:
    """The bytes of a file; raises DataError, with the remedy, where it is missing or has another SHA-256."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} {_unread(error)}; {remedy}") from error
    fault = _altered(data, sha256)
    if fault is not None:
        raise DataError(f"{path} {fault}; {remedy}")
    return data


def fault_of(path: Path, sha256: str) -> str | None:
    """'was cut or altered ...': what keeps a file from being the one that was written; None where it is that one."""
    try:
        return _altered(path.read_bytes(), sha256)
    except OSError as error:
        return _unread(error)


def _unread(error: OSError) -> str:
    return f"cannot be read ({(error.strerror or str(error)).lower()})"


def _altered(data: bytes, sha256: str) -> str | None:
    found = hashlib.sha256(data).hexdigest()
    if found == sha256:
        return None
    # A gzip archive is what the file should be.
    instead = None if data.startswith(b"\x1f\x8b") else stand_in(data)
    return instead or f"was cut or altered: its SHA-256 begins with {found[:12]}, expected {sha256[:12]}"


def _to_parquet(table: pd.DataFrame, kind: Kind) -> bytes:
    arrow, parquet = _library("pyarrow"), _library("pyarrow.parquet")
    types = {
        "text": arrow.dictionary(arrow.int32(), arrow.string()),
        "date": arrow.date32(),
        "count": arrow.int64(),
        "number": arrow.float64(),
    }
    # Built column by column: pandas would add its version and more to the file.
    arrays = [_to_array(table[name], types[of]) for name, of in COLUMNS[kind].items()]
    sink = io.BytesIO()
    schema = arrow.schema([(name, types[of]) for name, of in COLUMNS[kind].items()])
    # Numbers hardly ever repeat: a dictionary of them would be larger than they are.
    repeated = [name for name, of in COLUMNS[kind].items() if of != "number"]
    columns = arrow.Table.from_arrays(arrays, schema=schema)
    parquet.write_table(columns, sink, compression="zstd", use_dictionary=repeated)
    return sink.getvalue()


def _to_array(column: "pd.Series[Any]", of: Any) -> Any:
    """One column as pyarrow's array of that type; text keeps the codes of its categories."""
    arrow, values = _library("pyarrow"), column.array
    if isinstance(values, pd.Categorical):
        codes = arrow.array(values.codes.astype("int32"))
        return arrow.DictionaryArray.from_arrays(codes, arrow.array(values.categories.to_numpy(object), of.value_type))
    numbers = column.to_numpy()
    return arrow.array(numbers.astype("datetime64[D]") if numbers.dtype.kind == "M" else numbers, of, from_pandas=True)


def _of_parquet(data: bytes, kind: Kind) -> pd.DataFrame:
    arrow, parquet = _library("pyarrow"), _library("pyarrow.parquet")
    table = parquet.read_table(arrow.BufferReader(data))
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    return frame


def _to_csv(table: pd.DataFrame, kind: Kind) -> bytes:
    plain = {
        name: table[name].dt.strftime("%Y-%m-%d") if of == "date" else table[name] for name, of in COLUMNS[kind].items()
    }
    text = pd.DataFrame(plain).to_csv(index=False, lineterminator="\n")
    return gzip.compress(text.encode(), mtime=0)


def _of_csv(data: bytes, kind: Kind) -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(gzip.decompress(data)), dtype=str, keep_default_na=False)
    # Older versions of pandas read a decimal number as its neighbour; numpy does not.
    dates, numbers = (
        [name for name, of in COLUMNS[kind].items() if of == one and name in frame] for one in ("date", "number")
    )
    read: dict[str, Any] = {name: pd.to_datetime(frame[name], format="%Y-%m-%d") for name in dates}
    read |= {name: frame[name].replace("", "nan").to_numpy(dtype=object).astype(float) for name in numbers}
    return frame.assign(**read)


def _unreadable() -> tuple[type[Exception], ...]:
    """What pandas, gzip and, where it is installed, pyarrow raise of content that is not a table of theirs."""
    own: tuple[type[Exception], ...] = (ValueError, TypeError, KeyError, OSError, EOFError, zlib.error)
    try:
        return (*own, _library("pyarrow").ArrowException)
    except ConfigurationError:
        return own


@cache
def _library(name: str) -> Any:
    """Pyarrow or a part of it, which only Parquet files need.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigurationError(f"Parquet files need pyarrow: {_INSTALL}") from error
