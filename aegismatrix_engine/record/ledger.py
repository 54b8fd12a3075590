"""The ledger: append-only csv files, one for each session's forecasts and one for each session's resolutions.

    record/<market>/forecasts/2026/2026-07-15.csv
    record/<market>/resolutions/2026/2026-07-21.csv

A line is never changed. Every line carries a checksum, so that a file that was cut, mixed up or edited is found out and
all the rest of it is still read.
"""

import csv
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.files import POINTER_SIZE, pointer
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, Row, cells, columns, from_cells, session_of

FOLDERS: dict[type[Row], str] = {ForecastRow: "forecasts", ResolutionRow: "resolutions"}


@dataclass(frozen=True)
class Fault:
    """A line that is no row, and why: it is told, left where it is, and read past."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}; the line is left out"


@dataclass
class Ledger:
    """What a record holds: forecasts and resolutions by key, in the order of their files, and the lines at fault."""

    forecasts: dict[str, ForecastRow] = field(default_factory=dict)
    resolutions: dict[str, ResolutionRow] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_ledger(folder: Path, market: str) -> Ledger:
    """Every row of a market's record; an absent folder is an empty record.

    The first row of a key counts. A line that repeats it, or says something else of it, is told; that a second run
    said it of the same moment too, which publishing from two machines leaves behind, is no fault.
    """
    ledger = Ledger()
    for kind, held in ((ForecastRow, ledger.forecasts), (ResolutionRow, ledger.resolutions)):
        for path in sorted((folder / market / FOLDERS[kind]).glob("*/*.csv")):
            name, session = str(path.relative_to(folder)), path.stem
            for line, found in _lines(path, kind):
                wrong = found if isinstance(found, str) else _misplaced(found, market, session)
                if wrong is None and not isinstance(found, str):
                    first = held.setdefault(found.key, found)  # type: ignore[arg-type]
                    wrong = None if first is found else _told_again(first, found)
                if wrong is not None:
                    ledger.faults.append(Fault(name, line, wrong))
    return ledger


def _misplaced(row: Row, market: str, expected: str) -> str | None:
    """In words, that a row stands in a file it does not belong to."""
    if row.market != market:
        return f"is of the market {row.market[:20]!r}"
    session = session_of(row)
    return None if session == expected else f"is of {session[:20]!r}, another session than its file's"


def _told_again(first: Row, again: Row) -> str | None:
    """In words, what is wrong with a second row of a key; None where another run honestly said it too."""
    if first == again:
        return "repeats a row"
    if isinstance(first, ForecastRow) and isinstance(again, ForecastRow) and first.generated_at != again.generated_at:
        return None
    if isinstance(first, ResolutionRow) and isinstance(again, ResolutionRow) and first.outcome == again.outcome:
        return None
    return "has another content than the row of its key before it"


def append(folder: Path, rows: Iterable[Row]) -> int:
    """Append the rows that are not there yet, each to its session's file; how many were new.

    Raises OutputUnwritable; what stood in a file stands there still.
    """
    by_file: dict[Path, list[Row]] = {}
    for row in rows:
        by_file.setdefault(_path(folder, row), []).append(row)
    new = 0
    for path, wanted in by_file.items():
        kind = type(wanted[0])
        known = {found.key for _, found in _lines(path, kind) if not isinstance(found, str)}
        unknown = {row.key: row for row in wanted if row.key not in known}
        if unknown:
            _write(path, kind, unknown.values())
            new += len(unknown)
    return new


def _path(folder: Path, row: Row) -> Path:
    session = session_of(row)
    return folder / row.market / FOLDERS[type(row)] / session[:4] / f"{session}.csv"


def _write(path: Path, kind: type[Row], rows: Iterable[Row]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            begun = file.tell()
            instead = pointer(path.read_bytes()) if 0 < begun <= POINTER_SIZE else None
            if instead is not None:
                raise OutputUnwritable(f"{path} cannot be appended to: it {instead}")
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            if begun == 0:
                writer.writerow(columns(kind))
            elif not _ends_a_line(path):
                text.write("\n")  # a line that was cut short stays as it is, and no row joins it
            writer.writerows(cells(row) for row in rows)
            file.write(text.getvalue().encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputUnwritable(f"{path} cannot be appended to ({error.strerror}); make it writable") from error


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _lines(path: Path, kind: type[Row]) -> Iterator[tuple[int, Row | str]]:
    """The rows of a file with their line numbers; for a line that is none, what is wrong with it."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        yield 0, f"the file cannot be read ({error.strerror})"
        return
    instead = pointer(raw)
    if instead is not None:
        yield 0, f"the file {instead}"
        return
    header = ",".join(columns(kind))
    for number, ended in enumerate(raw.decode(errors="replace").split("\n"), start=1):
        line = ended.removesuffix("\r")
        if not line or line == header:
            continue
        if '"' not in line:
            yield number, from_cells(kind, line.split(","))
            continue
        try:
            written = next(csv.reader([line], strict=True))
        except (csv.Error, StopIteration) as error:
            yield number, f"is no csv ({error})"
            continue
        yield number, from_cells(kind, written)
