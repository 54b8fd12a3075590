"""The GJR-GARCH baseline: arch's variances, events counted on its paths, nothing known that was later."""

import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from simulated_backtest import FIRST_ORIGIN, SESSIONS
from simulated_market import TRUE, simulated

from aegismatrix_engine.backtest.block_files import finished_blocks, read_blocks
from aegismatrix_engine.backtest.columns import MODEL_ID
from aegismatrix_engine.backtest.garch import Garch, Paths, fit_gjr
from aegismatrix_engine.backtest.garch_baseline import (
    GARCH,
    MODELS,
    probability,
    refuse_other_bars,
    with_garch,
)
from aegismatrix_engine.backtest.report import Fits, backtest_report
from aegismatrix_engine.backtest.report_tables import heading
from aegismatrix_engine.errors import DataError
from aegismatrix_engine.volatility.daily_series import DailySeries

ROOT = Path(__file__).resolve().parents[2]
GARCH_ID, CLIMATOLOGY_ID = MODELS
SERIES = DailySeries.from_frame(simulated(SESSIONS).frame)


def test_its_variances_are_those_of_arch() -> None:
    from arch import arch_model

    returns = 100 * SERIES.log_return[1 : FIRST_ORIGIN + 1]
    model = arch_model(returns, mean="Constant", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
    fixed = model.fix([TRUE.mu, TRUE.omega, TRUE.alpha, TRUE.gamma, TRUE.beta, 6.0])
    found = Garch(SERIES, FIRST_ORIGIN, TRUE)
    assert np.sqrt(found.variance[:-1])[600:FIRST_ORIGIN] == pytest.approx(fixed.conditional_volatility[600:], rel=1e-3)


def test_a_fit_finds_a_variance_near_the_true_one() -> None:
    market = simulated(2600)
    series = DailySeries.from_frame(market.frame)
    found = Garch(series, 2550)
    assert found.parameters == fit_gjr(100 * series.log_return[51:2551])
    ratio = found.variance[500:2500] / market.variance[551:2551]
    assert abs(np.log(ratio)).mean() < 0.15


def test_paths_are_the_same_whenever_they_are_asked_for_and_know_nothing_later() -> None:
    law = Garch(SERIES, FIRST_ORIGIN, TRUE)
    first, again = law.paths(FIRST_ORIGIN + 3, 5, 200), law.paths(FIRST_ORIGIN + 3, 5, 200)
    cut = Garch(SERIES.rows(slice(0, FIRST_ORIGIN + 4)), FIRST_ORIGIN, TRUE).paths(FIRST_ORIGIN + 3, 5, 200)
    for name, values in vars(first).items():
        assert np.array_equal(values, getattr(again, name)), name
        assert np.array_equal(values, getattr(cut, name)), name


def test_highs_and_lows_contain_the_closes_of_a_path() -> None:
    paths = Garch(SERIES, FIRST_ORIGIN, TRUE).paths(FIRST_ORIGIN, 20, 500)
    highest, lowest = (np.maximum.accumulate(side, axis=0) for side in (paths.move, -paths.move))
    assert (paths.up >= np.maximum(highest, 0) - 1e-12).all()
    assert (paths.down >= np.maximum(lowest, 0) - 1e-12).all()
    returns = np.diff(paths.move, axis=0, prepend=0)
    assert (paths.true_range >= np.abs(returns) - 1e-12).all()
    assert paths.squares[4] == pytest.approx((returns[:5] ** 2).sum(axis=0))


def row(event: str, sessions: int, **limits: float) -> SimpleNamespace:
    return SimpleNamespace(event=event, sessions=sessions, spot=100.0, **limits)


def test_events_are_counted_on_the_paths() -> None:
    up, down = math.log(1.02), math.log(0.97)
    paths = Paths(
        move=np.array([[0.0, up, down, 0.0], [up, 0.0, down, 0.0]]),
        up=np.array([[0.01, up, 0.0, 0.0], [up, up, 0.0, 0.0]]),
        down=np.array([[0.0, 0.0, -down, 0.0], [0.0, 0.0, -down, 0.0]]),
        true_range=np.array([[0.01, 0.02, 0.03, 0.0], [0.04, 0.02, 0.0, 0.01]]),
        squares=np.array([[0.0, up**2, down**2, 0.0], [up**2, 2 * up**2, down**2, 0.0]]),
    )
    expected = {
        ("up", 2, ("threshold", 0.01)): 0.25,
        ("down", 2, ("threshold", 0.01)): 0.25,
        ("straddle", 2, ("threshold", 0.01)): 0.5,
        ("close_beyond", 2, ("threshold", 1.9)): 0.5,
        ("close_beyond", 1, ("threshold", 2.5)): 0.25,
        ("touch", 1, ("threshold", 1.9)): 0.5,
        ("touch", 2, ("threshold", 1.9)): 0.75,
        ("breakout", 1, ("threshold", 0.015)): 0.5,
        ("breakout", 2, ("threshold", 0.03)): 0.25,
        ("trap", 2, ("threshold", up / math.sqrt(2) + 1e-9)): 0.5,
    }
    for (event, sessions, (name, value)), share in expected.items():
        assert probability(row(event, sessions, **{name: value}), paths) == share, (event, sessions)
    assert probability(row("range", 2, lower=96.0, upper=101.0), paths) == 0.75


@pytest.fixture(scope="module")
def compared(backtest: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    blocks = finished_blocks(backtest)
    forecasts, quantiles = (read_blocks(backtest, blocks, kind) for kind in ("forecasts", "quantiles"))
    # One forecast of each day as if from inside the next session.
    inside = forecasts["signal"] == "buyer.theta_edge"
    day = forecasts["until"].dt.strftime("%Y-%m-%d")
    moved = forecasts["as_of"].astype(object).where(~inside, day + "T10:00:00+05:30")
    found = with_garch(SERIES, blocks, forecasts.assign(as_of=moved), quantiles)
    assert (found.fits, found.unconverged) == (4, 0)
    return found.forecasts, found.quantiles


def test_it_is_compared_at_every_close_and_never_inside_a_session(
    compared: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    forecasts, quantiles = compared
    inside = forecasts["signal"] == "buyer.theta_edge"
    assert forecasts[GARCH][inside].isna().all()
    assert forecasts[GARCH][~inside].between(0, 1).all()
    counts = quantiles["model_id"].value_counts()
    assert counts[GARCH_ID] == counts[CLIMATOLOGY_ID] == counts[MODEL_ID]


def test_it_is_nearly_as_good_as_the_law_it_estimates(
    backtest: Path, compared: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    blocks = finished_blocks(backtest)
    found = backtest_report(blocks, *compared, read_blocks(backtest, blocks, "oracle"), Fits(4, 1))
    assert heading(found).endswith("; GJR-GARCH fitted 4 times, 1 without converging")
    assert found.baselines == ("climatology", "vix", GARCH)
    for one in found.signals:
        if one.score.signal != "buyer.theta_edge":
            assert abs(one.against[GARCH].skill.skill) < 0.1, one.score.signal
    for quantile in found.quantiles:
        assert abs(quantile.against[GARCH_ID].skill) < 0.03
        assert CLIMATOLOGY_ID in quantile.against


def test_climatology_knows_only_returns_that_were_over(compared: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    _, quantiles = compared
    past = quantiles[quantiles["model_id"] == CLIMATOLOGY_ID]
    day = pd.Timestamp(past["reference_date"].iloc[-1])
    origin = int(SERIES.dates.get_loc(day))
    for horizon in (1, 5, 20):
        known = np.array([SERIES.close[t + horizon] - SERIES.close[t] for t in range(origin - horizon + 1)])
        mine = past[(past["reference_date"] == day) & (past["horizon"] == horizon)]
        expected = np.exp(SERIES.close[origin] + np.quantile(known, mine["output_type_id"]))
        assert list(mine["value"]) == pytest.approx(list(expected))


def test_other_bars_than_those_of_the_backtest_are_refused(backtest: Path) -> None:
    oracle = read_blocks(backtest, finished_blocks(backtest), "oracle")
    refuse_other_bars(SERIES, oracle, "there")
    frame = simulated(SESSIONS).frame.copy()
    frame.iloc[FIRST_ORIGIN + 50, :4] *= 1.001
    with pytest.raises(
        DataError, match=r"the bars are not those of the backtest in there: the close of .* is .* there"
    ):
        refuse_other_bars(DailySeries.from_frame(frame), oracle, "there")
    with pytest.raises(DataError, match="no row in the bars"):
        refuse_other_bars(DailySeries.from_frame(frame.iloc[: FIRST_ORIGIN + 40]), oracle, "there")


@pytest.mark.parametrize("returns", [np.full(600, np.nan), np.r_[np.inf, np.ones(599)]])
def test_returns_that_nothing_fits_are_refused(returns: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"GJR-GARCH .*; leave --garch out"):
        fit_gjr(returns)


WITHOUT_ARCH = """
import sys
sys.modules["arch"] = None
import numpy as np
from aegismatrix_engine.backtest.garch import fit_gjr
try:
    fit_gjr(np.zeros(600))
except Exception as error:
    print(type(error).__name__, error)
"""


def test_without_arch_the_extra_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ARCH], cwd=ROOT, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert done.stdout == "ConfigurationError --garch needs arch: pip install 'aegismatrix-engine[garch]'\n"
