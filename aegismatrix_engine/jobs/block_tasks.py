"""The blocks of a backtest as tasks: some blocks of one market each, or all of one market."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from aegismatrix_engine.backtest.block_files import BlockContent, BlockFiles
from aegismatrix_engine.backtest.inside_sessions import InsideSessions
from aegismatrix_engine.backtest.plan import Block
from aegismatrix_engine.backtest.refit import Record
from aegismatrix_engine.backtest.shared_folder import put, taken
from aegismatrix_engine.backtest.walk import Walk, make_blocks, prepare
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.forecasters import Forecasters
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.jobs.batch import MarketOutcome
from aegismatrix_engine.jobs.workers import Workers

CHUNKS_A_WORKER: Final = 2
"""Parts that each worker's share of the blocks is handed out in, so that none waits long for the last one."""

Delivered: TypeAlias = Sequence[BlockContent] | Sequence[BlockFiles]
"""Blocks as a worker hands them over: their bytes, or where in the shared folder these are."""


@dataclass(frozen=True)
class Part:
    """Some blocks, and what they need beyond what all blocks share."""

    blocks: Sequence[Block]
    records: Mapping[int, Record]
    fitted: Mapping[int, Forecasters]


@dataclass(frozen=True, eq=False)
class MarketTask:
    """All blocks that one market lacks, from its bars on, and which moments inside sessions are forecast from, too."""

    history: MarketHistory
    blocks: Sequence[Block]
    suffix: str
    inside: InsideSessions | None = None


def block_contents(walk: Walk, blocks: Sequence[Block], suffix: str, workers: Workers) -> Iterator[BlockContent]:
    """Make blocks of one market, in the order in which they are done.

    Args:
        walk: what they are made from.
        blocks: to be made.
        suffix: of their files.
        workers: that make them.

    Raises:
        WorkersEnded: processes were ended; with new ones the rest can be made, if ``may_go_on``.
        ClusterUnreachable, WorkersDiffer: of the cluster.
    """
    # A process without a block would start for nothing.
    workers = replace(workers, jobs=min(workers.jobs, len(blocks)))
    if not workers.elsewhere:
        yield from make_blocks(walk, blocks, suffix)
        return
    shared = walk.of(())
    tasks = ((shared, part, suffix, workers.folder) for part in _parts(walk, blocks, workers.count))
    for delivered in workers.results(_part_made, tasks, [shared]):
        yield from received(delivered, workers, suffix)


def market_made(task: MarketTask, folder: Path | None) -> tuple[str, Delivered] | MarketOutcome:
    """Walk through the past of one market and make its blocks, in a worker; how it ended where it failed."""
    history = task.history
    try:
        walk = prepare(history, market_features(history), [block.refit for block in task.blocks])
        walk = replace(walk, inside=task.inside)
        return history.market.id, _delivered(make_blocks(walk, task.blocks, task.suffix), folder)
    except Exception as error:  # noqa: BLE001 - a bug ends the market, and no other
        return MarketOutcome.failed(history.market.id, error)


def received(delivered: Delivered, workers: Workers, suffix: str) -> Iterator[BlockContent]:
    """The blocks that a worker has handed over; raises DataError where the shared folder has lost one."""
    for one in delivered:
        if isinstance(one, BlockContent):
            yield one
        else:
            assert workers.folder is not None, "only then are blocks left in a folder"
            yield taken(workers.folder, one, suffix)


def _delivered(blocks: Iterable[BlockContent], folder: Path | None) -> Delivered:
    return list(blocks) if folder is None else [put(folder, block) for block in blocks]


def _parts(walk: Walk, blocks: Sequence[Block], jobs: int) -> Iterator[Part]:
    size = max(len(blocks) // (jobs * CHUNKS_A_WORKER), 1)
    for at in range(0, len(blocks), size):
        part = blocks[at : at + size]
        own = walk.of(part)
        yield Part(part, own.records, own.fitted)


def _part_made(shared: Walk, part: Part, suffix: str, folder: Path | None) -> Delivered:
    walk = replace(shared, records=part.records, fitted=part.fitted)
    return _delivered(make_blocks(walk, part.blocks, suffix), folder)
