"""A Dask cluster that joblib's tasks run on: its scheduler, the versions of its workers, and its errors as ours."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from aegismatrix_engine.errors import ClusterUnreachable, ConfigurationError, WorkersDiffer, WorkersEnded

CONNECT_SECONDS: Final = 4.0
"""How long a scheduler may take to answer."""
WORKER_SECONDS: Final = 3.0
"""How long a scheduler without workers may take to get one."""
RESTART_SECONDS: Final = 20.0
"""How long workers that were ended may take to be started again, which `dask worker` does by itself."""

ADDRESS: Final = re.compile(r"(tcp|tls)://(\[[0-9a-fA-F:.]+\]|[^\s/:]+):[0-9]{1,5}")
LOGGERS: Final = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado.application")
_INSTALL: Final = "pip install 'aegismatrix-engine[dask]'"

OWN: Final = ("engine", "commit", "platform", "python")
"""Names in ``Versions`` that are not those of packages."""

Versions = Mapping[str, str | None]
"""Name -> version of what results depend on: packages by the names they are installed under, ``python``, ``engine``,
``commit`` and ``platform``; None where it is not known, which is not compared.
"""


@dataclass(frozen=True)
class Cluster:
    """A scheduler that answers, with workers of our versions.

    Attributes:
        address: of the scheduler.
        client: the ``distributed.Client`` that is connected to it.
    """

    address: str
    client: Any

    @property
    def threads(self) -> int:
        """Tasks that all workers can run at once; at least 1."""
        threads: dict[str, int] = self.client.nthreads()
        return max(sum(threads.values()), 1)

    def answers(self, question: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """Worker -> what a function of this package answers there, or the exception that it ended in."""
        with self.own_errors():
            found: dict[str, Any] = self.client.run(question, *arguments, on_error="return")
        return found

    @contextmanager
    def own_errors(self) -> Iterator[None]:
        """Raises what Dask raises as an error of our tree.

        Raises:
            ClusterUnreachable: the scheduler or all workers have gone.
            WorkersEnded: workers that held what is needed have gone, and others are there; or several that ran one
                task were ended.
        """
        scheduler = import_module("distributed.scheduler")
        try:
            yield
        except scheduler.KilledWorker as error:
            raise WorkersEnded(
                f"{self.address}: {error.allowed_failures + 1} workers were ended while they ran one task, "
                "perhaps for want of memory; start fewer on a machine, or give them more (--memory-limit)",
                may_go_on=False,
            ) from error
        except gone() as error:
            if self._has_workers():
                raise WorkersEnded(
                    f"{self.address}: workers were ended, perhaps for want of memory; start fewer on a machine, or "
                    "give them more (--memory-limit), and run again: the blocks that are done are kept"
                ) from error
            raise ClusterUnreachable(
                f"{self.address}: the scheduler, or all of its workers, have gone, or wait for memory; start them "
                "again, and run the same command again: it goes on where it was"
            ) from error

    def _has_workers(self) -> bool:
        try:
            if self.client.status == "running":
                self.client.wait_for_workers(1, timeout=RESTART_SECONDS)
                return True
        except gone():
            pass
        return False


def gone() -> tuple[type[BaseException], ...]:
    """What Dask raises where a scheduler, or all workers that hold what is needed, have gone."""
    core, scheduler = import_module("distributed.core"), import_module("distributed.scheduler")
    comm, client = import_module("distributed.comm"), import_module("distributed.client")
    return (
        comm.CommClosedError,
        core.RPCClosed,
        scheduler.NoValidWorkerError,
        scheduler.NoWorkerError,
        client.CancelledError,
        client.ClosedClientError,
        CancelledError,
        TimeoutError,
    )


@contextmanager
def connected(address: str, expected: Versions, versions: Callable[[], Versions]) -> Iterator[Cluster]:
    """A connection to the scheduler at an address, whose workers have what is expected.

    Args:
        address: such as tcp://host:8786.
        expected: versions of this process.
        versions: gives the same of the process that calls it; a function of this package.

    Raises:
        ConfigurationError: the address is none, or Dask is not installed.
        ClusterUnreachable: nothing answers there, or it has no worker, within 10 seconds.
        WorkersDiffer: a worker has other versions.
    """
    if not ADDRESS.fullmatch(address):
        raise ConfigurationError(f"invalid --scheduler {address!r}: expected tcp://HOST:PORT, such as tcp://host:8786")
    cluster = Cluster(address, _client(address))
    try:
        with cluster.own_errors():
            _wait_for_worker(cluster)
            for worker, found in _of_workers(cluster, expected, versions).items():
                refuse_others(expected, found, worker)
        yield cluster
    finally:
        # One that has lost its scheduler is closed already, or cannot say good-bye.
        with suppress(*gone()):
            cluster.client.close(timeout=CONNECT_SECONDS)


def refuse_others(expected: Versions, found: Versions, worker: str) -> None:
    """Compare the versions of a worker with ours.

    Raises:
        WorkersDiffer: they are others.
    """
    others = [
        f"{name} {there} where this process has {here}"
        for name, here in expected.items()
        if here is not None and (there := found.get(name)) is not None and there != here
    ]
    if others:
        raise WorkersDiffer(
            f"worker {worker} has {', '.join(others)}; results would differ: install the same versions there and here, "
            "and start the worker again"
        )


def _client(address: str) -> Any:
    distributed = _library()
    for name in LOGGERS:
        # What goes wrong is said once, by our errors.
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        # The timeout of a client does not count while a connection that was accepted stays silent.
        asyncio.run(asyncio.wait_for(_greeted(address), CONNECT_SECONDS))
        return distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterUnreachable(
            f"no scheduler answers at {address} within {CONNECT_SECONDS:.0f} seconds; start one with `dask scheduler`, "
            "or correct --scheduler"
        ) from error
    except TypeError as error:
        raise ConfigurationError(
            f"{address}: Dask's configuration names no certificates for TLS (distributed.comm.tls); docs/scale.md"
        ) from error
    except Exception as error:
        # The first bytes of another server are taken for the length of a message.
        raise ClusterUnreachable(
            f"what answers at {address} is not a Dask scheduler; correct --scheduler, a scheduler prints its address "
            "as it starts"
        ) from error


async def _greeted(address: str) -> None:
    """Connect as Dask does, and part again."""
    comm, security = import_module("distributed.comm"), import_module("distributed.security")
    connection = await comm.connect(address, **security.Security().get_connection_args("client"))
    connection.abort()


def _library() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise ConfigurationError(f"--scheduler needs the packages dask and distributed: {_INSTALL}") from error


def _wait_for_worker(cluster: Cluster) -> None:
    try:
        cluster.client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError as error:
        raise ClusterUnreachable(
            f"the scheduler at {cluster.address} has no worker; start one with `dask worker {cluster.address}`"
        ) from error


def _of_workers(cluster: Cluster, expected: Versions, versions: Callable[[], Versions]) -> dict[str, Versions]:
    """Worker -> its versions: those that Dask itself knows, and where these are ours, what the worker says of the rest.

    A worker of another Python or without the engine could not say anything.
    """
    packages = [name for name in expected if name not in OWN]
    known = cluster.client.get_versions(packages=packages)["workers"]
    found: dict[str, Versions] = {
        worker: {name: identity["packages"].get(name) or "absent" for name in packages}
        | {"python": ".".join(identity["host"]["python"].split(".")[:3])}
        for worker, identity in known.items()
    }
    if all(one[name] == expected[name] for one in found.values() for name in (*packages, "python")):
        answers = cluster.answers(versions).items()
        found |= {worker: one if isinstance(one, Mapping) else _unable(one) for worker, one in answers}
    return found


def _unable(error: object) -> Versions:
    """The versions of a worker that cannot say them: its engine is missing, or does not have the function."""
    return {"engine": f"missing or another ({' '.join(str(error).split())[:120]})"}
