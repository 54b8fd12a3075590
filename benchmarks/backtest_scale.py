"""What sharing backtests costs: processes of this machine, and a Dask cluster on loopback, beside one process.

    python -m benchmarks.backtest_scale [--markets 20] [--sessions 2000] [--runs N]

The markets are simulated (a GJR-GARCH with t shocks, by tests/backtest/simulated_market.py), each a csv folder of its
own. All are backtested in turn by one process, by two of joblib's loky, and by a Dask cluster of two processes on
loopback with its scheduler; N times, and the median ratio counts. Files must be equal to the last byte in all three.
Processor time is that of this process and all below it; a market before the first that counts starts the processes.

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
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import psutil
from distributed import LocalCluster

from aegismatrix_engine.jobs.backtest import backtest
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings
from aegismatrix_engine.markets import get_market
from tests.backtest.simulated_market import FIRST, simulated

MOST: Final = {"two processes": 1.25, "Dask cluster": 1.35}
MARKET: Final = get_market("sp500")
"""Whose sessions the markets have: it has no special ones, whose bars a simulated market would lack."""
MOST_STEP, MOST_VIX_STEP = 0.15, 1.1
NOW: Final = pd.Timestamp("2026-06-30T18:00+05:30")


def market_bars(sessions: int, count: int) -> Iterator[pd.DataFrame]:
    """Simulated markets, but those with a step that the engine would take for a mistake in the bars."""
    dates = MARKET.calendar.following(FIRST, sessions).rename("date")
    taken = 0
    for seed in itertools.count(1):
        frame = simulated(sessions, seed).frame.set_axis(dates)
        steps = np.log(frame[["close", "vix"]]).diff().abs().max()
        if steps["close"] < MOST_STEP and steps["vix"] < MOST_VIX_STEP:
            yield frame
            taken += 1
        if taken == count:
            return


def write_bars(folder: Path, frame: pd.DataFrame) -> Path:
    """The csv folder of one market."""
    folder.mkdir(parents=True)
    frame[["open", "high", "low", "close"]].to_csv(folder / "spot_daily.csv")
    frame[["vix"]].set_axis(["close"], axis=1).to_csv(folder / "vix_daily.csv")
    return folder


def made(data: Path, output: Path, place: Mapping[str, object]) -> dict[str, bytes]:
    """Backtest one market; the bytes of its files by their paths."""
    settings = BacktestSettings(BarsSettings(MARKET.id, "csv", data), output=output, **place)  # type: ignore[arg-type]
    backtest(settings, NOW)
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*") if path.is_file()}


def processor_seconds() -> float:
    """User and system seconds of this process and of all below it, which live as long as it does."""
    this = psutil.Process()
    times = [process.cpu_times() for process in (this, *this.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def cost(bars: list[Path], folder: Path, place: Mapping[str, object]) -> tuple[float, float, list[dict[str, bytes]]]:
    """Processor seconds, seconds by the clock, and the files of every market."""
    made(bars[0], folder / "start", place)
    used, clock = processor_seconds(), time.perf_counter()
    files = [made(data, folder / data.name, place) for data in bars]
    return processor_seconds() - used, time.perf_counter() - clock, files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markets", type=int, default=20)
    parser.add_argument("--sessions", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=1)
    asked = parser.parse_args()
    with ExitStack() as stack:
        at = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        frames = enumerate(market_bars(asked.sessions, asked.markets))
        bars = [write_bars(at / "bars" / str(number), frame) for number, frame in frames]
        cluster = stack.enter_context(LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None))
        places = {
            "one process": {},
            "two processes": {"jobs": 2},
            "Dask cluster": {"scheduler": cluster.scheduler_address},
        }
        ratios: dict[str, list[float]] = {name: [] for name in MOST}
        for run in range(asked.runs):
            found = {name: cost(bars, at / f"{run}" / name, place) for name, place in places.items()}
            one, clock, files = found["one process"]
            print(f"one process: {one:.1f} s of processor time, {clock:.1f} s by the clock")
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
