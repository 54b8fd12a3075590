"""Where the law is known, the engine's own backtest is calibrated: ranges hold, probabilities are reliable."""

from pathlib import Path

import pandas as pd
import pytest
from csv_market import write_market
from simulated_market import simulated

from aegismatrix_engine.backtest.report import BacktestReport
from aegismatrix_engine.jobs.backtest import backtest
from aegismatrix_engine.jobs.backtest_report import report
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings

SESSIONS = 3750
NOW = pd.Timestamp("2026-06-30T18:00:00+05:30")
INDEPENDENT = 10
"""Events in a tenth of the probability, below which its interval says little."""

# One process makes the backtest that all of these look at.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("simulated backtest")]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> BacktestReport:
    place = tmp_path_factory.mktemp("simulated")
    frame = simulated(SESSIONS).frame
    index = frame[["vix"]].rename(columns={"vix": "close"})
    data = write_market(place / "data", frame[["open", "high", "low", "close"]], index)
    folder: Path = place / "backtest"
    backtest(BacktestSettings(BarsSettings("nifty50", "csv", data), output=folder), NOW)
    return report(folder, NOW)


def test_80_percent_ranges_hold_in_80_percent(found: BacktestReport) -> None:
    ranges = {one.score.signal: one for one in found.signals if one.score.event == "range"}
    for signal in ("forecast.1.80", "forecast.5.80", "seller.expiries.nearest.80", "seller.safe_range"):
        assert ranges[signal].score.events > 70
        assert abs(ranges[signal].score.frequency - 0.8) <= 0.025, signal
    # Of 3,000 ranges over 20 sessions 150 do not overlap: two standard errors of these are 6.5 points.
    low, high = ranges["forecast.20.80"].score.interval
    assert low <= 0.8 <= high


def test_closes_fall_into_the_distributions_as_often_as_they_should(found: BacktestReport) -> None:
    assert [one.horizon for one in found.quantiles] == [1, 5, 20]
    for one in found.quantiles:
        for share in (*one.coverage, *one.pit):
            assert share.interval[0] - 0.01 <= share.meant <= share.interval[1] + 0.01, (one.horizon, share)


def test_probabilities_are_reliable_within_their_intervals(found: BacktestReport) -> None:
    held = [
        tenth.interval[0] <= tenth.mean_probability <= tenth.interval[1]
        for one in found.signals
        for tenth in one.score.reliability
        if tenth.events * one.independent / one.score.events >= INDEPENDENT
    ]
    assert len(held) > 50
    assert sum(held) / len(held) >= 0.95


def test_forecasts_beat_what_does_not_know_the_variance_of_the_day(found: BacktestReport) -> None:
    against = {one.name: one.against for one in found.signals}
    for name in ("forecast.1.80 range", "buyer.breakout_today breakout", "seller.breach_probabilities touch"):
        found_t = against[name]["climatology"].t
        assert found_t is not None
        assert found_t > 2
