"""``aegis import``: what it writes and prints, what it refuses, and that nothing of the user's is ever changed."""

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from command_line import CSV, STEERING, Ended, aegis, assert_refused, contents, without_moment
from own_entry import ENTRY
from slow_cases import slow_but

from aegismatrix_engine.cli import main
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.csv_folder import CsvFolder

Call = Callable[..., Ended]
MARKET = get_market("nifty50")

NSE = """\ufeffDate ,Open ,High ,Low ,Close ,Shares Traded ,Turnover (₹ Cr)
08-JAN-2021,14258.4,14367.3,14221.65,14347.25,613460164,37236.02
07-JAN-2021,14253.75,14256.25,14123.1,14137.35,559173512,
06-JAN-2021,14240.95,14244.15,14039.9,14146.25,632324316,38433.59
"""
INDIA_VIX = """\ufeffDate ,Open ,High ,Low ,Close ,Prev. Close ,Change ,% Change
06-JAN-2021,20.2475,21.8725,19.5625,20.99,20.2475,0.74,3.67
07-JAN-2021,20.99,21.4,19.9025,20.6475,20.99,-0.34,-1.63
08-JAN-2021,20.6475,21.1775,19.665,20.61,20.6475,-0.04,-0.18
"""
YFINANCE = """Price,Close,High,Low,Open,Volume
Ticker,^NSEI,^NSEI,^NSEI,^NSEI,^NSEI
Date,,,,,
2021-01-06,14146.25,14244.15,14039.9,14240.95,632300
2021-01-07,14137.35,14256.25,14123.1,14253.75,559200
2021-01-08,14347.25,14367.3,14221.65,14258.4,613500
"""
NIFTYINDICES = """"Index Name","Date","Open","High","Low","Close"
"NIFTY 50","08 Jan 2021","14258.40","14367.30","14221.65","14347.25"
"NIFTY 50","07 Jan 2021","14253.75","14256.25","14123.10","14137.35"
"NIFTY 50","06 Jan 2021","14240.95","14244.15","14039.90","14146.25"
"NIFTY 50","04 Jan 1999","-","-","-","892.20"
"""
SPOT_FILE = """date,open,high,low,close
2021-01-06,14240.95,14244.15,14039.9,14146.25
2021-01-07,14253.75,14256.25,14123.1,14137.35
2021-01-08,14258.4,14367.3,14221.65,14347.25
"""
VIX_FILE = "date,close\n2021-01-06,20.99\n2021-01-07,20.6475\n2021-01-08,20.61\n"
AMBIGUOUS = "Date,Close\n08/06/2021,15.6\n09/06/2021,15.1\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with files to import."""
    (tmp_path / "NIFTY 50.csv").write_text(NSE, encoding="utf-8")
    (tmp_path / "hist_india_vix.csv").write_text(INDIA_VIX, encoding="utf-8")
    return tmp_path


@pytest.fixture
def import_files(
    files: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ended]:
    """``aegis import`` inside this process, in that folder."""
    for name in os.environ:
        if STEERING.match(name):
            monkeypatch.delenv(name)
    monkeypatch.chdir(files)

    def run(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(("import", *arguments))
        out, err = capfdbinary.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, out, err.decode())

    return run


@pytest.mark.parametrize("spot", [NSE, YFINANCE, NIFTYINDICES], ids=["A01, NSE", "A03, yfinance", "A05, niftyindices"])
def test_an_export_becomes_a_csv_folder(files: Path, import_files: Call, spot: str) -> None:
    (files / "NIFTY 50.csv").write_text(spot, encoding="utf-8")
    ended = import_files("NIFTY 50.csv", "hist_india_vix.csv", "--output", "data")
    assert (ended.code, ended.err) == (0, "")
    assert contents(files / "data") == {"spot_daily.csv": SPOT_FILE.encode(), "vix_daily.csv": VIX_FILE.encode()}


@pytest.mark.parametrize("case", ["A01", "A03", "A05"])
def test_the_cases_read_as_the_market_they_were_made_from(
    shared: Path, tmp_path: Path, import_files: Call, case: str
) -> None:
    inputs = sorted(map(str, (shared / "cases" / case / "input").iterdir()))
    assert import_files(*inputs, "--output", str(tmp_path / "data")).code == 0
    read = CsvFolder(tmp_path / "data").daily(MARKET)
    sound = CsvFolder(shared / "cases" / "REF" / "input").daily(MARKET)
    pd.testing.assert_frame_equal(read.spot, sound.spot, check_exact=True)
    assert read.vix is not None
    assert sound.vix is not None
    pd.testing.assert_frame_equal(read.vix, sound.vix, check_exact=True)


def test_it_prints_what_it_understood_of_each_file_and_what_it_wrote(import_files: Call) -> None:
    ended = import_files("NIFTY 50.csv", "hist_india_vix.csv", "--output", "data")
    assert ended.out.decode() == (
        "NIFTY 50.csv\n"
        "  spot_daily: the file is called NIFTY 50.csv\n"
        "  columns Date, Open, High, Low, Close (line 1); not read: Shares Traded, Turnover (₹ Cr)\n"
        "  dates are day, month by name, year: line 2 has 08-JAN-2021\n"
        "hist_india_vix.csv\n"
        "  vix_daily: the file is called hist_india_vix.csv\n"
        "  columns Date, Open, High, Low, Close (line 1); not read: Prev. Close, Change, % Change\n"
        "  dates are day, month by name, year: line 2 has 06-JAN-2021\n"
        "data/spot_daily.csv: 3 rows, 2021-01-06 to 2021-01-08\n"
        "data/vix_daily.csv: 3 rows, 2021-01-06 to 2021-01-08\n"
    )


def test_quiet_prints_nothing(import_files: Call) -> None:
    assert import_files("NIFTY 50.csv", "--output", "data", "--quiet") == Ended(0, b"", "")


def test_the_files_themselves_are_not_changed(files: Path, import_files: Call) -> None:
    before = contents(files)
    import_files("NIFTY 50.csv", "hist_india_vix.csv", "--output", "data", "--quiet")
    after = contents(files)
    assert {name: after[name] for name in before} == before


def test_files_of_one_series_are_put_together_and_rows_given_twice_kept_once(files: Path, import_files: Call) -> None:
    lines = NSE.splitlines(keepends=True)
    (files / "NIFTY 50 a.csv").write_text("".join(lines[:3]), encoding="utf-8")
    (files / "NIFTY 50 b.csv").write_text("".join([lines[0], *lines[2:]]), encoding="utf-8")
    ended = import_files("NIFTY 50 a.csv", "NIFTY 50 b.csv", "--output", "data")
    assert "spot_daily: 1 row given twice with equal prices, kept once\n" in ended.out.decode()
    assert (files / "data" / "spot_daily.csv").read_bytes() == SPOT_FILE.encode()


def test_files_that_disagree_are_refused_and_nothing_is_written(files: Path, import_files: Call) -> None:
    (files / "NIFTY 50 b.csv").write_text(NSE.replace("14137.35", "14137.40"), encoding="utf-8")
    ended = import_files("NIFTY 50.csv", "NIFTY 50 b.csv", "--output", "data")
    assert_refused(ended, 65, "NIFTY 50 b.csv, line 3: 2021-01-07 has close 14137.4", "NIFTY 50.csv, line 3")
    assert not (files / "data").exists()


def test_importing_the_same_again_changes_nothing(files: Path, import_files: Call) -> None:
    import_files("NIFTY 50.csv", "--output", "data")
    before = contents(files)
    assert import_files("NIFTY 50.csv", "--output", "data").code == 0
    assert contents(files) == before


def test_a_file_with_other_bars_is_not_overwritten(files: Path, import_files: Call) -> None:
    (files / "data").mkdir()
    (files / "data" / "vix_daily.csv").write_text("date,close\n2021-01-06,20.99\n")
    before = contents(files)
    ended = import_files("NIFTY 50.csv", "hist_india_vix.csv", "--output", "data")
    assert_refused(ended, 2, "data/vix_daily.csv exists with other content", "name another folder with --output")
    assert contents(files) == before


def test_what_the_folder_held_before_has_to_read_with_what_is_new(files: Path, import_files: Call) -> None:
    (files / "data").mkdir()
    (files / "data" / "vix_daily.csv").write_text("date,close\n2021-01-06,0.2099\n")
    before = contents(files)
    ended = import_files("NIFTY 50.csv", "--output", "data")
    assert_refused(ended, 65, "vix_daily.csv, line 2, column close: 0.2099 is out of range")
    assert contents(files) == before


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"<html><body>Access Denied</body></html>", "is a web page"),
        (AMBIGUOUS.encode(), "use --date-order day-first or --date-order month-first"),
        *slow_but(
            [
                (b"", "vix.csv is empty"),
                (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 71084\n", "`git lfs pull`"),
                (bytes(range(256)), "is not UTF-8 text"),
                (b"Date,Close\n2021-01-04,0.1956\n2021-01-05,0.2025\n", "(15 for 15 %)"),
            ],
            [],
        ),
    ],
)
def test_a_file_that_cannot_be_used_ends_in_one_line_in_a_process_of_its_own(
    files: Path, content: bytes, part: str
) -> None:
    (files / "india vix.csv").write_bytes(content)
    before = contents(files)
    assert_refused(aegis("import", "NIFTY 50.csv", "india vix.csv", "--output", "data", at=files), 65, part)
    assert contents(files) == before


def test_a_choice_between_two_meanings_is_made_by_an_option_or_the_environment(files: Path) -> None:
    (files / "vix.csv").write_text(AMBIGUOUS)
    choices = ("--series", "vix_daily", "--date-order", "day-first")
    by_options = aegis("import", "vix.csv", *choices, "--output", "one", at=files)
    variables = {"AEGIS_SERIES": "vix_daily", "AEGIS_DATE_ORDER": "day-first", "AEGIS_OUTPUT": "two"}
    by_environment = aegis("import", "vix.csv", at=files, env=variables)
    assert by_options.code == by_environment.code == 0
    assert (files / "one" / "vix_daily.csv").read_bytes() == b"date,close\n2021-06-08,15.6\n2021-06-09,15.1\n"
    assert contents(files / "one") == contents(files / "two")


MISUSED = {
    "no file": (("--output", "data"), "FILE..."),
    "no folder": (("NIFTY 50.csv",), "--output"),
    "a series of two files": (
        ("NIFTY 50.csv", "hist_india_vix.csv", "--output", "data", "--series", "spot_daily"),
        "one",
    ),
    "no such series": (("NIFTY 50.csv", "--output", "data", "--series", "spot"), "--series"),
    "no such zone": (
        ("NIFTY 50.csv", "--output", "data", "--zone", "Kolkata"),
        "invalid --zone 'Kolkata': expected an IANA",
    ),
    "no zone at all": (("NIFTY 50.csv", "--output", "data", "--zone", "../etc"), "invalid --zone"),
    "no such order": (("NIFTY 50.csv", "--output", "data", "--date-order", "dmy"), "--date-order"),
    "no such stamp": (("NIFTY 50.csv", "--output", "data", "--bar-stamp", "open"), "--bar-stamp"),
    "a file for a folder": (("NIFTY 50.csv", "--output", "hist_india_vix.csv"), "is a file; name a folder"),
}


@pytest.mark.parametrize(("arguments", "part"), MISUSED.values(), ids=MISUSED)
def test_options_that_do_not_fit_end_with_2(
    files: Path, import_files: Call, arguments: tuple[str, ...], part: str
) -> None:
    before = contents(files)
    assert_refused(import_files(*arguments), 2, part)
    assert contents(files) == before


@pytest.mark.parametrize(("name", "part"), [("none.csv", "none.csv does not exist"), (".", "cannot be read")])
def test_a_file_that_is_not_there_is_reported(import_files: Call, name: str, part: str) -> None:
    assert_refused(import_files(name, "--output", "data"), 65, part)


def test_a_folder_that_cannot_be_made_is_reported(files: Path, import_files: Call) -> None:
    ended = import_files("NIFTY 50.csv", "--output", "hist_india_vix.csv/data")
    assert_refused(ended, 73, "cannot use the folder hist_india_vix.csv/data", "; name another with --output")


@pytest.mark.slow
def test_a_csv_folder_written_otherwise_names_import_and_serves_once_imported(place: Path) -> None:
    """The same market as NSE exports it: refused as it is, then imported, and the document is the same to the byte."""
    sound = aegis("infer", *CSV, "--output", "sound.json", "--quiet", at=place)
    assert sound.code == 0
    raw = place / "exports"
    raw.mkdir()
    for name in ("spot_daily", "vix_daily"):
        header, *rows = (place / "data" / f"{name}.csv").read_text().splitlines()
        dated = (f"{pd.Timestamp(row[:10]):%d-%b-%Y}{row[10:]}" for row in reversed(rows))
        (raw / f"{name}.csv").write_text("\n".join([header.replace(",", " ,").title(), *dated]) + "\n")
    assert_refused(
        aegis("infer", "--source", "csv", "--data", "exports", at=place), 65, "or let `aegis import` read the file"
    )
    imported = aegis("import", "exports/spot_daily.csv", "exports/vix_daily.csv", "--output", "imported", at=place)
    assert imported.code == 0
    again = aegis("infer", "--source", "csv", "--data", "imported", "--output", "again.json", "--quiet", at=place)
    assert again.code == 0
    documents = ((place / name).read_bytes() for name in ("sound.json", "again.json"))
    assert len({without_moment(document) for document in documents}) == 1


FRED_SPX = "observation_date,SP500\n2021-01-05,3726.86\n2021-01-06,3748.14\n2021-01-07,.\n"
YAHOO_INDA = "Date,Open,High,Low,Close,Adj Close,Volume\n2021-01-05,40.3,40.7,40.27,40.65,39.2,1\n"


def test_the_us_series_are_written_beside_the_others_and_read_back(
    files: Path, import_files: Callable[..., Ended]
) -> None:
    (files / "SP500.csv").write_text(FRED_SPX)
    (files / "INDA.csv").write_text(YAHOO_INDA)
    ended = import_files("NIFTY 50.csv", "SP500.csv", "INDA.csv", "--output", "data")
    assert (ended.code, ended.err) == (0, "")
    assert b"inda_daily: the file is called INDA.csv" in ended.out
    assert b"its closes have to be unadjusted for dividends" in ended.out
    assert (files / "data/us_spot_daily.csv").read_text() == (
        "date,open,high,low,close\n2021-01-05,,,,3726.86\n2021-01-06,,,,3748.14\n"
    )
    assert (files / "data/inda_daily.csv").read_text() == "date,close\n2021-01-05,40.65\n"
    source = CsvFolder(files / "data")
    history = source.with_us_series(source.daily(MARKET))
    assert history.us_spot is not None
    assert history.inda is not None
    assert (len(history.us_spot), len(history.inda), history.notes[1:]) == (2, 1, ())


@pytest.mark.parametrize(
    ("market", "name"),
    [
        ("banknifty", "NIFTY BANK-01-01-2021-to-31-12-2021.csv"),
        ("sensex", "SENSEX_2021.csv"),
        ("example40", "Example 40 history.csv"),
    ],
)
def test_files_of_every_market_are_read(call: Call, place: Path, market: str, name: str) -> None:
    (place / "own").mkdir()
    (place / "own/example40.toml").write_text(ENTRY)
    rows = (place / "data/spot_daily.csv").read_text().splitlines()
    text = "\n".join(f"{pd.Timestamp(row.split(',')[0]):%d-%b-%Y},{row.split(',', 1)[1]}" for row in rows[1:])
    (place / name).write_text(f"Date,Open,High,Low,Close\n{text}\n")
    ended = call("import", name, "--market", market, "--markets-dir", "own", "--output", "made")
    assert (ended.code, ended.err) == (0, "")
    assert f"spot_daily: the file is called {name}" in ended.out.decode()
    made = (place / "made/spot_daily.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in made] == [row.split(",")[0] for row in rows]


@pytest.mark.parametrize(
    ("market", "name", "level", "told"),
    [
        (
            "banknifty",
            "NIFTY 50.csv",
            24000.0,
            "by its name, of NIFTY 50: expected NIFTY Bank, the US VIX, the S&P 500",
        ),
        ("banknifty", "NIFTY BANK FUT.csv", 50000.0, "is, by its name, of futures or options"),
        ("sensex", "SENSEX BEES.csv", 900.0, "is, by its name, of BEES"),
        ("sensex", "BANKNIFTY.csv", 50000.0, "is, by its name, of BANKNIFTY: expected SENSEX, "),
        ("nifty50", "NIFTY BANK.csv", 50000.0, "is, by its name, of NIFTY BANK: expected NIFTY 50, India VIX, "),
        ("sp500", "NIFTY 50.csv", 24000.0, "is, by its name, of NIFTY 50: expected S&P 500 or VIX (--market sp500)"),
        ("banknifty", "india_vix.csv", 15.0, "is, by its name, of INDIA VIX: expected NIFTY Bank, "),
        (
            "sensex",
            "levels.csv",
            15.0,
            "of a volatility index by its closes, 15 to 15, and sensex has none by its entry",
        ),
        ("sensex", "vix_daily.csv", 15.0, "is of a volatility index, and sensex has none by its entry"),
    ],
)
def test_files_of_another_index_are_refused(
    call: Call, place: Path, market: str, name: str, level: float, told: str
) -> None:
    prices = ",".join([f"{level}"] * 4)
    (place / name).write_text(f"Date,Open,High,Low,Close\n2021-01-04,{prices}\n2021-01-05,{prices}\n")
    assert_refused(call("import", name, "--market", market, "--output", "made"), 65, told)
    assert not (place / "made").exists()


def test_a_companion_index_is_not_imported_and_the_remedy_says_how_it_is_given(call: Call, place: Path) -> None:
    (place / "own").mkdir()
    entry = ENTRY.replace('volatility_index = "none"', 'volatility_index = "none"\ncompanion_index = "sp500"')
    (place / "own/example40.toml").write_text(entry)
    (place / "levels.csv").write_text("Date,Close\n2021-01-04,15\n2021-01-05,16\n")
    ended = call("import", "levels.csv", "--market", "example40", "--markets-dir", "own", "--output", "made")
    assert_refused(
        ended, 65, "example40 has none by its entry; copy closes of its companion index to companion_daily.csv"
    )
