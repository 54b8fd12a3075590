"""Backtests with moments inside sessions: stopped, shared and refused as others are, and reported apart from closes."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest
from backtest_runs import NOW, bars_folder, bars_folder_with_intraday, contents, ended, made, start
from recomputed import one_score
from synthetic import daily_frame
from test_backtest_on_cluster import blocks_done, wait_for
from test_backtest_report import groups, plain

from aegismatrix_engine.backtest.block_files import finished_blocks, read_blocks
from aegismatrix_engine.backtest.report import BacktestReport
from aegismatrix_engine.backtest.report_tables import page
from aegismatrix_engine.cli.backtest_tables import backtest_summary
from aegismatrix_engine.errors import ConfigurationError, ExitCode
from aegismatrix_engine.jobs.backtest_batch import backtest_batch
from aegismatrix_engine.jobs.backtest_estimate import estimate
from aegismatrix_engine.jobs.backtest_report import report
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings

# One process makes the backtest that all of these look at.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("inside sessions")]

DATES = daily_frame().index
FIRST, LAST, REFIT = f"{DATES[975]:%Y-%m-%d}", f"{DATES[997]:%Y-%m-%d}", 10
"""Origins: three blocks, of which the first begins between two refits."""
TIMES = ("10:15", "14:00")
BLOCKS, SESSIONS = 3, 23


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bars_folder_with_intraday(tmp_path_factory.mktemp("bars"))


@pytest.fixture(scope="module")
def folder(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing has disturbed."""
    output = tmp_path_factory.mktemp("whole") / "backtest"
    found = made(data, output, first=FIRST, last=LAST, refit=REFIT, intraday=",".join(TIMES))
    assert found.made == len(found.blocks) == BLOCKS
    return output


@pytest.fixture(scope="module")
def closes(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without moments inside sessions."""
    output = tmp_path_factory.mktemp("closes") / "backtest"
    made(data, output, first=FIRST, last=LAST, refit=REFIT)
    return output


def options(data: Path, output: Path) -> tuple[object, ...]:
    run = "--from", FIRST, "--to", LAST, "--refit", REFIT, "--output", output
    return "--source", "csv", "--data", data, *run, "--intraday", ", ".join(reversed(TIMES))


def test_every_session_has_every_moment_and_closes_are_as_without_them(folder: Path, closes: Path) -> None:
    table, alone = (read_blocks(one, finished_blocks(one), "forecasts") for one in (folder, closes))
    inside = table["as_of"].astype(str).str[:10] != table["origin"].dt.strftime("%Y-%m-%d")
    moments = [f"{day:%Y-%m-%d}T{time}:00+05:30" for day in DATES[975:998] for time in TIMES]
    assert list(table["as_of"][inside].unique()) == moments
    plain_tables = (one.astype({"as_of": str}).reset_index(drop=True) for one in (table[~inside], alone))
    pd.testing.assert_frame_equal(*plain_tables, check_categorical=False)
    for kind in ("quantiles", "oracle"):
        with_moments, without = (contents(one / kind) for one in (folder, closes))
        assert with_moments == without
    assert json.loads((folder / "run.json").read_text())["intraday"] == ",".join(TIMES)
    counts = [block.inside for block in finished_blocks(folder)]
    assert [count.moments for count in counts if count is not None] == [12, 20, 14]


def test_two_processes_make_the_same_files(data: Path, folder: Path, tmp_path: Path) -> None:
    made(data, tmp_path / "two", first=FIRST, last=LAST, refit=REFIT, intraday=",".join(TIMES), jobs=2)
    assert contents(tmp_path / "two") == contents(folder)


def test_a_killed_run_goes_on_where_it_was(data: Path, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "killed"
    process = start(*options(data, output))
    wait_for(lambda: blocks_done(output) >= 1)
    process.kill()
    ended(process)
    before = blocks_done(output)
    code, told, errors = ended(start(*options(data, output)))
    assert (code, errors) == (0, "")
    assert f"in {BLOCKS} blocks, {BLOCKS - before} of them new" in told
    assert told.endswith(f"inside sessions: forecasts from {SESSIONS * len(TIMES)} moments\n")
    assert {name: data for name, data in contents(output).items() if not name.endswith(".tmp")} == contents(folder)


def test_other_times_in_the_same_folder_are_refused(data: Path, folder: Path, closes: Path) -> None:
    before = contents(folder), contents(closes)
    with pytest.raises(ConfigurationError, match="other times of --intraday: '10:15,14:00', now '10:15'"):
        made(data, folder, first=FIRST, last=LAST, refit=REFIT, intraday="10:15")
    with pytest.raises(ConfigurationError, match="other times of --intraday: '', now '10:15,14:00'"):
        made(data, closes, first=FIRST, last=LAST, refit=REFIT, intraday="10:15,14:00")
    assert (contents(folder), contents(closes)) == before


@pytest.fixture(scope="module")
def scored(folder: Path) -> BacktestReport:
    return report(folder, NOW)


def test_the_report_of_closes_is_that_of_a_backtest_without_moments(scored: BacktestReport, closes: Path) -> None:
    alone = report(closes, NOW)
    assert alone.inside == 0
    assert alone.by_time == []
    changed = {"forecasts": alone.forecasts, "open": alone.open, "inside": 0, "by_time": []}
    assert asdict(replace(scored, **changed)) == asdict(alone)


def test_every_time_of_day_is_scored_by_itself(folder: Path, scored: BacktestReport) -> None:
    decided = plain(folder)
    inside = decided[decided["as_of"].str[:10] != decided["origin"]]
    assert scored.inside + scored.open > len(inside) > 0
    found = {(one.time, one.report.score.signal, one.report.score.event): one.report for one in scored.by_time}
    expected = {(time, *name): part for time in TIMES for name, part in groups(at(inside, time)).items()}
    assert set(found) == set(expected)
    for name, part in expected.items():
        recomputed, score = one_score(part, part["outcome"].to_numpy()), found[name].score
        assert (score.n, score.events) == (recomputed["n"], recomputed["events"]), name
        assert (score.brier, score.frequency) == pytest.approx((recomputed["brier"], recomputed["frequency"]), rel=1e-9)
    # Each time has the events of all of them: added up, they would be counted twice.
    today = [found[time, "direction.today", "up"] for time in TIMES]
    assert [one.score.events for one in today] == [SESSIONS, SESSIONS]


def at(table: pd.DataFrame, time: str) -> pd.DataFrame:
    """The rows from a time of day."""
    return table[table["as_of"].str[11:16] == time]


def test_tables_of_moments_stand_apart_on_terminal_and_page(scored: BacktestReport) -> None:
    for text in (backtest_summary([scored]), page([scored])):
        assert f"{scored.inside:,} of them from inside sessions" in text
        assert text.index("Events, forecast inside sessions") < text.index("Skill inside sessions, by time of day")
        assert "each time is scored by itself" in " ".join(text.split())
    by_time = json.loads(json.dumps(scored.content()))["by_time"]
    assert {one["time"] for one in by_time} == set(TIMES)


def test_an_estimate_counts_moments_and_writes_nothing(data: Path, tmp_path: Path) -> None:
    bars = BarsSettings("nifty50", "csv", data)
    settings = BacktestSettings(bars, FIRST, LAST, REFIT, tmp_path / "backtest", intraday=",".join(TIMES))
    found, without = estimate(settings, NOW), estimate(replace(settings, intraday=""), NOW)
    assert found.inside.moments == SESSIONS * len(TIMES)
    assert found.inside.seconds > without.seconds
    assert found.seconds > found.inside.seconds
    assert found.size > without.size
    assert not (tmp_path / "backtest").exists()


def test_bars_that_begin_later_leave_moments_out_and_the_command_says_how_many(data: Path, tmp_path: Path) -> None:
    first, last = (f"{DATES[row]:%Y-%m-%d}" for row in (848, 851))
    run = "--from", first, "--to", last, "--refit", REFIT, "--output", tmp_path / "early"
    code, told, _ = ended(start("--source", "csv", "--data", data, *run, "--intraday", "10:15"))
    assert code == 0
    assert told.endswith(
        "inside sessions: forecasts from 2 moments; none from 2 others: 2 for bars missing up to then\n"
    )


def test_of_several_markets_one_without_bars_inside_sessions_stops_no_other(
    data: Path, folder: Path, tmp_path: Path
) -> None:
    """The other is made in a worker, whose blocks come back through a shared folder."""
    shutil.copytree(data, tmp_path / "bars" / "nifty50")
    bars_folder(tmp_path / "bars" / "banknifty")
    (tmp_path / "shared").mkdir()
    bars = BarsSettings("nifty50", "csv", tmp_path / "bars")
    run = BacktestSettings(
        bars, FIRST, LAST, REFIT, tmp_path / "several", 2, shared_folder=tmp_path / "shared", intraday=",".join(TIMES)
    )
    done, without = backtest_batch(run, ("nifty50", "banknifty"), NOW, lambda outcome: None)
    assert done.facts is not None
    assert done.facts["moments inside sessions"] == f"{SESSIONS * len(TIMES)}, 0 left out"
    assert contents(tmp_path / "several" / "nifty50") == contents(folder)
    assert without.code == ExitCode.USAGE
    assert "no bars inside sessions of banknifty" in without.why


def test_a_folder_without_bars_inside_sessions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no bars inside sessions of nifty50 .*spot_intraday\.csv"):
        made(bars_folder(tmp_path / "bars"), tmp_path / "backtest", intraday="10:15")
    assert not (tmp_path / "backtest").exists()
