"""Make a backtest, or go on with one: every forecast of past sessions, in files."""

from dataclasses import replace

import pandas as pd

from aegismatrix_engine.backtest.walk import Walk, prepare
from aegismatrix_engine.errors import WorkersEnded
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.jobs.backtest_run import Backtested, BacktestRun, Warn, opened_run
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.block_tasks import block_contents
from aegismatrix_engine.jobs.settings import BacktestSettings
from aegismatrix_engine.jobs.workers import TIMES_ENDED, Workers, workers
from aegismatrix_engine.training.walk_forward import Progress


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
        ConfigurationError: options that do not fit together; times that no session has; the folder of
            another run, or one at work in it.
        HistoryTooShort: fewer than 751 regular sessions.
        DataError: bars, or a run.json, that cannot be used.
        OutputUnwritable: a file cannot be written; the blocks done so far are kept.
        WorkersEnded: worker processes were ended three times, on a cluster four times by one task.
        ClusterUnreachable: no scheduler or no worker answers, and nothing was written; or they have gone.
        WorkersDiffer: a worker has other versions, and nothing was written.
    """
    # Connected first: where nothing answers, no folder is begun.
    with workers(settings) as found:
        history = BarsRequest.of(settings.bars, now).read(now)
        try:
            return backtested(settings, history, found, progress, warn)
        except WorkersEnded as error:
            raise WorkersEnded(f"{history.market.id}: {error}", may_go_on=error.may_go_on) from error


def backtested(
    settings: BacktestSettings, history: MarketHistory, workers: Workers, progress: Progress, warn: Warn
) -> Backtested:
    """The same of bars that are read, by workers that several markets share."""
    with opened_run(settings, history, warn) as run:
        left = run.left
        if left:
            walk = prepare(history, market_features(history), [block.refit for block in left], progress)
            _make(run, replace(walk, inside=run.inside), workers, progress, warn)
        return run.result


def _make(run: BacktestRun, walk: Walk, workers: Workers, progress: Progress, warn: Warn) -> None:
    """Make the blocks that are left; where processes are ended, go on with new ones."""
    for time in range(1, TIMES_ENDED + 1):
        try:
            left = run.left
            made = block_contents(walk, left, run.parameters.suffix, workers)
            for _ in progress(range(len(left))):
                run.add([next(made)])
        except WorkersEnded as error:
            if time == TIMES_ENDED or not error.may_go_on:
                raise
            warn(
                f"a worker process was ended, perhaps for want of memory; new ones make the {len(run.left)} blocks left"
            )
        else:
            return
