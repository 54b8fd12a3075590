"""``aegis backtest report`` as a process: what it prints, what it refuses, and with which exit code."""

import json
import shutil
from pathlib import Path

import pytest
from command_line import aegis
from csv_market import write_market
from simulated_backtest import FIRST_ORIGIN, ORIGINS, SESSIONS
from simulated_market import simulated

from aegismatrix_engine.errors import ExitCode


def test_it_prints_how_many_events_there_are_before_any_skill(backtest: Path, tmp_path: Path) -> None:
    ended = aegis("backtest", "report", str(backtest), "--html", "report.html", at=tmp_path, env={"COLUMNS": "160"})
    assert (ended.code, ended.err) == (ExitCode.DONE, "")
    text = ended.out.decode()
    assert text.startswith("Backtest of nifty50, ")
    assert f"{12 * ORIGINS:,} forecasts" in text.splitlines()[0]
    assert text.index("\nEvents") < text.index("\nSkill") < text.index("\nDistributions of the close")
    assert "against VIX (t)" in text
    assert "GARCH" not in text
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_json_has_the_same_report(backtest: Path, tmp_path: Path) -> None:
    ended = aegis("backtest", "report", str(backtest), "--json", at=tmp_path)
    content = json.loads(ended.out)
    assert ended.code == ExitCode.DONE
    assert list(content)[:7] == ["market", "blocks", "first", "last", "forecasts", "open", "events"]
    assert content["baselines"] == ["climatology", "vix"]
    assert all(one["score"]["reliability"] for one in content["signals"] if one["score"]["event"] != "range")


def test_a_cut_file_and_a_folder_of_something_else_are_named_in_one_line(backtest: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(backtest, tmp_path / "made"))
    path = next((folder / "quantiles").iterdir())
    path.write_bytes(path.read_bytes()[:-9])
    (tmp_path / "other").mkdir()
    for asked, named in ((folder, path.name), (tmp_path / "other", "run.json")):
        ended = aegis("backtest", "report", str(asked), at=tmp_path)
        assert (ended.code, ended.out) == (ExitCode.DATA_UNUSABLE, b"")
        assert ended.err.count("\n") == 1
        assert named in ended.err


def test_of_several_markets_each_is_scored_and_one_that_fails_stops_no_other(backtest: Path, tmp_path: Path) -> None:
    for market in ("alpha", "beta", "gamma"):
        shutil.copytree(backtest, tmp_path / "several" / market)
    cut = next((tmp_path / "several" / "beta" / "quantiles").iterdir())
    cut.write_bytes(cut.read_bytes()[:-9])
    alone = json.loads(aegis("backtest", "report", str(backtest), "--json", at=tmp_path).out)
    ended = aegis("backtest", "report", "several", "--json", "--html", "report.html", at=tmp_path)
    assert ended.code == ExitCode.PARTLY_FAILED
    assert ended.err.startswith(f"aegis: error: beta: several/beta/quantiles/{cut.name} was cut or altered")
    assert ended.err.count("\n") == 1
    assert json.loads(ended.out) == {"alpha": alone, "gamma": alone}
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("<h1>Backtest of nifty50</h1>") == 2


@pytest.mark.slow
def test_with_garch_the_bars_must_be_those_of_the_backtest(backtest: Path, tmp_path: Path) -> None:
    frame = simulated(SESSIONS).frame
    prices, index = frame[["open", "high", "low", "close"]], frame[["vix"]].rename(columns={"vix": "close"})
    write_market(tmp_path / "data", prices, index)
    bars = ("--garch", "--source", "csv", "--data")
    first, again = (aegis("backtest", "report", str(backtest), "--json", *bars, "data", at=tmp_path) for _ in range(2))
    assert (first.code, first.err) == (ExitCode.DONE, "")
    assert first.out == again.out
    content = json.loads(first.out)
    assert content["baselines"] == ["climatology", "vix", "garch"]
    assert all("garch" in one["against"] for one in content["signals"])
    other = prices.copy()
    other.iloc[FIRST_ORIGIN + 9] *= 1.002
    write_market(tmp_path / "other", other, index)
    ended = aegis("backtest", "report", str(backtest), *bars, "other", at=tmp_path)
    assert (ended.code, ended.out) == (ExitCode.DATA_UNUSABLE, b"")
    assert "the bars are not those of the backtest" in ended.err
