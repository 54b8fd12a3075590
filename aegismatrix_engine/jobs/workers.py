"""What the work of a backtest is shared between: no one, processes of this machine, or a Dask cluster."""

import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from aegismatrix_engine import __version__
from aegismatrix_engine.artifacts.environment import environment, library_version
from aegismatrix_engine.backtest.shared_folder import folder_of_run, is_seen, unseen
from aegismatrix_engine.errors import WorkersEnded
from aegismatrix_engine.jobs.engine_commit import engine_commit
from aegismatrix_engine.jobs.settings import BacktestSettings
from aegismatrix_engine.network.cluster import WORKER_SECONDS, Cluster, Versions, connected, refuse_others

TIMES_ENDED: Final = 3
"""How often processes may be ended over the same work before it is given up."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Workers:
    """Where tasks run; one pool of processes, or one connection, for all of them.

    Attributes:
        jobs: processes of this machine; with one the work is done in this process.
        cluster: where tasks run instead; None for this machine.
        folder: that workers leave blocks in; None where they send them back.
    """

    jobs: int = 1
    cluster: Cluster | None = None
    folder: Path | None = None

    @property
    def elsewhere(self) -> bool:
        """Whether tasks run in other processes than this one."""
        return self.cluster is not None or self.jobs > 1

    @property
    def count(self) -> int:
        """Tasks that can run at once."""
        return self.jobs if self.cluster is None else self.cluster.threads

    def results(
        self, function: Callable[..., Result], arguments: Iterable[tuple[Any, ...]], sent: Sequence[object] = ()
    ) -> Iterator[Result]:
        """What a function gives in other processes, for one set of arguments after the other; as soon as it is there.

        Arguments are asked for when a process is soon free, in a thread of joblib's.

        Args:
            function: of this package.
            arguments: of each task.
            sent: objects among the arguments of every task, which each worker of a cluster is sent once.

        Raises:
            WorkersEnded: processes were ended.
            ClusterUnreachable, WorkersDiffer: of the cluster.
        """
        if self.cluster is None:
            yield from _on_processes(self.jobs, function, arguments)
        else:
            with self.cluster.own_errors():
                yield from _on_cluster(self.cluster, function, arguments, sent)


def _on_processes(jobs: int, function: Callable[..., Result], arguments: Iterable[tuple[Any, ...]]) -> Iterator[Result]:
    # Every pool of the same size is made of the same processes.
    pool = joblib.Parallel(n_jobs=jobs, batch_size=1, return_as="generator_unordered")
    try:
        yield from pool(joblib.delayed(function)(*one) for one in arguments)
    except TerminatedWorkerError as error:
        raise WorkersEnded(
            "worker processes were ended, perhaps for want of memory; run again with fewer --jobs: the blocks that are "
            "done are kept"
        ) from error


def _on_cluster(
    cluster: Cluster,
    function: Callable[..., Result],
    arguments: Iterable[tuple[Any, ...]],
    sent: Sequence[object],
) -> Iterator[Result]:
    expected = versions()
    # joblib recognises what has been sent by its identity.
    place: dict[str, Any] = {
        "client": cluster.client,
        "scatter": list(sent),
        "wait_for_workers_timeout": WORKER_SECONDS,
    }
    with joblib.parallel_config("dask", **place):
        pool = joblib.Parallel(n_jobs=-1, batch_size=1, return_as="generator_unordered")
    yield from pool(joblib.delayed(_of_our_versions)(expected, function, *one) for one in arguments)


def _of_our_versions(expected: Versions, function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function after a look at the versions: a worker may have come after those of the others were compared."""
    refuse_others(expected, libraries() | {"engine": __version__}, platform.node())
    return function(*arguments)


def libraries() -> dict[str, str]:
    """Versions of Python and of what a backtest computes and writes with, and the platform."""
    return environment() | {"pyarrow": library_version("pyarrow")}


def versions() -> Versions:
    """What the files of a backtest depend on in the process that calls it."""
    return {"engine": __version__, "commit": engine_commit(), **libraries()}


@contextmanager
def workers(settings: BacktestSettings) -> Iterator[Workers]:
    """The workers that settings ask for, until the block ends; where there are none, nothing has been written.

    Raises:
        ConfigurationError: the address is none, Dask is not installed, or a worker does not see the shared folder.
        ClusterUnreachable: no scheduler or no worker answers.
        WorkersDiffer: a worker has other versions.
    """
    with ExitStack() as stack:
        cluster = None
        if settings.scheduler is not None:
            cluster = stack.enter_context(connected(settings.scheduler, versions(), versions))
        found = Workers(settings.jobs, cluster)
        if settings.shared_folder is not None and found.elsewhere:
            folder = stack.enter_context(folder_of_run(settings.shared_folder))
            if cluster is not None:
                _refuse_unseen(cluster, folder)
            found = Workers(settings.jobs, cluster, folder)
        yield found


def _refuse_unseen(cluster: Cluster, folder: Path) -> None:
    for worker, seen in cluster.answers(is_seen, str(folder)).items():
        if seen is not True:
            raise unseen(folder, worker)
