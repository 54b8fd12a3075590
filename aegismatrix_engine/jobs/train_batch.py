"""The model sets of several markets, one after another or in processes of their own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd
from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from aegismatrix_engine.errors import AegisError, ExitCode, OutOfMemory
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.batch import MarketFiles, MarketOutcome, Observer, batch_requests, market_files, usable
from aegismatrix_engine.jobs.settings import TrainSettings
from aegismatrix_engine.jobs.train import cautions, train
from aegismatrix_engine.state.beside import refuse_taken_name
from aegismatrix_engine.training.walk_forward import Progress

POOLS = 2
"""Pools of processes in all: where a process of the first is killed, a second one goes on with what is left."""


def train_batch(
    settings: TrainSettings,
    markets: Sequence[str],
    now: pd.Timestamp,
    observer: Observer,
    *,
    progress: Progress = iter,
    jobs: int = 1,
) -> tuple[MarketOutcome, ...]:
    """Train a set for each market; a market that fails keeps its set, and stops no other.

    Bars are read in this process, so that one source serves all; the sets are equal whatever ``jobs`` is.

    Args:
        settings: of the first market, which has its files where one market alone has them.
        markets: ids; the csv source has a folder for each.
        now: what the clock says, with a zone.
        observer: is informed of each outcome.
        progress: wraps the spans of the past that are refitted, where one process does it all.
        jobs: processes that train at once.

    Raises:
        ConfigurationError, AsOfError, MarketUnknown: what was asked for cannot be of any market; nothing was done.
    """
    refuse_taken_name(settings.output)
    files = market_files(markets, settings.output, settings.models)
    requests = batch_requests(settings.bars, markets, now)
    work = _Work(requests, settings.force, now, progress)
    found: dict[str, MarketOutcome] = {}
    for outcome in work.one_by_one(files) if jobs == 1 else work.at_once(files, jobs):
        found[outcome.market] = outcome
        observer(outcome)
    return tuple(found[market] for market in markets)


class _Work:
    """What is to be trained, of which bars."""

    def __init__(
        self,
        requests: Mapping[str, BarsRequest | AegisError],
        force: bool,
        now: pd.Timestamp,
        progress: Progress,
    ) -> None:
        self._requests, self._force, self._now, self._progress = requests, force, now, progress

    def one_by_one(self, files: Sequence[MarketFiles]) -> Iterator[MarketOutcome]:
        for one in files:
            history = self._history(one)
            if isinstance(history, MarketOutcome):
                yield history
            else:
                yield _trained(one, history, self._now, self._force, self._progress)

    def at_once(self, files: Sequence[MarketFiles], jobs: int) -> Iterator[MarketOutcome]:
        left = {one.market: one for one in files}
        warnings: tuple[str, ...] = ()
        for _ in range(POOLS):
            refused: list[MarketOutcome] = []
            tasks = self._tasks(tuple(left.values()), refused)
            try:
                for outcome in Parallel(n_jobs=min(jobs, len(left)), return_as="generator_unordered")(tasks):
                    del left[outcome.market]
                    yield replace(outcome, warnings=(*outcome.warnings, *warnings))
            except TerminatedWorkerError:
                warnings = ("a process that trained was killed; this set was trained in another one",)
            for outcome in refused:
                del left[outcome.market]
                yield outcome
            if not left:
                return
        killed = OutOfMemory(
            f"a process that trained was killed, {POOLS} times, most often for lack of memory; give this machine more, "
            "or a smaller --jobs"
        )
        yield from (MarketOutcome.failed(market, killed) for market in left)

    def _tasks(self, files: Sequence[MarketFiles], refused: list[MarketOutcome]) -> Iterator[object]:
        """The trainings, whose bars are read only when a process is soon free; what cannot be read is ``refused``."""
        for one in files:
            history = self._history(one)
            if isinstance(history, MarketOutcome):
                refused.append(history)
            else:
                yield delayed(_trained)(one, history, self._now, self._force)

    def _history(self, files: MarketFiles) -> MarketHistory | MarketOutcome:
        try:
            return usable(self._requests[files.market]).read(self._now)
        except Exception as error:  # noqa: BLE001 - a bug ends the market, and no other
            return MarketOutcome.failed(files.market, error)


def _trained(
    files: MarketFiles, history: MarketHistory, now: pd.Timestamp, force: bool, progress: Progress = iter
) -> MarketOutcome:
    """Train one market's set, and put it into its folder."""
    try:
        warnings = cautions(history, now, files.output, files.models)
        manifest = train(history, now, files.models, force=force, progress=progress).manifest
    except Exception as error:  # noqa: BLE001 - likewise
        return MarketOutcome.failed(files.market, error)
    training = manifest.training
    facts = {
        "set": manifest.set_version,
        "trained on": f"{training.rows:,} sessions, {training.first} to {training.last}",
        "models": str(files.models),
    }
    return MarketOutcome(files.market, ExitCode.DONE, facts=facts, warnings=warnings)
