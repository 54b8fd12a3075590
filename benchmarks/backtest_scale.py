"""What sharing backtests costs: processes of this machine, and a Dask cluster on loopback, beside one process.

    python -m benchmarks.backtest_scale [--markets 20] [--sessions 2000] [--runs N]

The markets are simulated (a GJR-GARCH with t shocks, by tests/backtest/simulated_market.py), each with a csv folder and
an entry of its own. All are backtested in one call by one process, by two of joblib's loky, and by a Dask cluster of
two processes on loopback with its scheduler; N times, and the median ratio counts. Files must be equal to the last byte
in all three. Processor time is that of this process and all below it; four markets before the first that counts start
the processes.

| processor time | beside one process |
|---|---|
| two processes of loky | 1.25 |
| a Dask cluster of two processes | 1.35 |
"""

import argparse
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import psutil
from distributed import LocalCluster

from aegismatrix_engine.jobs.backtest_batch import backtest_batch
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.shipped_markets import shipped_text
from tests.backtest.simulated_market import FIRST, simulated

MOST: Final = {"two processes": 1.25, "Dask cluster": 1.35}
LIKE: Final = "sp500"
"""Whose sessions the markets have: it has no special ones, whose bars a simulated market would lack."""
MOST_STEP, MOST_VIX_STEP = 0.15, 1.1
NOW: Final = pd.Timestamp("2026-06-30T18:00+05:30")


def market_bars(sessions: int, count: int) -> Iterator[pd.DataFrame]:
    """Simulated markets, but those with a step that the engine would take for a mistake in the bars."""
    dates = get_market(LIKE).calendar.following(FIRST, sessions).rename("date")
    taken = 0
    for seed in itertools.count(1):
        # Not through its cache, which would hold all markets in memory.
        frame = simulated.__wrapped__(sessions, seed).frame.set_axis(dates)
        steps = np.log(frame[["close", "vix"]]).diff().abs().max()
        if steps["close"] < MOST_STEP and steps["vix"] < MOST_VIX_STEP:
            yield frame
            taken += 1
        if taken == count:
            return


def written_markets(at: Path, sessions: int, count: int) -> list[str]:
    """Markets with their bars in data/ID and their entries in own/; their ids."""
    (at / "own").mkdir(parents=True)
    ids = [f"market{number}" for number in range(count)]
    for market, frame in zip(ids, market_bars(sessions, count), strict=True):
        folder = at / "data" / market
        folder.mkdir(parents=True)
        frame[["open", "high", "low", "close"]].to_csv(folder / "spot_daily.csv")
        frame[["vix"]].set_axis(["close"], axis=1).to_csv(folder / "vix_daily.csv")
        entry = shipped_text(LIKE).replace(f'id = "{LIKE}"', f'id = "{market}"')
        (at / "own" / f"{market}.toml").write_text(entry, encoding="utf-8")
    return ids


def make(at: Path, markets: Sequence[str], output: Path, place: Mapping[str, object]) -> None:
    """Backtest markets in one call; ends the program where one of them fails."""
    bars = BarsSettings(markets[0], "csv", at / "data", markets_dir=at / "own")
    settings = BacktestSettings(bars, output=output, **place)  # type: ignore[arg-type]
    for outcome in backtest_batch(settings, markets, NOW, lambda one: None):
        if outcome.error is not None:
            raise SystemExit(f"{outcome.market}: {outcome.why}")


def processor_seconds() -> float:
    """User and system seconds of this process and of all below it, which live as long as it does."""
    this = psutil.Process()
    times = [process.cpu_times() for process in (this, *this.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def cost(
    at: Path, markets: Sequence[str], folder: Path, place: Mapping[str, object]
) -> tuple[float, float, dict[str, bytes]]:
    """Processor seconds, seconds by the clock, and the bytes of all files by their paths."""
    make(at, markets[:4], folder / "start", place)
    used, clock = processor_seconds(), time.perf_counter()
    make(at, markets, folder / "all", place)
    used, clock = processor_seconds() - used, time.perf_counter() - clock
    found = sorted(path for path in (folder / "all").rglob("*") if path.is_file())
    return used, clock, {str(path.relative_to(folder)): path.read_bytes() for path in found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markets", type=int, default=20)
    parser.add_argument("--sessions", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=1)
    asked = parser.parse_args()
    with ExitStack() as stack:
        at = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        markets = written_markets(at, asked.sessions, asked.markets)
        cluster = stack.enter_context(LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None))
        places = {
            "one process": {},
            "two processes": {"jobs": 2},
            "Dask cluster": {"scheduler": cluster.scheduler_address},
        }
        ratios: dict[str, list[float]] = {name: [] for name in MOST}
        for run in range(asked.runs):
            found = {name: cost(at, markets, at / f"{run}" / name, place) for name, place in places.items()}
            one, clock, files = found["one process"]
            print(f"one process: {one:.1f} s of processor time, {clock:.1f} s by the clock", flush=True)
            for name in MOST:
                seconds, taken, theirs = found[name]
                if theirs != files:
                    raise SystemExit(f"{name}: other files than those of one process")
                ratios[name].append(seconds / one)
                print(f"{name}: {seconds / one:.2f} times the processor time, {taken / clock:.2f} times the clock's")
    print(f"{asked.markets} markets of {asked.sessions:,} sessions, files equal; {os.cpu_count()} cores")
    medians = {name: statistics.median(found) for name, found in ratios.items()}
    for name, ratio in medians.items():
        print(f"{name}: {ratio:.2f} (at most {MOST[name]:.2f})")
    if any(ratio > MOST[name] for name, ratio in medians.items()):
        raise SystemExit("dearer than it may be")


if __name__ == "__main__":
    main()
