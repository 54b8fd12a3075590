"""Forecasts of a backtest from inside real sessions: those of `aegis train` and `aegis infer`, decided by raw bars."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from backtest_runs import NOW
from command_line import aegis
from recomputed import Bars, happened
from test_backtest_report import plain

from aegismatrix_engine.backtest.block_files import finished_blocks
from aegismatrix_engine.backtest.comparison import SignalReport
from aegismatrix_engine.backtest.forecast_table import forecast_table
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.backtest import backtest
from aegismatrix_engine.jobs.backtest_report import report
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.record.ledger import read_ledger

# One process makes the backtest that all of these look at.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("inside sessions of nifty")]

FIRST, LAST, TIME = "2022-07-15", "2022-10-31", "11:15"
REPLAYED = "2022-09-01"
"""Its forecasts reach beyond a monthly expiry, and are all decided by the end of the year."""


@pytest.fixture(scope="module")
def data(shared: Path) -> Path:
    return shared / "data" / "nifty50"


@pytest.fixture(scope="module")
def made(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("nifty") / "backtest"
    bars = BarsSettings("nifty50", "csv", data)
    backtest(BacktestSettings(bars, FIRST, LAST, output=folder, intraday=TIME), NOW)
    return folder


def moments(folder: Path) -> pd.DataFrame:
    """The decided forecasts from inside sessions."""
    decided = plain(folder)
    return decided[decided["as_of"].str[:10] != decided["origin"]].reset_index(drop=True)


def test_rows_are_those_that_train_and_infer_leave_in_a_record(made: Path, data: Path, tmp_path: Path) -> None:
    block = next(one for one in reversed(finished_blocks(made)) if one.fitted < REPLAYED)
    source = "--source", "csv", "--data", str(data)
    trained = aegis("train", *source, "--as-of", block.fitted, "--models", "models", at=tmp_path)
    assert trained.code == ExitCode.DONE, trained.err
    moment = f"{REPLAYED}T{TIME}"
    told = aegis("infer", *source, "--as-of", moment, "--models", "models", "--record", "record", at=tmp_path)
    assert told.code == ExitCode.DONE, told.err
    kept = list(read_ledger(tmp_path / "record", "nifty50").forecasts.values())
    expected = forecast_table(kept, {})
    own = moments(made)
    own = own[own["origin"].lt(REPLAYED) & own["as_of"].str.startswith(moment)]
    assert len(own) == len(kept) > 40
    assert set(own["training_end"]) == {block.fitted}
    texts = ["signal", "event", "basis", "until"]
    numbers = ["sessions", "spot", "threshold", "lower", "upper", "probability", "climatology", "vix"]
    left, right = (one[texts].astype(str).join(one[numbers]) for one in (own, expected))
    left, right = (one.sort_values(["signal", "event"], ignore_index=True) for one in (left, right))
    pd.testing.assert_frame_equal(left, right, check_exact=True)


def test_outcomes_are_what_the_raw_bars_say(made: Path, data: Path) -> None:
    daily = pd.read_csv(data / "spot_daily.csv", index_col="date", parse_dates=True)
    bars = pd.read_csv(data / "spot_intraday.csv", index_col="timestamp", parse_dates=True)
    special = get_market("nifty50").calendar.special(daily.index[0], daily.index[-1])
    raw, decided = Bars(daily, bars, frozenset(special)), moments(made)
    assert len(decided) > 40 * 65
    found = [happened(row, raw) for row in decided.itertuples(index=False)]
    assert [came for came, _ in found] == list(decided["outcome"] == 1.0)
    assert [value for _, value in found] == pytest.approx(list(decided["observed"]), rel=1e-7)


def test_ranges_hold_about_as_often_as_they_say_and_the_day_so_far_is_known(made: Path) -> None:
    found: Mapping[str, SignalReport] = {one.report.name: one.report for one in report(made, NOW).by_time}
    for coverage in (0.8, 0.9):
        score = found[f"forecast.session.{coverage:.0%}".replace("%", " range")].score
        assert score.events > 65
        # Over seven years, 1,689 sessions, they held in 80.1 % and 90.4 %; over a few months chance has more room.
        assert score.frequency == pytest.approx(coverage, abs=0.15)
    # Two hours of a session say much of how far it will reach.
    today = found["buyer.breakout_today breakout"]
    assert today.against["climatology"].skill.skill > 0.1
    assert today.score.brier < 0.25
