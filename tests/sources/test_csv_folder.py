"""What a folder of csv files may hold: what is read, what is mended and told, and what is refused in one line."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from csv_market import csv_text, intraday_bars, sessions, spot_bars, vix_bars, write_market

from aegismatrix_engine.errors import AegisError, DataError, HistoryTooShort
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.csv_folder import CsvFolder

MARKET = get_market("nifty50")
DATES = sessions()
SPOT, VIX = spot_bars(DATES), vix_bars(DATES)
SPOT_TEXT, VIX_TEXT = csv_text(SPOT), csv_text(VIX)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_market(tmp_path / "data", SPOT, VIX)


def read(folder: Path) -> MarketHistory:
    return CsvFolder(folder).daily(MARKET)


def read_all(folder: Path) -> MarketHistory:
    source = CsvFolder(folder)
    return source.with_intraday(source.daily(MARKET))


def refusal(folder: Path) -> AegisError:
    with pytest.raises(AegisError) as caught:
        read_all(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert "Traceback" not in message
    return caught.value


def with_cell(text: str, line: int, column: str, value: str) -> str:
    lines = text.splitlines()
    cells = lines[line - 1].split(",")
    cells[lines[0].split(",").index(column)] = value
    lines[line - 1] = ",".join(cells)
    return "\n".join(lines) + "\n"


def cell(text: str, line: int, column: str) -> str:
    lines = text.splitlines()
    return lines[line - 1].split(",")[lines[0].split(",").index(column)]


def scaled_row(text: str, line: int, factor: float) -> str:
    for column in ("open", "high", "low", "close"):
        text = with_cell(text, line, column, repr(float(cell(text, line, column)) * factor))
    return text


def test_clean_files_come_back_bit_for_bit_and_without_a_note(folder: Path) -> None:
    history = read(folder)
    pd.testing.assert_frame_equal(history.spot, SPOT, check_exact=True)
    assert history.vix is not None
    pd.testing.assert_frame_equal(history.vix, VIX, check_exact=True)
    assert history.notes == ()
    assert history.spot.index.dtype == np.dtype("datetime64[ns]")


CELLS = [
    pytest.param("date", "20191001", "invalid date '20191001'", id="date without hyphens"),
    pytest.param("date", "2019-10-1", "invalid date '2019-10-1'", id="date of one digit"),
    pytest.param("date", "2019-13-01", "invalid date '2019-13-01'", id="thirteenth month"),
    pytest.param("date", "2019-02-30", "invalid date '2019-02-30'", id="thirtieth of February"),
    pytest.param("date", "01/10/2019", "invalid date '01/10/2019'", id="slashes"),
    pytest.param("date", "2019-10-01 15:30:00", "invalid date '2019-10-01 15:30:00'", id="time of day"),
    pytest.param("date", "\u0662\u0660\u0661\u0669-10-01", "invalid date", id="digits of another script"),
    pytest.param("date", "0001-01-01", "invalid date '0001-01-01'", id="first year"),
    pytest.param("date", "NaT", "invalid date 'NaT'", id="NaT"),
    pytest.param("date", "", "the cell is empty", id="empty date"),
    pytest.param("close", "abc", "invalid number 'abc'", id="text"),
    pytest.param("close", "NaN", "invalid number 'NaN'", id="NaN"),
    pytest.param("high", "inf", "invalid number 'inf'", id="inf"),
    pytest.param("low", "-Infinity", "invalid number '-Infinity'", id="minus infinity"),
    pytest.param("close", "", "the cell is empty", id="empty"),
    pytest.param("close", " ", "the cell is empty", id="blank"),
    pytest.param("open", '"11,234.5"', "invalid number '11,234.5'", id="thousands comma in quotes"),
    pytest.param("open", "11_234.5", "invalid number '11_234.5'", id="underscore"),
    pytest.param("open", "\u0661\u0661000", "invalid number", id="number of another script"),
    pytest.param("open", "0x2af8", "invalid number '0x2af8'", id="hexadecimal"),
    pytest.param("close", "True", "invalid number 'True'", id="truth value"),
    pytest.param("close", "-11000.5", "invalid price -11000.5", id="negative"),
    pytest.param("close", "0", "invalid price 0", id="zero"),
    pytest.param("high", "1e999", "invalid price inf", id="overflow"),
    pytest.param("high", "9000", "9000 is below open", id="high below close"),
    pytest.param("low", "13000", "13000 is above open", id="low above close"),
    pytest.param("high", "110000", "110000 is too far off the close", id="tenfold high"),
    pytest.param("low", "1100", "1100 is too far off the close", id="tenth of the low"),
]


@pytest.mark.parametrize(("column", "value", "told"), CELLS)
def test_a_bad_cell_is_told_with_file_line_column_and_value(folder: Path, column: str, value: str, told: str) -> None:
    (folder / "spot_daily.csv").write_text(with_cell(SPOT_TEXT, 23, column, value), encoding="utf-8")
    error = refusal(folder)
    assert isinstance(error, DataError)
    assert error.exit_code == 65
    assert str(error).startswith(f"spot_daily.csv, line 23, column {column}: ")
    assert told in str(error)


VIX_CELLS = [
    pytest.param("abc", "invalid number 'abc'", id="text"),
    pytest.param("-3", "invalid price -3", id="negative"),
    pytest.param("0.15", "0.15 is out of range", id="a fraction"),
    pytest.param("1500", "1500 is out of range", id="hundredfold"),
    pytest.param("150", "150 follows", id="tenfold"),
]


@pytest.mark.parametrize(("value", "told"), VIX_CELLS)
def test_a_bad_close_of_the_volatility_index_is_told_likewise(folder: Path, value: str, told: str) -> None:
    (folder / "vix_daily.csv").write_text(with_cell(VIX_TEXT, 23, "close", value))
    error = refusal(folder)
    assert error.exit_code == 65
    assert str(error).startswith("vix_daily.csv, line 23, column close: ")
    assert told in str(error)


@pytest.mark.parametrize("factor", [100, 10, 0.1, 0.01, 1.6, 0.6])
def test_a_row_in_another_unit_is_told_with_both_rows(folder: Path, factor: float) -> None:
    text = scaled_row(SPOT_TEXT, 23, factor)
    (folder / "spot_daily.csv").write_text(text)
    error = refusal(folder)
    assert error.exit_code == 65
    assert str(error).startswith("spot_daily.csv, line 23, column close: ")
    assert f"{float(cell(text, 23, 'close')):.15g} follows" in str(error)
    assert "spot_daily.csv, line 22" in str(error)


@pytest.mark.parametrize(
    ("before", "date", "change"), [("2009-05-15", "2009-05-18", 1.177), ("2004-05-14", "2004-05-17", 0.878)]
)
def test_the_largest_real_changes_pass(tmp_path: Path, before: str, date: str, change: float) -> None:
    """NIFTY rose by 17.7 % on 2009-05-18, opening at the close before, and fell by 12.2 % on 2004-05-17."""
    first = pd.DataFrame({"open": 1000.0, "high": 1000.0, "low": 1000.0, "close": 1000.0}, index=[pd.Timestamp(before)])
    high, low = max(1000, 1000 * change), min(1000, 1000 * change)
    second = pd.DataFrame(
        {"open": 1000.0, "high": high, "low": low, "close": 1000 * change}, index=[pd.Timestamp(date)]
    )
    write_market(tmp_path, pd.concat([first, second]).rename_axis("date"))
    assert read(tmp_path).last_session == pd.Timestamp(date)


def changed(edit: Callable[[list[str]], list[str]]) -> bytes:
    return ("\n".join(edit(SPOT_TEXT.splitlines())) + "\n").encode()


FILES = [
    pytest.param(b"", "spot_daily.csv is empty", id="empty"),
    pytest.param(b" \n\t\n\n", "spot_daily.csv is empty", id="white space"),
    pytest.param(b"date,open,high,low,close\n", "has a header and no rows", id="header only"),
    pytest.param(b"date,open,high,low,close", "has a header and no rows", id="header without a line's end"),
    pytest.param(bytes(range(256)) * 9, "is not UTF-8 text", id="binary"),
    pytest.param(b"\x1f\x8b\x08\x00" + b"\x00" * 40, "is not UTF-8 text", id="compressed"),
    pytest.param(b"date,open\x00,high\n", "is a binary file", id="NUL bytes"),
    pytest.param("date,open\n".encode("utf-16"), "is not UTF-8 text", id="UTF-16"),
    pytest.param(SPOT_TEXT.replace(",", ";").encode(), "separated by ';'", id="semicolons"),
    pytest.param(SPOT_TEXT.replace(",", "\t").encode(), "separated by '\\t'", id="tabs"),
    pytest.param(SPOT_TEXT.replace("close", "last", 1).encode(), "column close is missing", id="missing column"),
    pytest.param(SPOT_TEXT.replace("open", "close", 1).encode(), "column open is missing", id="open renamed"),
    pytest.param(
        SPOT_TEXT.replace("close", "close,volume", 1).encode(),
        "line 2: 5 fields where the header has 6",
        id="header wider than rows",
    ),
    pytest.param(b"date,open,high,low,close,close\n2019-10-01,1,1,1,1,1\n", "close occurs twice", id="doubled column"),
    pytest.param(changed(lambda lines: lines[1:]), "column date is missing", id="no header"),
    pytest.param(changed(lambda lines: [*lines[:6], lines[6] + ",1", *lines[7:]]), "line 7: 6 fields", id="field more"),
    pytest.param(changed(lambda lines: [*lines[:6], "2019-09-09", *lines[7:]]), "line 7: 1 fields", id="fields less"),
    pytest.param(changed(lambda lines: [*lines[:6], '"' + lines[6], *lines[7:]]), "not csv", id="open quote"),
    pytest.param(changed(lambda lines: lines[:2]), "expected at least 2", id="one row"),
    pytest.param(
        changed(lambda lines: [*lines[:6], *lines[10:]]),
        "no rows for 4 sessions in a row, 2019-09-11 to 2019-09-16",
        id="four sessions missing",
    ),
    pytest.param(
        changed(lambda lines: [lines[0], lines[1].replace("2019-09-03", "1999-12-30"), *lines[1:]]),
        "spot_daily.csv, line 2: 1999-12-30 is before 2000-01-01",
        id="before the calendar",
    ),
]


@pytest.mark.parametrize(("content", "told"), FILES)
def test_a_bad_file_is_told_with_its_name_and_the_reason(folder: Path, content: bytes, told: str) -> None:
    (folder / "spot_daily.csv").write_bytes(content)
    error = refusal(folder)
    assert isinstance(error, DataError)
    assert error.exit_code == 65
    assert str(error).startswith("spot_daily.csv")
    assert told in str(error)


def test_one_session_is_told_as_too_short_a_history(folder: Path) -> None:
    (folder / "spot_daily.csv").write_bytes(changed(lambda lines: lines[:2]))
    assert isinstance(refusal(folder), HistoryTooShort)


@pytest.mark.parametrize("file", ["vix_daily.csv", "spot_intraday.csv", "vix_intraday.csv"])
@pytest.mark.parametrize("content", [b"", b"\n", bytes(range(256)), b"a;b\n1;2\n", b"date,timestamp,close\n"])
def test_no_other_file_of_the_folder_is_let_off(folder: Path, file: str, content: bytes) -> None:
    bars = intraday_bars(DATES[-3:])
    write_market(folder, SPOT, VIX, bars, bars[["close"]] / 700)
    (folder / file).write_bytes(content)
    error = refusal(folder)
    assert error.exit_code == 65
    assert str(error).startswith(file)


def test_a_missing_folder_file_or_a_folder_in_its_place_is_told(folder: Path, tmp_path: Path) -> None:
    nowhere = refusal(tmp_path / "nowhere")
    assert nowhere.exit_code == 65
    assert str(tmp_path / "nowhere") in str(nowhere)
    (folder / "spot_daily.csv").unlink()
    missing = refusal(folder)
    assert missing.exit_code == 65
    assert str(missing).startswith("spot_daily.csv is missing in ")
    (folder / "spot_daily.csv").mkdir()
    assert "not a plain file" in str(refusal(folder))


def test_repeated_rows_with_other_values_are_told_with_both_lines(folder: Path) -> None:
    lines = SPOT_TEXT.splitlines()
    other = with_cell(SPOT_TEXT, 9, "close", repr(float(cell(SPOT_TEXT, 9, "close")) * 1.00001)).splitlines()[8]
    (folder / "spot_daily.csv").write_text("\n".join([*lines, other]) + "\n")
    error = refusal(folder)
    assert error.exit_code == 65
    assert str(error).startswith(f"spot_daily.csv, line {len(lines) + 1}, column close: {other.split(',')[4][:8]}")
    assert "spot_daily.csv, line 9" in str(error)
    assert lines[8].split(",")[0] in str(error)


def test_dates_shifted_by_a_day_are_refused(folder: Path) -> None:
    write_market(folder, SPOT.set_axis(DATES - pd.Timedelta(days=1)).rename_axis("date"))
    assert "not shifted by a time zone" in str(refusal(folder))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff" + SPOT_TEXT, id="byte order mark"),
        pytest.param(SPOT_TEXT.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(SPOT_TEXT.replace("\n", "\r"), id="CR"),
        pytest.param(SPOT_TEXT + "\n\n", id="blank lines at the end"),
        pytest.param("\n" + SPOT_TEXT.replace("\n", "\n\n"), id="blank lines between"),
        pytest.param(SPOT_TEXT.replace("\n", ",\n"), id="empty last column"),
        pytest.param(SPOT_TEXT.replace("date,open", " Date , OPEN "), id="header in capitals and spaces"),
        pytest.param(SPOT_TEXT.replace(",", ", "), id="spaces after commas"),
        pytest.param(SPOT_TEXT.replace("\n", ",n/a\n").replace("close,n/a", "close,volume"), id="text in volume"),
        pytest.param("".join(f'"{row}"\n'.replace(",", '","') for row in SPOT_TEXT.split()), id="quotes"),
    ],
)
def test_harmless_dialects_read_the_same(folder: Path, text: str) -> None:
    (folder / "spot_daily.csv").write_bytes(text.encode())
    pd.testing.assert_frame_equal(read(folder).spot, SPOT, check_exact=True)


@pytest.mark.parametrize(
    ("before", "after_header", "line"), [("", "", 5), ("\n\n", "", 7), ("\n\n", "\n", 8), ("", "\n", 6)]
)
def test_lines_are_counted_as_an_editor_counts_them(folder: Path, before: str, after_header: str, line: int) -> None:
    text = with_cell(SPOT_TEXT, 5, "low", "abc").replace("\n", "\n" + after_header, 1)
    (folder / "spot_daily.csv").write_text(before + text)
    assert str(refusal(folder)).startswith(f"spot_daily.csv, line {line}, column low: invalid number 'abc'")


def test_the_volatility_index_may_be_absent_start_late_or_have_closes_only(folder: Path) -> None:
    write_market(folder, SPOT)
    absent = read(folder)
    assert absent.vix is None
    assert absent.vix_age is None
    assert absent.notes == ("No India VIX up to 2019-12-31.",)
    full = VIX.assign(open=VIX["close"], high=1.0, low=999.0)[["open", "high", "low", "close"]]
    write_market(folder, SPOT, full.iloc[30:])
    late = read(folder)
    assert late.vix is not None
    assert list(late.vix.columns) == ["close"]
    assert late.vix.index[0] == DATES[30]
    assert late.notes == ()


def test_an_intraday_folder_has_the_volatility_index_beside_each_bar(folder: Path) -> None:
    bars = intraday_bars(DATES[-3:])
    vix = (bars[["close"]] / 700).drop(bars.index[4])
    write_market(folder, SPOT, VIX, bars, vix)
    source = CsvFolder(folder)
    history = source.with_intraday(source.daily(MARKET))
    assert history.bars is not None
    pd.testing.assert_frame_equal(history.bars[list(bars.columns)], bars, check_exact=True)
    assert np.flatnonzero(history.bars["vix"].isna()).tolist() == [4]
    assert history.bars["vix"].iloc[5] == vix["close"].iloc[4]


def test_a_folder_may_hold_the_us_vix_on_dates_of_its_own(folder: Path) -> None:
    dates = [*DATES[-3:], DATES[-1] + pd.Timedelta(days=1)]
    (folder / "us_vix_daily.csv").write_text("date,close\n" + "".join(f"{date:%Y-%m-%d},18.5\n" for date in dates))
    source = CsvFolder(folder)
    history = source.with_us_series(source.daily(MARKET))
    assert history.us_vix is not None
    assert list(history.us_vix.index) == dates
    assert [(given.series, given.symbol, given.served_by, given.fetched_at) for given in history.inputs] == [
        ("spot_daily", None, "csv", None),
        ("vix_daily", None, "csv", None),
        ("us_vix_daily", None, "csv", None),
    ]


def test_without_the_us_vix_the_history_is_as_it_was(folder: Path) -> None:
    history = read(folder)
    assert CsvFolder(folder).with_us_series(history) is history


@pytest.mark.parametrize("written", ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])
def test_intraday_timestamps_may_have_a_t_and_no_seconds(folder: Path, written: str) -> None:
    bars = intraday_bars(DATES[-3:])
    lines = csv_text(bars).splitlines()
    mixed = [f"{start:{written}},{row.partition(',')[2]}" for start, row in zip(bars.index[5:], lines[6:], strict=True)]
    write_market(folder, SPOT, VIX)
    (folder / "spot_intraday.csv").write_text("\n".join([*lines[:6], *mixed]))
    read_bars = read_all(folder).bars
    assert read_bars is not None
    pd.testing.assert_frame_equal(read_bars[list(bars.columns)], bars, check_exact=True)


def test_a_daily_row_with_a_close_and_no_open_keeps_its_close(folder: Path) -> None:
    text = with_cell(with_cell(SPOT_TEXT, 6, "open", ""), 6, "high", " ")
    (folder / "spot_daily.csv").write_text(text)
    history = read(folder)
    row, before, given = history.spot.iloc[4], SPOT.iloc[3], SPOT.iloc[4]
    assert row["close"] == given["close"]
    assert row["open"] == before["close"]
    assert row["high"] == max(before["close"], given["close"])
    assert row["low"] == min(before["close"], given["low"], given["close"])
    date = f"{SPOT.index[4]:%Y-%m-%d}"
    assert history.notes == (
        f"spot_daily.csv: rows of {date} have a close and lack open, high or low; the close was kept.",
    )


def test_a_file_of_closes_alone_is_refused(folder: Path) -> None:
    lines = [",".join([date, "", "", "", close]) for date, *_, close in csv.reader(SPOT_TEXT.splitlines()[1:])]
    (folder / "spot_daily.csv").write_text("\n".join(["date,open,high,low,close", *lines]))
    assert f"lacks open, high or low, as {len(lines)} rows do: expected at most 3" in str(refusal(folder))


def test_a_folder_without_intraday_files_leaves_the_history_as_it_is(folder: Path) -> None:
    history = read(folder)
    assert CsvFolder(folder).with_intraday(history) is history


@pytest.mark.parametrize(
    "stamp", ["2019-12-27T09:15:00+05:30", "2019-12-27T09:15Z", "2019-12-27", "09:15", "2019-12-27 25:00"]
)
def test_an_intraday_timestamp_is_exchange_time_without_a_zone(folder: Path, stamp: str) -> None:
    bars = intraday_bars(DATES[-3:])
    write_market(folder, SPOT, VIX, bars)
    (folder / "spot_intraday.csv").write_text(with_cell(csv_text(bars), 6, "timestamp", stamp))
    error = refusal(folder)
    assert str(error).startswith("spot_intraday.csv, line 6, column timestamp: ")
    assert stamp in str(error)


def test_the_real_nifty_folder_reads_without_an_error_and_tells_its_one_bar_before_an_open(shared: Path) -> None:
    source = CsvFolder(shared / "data" / "nifty50")
    history = source.with_intraday(source.daily(MARKET))
    assert history.notes == ("spot_intraday.csv: bars before the open were left out (2015-11-11 17:30).",)
    assert (len(history.spot), history.last_session) == (5722, pd.Timestamp("2022-12-30"))
    assert history.vix is not None
    assert history.bars is not None
    assert (len(history.vix), len(history.bars)) == (3430, 48714)
    assert (history.close, history.previous_close, history.vix_close) == (18105.3, 18191.0, 14.8675)


def test_the_real_american_folder_reads_without_an_error(shared: Path) -> None:
    history = CsvFolder(shared / "data" / "us").daily(get_market("sp500"))
    assert history.last_session == pd.Timestamp("2022-12-30")
    assert [note.split(":")[0] for note in history.notes] == ["vix_daily.csv"]


STAND_INS = {
    "Git LFS": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n",
        "is a Git LFS pointer, its content is not here; run `git lfs pull`",
    ),
    "git-annex": (b"/annex/objects/SHA256E-s12--ab.csv\n", "is a git-annex pointer"),
    "HTML": (b"\n<!doctype html>\n<html><body>Please log in</body></html>", "is a web page (HTML)"),
    "HTML with a byte order mark": (b"\xef\xbb\xbf<html><body>Please log in</body></html>", "is a web page (HTML)"),
    "XML": (
        b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
        "is XML, not a csv file; export it as csv",
    ),
    "JSON": (b' {"message": "Not Found"}', "is JSON, not a csv file; export it as csv"),
    "Parquet": (b"PAR1\x15\x04PAR1", "is a Parquet file, not a csv file; export it as csv"),
    "xz": (b"\xfd7zXZ\x00\x00\x04", "is not UTF-8 text but an xz archive; unpack it"),
    "zip": (b"PK\x03\x04\x14\x00", "is not UTF-8 text but a zip archive or an Excel workbook"),
    "gzip": (b"\x1f\x8b\x08\x00", "is not UTF-8 text but a gzip archive"),
    "merge": (
        b"date,close\n<<<<<<< HEAD\n2026-01-01,1\n=======\n2026-01-01,2\n>>>>>>> b\n",
        "both sides of a git merge",
    ),
}


@pytest.mark.parametrize("kind", STAND_INS)
@pytest.mark.parametrize("file", ["spot_daily", "vix_daily", "spot_intraday", "vix_intraday"])
def test_what_stands_in_for_a_file_is_named_with_its_remedy(folder: Path, file: str, kind: str) -> None:
    (folder / "spot_intraday.csv").write_text(csv_text(intraday_bars(DATES[-2:])))
    content, told = STAND_INS[kind]
    (folder / f"{file}.csv").write_bytes(content)
    error = refusal(folder)
    assert isinstance(error, DataError)
    assert str(error).startswith(f"{file}.csv "), error
    assert told in str(error)
