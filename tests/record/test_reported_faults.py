"""Each fault of the record is named by one document; what was told is known again wherever the line stands."""

import os
from pathlib import Path

import pandas as pd
import pytest
from sample_rows import FORECAST, forecast

from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.ledger import Fault, read_ledger
from aegismatrix_engine.record.reported_faults import NOTES, add_reported, fault_notes, unreported_faults

FILE = Path("nifty50", "forecasts", "2022", "2022-06-15.csv")
TOLD = Path("nifty50", "faults.csv")
AT = pd.Timestamp("2022-06-16T16:00:00+05:30")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    append(tmp_path, [FORECAST, forecast(signal="other", probability="7")])
    return tmp_path


def untold(folder: Path) -> list[Fault]:
    return unreported_faults(folder, "nifty50", read_ledger(folder, "nifty50").faults)


def tell(folder: Path) -> None:
    add_reported(folder, "nifty50", untold(folder), AT)


def test_a_fault_is_new_until_it_was_told(folder: Path) -> None:
    assert len(untold(folder)) == 1
    tell(folder)
    assert untold(folder) == []
    assert len(read_ledger(folder, "nifty50").faults) == 1


def test_it_is_known_again_on_another_line_and_a_new_one_beside_it_is_new(folder: Path) -> None:
    tell(folder)
    path = folder / FILE
    header, *rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([header, *reversed(rows), "half a row\n"]))
    assert [fault.line for fault in untold(folder)] == [4]
    tell(folder)
    assert untold(folder) == []
    assert (folder / TOLD).read_text().count("told_at") == 1


def test_the_file_says_what_was_told_when(folder: Path) -> None:
    tell(folder)
    header, row = (folder / TOLD).read_text().splitlines()
    assert header == "file,line,digest,reason,told_at"
    assert row.startswith(f"{FILE},3,")
    assert "has the probability '7'" in row
    assert row.endswith(",2022-06-16T16:00:00+05:30")


DAMAGE = {
    "gone": None,
    "empty": b"",
    "no text": b"\xff\xfe\0\n",
    "cut": b'file,line,digest,reason,told_at\n"never closed',
    "another file": b"date,close\n2022-06-15,15730.1\n",
}


@pytest.mark.parametrize("case", DAMAGE)
def test_where_it_is_damaged_faults_are_told_once_more_and_then_known(folder: Path, case: str) -> None:
    tell(folder)
    content = DAMAGE[case]
    (folder / TOLD).unlink() if content is None else (folder / TOLD).write_bytes(content)
    assert len(untold(folder)) == 1
    tell(folder)
    assert untold(folder) == []


def test_what_is_no_plain_file_in_its_place_is_neither_waited_for_nor_written_to(folder: Path) -> None:
    os.mkfifo(folder / TOLD)
    assert len(untold(folder)) == 1
    with pytest.raises(OutputUnwritable, match=r"faults\.csv cannot be appended to"):
        tell(folder)


def test_of_many_faults_the_first_are_told_one_by_one_and_the_rest_by_their_number() -> None:
    faults = [Fault("a.csv", line, "is\nno row", str(line)) for line in range(1, 100)]
    notes = fault_notes(faults)
    assert len(notes) == NOTES + 1
    assert notes[0] == "record: a.csv, line 1: is no row; the line is left out"
    assert notes[-1] == "record: 89 more lines cannot be used; `aegis record report` lists them all"
    assert fault_notes(faults[:NOTES]) == notes[:-1]
    assert fault_notes([]) == ()
