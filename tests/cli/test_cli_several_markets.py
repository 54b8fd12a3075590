"""Several markets of one command: what each gets is what it gets alone, and one that fails stops no other."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from command_line import FORMER, ROOT, Ended, aegis, assert_refused, contents, environment
from several_markets import own_entry, several_markets
from yahoo_server import YahooServer, live_bars

from aegismatrix_engine.markets import get_market

Call = Callable[..., Ended]

OWN = ("alpha", "beta")
MARKETS = ("nifty50", *OWN)
BARS = ("--source", "csv", "--data", "data", "--markets-dir", "own")
SEVERAL = (*BARS, "--market", "nifty50", "--all")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three markets with bars and models, trained by one real process. Do not write into it."""
    at = several_markets(tmp_path_factory.mktemp("several") / "ready", *OWN)
    ended = aegis("train", *SEVERAL, at=at)
    assert (ended.code, ended.err) == (0, "")
    return at


@pytest.fixture
def place(ready: Path, tmp_path: Path) -> Path:
    """A copy to work in."""
    return Path(shutil.copytree(ready, tmp_path / "place"))


def sets(folder: Path) -> dict[str, bytes]:
    return contents(folder / "models")


def rows(out: bytes) -> dict[str, str]:
    """Market -> its row of the table, the lines that its cells are folded into as one text."""
    found: dict[str, str] = {}
    current = ""
    for line in out.decode().splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        if cells:
            current = cells[0] or current
            found[current] = f"{found.get(current, '')} {' '.join(cells[1:])}"
    return found


@pytest.mark.slow
def test_each_market_of_several_gets_what_it_gets_alone(place: Path) -> None:
    ended = aegis("infer", *SEVERAL, "--record", "record", at=place)
    assert (ended.code, ended.err) == (10, "")
    assert list(rows(ended.out)) == [*MARKETS]
    alone = place.parent / "alone"
    for market in MARKETS:
        folder = "models" if market == "nifty50" else f"models/{market}"
        options = ("--market", market, "--models", folder, "--output", str(alone / market / "aegismatrix.json"))
        (alone / market).mkdir(parents=True)
        bars = ("--source", "csv", "--data", f"data/{market}", "--markets-dir", "own")
        assert aegis("infer", *bars, *options, "--record", str(alone / "record"), at=place).code == 10
        shared = place if market == "nifty50" else place / market
        for name in ("aegismatrix.json", "recent.json"):
            assert (shared / name).read_bytes() == (alone / market / name).read_bytes()
    assert contents(place / "record") == contents(alone / "record")


def test_a_list_beside_the_first_document_says_where_each_is_and_how_current(place: Path) -> None:
    assert aegis("infer", *SEVERAL, "--quiet", at=place) == Ended(10, b"", "")
    listed = json.loads((place / "index.json").read_bytes())["markets"]
    assert [one["id"] for one in listed] == [*MARKETS]
    for one in listed:
        document = json.loads((place / one["path"]).read_bytes())
        assert (document["market_id"], document["as_of"]) == (one["id"], one["as_of"])
        assert document["health"]["status"] == one["health"]


def test_a_market_that_fails_keeps_its_document_and_stops_no_other(place: Path) -> None:
    (place / "alpha").mkdir()
    (place / "alpha" / "aegismatrix.json").write_bytes(FORMER)
    (place / "data" / "alpha" / "spot_daily.csv").write_text("date,open,high,low,close\n2019-01-01,1,1,1,dear\n")
    ended = aegis("infer", *SEVERAL, at=place)
    assert ended.code == 12
    assert ended.err.startswith("aegis: error: alpha: spot_daily.csv, line 2")
    assert ended.err.count("\n") == 1
    table = rows(ended.out)
    assert [table[market].split()[0] for market in MARKETS] == ["10", "65", "10"]
    assert b"\nalpha: spot_daily.csv, line 2" in ended.out, "why stands below the table, in one line"
    assert (place / "alpha" / "aegismatrix.json").read_bytes() == FORMER
    listed = json.loads((place / "index.json").read_bytes())["markets"]
    assert [one["id"] for one in listed] == ["nifty50", "beta"], "a document that cannot be read is not listed"


@pytest.mark.parametrize("broken", ["no folder", "an entry that is no TOML", "models of another market"])
def test_whatever_is_wrong_with_one_market_the_others_are_made(call: Call, place: Path, broken: str) -> None:
    if broken == "no folder":
        shutil.rmtree(place / "data" / "beta")
        reason = "there is no folder data/beta; with several markets --data DIR holds one for each"
    elif broken == "an entry that is no TOML":
        (place / "own" / "beta.toml").write_text("id = ")
        reason = "beta.toml: invalid TOML"
    else:
        shutil.rmtree(place / "models" / "beta")
        shutil.copytree(place / "models" / "alpha", place / "models" / "beta")
        reason = "or run `aegis train --market beta --models models/beta`, which replaces these"
    ended = call("infer", *SEVERAL, "--json")
    assert ended.code == 12
    assert ended.err.startswith("aegis: error: beta: ")
    assert reason in ended.err
    told = {one["market"]: one for one in json.loads(ended.out)}
    assert [told[market]["exit_code"] in (0, 10) for market in MARKETS] == [True, True, False]
    assert (place / "alpha" / "aegismatrix.json").exists()
    assert not (place / "beta" / "aegismatrix.json").exists()


def test_without_a_document_a_former_list_of_markets_stays(call: Call, place: Path) -> None:
    shutil.rmtree(place / "data")
    ended = call("infer", *SEVERAL, "--quiet")
    assert (ended.code, ended.err.count("\n")) == (12, 3)
    assert not (place / "index.json").exists(), "a list of nothing is none"
    former = b'{"format": "aegis-index-1", "markets": []}'
    (place / "index.json").write_bytes(former)
    assert call("infer", *SEVERAL, "--quiet").code == 12
    assert (place / "index.json").read_bytes() == former


def test_a_list_that_cannot_be_written_hides_no_outcome(call: Call, place: Path) -> None:
    (place / "index.json").symlink_to("gone/index.json")
    ended = call("infer", *SEVERAL)
    assert ended.code == 73
    assert "cannot write 'index.json'" in ended.err
    assert [rows(ended.out)[market].split()[0] for market in MARKETS] == ["10"] * 3


def test_no_page_of_another_market_takes_the_place_of_the_first_one_s_data(call: Call, place: Path) -> None:
    (place / "own" / "data.toml").write_text(own_entry("data"))
    ended = call("run", *BARS, "--market", "nifty50", "--market", "data", "--models", "sets", "--no-publish")
    assert_refused(ended, 2, "the page of the market data would be in data/", "give the market another id")


@pytest.mark.parametrize("there", ["file", "folder"])
def test_a_file_of_others_is_not_replaced_by_the_list_of_markets(call: Call, place: Path, there: str) -> None:
    path = place / "index.json"
    if there == "file":
        path.write_text('{"pages": 3}')
    else:
        path.mkdir()
    ended = call("infer", *SEVERAL, "--quiet")
    assert_refused(ended, 2, "index.json", "give --output another folder")
    assert not (place / "aegismatrix.json").exists()
    assert path.is_dir() or path.read_text() == '{"pages": 3}'


def test_what_lies_in_the_place_of_a_market_s_folder_ends_that_market_alone(call: Call, place: Path) -> None:
    (place / "alpha").write_text("mine")
    ended = call("infer", *SEVERAL)
    assert ended.code == 12
    assert "alpha: cannot make the folder 'alpha': file exists; remove what is in its place" in ended.err
    assert [rows(ended.out)[market].split()[0] for market in MARKETS] == ["10", "73", "10"]
    assert (place / "alpha").read_text() == "mine"


def test_the_remedy_of_missing_models_trains_that_market_into_its_own_folder(call: Call, place: Path) -> None:
    shutil.rmtree(place / "models" / "beta")
    remedy = "run `aegis train --market beta --models models/beta`"
    assert remedy in call("infer", *SEVERAL).err
    ended = call("check-models", "--market", "nifty50", "--all", "--markets-dir", "own", "--json")
    assert remedy in {one["market"]: one["why"] for one in json.loads(ended.out)}["beta"]
    bars = ("--source", "csv", "--data", "data/beta", "--markets-dir", "own", "--market", "beta", "--quiet")
    assert call("train", *bars, "--models", "models/beta").err == ""
    replacing = call("train", *bars, "--models", "models/alpha")
    assert replacing.code == 0
    assert "models/alpha held a set of alpha, which the one of beta has replaced" in replacing.err


@pytest.mark.slow
def test_sets_trained_at_once_are_equal_to_the_last_bit(place: Path) -> None:
    one_by_one = sets(place)
    shutil.rmtree(place / "models")
    ended = aegis("train", *SEVERAL, "--jobs", "2", at=place)
    assert (ended.code, ended.err) == (0, "")
    assert list(rows(ended.out)) == [*MARKETS]
    assert sets(place) == one_by_one


def trainers(parent: int) -> list[int]:
    """The processes that a training of several markets has started to train in."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if above == parent and b"popen_loky_posix" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
@pytest.mark.filterwarnings("default::ResourceWarning")
def test_where_a_process_that_trains_is_killed_another_goes_on(place: Path) -> None:
    before = sets(place)
    shutil.rmtree(place / "models")
    command = [sys.executable, "-m", "aegismatrix_engine", "train", *SEVERAL, "--jobs", "2"]
    with subprocess.Popen(
        command, cwd=place, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None and not (there := trainers(process.pid)):
            time.sleep(0.02)
        os.kill(there[0], signal.SIGKILL)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "was killed; this set was trained in another one" in err
    assert list(rows(out.encode())) == [*MARKETS]
    assert sets(place) == before


@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_a_set_that_cannot_be_trained_stays_and_stops_no_other(place: Path, jobs: str) -> None:
    before = sets(place)
    (place / "data" / "nifty50" / "spot_daily.csv").unlink()
    (place / "models" / "alpha" / "manifest.json").unlink()
    ended = aegis("train", *SEVERAL, "--jobs", jobs, at=place)
    assert ended.code == 12
    assert ended.err.startswith("aegis: error: nifty50: spot_daily.csv is missing")
    assert [rows(ended.out)[market].split()[0] for market in MARKETS] == ["65", "0", "0"]
    assert sets(place) == before


def test_sets_are_checked_together(call: Call, place: Path) -> None:
    ended = call("check-models", "--market", "nifty50", "--all", "--markets-dir", "own")
    assert (ended.code, ended.err) == (0, "")
    next((place / "models" / "beta").glob("trap-*.joblib")).unlink()
    ended = call("check-models", "--market", "nifty50", "--all", "--markets-dir", "own", "--json")
    assert (ended.code, ended.err) == (11, "")
    told = {one["market"]: one for one in json.loads(ended.out)}
    assert [told[market]["healthy"] for market in MARKETS] == [True, True, False]
    assert told["beta"]["models"][0]["model"]
    (place / "own" / "alpha.toml").write_text("id = ")
    ended = call("check-models", "--market", "nifty50", "--all", "--markets-dir", "own")
    assert ended.code == 12
    assert [rows(ended.out)[market].split()[0] for market in MARKETS] == ["0", "65", "11"]


def test_all_takes_the_marked_alone(call: Call, place: Path) -> None:
    (place / "own" / "beta.toml").write_text(own_entry("beta", publish=False))
    ended = call("infer", *BARS, "--all", "--models", "models/alpha", "--output", "alpha.json", "--json")
    assert [one["market"] for one in json.loads(ended.out)] == ["alpha"]
    assert [one["path"] for one in json.loads((place / "index.json").read_bytes())["markets"]] == ["alpha.json"]


def test_a_file_of_options_holds_a_list_of_markets(call: Call, place: Path) -> None:
    (place / "aegis.toml").write_text('markets-dir = "own"\n[check-models]\nmarket = ["nifty50", "alpha"]\n')
    assert list(rows(call("check-models").out)) == ["nifty50", "alpha"]
    assert list(rows(call("check-models", env={"AEGIS_MARKET": "nifty50 beta"}).out)) == ["nifty50", "beta"]
    (place / "aegis.toml").write_text('market = ["nifty50", "sp500"]\n')
    assert_refused(call("check-models"), 2, "aegis.toml: invalid market", "alone: this command takes one")


@pytest.mark.slow
def test_one_run_asks_yahoo_for_what_markets_share_once(tmp_path: Path) -> None:
    now, markets = pd.Timestamp("2026-11-25T17:00+05:30"), ("nifty50", "banknifty", "sensex")
    served = {}
    for market in markets:
        served |= live_bars(get_market(market), now, sessions=600)
    with YahooServer(served) as server:
        asked = [option for market in markets for option in ("--market", market)]
        env = server.environment() | {"AEGIS_NOW": now.isoformat()}
        start = (str(ROOT / "tests" / "sources" / "yahoo_loopback.py"),)
        ended = aegis("infer", *asked, "--allow-degraded", "--json", at=tmp_path, env=env, start=start)
        charts = [path.partition("?")[0].rpartition("/")[2] for path in server.charts()]
    assert (ended.code, ended.err) == (10, "")
    assert [one["as_of"] for one in json.loads(ended.out)] == ["2026-11-25T15:35:00+05:30"] * 3
    assert [charts.count(symbol) for symbol in ("%5EVIX", "%5EGSPC", "INDA")] == [1, 1, 1]
    assert len(charts) == 3 + 2 * len(markets) + 2
    assert len(server.requests) <= len(charts) + 3, "one cookie and one crumb for all"


@pytest.mark.slow
def test_a_market_whose_turn_does_not_come_keeps_its_document_and_says_so(tmp_path: Path) -> None:
    now, markets = pd.Timestamp("2026-11-25T17:00+05:30"), ("nifty50", "banknifty", "sensex")
    (tmp_path / "sensex").mkdir()
    (tmp_path / "sensex" / "aegismatrix.json").write_bytes(FORMER)
    with YahooServer({}) as server:
        server.fault = dict.fromkeys((get_market(market).spot_symbol for market in markets), "time-out")
        asked = [option for market in markets for option in ("--market", market)]
        env = server.environment() | {"AEGIS_NOW": now.isoformat()}
        start = (str(ROOT / "tests" / "sources" / "yahoo_loopback.py"),)
        ended = aegis("infer", *asked, "--allow-degraded", "--patience", "1", at=tmp_path, env=env, start=start)
    assert ended.code == 12
    assert [row.split()[0] for row in rows(ended.out).values()] == ["75"] * 3
    assert ended.err.count("\n") == 3
    assert (tmp_path / "sensex" / "aegismatrix.json").read_bytes() == FORMER


MISUSES = {
    "twice": (("--market", "sp500", "--market", "sp500"), "--market sp500 was given twice; name each market once"),
    "all without entries": (("--all",), "--all takes the markets whose entry says publish = true, and there is no"),
    "none marked": (("--all", "--markets-dir", "bare"), "and none in bare does; add that line"),
    "no such folder": (("--all", "--markets-dir", "gone"), "gone: no such folder of entries"),
    "no data": (("--market", "nifty50", "--market", "sp500", "--source", "csv"), "the csv source needs a folder"),
    "a moment": (("--market", "nifty50", "--market", "sp500", "--as-of", "soon"), "invalid --as-of 'soon'"),
    "the list": (("--market", "nifty50", "--market", "sp500", "--output", "index.json"), "is the list of the markets"),
    "models": (("--market", "nifty50", "--market", "sp500", "--models", "sp500"), "sp500, which holds sp500"),
    "one chain": (
        ("--market", "nifty50", "--market", "sp500", *BARS[:4], "--options", "chain.json"),
        "--options chain.json is a file, of one market",
    ),
}


@pytest.mark.parametrize(("options", "told"), MISUSES.values(), ids=MISUSES)
def test_what_no_market_can_be_asked_for_is_refused_at_once(
    call: Call, place: Path, options: tuple[str, ...], told: str
) -> None:
    (place / "bare").mkdir()
    (place / "chain.json").write_text("{}")
    before = contents(place)
    assert_refused(call("infer", *options), 2 if "gone" not in told else 65, told)
    assert contents(place) == before
