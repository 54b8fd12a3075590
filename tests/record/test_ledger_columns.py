"""A ledger file tells its columns in its header: files of other versions are read, appended to and united."""

from dataclasses import fields
from pathlib import Path

import pytest
from sample_rows import FORECAST, forecast

from aegismatrix_engine.publishing.ledger_rows import united
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.ledger import Ledger, read_ledger
from aegismatrix_engine.record.rows import COLUMNS, ForecastRow, checksum, header_of

FILE = Path("nifty50", "forecasts", "2022", "2022-06-15.csv")
OURS = COLUMNS[ForecastRow]
FORMER = tuple(name for name in OURS if name != "vix")
COMING = (*OURS[:-1], "iv_rank", OURS[-1])
ROWS = [forecast(signal=f"seller.breach_probabilities.{i}") for i in range(6)]


def line(row: ForecastRow, header: tuple[str, ...]) -> str:
    """A row as a version of the engine with those columns writes it."""
    held = {**{one.name: getattr(row, one.name) for one in fields(row)}, "key": row.key, "iv_rank": "0.4"}
    content = [held[name] for name in header[:-1]]
    return ",".join([*content, checksum(content)]) + "\n"


def file(*parts: tuple[tuple[str, ...], list[ForecastRow]]) -> bytes:
    return "".join(
        ",".join(header) + "\n" + "".join(line(row, header) for row in rows) for header, rows in parts
    ).encode()


def read(folder: Path, content: bytes | None = None) -> Ledger:
    if content is not None:
        (folder / FILE).parent.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_bytes(content)
    return read_ledger(folder, "nifty50")


@pytest.mark.parametrize("header", [FORMER, COMING, tuple(reversed(OURS[1:-1]))], ids=["former", "coming", "reordered"])
def test_rows_under_other_columns_are_read_with_their_keys_and_checksums(
    tmp_path: Path, header: tuple[str, ...]
) -> None:
    header = header if header[0] == "key" else ("key", *header, "checksum")
    ledger = read(tmp_path, file((header, ROWS)))
    assert ledger.faults == []
    assert list(ledger.forecasts.values()) == ROWS


def test_a_cell_of_a_column_that_is_not_known_is_vouched_for_too(tmp_path: Path) -> None:
    damaged = file((COMING, ROWS)).replace(b",0.4,", b",0.5,", 1)
    (fault,) = read(tmp_path, damaged).faults
    assert fault.reason.startswith("has the checksum")


def test_a_column_without_which_a_row_is_none_is_named(tmp_path: Path) -> None:
    header = tuple(name for name in OURS if name != "probability")
    faults = read(tmp_path, file((header, ROWS[:1]))).faults
    assert [fault.reason for fault in faults] == ["has the probability '': expected a number from 0 to 1"]


@pytest.mark.parametrize("header", [FORMER, COMING], ids=["former", "coming"])
def test_rows_are_appended_to_a_file_of_other_columns_under_a_header_of_their_own(
    tmp_path: Path, header: tuple[str, ...]
) -> None:
    before = file((header, ROWS[:3]))
    read(tmp_path, before)
    assert append(tmp_path, ROWS[:4]) == 1
    assert append(tmp_path, ROWS) == 2
    assert (tmp_path / FILE).read_bytes() == before + file((OURS, ROWS[3:]))
    ledger = read(tmp_path)
    assert (list(ledger.forecasts.values()), ledger.faults) == (ROWS, [])


SIDES = {
    "a newer engine here": ((FORMER, ROWS[:3]), (OURS, ROWS[3:])),
    "an older engine here": ((COMING, ROWS[:3]), (OURS, ROWS[3:])),
    "columns moved": (((OURS[0], *reversed(OURS[1:-1]), OURS[-1]), ROWS[:3]), (OURS, ROWS[3:])),
}


@pytest.mark.parametrize("case", SIDES)
def test_publishing_unites_rows_of_different_columns_and_loses_none(tmp_path: Path, case: str) -> None:
    theirs, ours = (file(side) for side in SIDES[case])
    whole, gained = united(theirs, ours, "record/one.csv", header=True)
    assert whole.startswith(theirs)
    assert gained == len(SIDES[case][1][1])
    assert list(read(tmp_path, whole).forecasts) == [row.key for row in ROWS]
    assert read(tmp_path).faults == []
    assert united(whole, ours, "record/one.csv", header=True) == (whole, 0)
    assert united(whole, theirs, "record/one.csv", header=True) == (whole, 0)


def test_a_row_under_the_former_header_joins_a_file_that_has_moved_on_under_that_header(tmp_path: Path) -> None:
    theirs = file((FORMER, ROWS[:2]), (OURS, ROWS[2:4]))
    ours = file((FORMER, [*ROWS[:2], *ROWS[4:]]))
    whole, gained = united(theirs, ours, "record/one.csv", header=True)
    assert (whole, gained) == (file((FORMER, ROWS[:2]), (OURS, ROWS[2:4]), (FORMER, ROWS[4:])), 2)
    ledger = read(tmp_path, whole)
    assert (list(ledger.forecasts.values()), ledger.faults) == (ROWS, [])


def test_a_published_file_whose_header_was_cut_takes_our_rows_and_keeps_its_own(tmp_path: Path) -> None:
    theirs = b"key,as_of,gen\n" + file((OURS, ROWS[:2])).partition(b"\n")[2]
    whole, gained = united(theirs, file((OURS, ROWS[1:])), "record/one.csv", header=True)
    assert whole.startswith(theirs)
    assert gained == 4
    ledger = read(tmp_path, whole)
    assert (list(ledger.forecasts.values()), [fault.line for fault in ledger.faults]) == (ROWS, [1])


def test_a_header_is_known_by_its_ends_and_names_no_column_twice() -> None:
    assert header_of(",".join(FORMER)) == FORMER
    for other in ("key,as_of,gen", "as_of,checksum", "key,a,a,checksum", line(FORECAST, OURS).strip()):
        assert header_of(other) is None
