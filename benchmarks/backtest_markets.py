"""How the cost and the memory of backtests grow with the number of markets.

    python -m benchmarks.backtest_markets [--few 10] [--many 60] [--sessions 900]

Simulated markets, as in ``backtest_scale``, are backtested in one call: few of them, and many. Each call runs in a new
process, after one of four markets that is not counted. With ``--jobs 2`` the memory is that of the first process, which
reads bars, hands out work and writes files.

| measured | at most |
|---|---|
| k where processor time grows with n markets as n^k, in one process | 1.05 |
| peak memory of one process with many markets, beside few | 1.1 |
| peak memory of the process that hands work to two others, likewise | 1.1 |
"""

import argparse
import math
import multiprocessing
import resource
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from benchmarks.backtest_scale import make, processor_seconds, written_markets

MOST_POWER: Final = 1.05
MOST_MEMORY: Final = 1.1


def measured(at: Path, markets: list[str], output: Path, place: Mapping[str, object]) -> tuple[float, float]:
    """Processor seconds of a call, and the peak memory in MB of the process that makes it."""
    make(at, markets[:4], output / "start", place)
    before = processor_seconds()
    make(at, markets, output / "all", place)
    return processor_seconds() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_a_new_process(at: Path, markets: list[str], output: Path, place: Mapping[str, object]) -> tuple[float, float]:
    """The same in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measured, at, markets, output, place).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=10)
    parser.add_argument("--many", type=int, default=60)
    parser.add_argument("--sessions", type=int, default=900)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        markets = written_markets(at, asked.sessions, asked.many)
        found = {}
        for name, place in (("one process", {}), ("two processes", {"jobs": 2})):
            for count in (asked.few, asked.many):
                seconds, megabytes = in_a_new_process(at, markets[:count], at / name / str(count), place)
                found[name, count] = seconds, megabytes
                print(f"{name}, {count} markets: {seconds:.1f} s of processor time, {megabytes:.0f} MB", flush=True)
    costs, grown = {}, {}
    for name in ("one process", "two processes"):
        (few, less), (many, more) = found[name, asked.few], found[name, asked.many]
        costs[name], grown[name] = math.log(many / few) / math.log(asked.many / asked.few), more / less
        print(f"{name}: processor time as n^{costs[name]:.3f}, memory {grown[name]:.3f} times (at most {MOST_MEMORY})")
    print(f"one process: at most n^{MOST_POWER}")
    if costs["one process"] > MOST_POWER or max(grown.values()) > MOST_MEMORY:
        raise SystemExit("dearer than it may be")


if __name__ == "__main__":
    main()
