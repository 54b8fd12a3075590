"""Backtests of several markets: each is what it is alone, and one that fails stops no other."""

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from backtest_runs import NOW, contents, ended, ends_in_work, start
from several_markets import several_markets

from aegismatrix_engine.backtest.block_files import finished_blocks
from aegismatrix_engine.errors import ConfigurationError, ExitCode
from aegismatrix_engine.jobs.backtest import backtest
from aegismatrix_engine.jobs.backtest_batch import backtest_batch
from aegismatrix_engine.jobs.batch import MarketOutcome
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings

SESSIONS, REFIT, BLOCKS = 880, 20, 7
MARKETS = ("nifty50", "alpha", "beta")

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bars of three markets in data/ID, the entries of two in own/. Do not write into it."""
    return several_markets(tmp_path_factory.mktemp("several") / "bars", *MARKETS[1:], sessions=SESSIONS)


def settings(bars: Path, output: Path, market: str = "") -> BacktestSettings:
    """Of one market; of all without one."""
    data = bars / "data" / market if market else bars / "data"
    asked = BarsSettings(market or MARKETS[0], "csv", data, markets_dir=bars / "own")
    return BacktestSettings(asked, refit=REFIT, output=output)


@pytest.fixture(scope="module")
def alone(bars: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The files of each market's own backtest, below its id."""
    folder = tmp_path_factory.mktemp("alone")
    for market in MARKETS:
        assert backtest(settings(bars, folder / market, market), NOW).made == BLOCKS
    return contents(folder)


def options(bars: Path, output: Path, *markets: str) -> list[object]:
    named = [option for market in markets or MARKETS for option in ("--market", market)]
    where = "--source", "csv", "--data", bars / "data", "--markets-dir", bars / "own"
    return [*where, "--refit", REFIT, "--output", output, *named]


def test_one_process_makes_the_files_of_each_alone_and_goes_on_where_it_was(
    bars: Path, alone: Files, tmp_path: Path
) -> None:
    def made() -> list[str]:
        seen: list[MarketOutcome] = []
        found = backtest_batch(settings(bars, tmp_path / "several"), MARKETS, NOW, seen.append)
        assert list(found) == seen
        assert [one.market for one in found] == [*MARKETS]
        assert all(one.code == ExitCode.DONE for one in found)
        return [(one.facts or {})["blocks"] for one in found]

    assert made() == ["7, 7 new"] * 3
    assert contents(tmp_path / "several") == alone
    next((tmp_path / "several" / "alpha" / "quantiles").iterdir()).unlink()
    shutil.rmtree(tmp_path / "several" / "beta")
    assert made() == ["7, 0 new", "7, 1 new", "7, 7 new"]
    assert contents(tmp_path / "several") == alone


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [2, pytest.param(4, marks=pytest.mark.exhaustive)])
def test_processes_make_the_same_and_a_market_that_fails_stops_no_other(
    bars: Path, alone: Files, tmp_path: Path, jobs: int
) -> None:
    """With 2 processes markets are made at once; 4 share the blocks of one market after another."""
    shutil.copytree(bars, tmp_path / "bars")
    (tmp_path / "bars" / "data" / "alpha" / "spot_daily.csv").write_text(
        "date,open,high,low,close\n2019-01-01,1,1,1,x\n"
    )
    asked = [*options(tmp_path / "bars", tmp_path / "several"), "--jobs", jobs, "--shared-folder", tmp_path]
    code, told, errors = ended(start(*asked, variables={"COLUMNS": "160"}))
    assert (code, errors.count("\n")) == (12, 1), errors
    assert errors.startswith("aegis: error: alpha: spot_daily.csv, line 2")
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in told.splitlines() if "│" in line]
    assert [row[:2] for row in cells if row[0]] == [
        ["nifty50", "0 done"],
        ["alpha", "65 data unusable"],
        ["beta", "0 done"],
    ]
    assert contents(tmp_path / "several") == {
        name: content for name, content in alone.items() if not name.startswith("alpha/")
    }
    assert not list(tmp_path.glob("aegis-backtest-*"))


@pytest.mark.slow
def test_a_killed_run_of_several_goes_on_where_it_was(bars: Path, alone: Files, tmp_path: Path) -> None:
    output = tmp_path / "several"
    process = start(*options(bars, output), "--jobs", 2, start_new_session=True)
    until = time.monotonic() + 120
    while not any(path.stat().st_size for path in output.glob("*/forecasts/*.parquet")):
        assert time.monotonic() < until, "no block was made within two minutes"
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    ended(process)
    backtest_batch(settings(bars, output), MARKETS, NOW, lambda outcome: None)
    found = contents(output)
    assert {name: content for name, content in found.items() if not name.endswith(".tmp")} == alone


@pytest.mark.slow
def test_a_market_whose_workers_are_ended_three_times_is_given_up_and_named(
    bars: Path, alone: Files, tmp_path: Path
) -> None:
    output = tmp_path / "several"
    process = start(*options(bars, output), "--jobs", 2, variables={**ends_in_work("alpha"), "COLUMNS": "160"})
    code, told, errors = ended(process)
    assert code == 12
    failures = [line for line in errors.splitlines() if line.startswith("aegis: error:")]
    assert len(failures) == 1, errors
    assert failures[0].startswith("aegis: error: alpha: worker processes were ended, perhaps for want of memory")
    assert [line for line in told.splitlines() if "12 part of" in line and "alpha" in line]
    assert finished_blocks(output / "alpha") == ()
    others = {name: content for name, content in contents(output).items() if not name.startswith("alpha/")}
    assert others == {name: content for name, content in alone.items() if not name.startswith("alpha/")}
    backtest_batch(settings(bars, output), MARKETS, NOW, lambda outcome: None)
    assert contents(output) == alone


@pytest.mark.slow
def test_one_market_whose_workers_are_ended_three_times_ends_with_12(bars: Path, tmp_path: Path) -> None:
    asked = options(bars, tmp_path / "one", "alpha")
    asked[asked.index(bars / "data")] = bars / "data" / "alpha"
    code, told, errors = ended(start(*asked, "--jobs", 2, variables=ends_in_work("alpha")))
    assert (code, told) == (12, "")
    *warnings, error = errors.splitlines()
    assert len(warnings) == 2
    assert all(line.startswith("aegis: warning: a worker process was ended") for line in warnings)
    assert error.startswith("aegis: error: alpha: worker processes were ended")


def test_the_folder_of_one_market_is_refused(bars: Path, alone: Files, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(alone["alpha/run.json"])
    with pytest.raises(ConfigurationError, match=r"is the folder of a backtest of one market \(.*run\.json\)"):
        backtest_batch(settings(bars, tmp_path), MARKETS, NOW, lambda outcome: None)
    assert list(contents(tmp_path)) == ["run.json"]


def test_the_same_market_by_another_entry_is_refused(bars: Path, alone: Files, tmp_path: Path) -> None:
    shutil.copytree(bars / "own", tmp_path / "own")
    entry = tmp_path / "own" / "alpha.toml"
    entry.write_text(entry.read_text().replace("strike_step = 50", "strike_step = 100"))
    (tmp_path / "backtest").mkdir()
    (tmp_path / "backtest" / "run.json").write_bytes(alone["alpha/run.json"])
    asked = BarsSettings("alpha", "csv", bars / "data" / "alpha", markets_dir=tmp_path / "own")
    with pytest.raises(ConfigurationError, match="is of a run with another entry of the market: strike_step; name"):
        backtest(BacktestSettings(asked, refit=REFIT, output=tmp_path / "backtest"), NOW)
    assert json.loads(alone["alpha/run.json"])["entry"]["strike_step"] == 50


def test_a_run_of_a_former_layout_is_refused(bars: Path, alone: Files, tmp_path: Path) -> None:
    former = json.loads(alone["alpha/run.json"])
    del former["entry"], former["calendar"]
    (tmp_path / "run.json").write_text(json.dumps(former | {"format": 1}))
    with pytest.raises(
        ConfigurationError, match=r"another layout of run\.json, of another version of the engine: 1, now 2"
    ):
        backtest(settings(bars, tmp_path, "alpha"), NOW)


@pytest.mark.slow
def test_an_estimate_of_several_says_what_each_takes_and_writes_nothing(bars: Path, tmp_path: Path) -> None:
    code, told, errors = ended(start(*options(bars, tmp_path / "several"), "--estimate"))
    assert (code, errors) == (0, "")
    assert [told.count(f"{market}: 130 sessions to forecast from") for market in MARKETS] == [1, 1, 1]
    assert "All 3 markets: " in told
    assert not (tmp_path / "several").exists()
