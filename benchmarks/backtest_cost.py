"""What a backtest costs: processor time beside a GJR-GARCH fit, the share of writing, memory, a second process.

    python -m benchmarks.backtest_cost [DATA] [--runs N]

DATA is a csv folder with daily rows of NIFTY 50 and its volatility index; without it the S&P 500 of the sample is
used. Needs ``arch``, which the engine does not. Seconds are user + system, medians of N runs after one that is not
counted; libraries are imported before.

| cost | bound |
|---|---|
| an origin of a backtest, nothing written, beside a GJR-GARCH fit with t shocks on 2,500 returns | 1 / 14 |
| the same with all files written, beside it without | 1.25 |
| a backtest of the last 6,000 sessions, or of all, beside one of the last 1,500 | grows as n^1.5 |
| peak memory of ``aegis backtest`` on all of the bars | 400 MB |
| processor time of ``aegis backtest --jobs 2``, children included, beside ``--jobs 1`` | none |

The backtest is of the last 12 years, in one process, refit every 63 sessions.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from aegismatrix_engine.backtest.block import BlockMaker
from aegismatrix_engine.backtest.block_files import write_block
from aegismatrix_engine.backtest.plan import REFIT_SESSIONS, plan
from aegismatrix_engine.backtest.tables import table_suffix
from aegismatrix_engine.backtest.walk import Walk, make_blocks, prepare
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.source import open_source
from aegismatrix_engine.training.walk_forward import FIRST_ORIGIN
from benchmarks.walk_cost import GARCH_RETURNS, WALK_ORIGINS, seconds

AEGIS = [sys.executable, "-m", "aegismatrix_engine", "backtest", "--quiet"]
LEAST_RATIO, MOST_WRITING, MOST_MEGABYTES, MOST_GROWTH = 14.0, 1.25, 400.0, 1.5
SHORT, LONG = 1500, 6000


def last_sessions(history: MarketHistory, count: int) -> MarketHistory:
    """The daily bars of the last sessions alone."""
    sessions = history.regular_sessions
    first = sessions[max(len(sessions) - count, 0)]
    vix = None if history.vix is None else history.vix.loc[first:]
    return replace(history, spot=history.spot.loc[first:], vix=vix)


def prepared(history: MarketHistory) -> tuple[Walk, Callable[[], Walk]]:
    """What the blocks are made from, and the work of preparing it."""
    features = market_features(history)
    blocks = plan(history.market.id, features.series.dates, None, None, REFIT_SESSIONS)
    refits = [block.refit for block in blocks]
    return prepare(history, features, refits), lambda: prepare(history, market_features(history), refits)


def forecasts_alone(walk: Walk) -> None:
    """Every table, written nowhere."""
    maker = BlockMaker(walk.history, walk.features)
    for block in plan(walk.history.market.id, walk.sessions, None, None, REFIT_SESSIONS):
        maker.make(block, walk.records[block.refit], walk.fitted.get(block.refit))


def forecasts_written(walk: Walk, folder: Path) -> None:
    """Every table in its file."""
    blocks = plan(walk.history.market.id, walk.sessions, None, None, REFIT_SESSIONS)
    for content in make_blocks(walk, blocks, table_suffix()):
        write_block(folder, content)


def growth(history: MarketHistory, runs: int) -> float:
    """The power of the number of sessions that the cost of a backtest grows with, nothing written."""
    sizes, costs = (SHORT, min(LONG, len(history.regular_sessions))), []
    for size in sizes:
        walk, preparing = prepared(last_sessions(history, size))
        costs.append(seconds(preparing, runs) + seconds(partial(forecasts_alone, walk), runs))
    return float(np.log(costs[1] / costs[0]) / np.log(sizes[1] / sizes[0]))


def command_cost(arguments: list[str]) -> tuple[float, float]:
    """Processor seconds and peak megabytes of the command, the larger of its processes."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*AEGIS, *arguments, "--output", str(Path(folder) / "backtest")], check=True, env=os.environ)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, after.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    from arch import arch_model

    market = get_market("sp500" if asked.data is None else "nifty50")
    source, options = ("sample", []) if asked.data is None else ("csv", ["--data", str(asked.data)])
    options = ["--market", market.id, "--source", source, *options]
    _, megabytes = command_cost(options)
    one, two = (command_cost([*options, "--jobs", jobs])[0] for jobs in ("1", "2"))
    daily = open_source(source, asked.data).daily(market)
    history = last_sessions(daily, FIRST_ORIGIN + WALK_ORIGINS)
    walk, preparing = prepared(history)
    origins = len(walk.sessions) - FIRST_ORIGIN
    returns = 100 * np.diff(walk.features.series.close)[-GARCH_RETURNS:]
    fit = seconds(lambda: arch_model(returns, p=1, o=1, q=1, dist="t").fit(disp="off"), 5 * asked.runs)
    before = seconds(preparing, asked.runs)
    alone = before + seconds(lambda: forecasts_alone(walk), asked.runs)
    with tempfile.TemporaryDirectory() as folder:
        written = before + seconds(lambda: forecasts_written(walk, Path(folder)), asked.runs)
    ratio, writing = fit * origins / alone, written / alone
    times = f"{1000 * alone / origins:.2f} ms an origin, {1000 * fit:.1f} ms a GARCH fit"
    print(f"{origins:,} origins of {market.id}: {times}: {ratio:.1f} times less (at least {LEAST_RATIO:.0f})")
    print(f"writing: {writing:.2f} times the time without (at most {MOST_WRITING:.2f})")
    power = growth(daily, asked.runs)
    print(f"grows with sessions as n^{power:.2f} (at most n^{MOST_GROWTH})")
    print(f"peak memory of aegis backtest: {megabytes:.0f} MB (at most {MOST_MEGABYTES:.0f})")
    print(f"two processes: {two / one:.2f} times the processor time of one, start-up included")
    held = ratio >= LEAST_RATIO and writing <= MOST_WRITING and megabytes <= MOST_MEGABYTES and power <= MOST_GROWTH
    if not held:
        raise SystemExit("dearer than it may be")


if __name__ == "__main__":
    main()
