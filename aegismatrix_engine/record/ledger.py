"""The ledger: append-only csv files, one for each session's forecasts and one for each session's resolutions.

    record/<market>/forecasts/2026/2026-07-15.csv
    record/<market>/resolutions/2026/2026-07-21.csv

A line is never changed. Every line carries a checksum, so that a line that was cut, mixed up or edited is found and all
others are still read; a row with a right checksum is still checked for impossible values. A header names the columns of
the lines after it.
"""

import csv
import gc
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Final

from aegismatrix_engine.record.ledger_files import FOLDERS, LedgerFile, ledger_files
from aegismatrix_engine.record.row_checks import impossible
from aegismatrix_engine.record.rows import COLUMNS, ForecastRow, ResolutionRow, Row, from_cells, header_of, session_of
from aegismatrix_engine.state.time_policy import dated_ahead

LONGEST_LINE: Final = 4096
"""Characters; a row has about 300."""


@dataclass(frozen=True)
class Fault:
    """A line or a file that cannot be used, and why; it stays where it is, and all others are read.

    Attributes:
        file: path below the record's folder.
        line: counted from 1; 0 for the file as a whole.
        reason: what is wrong, with the field where it is one field.
        digest: twelve hex digits of the line, which identify it wherever it moves in its file.
    """

    file: str
    line: int
    reason: str
    digest: str = ""

    def __str__(self) -> str:
        if self.line == 0:
            return f"{self.file} {self.reason}; it is left out"
        return f"{self.file}, line {self.line}: {self.reason}; the line is left out"


@dataclass
class Ledger:
    """What a record holds, in the order of its files.

    Attributes:
        forecasts: key -> row.
        resolutions: key of the forecast -> row.
        faults: lines and files that were left out.
        lines: key of a forecast -> its line in the file; empty unless it was asked for.
    """

    forecasts: dict[str, ForecastRow] = field(default_factory=dict)
    resolutions: dict[str, ResolutionRow] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    lines: dict[str, str] = field(default_factory=dict)


def read_ledger(folder: Path, market: str, now: datetime | None = None) -> Ledger:
    """Every row of a market's record on disk; an absent folder is an empty record. See :func:`ledger_of`."""
    return ledger_of(chain.from_iterable(ledger_files(folder, market, kind) for kind in FOLDERS), market, now)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without garbage collection: a year has a quarter of a million rows, all of which are needed to the end."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def ledger_of(
    files: Iterable[LedgerFile], market: str, now: datetime | None = None, *, with_lines: bool = False
) -> Ledger:
    """Every row of a market's record.

    The first row of a key counts. A line that repeats it, or differs from it, is a fault; a row of the same key from
    another run at the same moment, as left by publishing from two machines, is not.

    Args:
        files: in the order in which their rows count.
        market: its id; rows of another one are faults.
        now: the clock, with a zone; rows dated later are faults. Without it no date is compared with the clock.
        with_lines: whether the lines of forecasts are kept beside their rows.
    """
    ledger = Ledger()
    certain = "" if now is None else (now - timedelta(days=2)).date().isoformat()
    for file in files:
        if file.fault:
            ledger.faults.append(Fault(file.name, 0, file.fault, _digest(file.fault)))
            continue
        held: dict[str, Row] = ledger.forecasts if file.kind is ForecastRow else ledger.resolutions  # type: ignore[assignment]
        keep = with_lines and file.kind is ForecastRow
        session = file.session
        for number, line, found in lines(file):
            if isinstance(found, str):
                wrong: str | None = found
            else:
                wrong = _misplaced(found, market, session)
                if wrong is None and now is not None:
                    wrong = _dated_ahead(found, now, certain)
                if wrong is None:
                    first = held.setdefault(found.key, found)
                    if first is not found:
                        wrong = _repeated(first, found)
                    elif keep:
                        ledger.lines[found.key] = line
            if wrong is not None:
                ledger.faults.append(Fault(file.name, number, wrong, _digest(line)))
    return ledger


def lines(file: LedgerFile) -> Iterator[tuple[int, str, Row | str]]:
    """The rows of a file with their numbers and lines; instead of a row that cannot be used, what is wrong with it."""
    kind = file.kind
    header = COLUMNS[kind]
    for number, ended in enumerate(file.content.decode(errors="replace").split("\n"), start=1):
        line = ended.removesuffix("\r")
        if not line:
            continue
        if len(line) > LONGEST_LINE:
            yield number, line, f"has {len(line):,} characters, expected {LONGEST_LINE:,} at most"
            continue
        if line.startswith("key,") and (named := header_of(line)) is not None:
            header = COLUMNS[kind] if named == COLUMNS[kind] else named
            continue
        try:
            written = next(csv.reader([line], strict=True)) if '"' in line else line.split(",")
        except (csv.Error, StopIteration) as error:
            yield number, line, f"is not valid csv ({error}); restore it from git"
            continue
        row = from_cells(kind, written, header)
        yield number, line, row if isinstance(row, str) else impossible(row) or row


def _dated_ahead(row: Row, now: datetime, certain: str) -> str | None:
    """What is wrong with a row dated later than now; ``certain`` is a date that is past in every zone."""
    names = ("as_of", "generated_at") if isinstance(row, ForecastRow) else ("known_at", "resolved_at")
    written = [getattr(row, name) for name in names]
    if all(moment[:10] < certain for moment in written):
        return None
    return dated_ahead(now, {name: datetime.fromisoformat(moment) for name, moment in zip(names, written, strict=True)})


def _misplaced(row: Row, market: str, expected: str) -> str | None:
    """What is wrong with a row that belongs into another file."""
    if row.market != market:
        return f"is of the market {row.market[:20]!r}, expected {market!r}"
    session = session_of(row)
    return None if session == expected else f"is of the session {session[:20]!r}, expected {expected!r} as its file"


def _repeated(first: Row, again: Row) -> str | None:
    """What is wrong with a second row of a key; None where another run wrote it."""
    if first == again:
        return "repeats an earlier row"
    if isinstance(first, ForecastRow) and isinstance(again, ForecastRow) and first.generated_at != again.generated_at:
        return None
    if isinstance(first, ResolutionRow) and isinstance(again, ResolutionRow) and first.outcome == again.outcome:
        return None
    return "differs from the earlier row of its key"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
