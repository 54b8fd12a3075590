"""Backtests of several markets: one after another, or several at once, by the same workers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

import pandas as pd

from aegismatrix_engine.backtest.block_files import RUN_NAME
from aegismatrix_engine.backtest.clock_times import clock_times
from aegismatrix_engine.errors import (
    AegisError,
    ClusterUnreachable,
    ConfigurationError,
    ExitCode,
    WorkersDiffer,
    WorkersEnded,
)
from aegismatrix_engine.jobs.backtest import backtested
from aegismatrix_engine.jobs.backtest_run import Backtested, BacktestRun, opened_run
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.batch import MarketOutcome, Observer, batch_requests, usable
from aegismatrix_engine.jobs.block_tasks import Delivered, MarketTask, market_made, received
from aegismatrix_engine.jobs.settings import BacktestSettings
from aegismatrix_engine.jobs.workers import TIMES_ENDED, Workers, workers
from aegismatrix_engine.training.walk_forward import Progress

INSIDE: Final = "moments inside sessions"
"""The fact of a market's outcome that counts them."""


def backtest_batch(
    settings: BacktestSettings,
    markets: Sequence[str],
    now: pd.Timestamp,
    observer: Observer,
    progress: Progress = iter,
) -> tuple[MarketOutcome, ...]:
    """Make what is missing of the backtest of each market, in a folder of its id; one that fails stops no other.

    Each folder is as ``backtest`` of that market alone makes it. Bars are read in this process, so that one source
    serves all, when their turn comes.

    Args:
        settings: of all; ``output`` holds the folders, and the csv source a folder for each market, too.
        markets: ids.
        now: what the clock says, with a zone.
        observer: is informed of each outcome.
        progress: wraps refits and blocks where one market is made after another, else the markets.

    Raises:
        ConfigurationError, AsOfError, MarketUnknown: what was asked for cannot be of any market; nothing was done.
        ClusterUnreachable, WorkersDiffer: as in ``backtest``, and nothing was written.
    """
    run = settings.output / RUN_NAME
    if run.exists():
        raise ConfigurationError(
            f"{settings.output} is the folder of a backtest of one market ({run}), and several have a folder each in "
            "--output; name another one"
        )
    clock_times(settings.intraday)  # what is no time is so of every market
    requests = batch_requests(settings.bars, markets, now)
    found: dict[str, MarketOutcome] = {}
    with workers(settings) as shared:
        batch = _Batch(settings, requests, shared, now, progress)
        # Fewer markets than workers would leave some of these idle.
        at_once = shared.elsewhere and len(markets) >= shared.count
        for outcome in batch.at_once(markets) if at_once else batch.one_by_one(markets):
            found[outcome.market] = outcome
            observer(outcome)
    return tuple(found[market] for market in markets)


class _Batch:
    """What is to be made, of which bars, by which workers.

    ``_open`` has the runs of the markets that workers were handed and have not given back, and what closes each.
    """

    def __init__(
        self,
        settings: BacktestSettings,
        requests: Mapping[str, BarsRequest | AegisError],
        shared: Workers,
        now: pd.Timestamp,
        progress: Progress,
    ) -> None:
        self._settings, self._requests, self._workers = settings, requests, shared
        self._now, self._progress = now, progress
        self._open: dict[str, tuple[BacktestRun, ExitStack]] = {}
        self._warnings: dict[str, list[str]] = {}

    def one_by_one(self, markets: Sequence[str]) -> Iterator[MarketOutcome]:
        """The outcome of each, in order; all workers make the blocks of one market."""
        for at, market in enumerate(markets):
            try:
                history, warn = usable(self._requests[market]).read(self._now), self._warnings_of(market).append
                made = backtested(self._settings_of(market), history, self._workers, self._progress, warn)
            except (ClusterUnreachable, WorkersDiffer) as error:
                yield from (self._failed(one, error) for one in markets[at:])
                return
            except Exception as error:  # noqa: BLE001 - a bug ends the market, and no other
                yield self._failed(market, error)
            else:
                yield self._done(market, made)

    def at_once(self, markets: Sequence[str]) -> Iterator[MarketOutcome]:
        """The outcome of each, in the order in which they end; each worker makes all of one market.

        Where workers are ended, the markets that were in work are made one at a time: it shows whose work ends them.
        """
        left, ended = list(markets), Counter[str]()
        done = iter(self._progress(range(len(markets))))
        while left:
            alone = [market for market in left if ended[market]][:1]
            try:
                for outcome in self._made(alone or left):
                    next(done)
                    left.remove(outcome.market)
                    yield outcome
            except WorkersEnded as error:
                for market in self._close() or alone or left[:1]:
                    ended[market] += 1
                    if ended[market] == TIMES_ENDED or (alone and not error.may_go_on):
                        left.remove(market)
                        yield self._failed(market, error)
                    elif ended[market] == 1:
                        self._warnings_of(market).append(
                            "a worker process was ended while it was in work, and it was begun again"
                        )
            except (ClusterUnreachable, WorkersDiffer) as error:
                self._close()
                yield from (self._failed(market, error) for market in left)
                return
        # One more step ends what shows the progress.
        next(done, None)

    def _made(self, markets: Sequence[str]) -> Iterator[MarketOutcome]:
        ready: list[MarketOutcome] = []
        tasks = ((task, self._workers.folder) for task in self._tasks(markets, ready))
        for found in self._workers.results(market_made, tasks):
            yield self._ended(found)
            while ready:
                yield ready.pop()
        yield from ready

    def _tasks(self, markets: Sequence[str], ready: list[MarketOutcome]) -> Iterator[MarketTask]:
        """The work on each market whose turn has come; the outcomes of those that need none are put into ``ready``."""
        for market in markets:
            stack = ExitStack()
            try:
                history, warn = usable(self._requests[market]).read(self._now), self._warnings_of(market).append
                run = stack.enter_context(opened_run(self._settings_of(market), history, warn))
                if run.left:
                    self._open[market] = run, stack
                    yield MarketTask(replace(history, bars=None), run.left, run.parameters.suffix, run.inside)
                    continue
                ready.append(self._done(market, run.result))
            except Exception as error:  # noqa: BLE001 - likewise
                ready.append(self._failed(market, error))
            stack.close()

    def _ended(self, found: tuple[str, Delivered] | MarketOutcome) -> MarketOutcome:
        """Write what a worker has made of a market."""
        market = found.market if isinstance(found, MarketOutcome) else found[0]
        run, stack = self._open.pop(market)
        with stack:
            if isinstance(found, MarketOutcome):
                return self._with_warnings(found)
            try:
                run.add(received(found[1], self._workers, run.parameters.suffix))
            except Exception as error:  # noqa: BLE001 - likewise
                return self._failed(market, error)
            return self._done(market, run.result)

    def _close(self) -> list[str]:
        """Leave the runs that are open; gives their markets."""
        markets = list(self._open)
        for market in markets:
            self._open.pop(market)[1].close()
        return markets

    def _settings_of(self, market: str) -> BacktestSettings:
        return replace(
            self._settings,
            bars=replace(self._settings.bars, market=market),
            output=self._settings.output / market,
        )

    def _warnings_of(self, market: str) -> list[str]:
        return self._warnings.setdefault(market, [])

    def _failed(self, market: str, error: Exception) -> MarketOutcome:
        return self._with_warnings(MarketOutcome.failed(market, error))

    def _done(self, market: str, made: Backtested) -> MarketOutcome:
        blocks = made.blocks
        facts = {
            "forecasts": f"{made.rows:,}",
            "from": blocks[0].first,
            "to": blocks[-1].last,
            "blocks": f"{len(blocks)}, {made.made} new",
        }
        if made.inside is not None:
            facts[INSIDE] = f"{made.inside.moments:,}, {sum(made.inside.left_out.values()):,} left out"
        return self._with_warnings(MarketOutcome(market, ExitCode.DONE, facts=facts))

    def _with_warnings(self, outcome: MarketOutcome) -> MarketOutcome:
        # A market that is made again is warned of again.
        return replace(outcome, warnings=tuple(dict.fromkeys(self._warnings_of(outcome.market))))
