"""What training and the walk through the past cost, as ratios within one run.

    python -m benchmarks.walk_cost DATA [--runs N]

DATA is a csv folder with daily rows of NIFTY 50 and its volatility index. Needs ``arch``, which the engine does not.
Seconds are user + system, medians of N runs after one that is not counted.

| cost | compared with | bound |
|---|---|---|
| aegis train on the last 13 years of DATA | numpy, pandas, sklearn.linear_model, joblib imported | 3 |
| one origin of the walk over the last 12 years, refit every 63 sessions | one GJR-GARCH fit | 1 / 14 |
| training on 1,500, 3,000 and 6,000 simulated sessions | their number n | n^1.5 |
| the walk over them, refit every 63 sessions | the same | none |

The GJR-GARCH fit has t shocks and 2,500 returns. Forecasts begin after 750 sessions: refits alone grow as n^1.4. The
simulated market has a volatility index, an S&P 500 and US nights, so that every part is fitted. How the cost of a whole
backtest grows is measured by ``backtest_cost``.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.forecasting.features import market_features, nights
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market, nearest_horizons
from aegismatrix_engine.sources.source import open_source
from aegismatrix_engine.training import walk_forward as walking
from aegismatrix_engine.training.train import train
from aegismatrix_engine.volatility.features import DailyFeatures
from benchmarks.ratios import AEGIS, LIBRARIES, compare, last_years

MARKET = get_market("nifty50")
REFIT = 63
WALK_ORIGINS = 12 * 252
GARCH_RETURNS = 2500
SIZES = (1500, 3000, 6000)
FIRST_SESSION = pd.Timestamp("2000-01-01")
TRAINED_AT = pd.Timestamp("2026-01-01T12:00:00+00:00")


def seconds(work: Callable[[], object], runs: int) -> float:
    """Median of user + system time, after one run that is not counted."""
    work()
    found = []
    for _ in range(runs):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return statistics.median(found)


def simulated_prices(sessions: pd.DatetimeIndex, draws: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Open, high, low, close of a GJR-GARCH market with t shocks, and its daily standard deviations."""
    n, degrees = len(sessions), 6
    shocks = draws.standard_t(degrees, size=n) * np.sqrt((degrees - 2) / degrees)
    sd, returns, variance = np.empty(n), np.empty(n), 1e-4
    for t in range(n):
        sd[t], returns[t] = np.sqrt(variance), np.sqrt(variance) * shocks[t]
        variance = 2e-6 + (0.03 + 0.1 * (returns[t] < 0)) * returns[t] ** 2 + 0.9 * variance
    close = np.log(4000.0) + np.cumsum(returns)
    before = np.concatenate([[close[0]], close[:-1]])
    open_ = before + 0.3 * (close - before) + 0.3 * sd * draws.standard_normal(n)
    further = np.abs(draws.standard_normal((2, n))) * 0.5 * sd
    high, low = np.maximum(open_, close) + further[0], np.minimum(open_, close) - further[1]
    return pd.DataFrame(np.exp([open_, high, low, close]).T, sessions, ["open", "high", "low", "close"]), sd


def simulated(n: int) -> MarketHistory:
    """A market of n sessions, the same for the same n."""
    draws, dates = np.random.default_rng(n), MARKET.calendar.following(FIRST_SESSION, n).rename("date").as_unit("ns")
    (spot, sd), (us_spot, us_sd) = simulated_prices(dates, draws), simulated_prices(dates, draws)
    vix, us_vix = (pd.DataFrame({"close": 17.5 * one / one.mean() * _near_one(n, draws)}, dates) for one in (sd, us_sd))
    fund = us_spot[["close"]] / 100
    return MarketHistory(MARKET, spot, vix, us_vix=us_vix, us_spot=us_spot, inda=fund)


def _near_one(n: int, draws: np.random.Generator) -> np.ndarray:
    return np.exp(0.05 * draws.standard_normal(n))


def walk_seconds(history: MarketHistory, sessions: int, runs: int) -> tuple[float, int, DailyFeatures]:
    """Seconds of the walk over the last sessions, how many origins it forecasts from, and the features of these."""
    whole = market_features(history)
    rows = slice(max(len(whole) - sessions, 0), len(whole))
    features, night = whole.rows(rows), nights(history, whole).rows(rows)
    nearest = nearest_horizons(MARKET, features.series.dates)
    took = seconds(lambda: walking.walk_forward(features, nearest, iter, night), runs)
    return took, len(features) - walking.FIRST_ORIGIN, features


def training_ratio(data: Path, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cut = Path(folder) / "data"
        cut.mkdir()
        last_years(data, cut)
        bars = ["--source", "csv", "--data", str(cut), "--models", str(Path(folder) / "models"), "--quiet"]
        compare("aegis train", [*AEGIS, "train", *bars], LIBRARIES, runs)


def origins(data: Path, runs: int) -> None:
    from arch import arch_model

    source = open_source("csv", data)
    history = source.with_us_series(source.daily(MARKET))
    took, count, features = walk_seconds(history, walking.FIRST_ORIGIN + WALK_ORIGINS, runs)
    ours = took / count
    returns = 100 * np.diff(features.series.close)[-GARCH_RETURNS:]
    garch = seconds(lambda: arch_model(returns, p=1, o=1, q=1, dist="t").fit(disp="off"), runs)
    times = f"{1000 * ours:.2f} ms an origin, {1000 * garch:.1f} ms a GARCH fit"
    print(f"walk of {count} origins: {times}: {garch / ours:.1f} times less", flush=True)


def growth(name: str, costs: list[float]) -> None:
    found = ", ".join(f"{n}: {cost:.2f} s" for n, cost in zip(SIZES, costs, strict=True))
    power = np.log(costs[-1] / costs[0]) / np.log(SIZES[-1] / SIZES[0])
    print(f"{name} of simulated sessions: {found}; grows as n^{power:.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    runs = arguments.runs
    training_ratio(arguments.data, runs)
    histories = [simulated(n) for n in SIZES]
    growth("training", [seconds(lambda one=one: train(one, TRAINED_AT), runs) for one in histories])
    walking.REFIT_INTERVAL = REFIT
    origins(arguments.data, runs)
    growth("walk", [walk_seconds(one, len(one.spot), runs)[0] for one in histories])


if __name__ == "__main__":
    main()
