"""The last good bars of a live source, kept in a folder of the user's for the day the source fails.

One text file for each market and series: a line of JSON that says what it is and has the SHA-256 of the rest, then
comma-separated bars with every digit of their prices. A file that is not exactly that is reported and not used.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError, OutputUnwritable
from aegismatrix_engine.files import pointer, write_atomically
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.history.inputs import SERIES, Series
from aegismatrix_engine.state.plain_file import TABLE_LIMIT, FileFault, read_plain_file

FORMAT = "aegis-bars"
VERSION = 1
DAILY = tuple(series for series in SERIES if series.endswith("daily"))
BEGINS_LATER = pd.Timedelta(days=31)


@dataclass(frozen=True)
class StoredBars:
    """A series as it was when it last passed every check; ``fetched_at`` (with a zone) is when the source gave it."""

    sourced: SourcedBars
    symbol: str
    fetched_at: pd.Timestamp

    @property
    def last(self) -> pd.Timestamp:
        """Date or start of the last bar."""
        return pd.Timestamp(self.sourced.rows.index[-1])

    def yields_to(self, fetched: SourcedBars, series: Series) -> bool:
        """Whether newer bars may take this place: they end no earlier, and daily ones begin no later by over a month.

        Intraday bars begin later every day, because the source keeps 60 days of them.
        """
        rows = fetched.rows.index
        begins = series not in DAILY or rows[0] <= self.sourced.rows.index[0] + BEGINS_LATER
        return bool(begins and rows[-1] >= self.last)


@dataclass(frozen=True)
class BarStore:
    """A folder of stored series; it is made when the first is stored."""

    folder: Path

    def path(self, market_id: str, series: Series) -> Path:
        """The file of a series."""
        return self.folder / f"{market_id}-{series}.bars"

    def read(self, market_id: str, series: Series) -> StoredBars | None:
        """What is stored, ``None`` where nothing is; raises DataError for a file that is not as it was written."""
        path = self.path(market_id, series)
        try:
            content = read_plain_file(path, TABLE_LIMIT)
        except FileFault as fault:
            if fault.kind == "missing":
                return None
            raise DataError(f"the stored bars {path} were ignored: the file {fault.reason}; remove it") from None
        instead = pointer(content)
        if instead is not None:
            raise DataError(f"the stored bars {path} were ignored: the file {instead}, or remove it")
        head, _, body = content.partition(b"\n")
        try:
            about = json.loads(head)
            if (about["format"], about["version"]) != (FORMAT, VERSION) or about["of"] != [market_id, series]:
                raise ValueError("another format or series")
            if about["sha256"] != hashlib.sha256(body).hexdigest():
                raise ValueError("wrong checksum")
            return _stored(about, body.decode("ascii"), path.name)
        except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError) as error:
            reason = " ".join(str(error).split())[:80]
            raise DataError(
                f"the stored bars {path} are damaged ({reason}) and were ignored; remove the file"
            ) from None

    def keep(self, market_id: str, series: Series, symbol: str, sourced: SourcedBars, fetched_at: pd.Timestamp) -> None:
        """Store a series in place of what is there, in one step; raises OutputUnwritable."""
        body = _text(sourced.bars()).encode("ascii")
        about = {
            "format": FORMAT,
            "version": VERSION,
            "of": [market_id, series],
            "symbol": symbol,
            "fetched_at": fetched_at.isoformat(),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputUnwritable(
                f"cannot make the folder {str(self.folder)!r} ({error.strerror}); name another with --cache"
            ) from None
        write_atomically(self.path(market_id, series), json.dumps(about).encode() + b"\n" + body)


def _text(bars: pd.DataFrame) -> str:
    stamps = np.datetime_as_string(pd.DatetimeIndex(bars.index).as_unit("s").to_numpy(), unit="s")
    columns = [stamps.tolist(), *(map(repr, bars[column].tolist()) for column in bars.columns)]
    lines = [",".join(("start", *bars.columns)), *map(",".join, zip(*columns, strict=True))]
    return "\n".join(lines) + "\n"


def _stored(about: dict[str, Any], text: str, name: str) -> StoredBars:
    header, *lines = text.splitlines()
    moment, *prices = header.split(",")
    cells = list(zip(*(line.split(",") for line in lines), strict=True))
    if moment != "start" or not prices or len(cells) != len(prices) + 1:
        raise ValueError("unexpected columns")
    fetched_at = pd.Timestamp(about["fetched_at"])
    if fetched_at.tz is None:
        raise ValueError("fetched_at has no zone")
    daily = about["of"][1] in DAILY
    index = pd.DatetimeIndex(np.array(cells[0], dtype="datetime64[s]"), name="date" if daily else "timestamp")
    values = {price: np.array(list(map(float, column))) for price, column in zip(prices, cells[1:], strict=True)}
    rows = pd.DataFrame(values, index=index.as_unit("ns"))
    return StoredBars(SourcedBars(name, rows.assign(line=0)), str(about["symbol"]), fetched_at)
