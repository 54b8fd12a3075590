"""Make a backtest, or go on with one: every forecast of past sessions, in files."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from aegismatrix_engine import __version__
from aegismatrix_engine.backtest.block_files import BlockContent, BlockFiles, block_fault, write_block
from aegismatrix_engine.backtest.clock_times import clock_times
from aegismatrix_engine.backtest.inside_sessions import InsideSessions
from aegismatrix_engine.backtest.plan import Block, plan
from aegismatrix_engine.backtest.run_file import RunParameters, begun, write_run
from aegismatrix_engine.backtest.tables import table_suffix
from aegismatrix_engine.backtest.walk import Walk, prepare
from aegismatrix_engine.errors import WorkersEnded
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.block_tasks import block_contents, libraries, versions
from aegismatrix_engine.jobs.engine_commit import engine_commit
from aegismatrix_engine.jobs.settings import BacktestSettings
from aegismatrix_engine.network.cluster import Cluster, connected
from aegismatrix_engine.training.walk_forward import Progress

Warn = Callable[[str], None]


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


@dataclass
class _Run:
    """A run at work: blocks are added as they are done, and run.json says so at once."""

    folder: Path
    parameters: RunParameters
    done: dict[str, BlockFiles] = field(default_factory=dict)

    def add(self, content: BlockContent) -> None:
        self.done[content.first] = write_block(self.folder, content)
        write_run(self.folder, self.parameters, list(self.done.values()))


def backtest(
    settings: BacktestSettings, now: pd.Timestamp, progress: Progress = iter, warn: Warn = lambda text: None
) -> Backtested:
    """Make what is missing of a backtest in the folder ``settings.output``.

    Args:
        settings: what is asked for.
        now: what the clock says, with a zone; sessions that have closed by then are used.
        progress: wraps the refits and the blocks, for a progress bar.
        warn: called with what went wrong and was made good, one line each.

    Raises:
        ConfigurationError: options that do not fit together, times inside sessions that have none, or the folder of
            another run.
        HistoryTooShort: fewer than 751 regular sessions.
        DataError: bars, or a run.json, that cannot be used.
        OutputUnwritable: a file cannot be written; the blocks done so far are kept.
        OutOfMemory: worker processes were ended twice; on a cluster four times by one task.
        ClusterUnreachable: no scheduler or no worker answers, and nothing was written; or they have gone.
        WorkersDiffer: a worker has other versions, and nothing was written.
    """
    # Connected first: where nothing answers, no folder is begun.
    place = nullcontext() if settings.scheduler is None else connected(settings.scheduler, versions(), versions)
    with place as cluster:
        return _backtest(settings, now, cluster, progress, warn)


def _backtest(
    settings: BacktestSettings, now: pd.Timestamp, cluster: Cluster | None, progress: Progress, warn: Warn
) -> Backtested:
    times = clock_times(settings.intraday)
    history = BarsRequest.of(settings.bars, now).read(now)
    features = market_features(history)
    sessions = features.series.dates
    blocks = planned(settings, history.market.id, sessions)
    inside = InsideSessions.of(times, history, sessions, blocks)
    run = _Run(settings.output, _parameters(settings, history, sessions, blocks))
    for block in begun(run.folder, run.parameters):
        fault = block_fault(run.folder, block)
        if fault is None:
            run.done[block.first] = block
        else:
            warn(f"{fault}; its block is made again")
    left = [block for block in blocks if f"{sessions[block.start]:%Y-%m-%d}" not in run.done]
    if left:
        walk = replace(prepare(history, features, [block.refit for block in left], progress), inside=inside)
        _make(run, walk, left, settings.jobs, cluster, progress, warn)
    return Backtested(run.folder, tuple(run.done[first] for first in sorted(run.done)), len(left), history.notes)


def planned(settings: BacktestSettings, market: str, sessions: pd.DatetimeIndex) -> tuple[Block, ...]:
    """The blocks that settings ask for, of the regular sessions of a market; raises as ``plan`` does."""
    first, last = (None if date is None else pd.Timestamp(date) for date in (settings.first, settings.last))
    return plan(market, sessions, first, last, settings.refit)


def _parameters(
    settings: BacktestSettings, history: MarketHistory, sessions: pd.DatetimeIndex, blocks: Sequence[Block]
) -> RunParameters:
    return RunParameters(
        engine=__version__,
        commit=engine_commit(settings.engine_commit),
        libraries=libraries(),
        market=history.market.id,
        data=history.content_hash(),
        first=f"{sessions[blocks[0].start]:%Y-%m-%d}",
        last=f"{sessions[blocks[-1].stop - 1]:%Y-%m-%d}",
        refit=settings.refit,
        refits=[f"{sessions[block.refit]:%Y-%m-%d}" for block in blocks],
        suffix=table_suffix(),
        intraday=clock_times(settings.intraday),
    )


def _make(
    run: _Run, walk: Walk, blocks: Sequence[Block], jobs: int, cluster: Cluster | None, progress: Progress, warn: Warn
) -> None:
    """Make blocks with so many processes; where one of these is ended, go on once with new ones."""
    try:
        _add_all(run, walk, blocks, jobs, cluster, progress)
    except WorkersEnded:
        left = [block for block in blocks if f"{walk.sessions[block.start]:%Y-%m-%d}" not in run.done]
        warn(f"a worker process was ended, perhaps for want of memory; new ones make the {len(left)} blocks left")
        _add_all(run, walk, left, jobs, cluster, progress)


def _add_all(
    run: _Run, walk: Walk, blocks: Sequence[Block], jobs: int, cluster: Cluster | None, progress: Progress
) -> None:
    made = block_contents(walk, blocks, run.parameters.suffix, jobs, cluster)
    for _ in progress(range(len(blocks))):
        run.add(next(made))
