"""A ledger is appended to and never edited; whatever befell a file, the rest of it is read and nothing is lost."""

import csv
import io
from pathlib import Path

import pytest
from sample_rows import forecast, resolution

from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.ledger import read_ledger
from aegismatrix_engine.record.rows import COLUMNS, ForecastRow, Row, cells

ROWS = [forecast(signal=f"seller.breach_probabilities.{i}") for i in range(4)]
FILE = Path("nifty50", "forecasts", "2022", "2022-06-15.csv")


def line(row: Row) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells(row))
    return text.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert append(tmp_path, ROWS) == len(ROWS)
    return tmp_path


def told(folder: Path) -> list[str]:
    return [str(fault) for fault in read_ledger(folder, "nifty50").faults]


def test_rows_come_back_in_the_order_of_their_files(tmp_path: Path) -> None:
    later = forecast(as_of="2022-06-16T10:00:00+05:30")
    decided = resolution(ROWS[0])
    assert append(tmp_path, [later, *ROWS, decided]) == 6
    ledger = read_ledger(tmp_path, "nifty50")
    assert list(ledger.forecasts.values()) == [*ROWS, later]
    assert ledger.resolutions == {ROWS[0].key: decided}
    assert ledger.faults == []
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.csv")) == [
        "nifty50/forecasts/2022/2022-06-15.csv",
        "nifty50/forecasts/2022/2022-06-16.csv",
        "nifty50/resolutions/2022/2022-06-30.csv",
    ]


def test_a_file_is_plain_text_with_one_header(folder: Path) -> None:
    text = (folder / FILE).read_bytes().decode("ascii")
    assert text == ",".join(COLUMNS[ForecastRow]) + "\n" + "".join(map(line, ROWS))


def test_an_absent_folder_is_an_empty_record(tmp_path: Path) -> None:
    ledger = read_ledger(tmp_path / "none", "nifty50")
    assert (ledger.forecasts, ledger.resolutions, ledger.faults) == ({}, {}, [])


def test_appending_twice_changes_nothing(folder: Path) -> None:
    before = (folder / FILE).read_bytes()
    assert append(folder, ROWS) == 0
    assert append(folder, [ROWS[0], ROWS[0]]) == 0
    assert (folder / FILE).read_bytes() == before


def test_a_second_run_of_the_same_moment_and_model_set_adds_nothing(folder: Path) -> None:
    again = [forecast(signal=row.signal, generated_at="later", probability="0.5", threshold="350") for row in ROWS]
    assert append(folder, again) == 0
    assert list(read_ledger(folder, "nifty50").forecasts.values()) == ROWS


def test_a_row_given_twice_at_once_is_written_once(tmp_path: Path) -> None:
    assert append(tmp_path, [ROWS[0], ROWS[0]]) == 1
    assert told(tmp_path) == []


def test_appending_keeps_every_byte_that_stood_there(folder: Path) -> None:
    before = (folder / FILE).read_bytes()
    assert append(folder, [forecast(model_set="ba9876543210")]) == 1
    after = (folder / FILE).read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == before.count(b"\n") + 1


def test_markets_do_not_mix(folder: Path) -> None:
    append(folder, [forecast(market="sp500")])
    assert len(read_ledger(folder, "nifty50").forecasts) == len(ROWS)
    assert len(read_ledger(folder, "sp500").forecasts) == 1


@pytest.mark.parametrize("kept", [0, 1, 40, 200])
def test_a_last_line_that_was_cut_is_told_and_the_next_row_does_not_join_it(folder: Path, kept: int) -> None:
    path = folder / FILE
    head, last = path.read_bytes()[: -len(line(ROWS[3]))], line(ROWS[3]).encode()
    path.write_bytes(head + last[:kept])
    assert list(read_ledger(folder, "nifty50").forecasts.values()) == ROWS[:3]
    assert [text.startswith(f"{FILE}, line 5: ") for text in told(folder)] == ([True] if kept else [])
    cut = path.read_bytes()
    assert append(folder, ROWS) == 1
    assert path.read_bytes() == cut + (b"\n" if kept else b"") + last
    assert list(read_ledger(folder, "nifty50").forecasts.values()) == ROWS
    assert len(told(folder)) == bool(kept)


def test_a_last_line_without_its_end_is_whole_and_no_row_joins_it(folder: Path) -> None:
    path = folder / FILE
    path.write_bytes(path.read_bytes()[:-1])
    new = forecast(model_set="ba9876543210")
    assert append(folder, [*ROWS, new]) == 1
    assert list(read_ledger(folder, "nifty50").forecasts.values()) == [*ROWS, new]
    assert told(folder) == []


def test_a_file_cut_inside_its_header_still_takes_rows(folder: Path) -> None:
    path = folder / FILE
    path.write_bytes(b"key,as_of,gen")
    assert append(folder, ROWS) == len(ROWS)
    assert list(read_ledger(folder, "nifty50").forecasts.values()) == ROWS
    assert told(folder) == [f"{FILE}, line 1: has 3 cells, expected 23; the line is left out"]


def test_a_block_that_stands_twice_is_told_line_by_line_and_counts_once(folder: Path) -> None:
    path = folder / FILE
    path.write_bytes(path.read_bytes() * 2)
    ledger = read_ledger(folder, "nifty50")
    assert list(ledger.forecasts.values()) == ROWS
    assert told(folder) == [f"{FILE}, line {n}: repeats an earlier row; the line is left out" for n in (7, 8, 9, 10)]


FOREIGN = {
    "another market's": (line(forecast(market="sp500")), "is of the market 'sp500'"),
    "another session's": (
        line(forecast(as_of="2022-06-16T10:00:00+05:30")),
        "is of the session '2022-06-16', expected '2022-06-15' as its file",
    ),
    "another kind's": (line(resolution(ROWS[0])), "has 12 cells, expected 23"),
    "another file's": ("2022-06-15,15730.1,15800,15600,15700\n", "has 5 cells, expected 23"),
    "a merge's mark": ("<<<<<<< HEAD\n", "has 1 cells, expected 23"),
    "no csv": ('"never closed,\n', "is not valid csv"),
    "wrong checksum": (line(ROWS[0]).replace("0.9845", "0.9945"), "has the checksum"),
    "contradiction": (line(forecast(signal=ROWS[0].signal, probability="0.1")), "differs from the earlier row"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_line_that_does_not_belong_is_told_with_file_and_line_and_the_rest_is_read(folder: Path, case: str) -> None:
    text, reason = FOREIGN[case]
    path = folder / FILE
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:3], text, *lines[3:]]))
    damaged = path.read_bytes()
    (fault,) = told(folder)
    assert fault.startswith(f"{FILE}, line 4: {reason}")
    assert fault.endswith("; the line is left out")
    assert list(read_ledger(folder, "nifty50").forecasts.values()) == ROWS
    assert append(folder, ROWS) == 0
    assert path.read_bytes() == damaged


def test_bytes_that_are_no_text_are_told_and_the_rest_is_read(folder: Path) -> None:
    path = folder / FILE
    path.write_bytes(path.read_bytes().replace(b"model,", b"mod\xff\xfel,", 1))
    (fault,) = told(folder)
    assert fault.startswith(f"{FILE}, line 2: has the checksum ")
    assert list(read_ledger(folder, "nifty50").forecasts.values()) == ROWS[1:]
    assert append(folder, ROWS) == 1
    assert len(read_ledger(folder, "nifty50").forecasts) == len(ROWS)


def test_line_ends_of_another_system_are_read(folder: Path) -> None:
    path = folder / FILE
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert list(read_ledger(folder, "nifty50").forecasts.values()) == ROWS
    assert told(folder) == []


def test_a_pointer_in_place_of_a_file_is_told_as_one_and_gets_no_rows(folder: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    (folder / FILE).write_bytes(pointer)
    (fault,) = told(folder)
    assert "2022-06-15.csv is a Git LFS pointer, its content is not here; run `git lfs pull`" in fault
    with pytest.raises(OutputUnwritable, match="cannot be appended to: it is a Git LFS pointer"):
        append(folder, ROWS)
    assert (folder / FILE).read_bytes() == pointer


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(folder: Path) -> None:
    (folder / FILE.parent / "2022-06-16.csv").mkdir()
    assert told(folder) == [
        f"{FILE.parent}/2022-06-16.csv is a folder, not a plain file; replace it by a plain file, or remove it; "
        "it is left out"
    ]
    assert len(read_ledger(folder, "nifty50").forecasts) == len(ROWS)


def test_a_name_that_breaks_lines_is_told_in_one(folder: Path) -> None:
    (folder / FILE.parent / "two\nlines\x1b[31m.csv").write_text("text\n")
    (fault,) = told(folder)
    name = f"{FILE.parent}/two\N{REPLACEMENT CHARACTER}lines\N{REPLACEMENT CHARACTER}[31m.csv"
    assert fault.startswith(f"{name}, line 1: has 1 cells")


def test_the_same_moment_said_by_two_machines_is_no_fault_and_the_first_counts(folder: Path) -> None:
    path = folder / FILE
    second = forecast(signal=ROWS[0].signal, generated_at="2022-06-15T10:05:00+05:30", probability="0.9")
    path.write_text(path.read_text() + line(second))
    assert told(folder) == []
    assert list(read_ledger(folder, "nifty50").forecasts.values()) == ROWS


def test_two_machines_may_resolve_the_same_and_must_agree(folder: Path) -> None:
    first = resolution(ROWS[0])
    append(folder, [first])
    path = folder / "nifty50" / "resolutions" / "2022" / "2022-06-30.csv"
    path.write_text(path.read_text() + line(resolution(ROWS[0], resolved_at="2022-07-01T09:00:00+05:30")))
    assert told(folder) == []
    path.write_text(path.read_text() + line(resolution(ROWS[0], outcome="0")))
    (fault,) = told(folder)
    assert "line 4: differs from the earlier row of its key" in fault
    assert read_ledger(folder, "nifty50").resolutions == {ROWS[0].key: first}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "nifty50").write_text("a file where a folder belongs")
    with pytest.raises(
        OutputUnwritable,
        match=r"2022-06-15\.csv cannot be appended to \(.*\); one of its folders is a file: remove that",
    ):
        append(tmp_path, ROWS)
