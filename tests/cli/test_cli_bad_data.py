"""Bars that cannot be used: one line naming file, place, rule and remedy, code 65, and nothing overwritten."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import CSV, Ended, aegis, assert_refused, contents

Call = Callable[..., Ended]
Fault = Callable[[Path], object]

SPOT, VIX = "spot_daily.csv", "vix_daily.csv"
LINE = 700


def with_cell(value: str, column: str, file: str = SPOT, line: int = LINE) -> Fault:
    def change(data: Path) -> None:
        lines = (data / file).read_text().splitlines()
        cells = lines[line - 1].split(",")
        cells[lines[0].split(",").index(column)] = value
        lines[line - 1] = ",".join(cells)
        (data / file).write_text("\n".join(lines) + "\n")

    return change


def with_rows(change: Callable[[list[str]], list[str]], file: str = SPOT) -> Fault:
    return lambda data: (data / file).write_text(
        "".join(f"{row}\n" for row in change((data / file).read_text().splitlines()))
    )


def with_bytes(content: bytes, file: str = SPOT) -> Fault:
    return lambda data: (data / file).write_bytes(content)


def file_for_folder(data: Path) -> None:
    shutil.rmtree(data)
    data.write_text("no folder")


def folder_for_file(data: Path) -> None:
    (data / SPOT).unlink()
    (data / SPOT).mkdir()


def hundredfold(row: str) -> str:
    date, *prices = row.split(",")
    return ",".join([date, *(repr(100 * float(price)) for price in prices)])


def closed_elsewhere(row: str) -> str:
    rest, _, close = row.rpartition(",")
    return f"{rest},{1.0001 * float(close)!r}"


def dated_before(rows: list[str]) -> list[str]:
    return [rows[0], rows[1].replace(rows[1][:10], "1999-12-31"), *rows[1:]]


CELL = f"{SPOT}, line {LINE}, column "
CORRECT = "; correct or remove the row"
IMPORT = ", or let `aegis import` read the file"
FAULTS = {
    "missing folder": (shutil.rmtree, ("data", "is not there", "; name a folder that holds spot_daily.csv")),
    "file for a folder": (file_for_folder, ("data", "is not there", "; name a folder that holds spot_daily.csv")),
    "missing file": (lambda data: (data / SPOT).unlink(), (f"{SPOT} is missing in data", "; put it there or name")),
    "folder for a file": (folder_for_file, (f"{SPOT} is a folder, not a plain file", "; make it a readable csv file")),
    "missing column": (
        with_rows(lambda rows: [row.rpartition(",")[0] for row in rows]),
        (f"{SPOT}: column close is missing", "name the columns date,open,high,low,close", IMPORT),
    ),
    "missing column of the index": (
        with_rows(lambda rows: [rows[0].replace("close", "last"), *rows[1:]], VIX),
        (f"{VIX}: column close is missing", "name the columns date,close"),
    ),
    "unparsable date": (
        with_cell("01/02/2017", "date"),
        (f"{CELL}date: invalid date '01/02/2017': expected YYYY-MM-DD", IMPORT),
    ),
    "text in a price": (with_cell("n/a", "open"), (f"{CELL}open: invalid number 'n/a': expected a decimal", IMPORT)),
    "NaN": (with_cell("NaN", "close"), (f"{CELL}close: invalid number 'NaN': expected a decimal",)),
    "no price": (with_cell("", "close"), (f"{CELL}close: the cell is empty: expected a decimal",)),
    "negative price": (with_cell("-8000.5", "low"), (f"{CELL}low: invalid price -8000.5", "above 0", CORRECT)),
    "high below low": (with_cell("100.5", "high"), (f"{CELL}high: 100.5 is below", "highest price", CORRECT)),
    "negative index": (
        with_cell("-14", "close", VIX),
        (f"{VIX}, line {LINE}, column close: invalid price -14", CORRECT),
    ),
    "hundredfold index": (
        with_cell("1700", "close", VIX),
        (f"{VIX}, line {LINE}, column close: 1700 is out of range", "between 1 and 200", CORRECT),
    ),
    "duplicate dates that differ": (
        with_rows(lambda rows: [*rows[:LINE], closed_elsewhere(rows[LINE - 1]), *rows[LINE:]]),
        (
            f"{SPOT}, line {LINE + 1}, column close",
            "is also given as",
            f"line {LINE}",
            "expected one bar of",
            CORRECT,
        ),
    ),
    "one row": (with_rows(lambda rows: rows[:2]), (f"{SPOT} has one session", "expected at least 2")),
    "no rows": (with_rows(lambda rows: rows[:1]), (f"{SPOT} has a header and no rows: expected bars",)),
    "hundredfold price": (
        with_rows(lambda rows: [*rows[: LINE - 1], hundredfold(rows[LINE - 1]), *rows[LINE:]]),
        (f"{CELL}close: ", "follows ", f"in {SPOT}, line {LINE - 1}", "a factor of at most", CORRECT),
    ),
    "hundredfold high": (with_cell("800000", "high"), (f"{CELL}high: 800000 is too far off the close", CORRECT)),
    "hundredfold tail": (
        with_rows(lambda rows: [*rows[:LINE], *map(hundredfold, rows[LINE:])]),
        (f"{SPOT}, line {LINE + 1}, column close: ", "a factor of at most"),
    ),
    "binary file": (
        with_bytes(bytes(range(256))),
        (f"{SPOT} is not UTF-8 text (byte 128); save it as a UTF-8 csv file",),
    ),
    "file of zeros": (with_bytes(bytes(4096)), (f"{SPOT} is a binary file; save it as a UTF-8 csv file",)),
    "empty file": (with_bytes(b""), (f"{SPOT} is empty: expected a header and bars",)),
    "binary index": (with_bytes(b"\xff\xfe\x00", VIX), (f"{VIX} is not UTF-8 text (byte 0); save it",)),
    "empty index": (with_bytes(b"", VIX), (f"{VIX} is empty: expected a header and bars",)),
    "comma in a number": (
        with_rows(lambda rows: [*rows[: LINE - 1], rows[LINE - 1].replace(".", ",", 1), *rows[LINE:]]),
        (f"{SPOT}, line {LINE}: 6 fields where the header has 5", "; write one comma between fields", IMPORT),
    ),
    "hole of many sessions": (
        with_rows(lambda rows: rows[: LINE - 1] + rows[LINE + 9 :]),
        (f"{SPOT}: no rows for 10 sessions in a row", "expected at most 3; add the rows"),
    ),
    "before the calendar": (
        with_rows(dated_before),
        (f"{SPOT}, line 2", "1999-12-31 is before 2000-01-01", "; remove the rows before it"),
    ),
}


@pytest.mark.parametrize("command", ["train", "infer"])
@pytest.mark.parametrize(("fault", "told"), FAULTS.values(), ids=FAULTS)
def test_unusable_bars_end_in_one_line_and_change_nothing(
    call: Call, place: Path, command: str, fault: Fault, told: tuple[str, ...]
) -> None:
    fault(place / "data")
    before = contents(place)
    assert_refused(call(command, *CSV), 65, *told)
    assert contents(place) == before


def test_a_value_that_breaks_a_rule_is_not_mended_by_importing(call: Call, place: Path) -> None:
    with_cell("-8000.5", "low")(place / "data")
    assert "aegis import" not in call("infer", *CSV).err


@pytest.mark.parametrize(
    ("command", "name"), [("infer", "missing folder"), ("train", "high below low"), ("infer", "binary file")]
)
def test_so_they_do_in_a_process_of_its_own(place: Path, command: str, name: str) -> None:
    fault, told = FAULTS[name]
    fault(place / "data")
    before = contents(place)
    assert_refused(aegis(command, *CSV, at=place), 65, *told)
    assert contents(place) == before


@pytest.mark.parametrize(("command", "rows", "needed"), [("train", 499, 500), ("infer", 65, 66), ("infer", 2, 66)])
def test_a_history_too_short_is_told_with_the_sessions_needed(
    call: Call, place: Path, command: str, rows: int, needed: int
) -> None:
    for file in (SPOT, VIX):
        with_rows(lambda lines: [lines[0], *lines[-rows:]], file)(place / "data")
    before = contents(place)
    assert_refused(
        call(command, *CSV), 65, f"{rows} regular sessions up to", f"needs {needed}", "; give a longer history"
    )
    assert contents(place) == before


def test_as_of_so_early_that_the_history_is_too_short_says_so_too(call: Call, place: Path) -> None:
    early = (place / "data" / SPOT).read_text().splitlines()[40][:10]
    assert_refused(call("infer", *CSV, "--as-of", early), 65, "40 regular sessions", "needs 66", "a later --as-of")


def test_a_repeated_row_with_equal_values_is_mended_and_told(call: Call, place: Path) -> None:
    repeated = (place / "data" / SPOT).read_text().splitlines()[LINE - 1][:10]
    with_rows(lambda rows: [*rows[:LINE], rows[LINE - 1], *rows[LINE:]])(place / "data")
    ended = call("infer", *CSV)
    assert ended.code == 0
    assert f"Note: {SPOT}: repeated rows with equal values were dropped ({repeated}).\n" in ended.out.decode()
