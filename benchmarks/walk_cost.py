"""What training and the walk through the past cost, as ratios within one run.

    python -m benchmarks.walk_cost DATA [--runs N]

DATA is a csv folder with daily rows of NIFTY 50 and its volatility index. Needs ``arch``, which the engine does not.
Seconds are user + system, medians of N runs after one that is not counted.

| cost | compared with | bound |
|---|---|---|
| aegis train on the last 13 years of DATA | numpy, pandas, sklearn.linear_model, joblib imported | at most 3 |
| the walk over the last 12 years of DATA, refit every 63 sessions, by origin | one GJR-GARCH fit with t shocks on 2,500 returns | at least 14 times less |
| the walk over 1,500, 3,000 and 6,000 simulated sessions | the number of sessions | n^1.5 |

The simulated market has the volatility index, the S&P 500 and the nights that NIFTY 50 has, so that every part is
fitted.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.forecasting.features import event_dates, market_features
from aegismatrix_engine.markets import get_market, nearest_horizons
from aegismatrix_engine.sources.source import open_source
from aegismatrix_engine.training import walk_forward as walking
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.night_moves import NightMoves, UsBars, night_moves, no_nights
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON
from benchmarks.ratios import AEGIS, LIBRARIES, compare, last_years

MARKET = get_market("nifty50")
REFIT = 63
WALK_ORIGINS = 12 * 252
GARCH_RETURNS = 2500
SIZES = (1500, 3000, 6000)
FIRST_SESSION = pd.Timestamp("2001-01-01")


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


def simulated(n: int) -> tuple[DailyFeatures, NightMoves, np.ndarray]:
    """A market of n weekdays: features, nights, and sessions to the nearest expiry, one every fifth."""
    draws, sessions = np.random.default_rng(n), pd.bdate_range(FIRST_SESSION, periods=n + MAX_HORIZON + 1).as_unit("ns")
    dates = sessions[:n]
    (spot, sd), (us_spot, us_sd) = simulated_prices(dates, draws), simulated_prices(dates, draws)
    noise = np.exp(0.05 * draws.standard_normal((2, n)))
    spot["vix"] = 100 * np.sqrt(252) * 1.1 * sd * noise[0]
    us_vix = pd.DataFrame({"close": 100 * np.sqrt(252) * 1.1 * us_sd * noise[1]}, dates)
    us = UsBars(us_vix, us_spot, us_spot[["close"]] / 100)
    series = DailySeries.from_frame(spot)
    features = DailyFeatures.from_series(series, sessions, us_spot, event_dates(MARKET))
    nights = night_moves(us, spot["close"], dates, sessions, features.implied_sd)
    return features, nights, 5 - np.arange(n) % 5


def walk_seconds(features: DailyFeatures, nights: NightMoves, nearest: np.ndarray, runs: int) -> float:
    return seconds(lambda: walking.walk_forward(features, nearest, iter, nights), runs)


def train(data: Path, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cut = Path(folder) / "data"
        cut.mkdir()
        last_years(data, cut)
        bars = ["--source", "csv", "--data", str(cut), "--models", str(Path(folder) / "models"), "--quiet"]
        compare("aegis train", [*AEGIS, "train", *bars], LIBRARIES, runs)


def origins(data: Path, runs: int) -> None:
    from arch import arch_model

    whole = market_features(open_source("csv", data).daily(MARKET))
    features = whole.rows(slice(max(len(whole) - walking.FIRST_ORIGIN - WALK_ORIGINS, 0), len(whole)))
    nearest = nearest_horizons(MARKET, features.series.dates)
    ours = walk_seconds(features, no_nights(len(features)), nearest, runs) / (len(features) - walking.FIRST_ORIGIN)
    returns = 100 * np.diff(features.series.close)[-GARCH_RETURNS:]
    garch = seconds(lambda: arch_model(returns, p=1, o=1, q=1, dist="t").fit(disp="off"), runs)
    times = f"{1000 * ours:.2f} ms an origin, {1000 * garch:.1f} ms a GARCH fit"
    print(f"walk of {len(features) - walking.FIRST_ORIGIN} origins: {times}: {garch / ours:.1f} times less", flush=True)


def growth(runs: int) -> None:
    costs = [walk_seconds(*simulated(n), runs) for n in SIZES]
    found = ", ".join(f"{n}: {cost:.2f} s" for n, cost in zip(SIZES, costs, strict=True))
    power = np.log(costs[-1] / costs[0]) / np.log(SIZES[-1] / SIZES[0])
    print(f"walk over simulated sessions: {found}; grows as n^{power:.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    train(arguments.data, arguments.runs)
    walking.REFIT_INTERVAL = REFIT
    origins(arguments.data, arguments.runs)
    growth(arguments.runs)


if __name__ == "__main__":
    main()
