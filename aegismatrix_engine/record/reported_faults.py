"""Which faults of a record a document has named already: each is named once, in the next document's health.

    record/<market>/faults.csv

The file is appended to and published with the record. It decides nothing about a row: where it is damaged or gone,
faults are named once more.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from aegismatrix_engine.record.appending import append_whole, csv_after
from aegismatrix_engine.record.ledger import Fault
from aegismatrix_engine.record.ledger_files import plain_content

FAULTS_NAME: Final = "faults.csv"
FAULT_COLUMNS: Final = ("file", "line", "digest", "reason", "told_at")
NOTES: Final = 10
"""How many faults a document names one by one; of more it gives the number."""


def unreported_faults(folder: Path, market: str, faults: Sequence[Fault]) -> list[Fault]:
    """Those of the faults of a market's record that no document has named."""
    known = _known(folder / market / FAULTS_NAME) if faults else frozenset()
    return [fault for fault in faults if (fault.file, fault.digest) not in known]


def fault_notes(faults: Sequence[Fault]) -> tuple[str, ...]:
    """The faults as notes of a document's health, a line each; of many the first, and how many more there are."""
    notes = tuple(" ".join(f"record: {fault}".split()) for fault in faults[:NOTES])
    if len(faults) <= NOTES:
        return notes
    return (*notes, f"record: {len(faults) - NOTES:,} more lines cannot be used; `aegis record report` lists them all")


def add_reported(folder: Path, market: str, faults: Iterable[Fault], reported_at: pd.Timestamp) -> None:
    """Write down that a document has named these faults.

    Raises:
        OutputUnwritable: the file cannot be written; the next document names them once more.
    """
    path = folder / market / FAULTS_NAME
    found, at = _content(path), reported_at.isoformat(timespec="seconds")
    rows = [(fault.file, fault.line, fault.digest, " ".join(fault.reason.split()), at) for fault in faults]
    append_whole(path, csv_after(found, rows if found else [FAULT_COLUMNS, *rows]))


def _known(path: Path) -> frozenset[tuple[str, str]]:
    """File and digest of every fault that was named; a line without them is skipped."""
    known = set()
    for line in _content(path).decode(errors="replace").splitlines():
        try:
            cells = next(csv.reader([line], strict=True), [])
        except csv.Error:
            continue
        if len(cells) == len(FAULT_COLUMNS):
            known.add((cells[0], cells[2]))
    return frozenset(known)


def _content(path: Path) -> bytes:
    found = plain_content(path)
    return found if isinstance(found, bytes) else b""
