"""A backtest of 200 real closes: its outcomes and its report equal what plain pandas makes of raw bars and files."""

from pathlib import Path

import pandas as pd
import pytest
from recomputed import Bars, happened, one_score
from test_backtest_report import NOW, groups, plain

from aegismatrix_engine.jobs.backtest import backtest
from aegismatrix_engine.jobs.backtest_report import report
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings
from aegismatrix_engine.markets import get_market

FIRST, LAST, ORIGINS = "2021-11-01", "2022-08-22", 200

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("nifty") / "backtest"
    bars = BarsSettings("nifty50", "csv", shared / "data" / "nifty50")
    backtest(BacktestSettings(bars, FIRST, LAST, output=folder), NOW)
    return folder


@pytest.fixture(scope="module")
def raw(shared: Path) -> Bars:
    daily = pd.read_csv(shared / "data" / "nifty50" / "spot_daily.csv", index_col="date", parse_dates=True)
    special = get_market("nifty50").calendar.special(daily.index[0], daily.index[-1])
    return Bars(daily, pd.DataFrame(columns=["high", "low"]), frozenset(special))


def test_outcomes_are_what_the_raw_bars_say(made: Path, raw: Bars) -> None:
    decided = plain(made)
    assert decided["origin"].nunique() == ORIGINS
    assert len(decided) > 40 * ORIGINS
    found = [happened(row, raw) for row in decided.itertuples(index=False)]
    assert [came for came, _ in found] == list(decided["outcome"] == 1.0)
    assert [value for _, value in found] == pytest.approx(list(decided["observed"]), rel=1e-7)


def test_the_report_equals_an_independent_computation(made: Path) -> None:
    found = {(one.score.signal, one.score.event): one for one in report(made, NOW).signals}
    expected = groups(plain(made))
    assert set(found) == set(expected)
    assert len(expected) > 30
    for name, part in expected.items():
        recomputed, score = one_score(part, part["outcome"].to_numpy()), found[name].score
        assert (score.n, score.events) == (recomputed["n"], recomputed["events"]), name
        assert (score.brier, score.frequency) == pytest.approx((recomputed["brier"], recomputed["frequency"]), rel=1e-9)
        for baseline in ("climatology", "vix"):
            assert found[name].against[baseline].skill.skill == pytest.approx(recomputed[baseline], abs=1e-9), name
