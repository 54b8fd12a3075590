"""A backtest on a Dask cluster of processes on loopback: the same files, and one line for whatever goes wrong."""

import contextlib
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from backtest_runs import ROOT, bars_folder, bars_folder_with_intraday, contents, ended, made, start

from aegismatrix_engine.backtest.block_files import finished_blocks
from aegismatrix_engine.errors import (
    AegisError,
    ClusterUnreachable,
    ConfigurationError,
    WorkersDiffer,
    WorkersEnded,
)
from aegismatrix_engine.network.cluster import Cluster, connected, gone, refuse_others

REFIT = 10
"""Sessions of a block: 25 blocks."""
BLOCKS = 25
HERE = Path(__file__).parent
NEVER_SEEN = {
    "AllExit": "inside of a client that waits",
    "AsyncTaskGroupClosedError": "inside of a closing client",
    "HandledError": "inside of a worker that spills to disk",
    "InvalidTaskState": "a bug of Dask",
    "InvalidTransition": "a bug of Dask",
    "MaxSpillExceeded": "inside of a worker that spills to disk",
    "PickleError": "inside of a worker that spills to disk",
    "QueueEmpty": "inside of inproc://, which is refused",
    "RecommendationsConflict": "a bug of Dask",
    "Reschedule": "raised by tasks alone, and ours do not",
    "TransitionCounterMaxExceeded": "a bug of Dask",
}
"""Errors of distributed that are not mapped, and why: a bug of Dask is reported as a bug."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bars_folder(tmp_path_factory.mktemp("bars"))


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files that one process makes."""
    output = tmp_path_factory.mktemp("whole") / "backtest"
    made(data, output, refit=REFIT)
    return contents(output)


@contextmanager
def running(*command: object, at: Path | None = None, **variables: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in a group of its own, which ends with the block."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        stdout=quiet,
        stderr=quiet,
        start_new_session=True,
        cwd=at or Path.cwd(),
        env={**os.environ, **variables},
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def scheduler(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A scheduler without workers: its address and its process."""
    file = folder / "scheduler.json"
    options = "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", file
    with running("-m", "distributed.cli.dask_scheduler", *options) as process:
        wait_for(lambda: file.exists() and file.read_bytes())
        yield json.loads(file.read_bytes())["address"], process


def worker(
    address: str, folder: Path, *command: object, at: Path | None = None, **variables: str
) -> contextlib.AbstractContextManager["subprocess.Popen[bytes]"]:
    """A worker process of one thread, which nobody starts again when it ends."""
    options = "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", folder / "worker"
    return running(*(command or ("-m", "distributed.cli.dask_worker")), address, *options, at=at, **variables)


@contextmanager
def cluster(folder: Path, count: int = 2) -> Iterator[tuple[str, list["subprocess.Popen[bytes]"]]]:
    """A scheduler and workers: its address, and the processes, the scheduler's last."""
    with ExitStack() as stack:
        address, process = stack.enter_context(scheduler(folder))
        workers = [stack.enter_context(worker(address, folder)) for _ in range(count)]
        wait_for_workers(address, count)
        yield address, [*workers, process]


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until, "it has not happened within two minutes"
        time.sleep(0.01)


def wait_for_workers(address: str, count: int) -> None:
    # In a process of its own: the client leaves threads behind that a test would be blamed for.
    code = "import sys, distributed; distributed.Client(sys.argv[1]).wait_for_workers(int(sys.argv[2]), timeout=60)"
    subprocess.run([sys.executable, "-c", code, address, str(count)], check=True, capture_output=True)


def options(data: Path, output: Path, address: str) -> tuple[object, ...]:
    return "--source", "csv", "--data", data, "--refit", REFIT, "--output", output, "--scheduler", address


def blocks_done(output: Path) -> int:
    with contextlib.suppress(AegisError):
        return len(finished_blocks(output))
    return 0


@pytest.mark.slow
def test_a_cluster_makes_the_files_of_one_process_and_of_two(
    data: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    made(data, tmp_path / "two", refit=REFIT, jobs=2)
    with cluster(tmp_path) as (address, _):
        code, told, errors = ended(start(*options(data, tmp_path / "backtest", address)))
    assert (code, errors) == (0, "")
    assert f"in {BLOCKS} blocks, {BLOCKS} of them new" in told
    assert contents(tmp_path / "backtest") == contents(tmp_path / "two") == whole


@pytest.mark.slow
def test_the_tasks_of_a_killed_worker_are_run_again(data: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    output = tmp_path / "backtest"
    with cluster(tmp_path) as (address, processes):
        process = start(*options(data, output, address))
        wait_for(lambda: blocks_done(output) >= 2)
        processes[0].kill()
        code, _, told = ended(process)
    assert code == 0, told
    assert contents(output) == whole


@pytest.mark.slow
def test_a_scheduler_that_goes_leaves_blocks_that_the_next_run_goes_on_from(
    data: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    output = tmp_path / "backtest"
    with cluster(tmp_path) as (address, processes):
        process = start(*options(data, output, address))
        wait_for(lambda: blocks_done(output) >= 2)
        processes[-1].kill()
        code, _, told = ended(process)
    assert (code, told.count("\n")) == (69, 1), told
    assert f"{address}: the scheduler, or all of its workers, have gone" in told
    assert made(data, output, refit=REFIT).made < BLOCKS
    assert contents(output) == whole


@pytest.mark.slow
@pytest.mark.parametrize("accepts", [True, False], ids=["silent", "closed"])
def test_an_unreachable_scheduler_ends_with_69_and_leaves_nothing(data: Path, tmp_path: Path, accepts: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if not accepts:
            server.close()
        code, _, told = ended(start(*options(data, tmp_path / "backtest", address)))
    assert (code, told.count("\n")) == (69, 1), told
    assert f"no scheduler answers at {address} within 4 seconds; start one with `dask scheduler`" in told
    assert not (tmp_path / "backtest").exists()


@pytest.mark.parametrize(
    "greeting",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.6\r\n", bytes(64)],
    ids=["http", "ssh", "zeros"],
)
def test_another_server_is_not_taken_for_a_scheduler_nor_for_missing_memory(greeting: bytes) -> None:
    def greet(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(greeting)

    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        greeted = pool.submit(greet, server)
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        expected = pytest.raises(ClusterUnreachable, match=f"what answers at {address} is not a Dask scheduler")
        with expected, connected(address, {}, dict):
            pass
        greeted.result()


@pytest.mark.slow
def test_a_scheduler_without_workers_ends_with_69_and_leaves_nothing(data: Path, tmp_path: Path) -> None:
    with scheduler(tmp_path) as (address, _):
        code, _, told = ended(start(*options(data, tmp_path / "backtest", address)))
    assert code == 69
    assert told == (f"aegis: error: the scheduler at {address} has no worker; start one with `dask worker {address}`\n")
    assert not (tmp_path / "backtest").exists()


OTHERS = {
    "numpy=1.99.0": "has numpy 1.99.0 where this process has ",
    "pandas=1.99.0": "has pandas 1.99.0 where this process has ",
    "engine=0.0.1": "has engine 0.0.1 where this process has ",
    "python=3.11.99": "has python 3.11.99 where this process has ",
    "missing=aegismatrix_engine": "has engine missing or another (ModuleNotFoundError",
}


@pytest.mark.slow
@pytest.mark.parametrize("case", OTHERS)
def test_a_worker_of_other_versions_ends_with_78_and_leaves_nothing(data: Path, tmp_path: Path, case: str) -> None:
    with (
        scheduler(tmp_path) as (address, _),
        worker(address, tmp_path, HERE / "worker_of_other_versions.py", case),
    ):
        wait_for_workers(address, 1)
        code, _, told = ended(start(*options(data, tmp_path / "backtest", address)))
    assert (code, told.count("\n")) == (78, 1), told
    assert OTHERS[case] in told
    assert "install the same versions there and here, and start the worker again" in told
    assert not (tmp_path / "backtest").exists()


@pytest.mark.slow
def test_blocks_come_back_through_a_shared_folder(data: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    with cluster(tmp_path) as (address, _):
        process = start(*options(data, tmp_path / "backtest", address), "--shared-folder", shared)
        wait_for(lambda: list(shared.glob("*/forecasts/*.parquet")))
        code, _, told = ended(process)
    assert (code, told) == (0, "")
    assert contents(tmp_path / "backtest") == whole
    assert list(shared.iterdir()) == []


@pytest.mark.slow
def test_a_worker_that_does_not_see_the_shared_folder_ends_with_2_and_leaves_nothing(
    data: Path, tmp_path: Path
) -> None:
    for name in ("here", "there"):
        (tmp_path / name / "shared").mkdir(parents=True)
    # Under this path every process sees the folder that it works in.
    shared = Path("/proc/self/cwd/shared")
    with scheduler(tmp_path) as (address, _), worker(address, tmp_path, at=tmp_path / "there", PYTHONPATH=str(ROOT)):
        wait_for_workers(address, 1)
        process = start(
            *options(data, tmp_path / "backtest", address),
            *("--shared-folder", shared),
            cwd=tmp_path / "here",
            variables={"PYTHONPATH": str(ROOT)},
        )
        code, _, told = ended(process)
    assert (code, told.count("\n")) == (2, 1), told
    assert f"does not see the shared folder {shared}; make it visible there under the same path" in told
    assert not (tmp_path / "backtest").exists()
    assert list((tmp_path / "here" / "shared").iterdir()) == []


ENDING = """
import os, sys
from aegismatrix_engine.errors import WorkersEnded
from aegismatrix_engine.jobs.workers import versions
from aegismatrix_engine.network.cluster import connected

with connected(sys.argv[1], versions(), versions) as cluster:
    try:
        with cluster.own_errors():
            cluster.client.submit(os._exit, 9).result()
    except WorkersEnded as error:
        print(int(error.exit_code), error.may_go_on, error)
"""


@pytest.mark.slow
def test_a_task_that_ends_four_workers_is_not_run_again(tmp_path: Path) -> None:
    with cluster(tmp_path, 4) as (address, _):
        told = subprocess.run(
            [sys.executable, "-c", ENDING, address], check=True, capture_output=True, text=True
        ).stdout
    assert told.startswith(
        f"12 False {address}: 4 workers were ended while they ran one task, perhaps for want of memory"
    )


def test_what_is_not_known_here_or_there_is_not_compared() -> None:
    refuse_others({"numpy": "2.0", "commit": None}, {"numpy": "2.0", "commit": "a", "other": "1"}, "host")
    refuse_others({"numpy": "2.0", "commit": "a"}, {"numpy": "2.0", "commit": None}, "host")
    with pytest.raises(WorkersDiffer, match=r"^worker host has commit b where this process has a; results would"):
        refuse_others({"commit": "a"}, {"commit": "b"}, "host")


@pytest.mark.parametrize("address", ["host:8786", "http://host:8786", "tcp://host", "inproc://host:1", "tcp://:1", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="expected tcp://HOST:PORT"), connected(address, {}, dict):
        pass


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'aegismatrix-engine\[dask\]'"):
        connected("tcp://127.0.0.1:1", {}, dict).__enter__()


def raised_by_distributed() -> Iterator[type[BaseException]]:
    """Every class of errors that the modules of distributed define, but warnings and those of what we do not use."""
    package = importlib.import_module("distributed")
    unused = ("cli", "tests", "dashboard", "shuffle", "http", "deploy", "diagnostics", "pytest_resourceleaks")
    for module in pkgutil.walk_packages(package.__path__, "distributed."):
        if module.name.split(".")[1] in unused or "test" in module.name:
            continue
        with contextlib.suppress(ImportError):
            for one in vars(importlib.import_module(module.name)).values():
                own = isinstance(one, type) and one.__module__.startswith("distributed.")
                if own and issubclass(one, BaseException) and not issubclass(one, Warning):
                    yield one


class Elsewhere:
    """A client whose scheduler has gone."""

    status = "closed"


class There(Elsewhere):
    """A client whose scheduler has other workers by now."""

    status = "running"

    def wait_for_workers(self, count: int, timeout: float) -> None:
        assert count == 1
        assert timeout <= 30


def test_where_other_workers_have_come_the_rest_can_be_made_by_them() -> None:
    from distributed.client import FutureCancelledError

    with pytest.raises(WorkersEnded, match="workers were ended"), Cluster("tcp://host:1", There()).own_errors():
        raise FutureCancelledError("task", "lost")


@pytest.mark.filterwarnings("ignore")
def test_every_error_of_distributed_is_mapped_or_a_bug() -> None:
    from distributed.scheduler import KilledWorker

    for one in set(raised_by_distributed()):
        if one.__name__ in NEVER_SEEN:
            continue
        error = one("task", None, 3) if one is KilledWorker else one.__new__(one)
        expected = WorkersEnded if one is KilledWorker else ClusterUnreachable
        with pytest.raises(expected, match="tcp://host:1"), Cluster("tcp://host:1", Elsewhere()).own_errors():
            raise error
    assert TimeoutError in gone()


@pytest.mark.exhaustive  # what is shared is pickled for processes of this machine as well, which a slow test shows
def test_moments_inside_sessions_are_the_same_on_a_cluster(tmp_path: Path) -> None:
    data, first = bars_folder_with_intraday(tmp_path / "bars"), "2018-12-03"
    made(data, tmp_path / "one", first=first, refit=REFIT, intraday="10:15")
    with cluster(tmp_path) as (address, _):
        run = (*options(data, tmp_path / "backtest", address), "--from", first, "--intraday", "10:15")
        code, _, errors = ended(start(*run))
    assert (code, errors) == (0, "")
    assert contents(tmp_path / "backtest") == contents(tmp_path / "one")
