"""The blocks of a backtest as joblib's tasks: in this process, in processes of this machine, or on a Dask cluster."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from aegismatrix_engine import __version__
from aegismatrix_engine.artifacts.environment import environment, library_version
from aegismatrix_engine.backtest.block_files import BlockContent
from aegismatrix_engine.backtest.plan import Block
from aegismatrix_engine.backtest.refit import Record
from aegismatrix_engine.backtest.walk import Walk, make_blocks
from aegismatrix_engine.errors import WorkersEnded
from aegismatrix_engine.forecasting.forecasters import Forecasters
from aegismatrix_engine.jobs.engine_commit import engine_commit
from aegismatrix_engine.network.cluster import WORKER_SECONDS, Cluster, Versions, refuse_others

CHUNKS_A_WORKER: Final = 2
"""Parts that each worker's share of the blocks is handed out in, so that none waits long for the last one."""


@dataclass(frozen=True)
class Part:
    """Some blocks, and what they need beyond what all blocks share."""

    blocks: Sequence[Block]
    records: Mapping[int, Record]
    fitted: Mapping[int, Forecasters]


def libraries() -> dict[str, str]:
    """Versions of Python and of what a backtest computes and writes with, and the platform."""
    return environment() | {"pyarrow": library_version("pyarrow")}


def versions() -> Versions:
    """What the files of a backtest depend on in the process that calls it."""
    return {"engine": __version__, "commit": engine_commit(), **libraries()}


def block_contents(
    walk: Walk, blocks: Sequence[Block], suffix: str, jobs: int, cluster: Cluster | None
) -> Iterator[BlockContent]:
    """Make blocks, in the order in which they are done.

    Args:
        walk: what they are made from.
        blocks: to be made.
        suffix: of their files.
        jobs: processes of this machine; more than one is joblib's loky.
        cluster: where the tasks run instead; None for this machine.

    Raises:
        WorkersEnded: a process was ended; with new ones the rest can be made.
        ClusterUnreachable, OutOfMemory, WorkersDiffer: of the cluster.
    """
    if cluster is not None:
        with cluster.own_errors():
            yield from _on_cluster(walk, blocks, suffix, cluster)
    elif jobs == 1:
        yield from make_blocks(walk, blocks, suffix)
    else:
        yield from _on_processes(walk, blocks, suffix, jobs)


def _on_processes(walk: Walk, blocks: Sequence[Block], suffix: str, jobs: int) -> Iterator[BlockContent]:
    shared = walk.of(())
    tasks = (joblib.delayed(_made)(shared, part, suffix) for part in _parts(walk, blocks, jobs))
    try:
        for found in joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(tasks):
            yield from found
    except TerminatedWorkerError as error:
        raise WorkersEnded(
            "worker processes were ended, perhaps for want of memory; run again with fewer --jobs: the blocks that are "
            "done are kept"
        ) from error


def _on_cluster(walk: Walk, blocks: Sequence[Block], suffix: str, cluster: Cluster) -> Iterator[BlockContent]:
    shared, expected = walk.of(()), versions()
    parts = _parts(walk, blocks, cluster.threads)
    tasks = (joblib.delayed(_made_elsewhere)(shared, part, suffix, expected) for part in parts)
    # The history is sent to every worker once, and tasks name it; joblib recognises it by its identity.
    place: dict[str, Any] = {"client": cluster.client, "scatter": [shared], "wait_for_workers_timeout": WORKER_SECONDS}
    with joblib.parallel_config("dask", **place):
        pool = joblib.Parallel(n_jobs=-1, batch_size=1, return_as="generator_unordered")
    for found in pool(tasks):
        yield from found


def _parts(walk: Walk, blocks: Sequence[Block], jobs: int) -> Iterator[Part]:
    size = max(len(blocks) // (jobs * CHUNKS_A_WORKER), 1)
    for at in range(0, len(blocks), size):
        part = blocks[at : at + size]
        own = walk.of(part)
        yield Part(part, own.records, own.fitted)


def _made(shared: Walk, part: Part, suffix: str) -> list[BlockContent]:
    walk = replace(shared, records=part.records, fitted=part.fitted)
    return list(make_blocks(walk, part.blocks, suffix))


def _made_elsewhere(shared: Walk, part: Part, suffix: str, expected: Versions) -> list[BlockContent]:
    """The same, after a look at the versions: a worker may have joined after those of the others were compared."""
    refuse_others(expected, libraries() | {"engine": __version__}, platform.node())
    return _made(shared, part, suffix)
