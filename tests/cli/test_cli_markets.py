"""``aegis markets``, and ``--markets-dir`` wherever a market is chosen."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from command_line import CSV, Ended, assert_refused
from own_entry import ENTRY, INDEX

from aegismatrix_engine.markets import known_markets
from aegismatrix_engine.markets.shipped_markets import shipped_text

Call = Callable[..., Ended]


@pytest.fixture
def own(place: Path) -> Path:
    """A folder with two own entries, the second of which is the first NIFTY market under another name."""
    folder = place / "own"
    folder.mkdir()
    (folder / "example40.toml").write_text(ENTRY)
    (folder / "nifty.toml").write_text(shipped_text("nifty50").replace('id = "nifty50"', 'id = "nifty"'))
    (folder / "notes.txt").write_text("no entry")
    return folder


def test_list_names_the_markets_that_ship_and_those_of_the_folder(call: Call, own: Path) -> None:
    ended = call("markets", "list")
    assert (ended.code, ended.err) == (0, "")
    assert [line.partition(":")[0] for line in ended.out.decode().splitlines()] == list(known_markets())
    (own / "broken.toml").write_text(ENTRY.replace('"example40"', '"broken"').replace("= 25", "= 0"))
    ended = call("markets", "list", "--json", env={"AEGIS_MARKETS_DIR": "own"})
    rows = {row["id"]: row for row in json.loads(ended.out)}
    assert list(rows) == [*known_markets(), "broken", "example40", "nifty"]
    assert rows["example40"] == {
        "id": "example40",
        "entry": "own/example40.toml",
        "name": "Example 40",
        "zone": "Europe/Berlin",
        "volatility_index": None,
        "companion_index": None,
        "calendar": "Example Exchange",
        "calendar_valid_through": "2026-12-31",
    }
    assert rows["broken"]["fault"].startswith("own/broken.toml: invalid strike_step 0")
    assert b"broken: cannot be used: own/broken.toml" in call("markets", "list", "--markets-dir", "own").out


def test_show_prints_an_entry_as_its_file_has_it(call: Call, own: Path) -> None:
    assert call("markets", "show", "sensex").out.decode() == shipped_text("sensex")
    assert call("markets", "show", "example40", "--markets-dir", "own").out.decode() == ENTRY
    assert_refused(call("markets", "show", "dax"), 2, "invalid market 'dax': expected one of banknifty, nifty50")


def test_check_says_what_an_entry_comes_to(call: Call, own: Path) -> None:
    ended = call("markets", "check", "own/example40.toml")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.decode().splitlines() == [
        "example40: Example 40, Europe/Berlin, no volatility index",
        "Example Exchange calendar: 259 sessions in 2026, 09:00 to 17:35 on 2026-12-31, announced through 2026-12-31",
        "expiries after 2025-12-31: monthly 2026-01-16, 2026-02-20, 2026-03-20",
    ]
    assert call("markets", "check", "own/example40.toml", "--quiet") == Ended(0, b"", "")


def test_check_prints_every_fault_in_a_line_of_its_own(call: Call, own: Path) -> None:
    (own / "example40.toml").write_text(ENTRY.replace("= 25", "= 0").replace('zone = "Europe/Berlin"', "zon = 1"))
    ended = call("markets", "check", "own/example40.toml")
    assert ended.code == 65
    lines = ended.err.splitlines()
    assert all(line.startswith("aegis: error: own/example40.toml: ") for line in lines)
    assert ["unknown key 'zon'" in lines[0], "zone is missing" in ended.err, "strike_step 0" in ended.err] == [True] * 3
    assert len(lines) == 3
    (own / "example40.toml").write_text("id = \n")
    assert_refused(call("markets", "check", "own/example40.toml"), 65, "invalid TOML: Invalid value (at line 1")
    (own / "example40.toml").write_text("<!DOCTYPE html>\n<html>Please log in</html>")
    assert_refused(
        call("markets", "check", "own/example40.toml"), 65, "own/example40.toml: the file is a web page (HTML)"
    )
    assert_refused(call("markets", "check", "own/none.toml"), 65, "own/none.toml: the entry is not there")


def test_check_compares_the_entry_with_bars(call: Call, own: Path) -> None:
    ended = call("markets", "check", "own/nifty.toml", "--data", "data")
    assert (ended.code, ended.err) == (0, "")
    assert "0 of the calendar without a row" in ended.out.decode()
    # The bars are of NSE's days: Indian holidays have no row, and German ones have.
    ended = call("markets", "check", "own/example40.toml", "--data", "data")
    assert ended.code == 65
    assert "own/example40.toml: calendar: " in ended.err
    assert "sessions have no row in data, first 2" in ended.err


def test_check_names_bars_on_days_that_the_calendar_calls_closed(call: Call, own: Path) -> None:
    mondays = pd.date_range("2016-01-04", "2016-12-26", freq="W-MON")
    closed = ", ".join(f"{day:%Y-%m-%d}" for day in mondays)
    (own / "example40.toml").write_text(ENTRY.replace("\nclosures = [", f"\nclosures = [{closed}, "))
    ended = call("markets", "check", "own/example40.toml", "--data", "data")
    assert ended.code == 65
    assert "are on days when the exchange was closed" in ended.err


def test_check_names_a_volatility_index_that_the_folder_has_not(call: Call, own: Path) -> None:
    (own / "example40.toml").write_text(ENTRY.replace('volatility_index = "none"', INDEX))
    Path("data", "vix_daily.csv").unlink()
    ended = call("markets", "check", "own/example40.toml", "--data", "data")
    assert "volatility_index: VX is named, and data has no vix_daily.csv: expected that file, or" in ended.err


def test_check_names_a_companion_index_that_the_folder_has_not(call: Call, own: Path) -> None:
    entry = shipped_text("banknifty").replace('id = "banknifty"', 'id = "bank"\ncompanion_index = "nifty50"')
    (own / "bank.toml").write_text(entry)
    ended = call("markets", "check", "own/bank.toml", "--data", "data")
    expected = (
        "companion_index: India VIX is named, and data has no companion_daily.csv: expected that file, or no comp"
    )
    assert (ended.code, expected in ended.err) == (65, True)
    Path("data", "companion_daily.csv").write_bytes(Path("data", "vix_daily.csv").read_bytes())
    ended = call("markets", "check", "own/bank.toml", "--data", "data")
    assert (ended.code, ended.err) == (0, "")
    out = ended.out.decode()
    assert "no volatility index, companion index India VIX, of which a session uses the close of the same date" in out
    assert (
        b"bank: NIFTY Bank, no volatility index, companion index India VIX, Asia"
        in call("markets", "list", "--markets-dir", "own").out
    )


def test_check_compares_the_largest_change_with_the_entry(call: Call, own: Path) -> None:
    out = call("markets", "check", "own/nifty.toml", "--data", "data").out.decode()
    (line,) = (line for line in out.splitlines() if line.startswith("largest change of a close: 0.0"))
    assert line.endswith("; largest_daily_change is 0.4")
    spot = Path("data", "spot_daily.csv").read_text().splitlines()
    day, *prices = spot[-1].split(",")
    spot[-1] = ",".join([day, *(f"{float(price) * 0.75:.2f}" for price in prices)])
    Path("data", "spot_daily.csv").write_text("\n".join(spot) + "\n")
    (own / "nifty.toml").write_text(f"largest_daily_change = 0.25\n{(own / 'nifty.toml').read_text()}")
    ended = call("markets", "check", "own/nifty.toml", "--data", "data")
    assert ended.code == 65
    assert "one of the two is wrong: expected a factor of at most 1.28 from row to row" in ended.err
    assert "; if both prices are right, raise largest_daily_change = 0.25 in own/nifty.toml" in ended.err
    (own / "nifty.toml").write_text((own / "nifty.toml").read_text().replace("= 0.25", "= 0.35"))
    assert "from row to row" not in call("markets", "check", "own/nifty.toml", "--data", "data").err


def test_an_own_market_is_chosen_by_option_environment_and_file(call: Call, own: Path) -> None:
    expected = "models: these models were trained for nifty50, not for nifty"
    assert_refused(call("infer", "--market", "nifty", "--markets-dir", "own", *CSV), 78, expected)
    assert_refused(call("infer", *CSV, env={"AEGIS_MARKET": "nifty", "AEGIS_MARKETS_DIR": "own"}), 78, expected)
    Path("aegis.toml").write_text('market = "nifty"\nmarkets-dir = "own"')
    assert_refused(call("infer", *CSV), 78, expected)


def test_models_are_refused_under_another_entry_than_they_were_trained_by(call: Call) -> None:
    manifest = Path("models", "manifest.json")
    manifest.write_text(manifest.read_text().replace('"sessions_per_year": 252', '"sessions_per_year": 245'))
    expected = (
        "models: trained for nifty50 with sessions_per_year = 245, not 252 as its entry says now; run `aegis train"
    )
    assert_refused(call("infer", *CSV), 78, expected)
    assert_refused(call("check-models"), 78, expected)


def test_a_market_without_an_entry_is_refused_and_the_folder_named(call: Call, own: Path) -> None:
    listed = "'dax' is not one of 'banknifty', 'nifty50', 'sensex', 'sp500'"
    assert_refused(call("infer", "--market", "dax", "--markets-dir", "own"), 2, f"{listed}, and own/dax.toml is not")
    assert_refused(call("infer", "--market", "../own/nifty", "--markets-dir", "own"), 2, "is not one of 'banknifty'")
    Path("aegis.toml").write_text('market = "dax"')
    assert_refused(call("infer"), 2, listed)


def test_an_own_entry_never_replaces_a_market_of_the_engine(call: Call, own: Path) -> None:
    (own / "nifty50.toml").write_text(shipped_text("nifty50"))
    ended = call("infer", "--markets-dir", "own", *CSV)
    assert_refused(ended, 65, "own/nifty50.toml: id: 'nifty50' is a market that ships with the engine")


def test_a_folder_of_entries_that_is_not_there_is_named(call: Call) -> None:
    assert_refused(call("infer", "--markets-dir", "nowhere", *CSV), 65, "nowhere: no such folder of entries")
    assert_refused(call("markets", "list", "--markets-dir", "nowhere"), 65, "nowhere: no such folder of entries")


def test_an_operators_calendar_takes_the_table_of_an_own_market(call: Call, own: Path) -> None:
    Path("calendar.toml").write_text('[nifty]\nclosures = [{ date = 2026-07-01, name = "x", source = "y" }]')
    ended = call("check-models", "--market", "nifty", "--markets-dir", "own")
    assert_refused(ended, 78, "trained for nifty50, not for nifty")
    assert_refused(call("check-models"), 65, "calendar.toml: unknown table [nifty]: expected one of [banknifty]")
