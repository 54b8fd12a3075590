"""A run of a backtest in its folder: what it is made of, what is done, and what is left to make."""

import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from aegismatrix_engine import __version__
from aegismatrix_engine.backtest.block_files import BlockContent, BlockFiles, InsideCount, block_fault, write_block
from aegismatrix_engine.backtest.clock_times import clock_times
from aegismatrix_engine.backtest.inside_sessions import InsideSessions
from aegismatrix_engine.backtest.plan import Block, plan
from aegismatrix_engine.backtest.run_file import RunParameters, begun, write_run
from aegismatrix_engine.backtest.run_lock import run_lock
from aegismatrix_engine.backtest.tables import table_suffix
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.jobs.engine_commit import engine_commit
from aegismatrix_engine.jobs.market_entries import entry_text
from aegismatrix_engine.jobs.settings import BacktestSettings
from aegismatrix_engine.jobs.workers import libraries
from aegismatrix_engine.volatility.daily_series import DailySeries

Warn: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class Backtested:
    """What a run left.

    Attributes:
        folder: with all files.
        blocks: oldest first.
        made: how many of them this run made; the others were there.
        notes: on the bars, one line each.
    """

    folder: Path
    blocks: tuple[BlockFiles, ...]
    made: int
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Forecasts in all blocks."""
        return sum(block.files["forecasts"].rows for block in self.blocks)

    @property
    def inside(self) -> InsideCount | None:
        """The moments inside sessions of all blocks; None where they were not asked for."""
        counts = [block.inside for block in self.blocks if block.inside is not None]
        left_out = sum((Counter(count.left_out) for count in counts), Counter[str]())
        return InsideCount(sum(count.moments for count in counts), left_out) if counts else None


@dataclass
class BacktestRun:
    """A run at work: blocks are added as they are done, and run.json says so at once.

    Attributes:
        inside: the moments inside sessions; None for closes alone.
        done: date of the first origin -> block.
        made: blocks that were added.
    """

    folder: Path
    parameters: RunParameters
    history: MarketHistory
    sessions: pd.DatetimeIndex
    blocks: tuple[Block, ...]
    inside: InsideSessions | None
    done: dict[str, BlockFiles]
    made: int = 0

    @property
    def left(self) -> list[Block]:
        """The blocks that are not done, oldest first."""
        return [block for block in self.blocks if f"{self.sessions[block.start]:%Y-%m-%d}" not in self.done]

    def add(self, contents: Iterable[BlockContent]) -> None:
        """Write blocks, and then that they are done."""
        for content in contents:
            self.done[content.first] = write_block(self.folder, content)
            self.made += 1
        write_run(self.folder, self.parameters, list(self.done.values()))

    @property
    def result(self) -> Backtested:
        """What it leaves if it ends now."""
        blocks = tuple(self.done[first] for first in sorted(self.done))
        return Backtested(self.folder, blocks, self.made, self.history.notes)


@contextmanager
def opened_run(settings: BacktestSettings, history: MarketHistory, warn: Warn) -> Iterator[BacktestRun]:
    """A run in the folder ``settings.output``, which no other run can enter until the block ends.

    Args:
        settings: what is asked for.
        history: the bars.
        warn: called with each file that was cut or altered, in one line; its block is made again.

    Raises:
        ConfigurationError: options that do not fit together; times that no session has; the folder of
            another run, or one is at work in it.
        HistoryTooShort: fewer than 751 regular sessions.
        DataError: a run.json that cannot be used.
        OutputUnwritable: a file cannot be written.
    """
    times, sessions = clock_times(settings.intraday), DailySeries.from_frame(history.daily()).dates
    blocks = planned(settings, history.market.id, sessions)
    inside = InsideSessions.of(times, history, sessions, blocks)
    parameters = _parameters(settings, history, sessions, blocks)
    with run_lock(settings.output):
        done = {}
        for block in begun(settings.output, parameters):
            fault = block_fault(settings.output, block)
            if fault is None:
                done[block.first] = block
            else:
                warn(f"{fault}; its block is made again")
        yield BacktestRun(settings.output, parameters, history, sessions, blocks, inside, done)


def planned(settings: BacktestSettings, market: str, sessions: pd.DatetimeIndex) -> tuple[Block, ...]:
    """The blocks that settings ask for, of the regular sessions of a market; raises as ``plan`` does."""
    first, last = (None if date is None else pd.Timestamp(date) for date in (settings.first, settings.last))
    return plan(market, sessions, first, last, settings.refit)


def _parameters(
    settings: BacktestSettings, history: MarketHistory, sessions: pd.DatetimeIndex, blocks: tuple[Block, ...]
) -> RunParameters:
    market = history.market
    return RunParameters(
        engine=__version__,
        commit=engine_commit(settings.engine_commit),
        libraries=libraries(),
        market=market.id,
        entry=_entry(market.id, settings.bars.markets_dir),
        calendar=None if market.calendar_file is None else market.calendar_file.sha256,
        data=history.content_hash(),
        first=f"{sessions[blocks[0].start]:%Y-%m-%d}",
        last=f"{sessions[blocks[-1].stop - 1]:%Y-%m-%d}",
        refit=settings.refit,
        refits=[f"{sessions[block.refit]:%Y-%m-%d}" for block in blocks],
        suffix=table_suffix(),
        intraday=",".join(clock_times(settings.intraday)),
    )


def _entry(market: str, markets_dir: Path | None) -> dict[str, Any]:
    """The entry of a market as JSON holds it: dates and times as text."""
    found: dict[str, Any] = json.loads(json.dumps(tomllib.loads(entry_text(market, markets_dir)), default=str))
    return found
