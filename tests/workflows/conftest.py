"""A remote with a first document on its published branch, made by the workflow itself, once, and copied."""

import fcntl
import os
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from first_run import FIRST, FirstRun, MakeRunner, bars_at
from github_server import GitHubServer
from repositories import Origin, isolated
from workflow_jobs import Runner
from yahoo_server import YahooServer


@pytest.fixture
def yahoo() -> Iterator[YahooServer]:
    with YahooServer(bars_at(FIRST)) as server:
        yield server


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server


def without_the_users_git(patched: pytest.MonkeyPatch, home: Path) -> None:
    for name in os.environ:
        if name.startswith(("GIT_", "AEGIS_", "GITHUB_")) or name == "EMAIL":
            patched.delenv(name)
    for name, value in isolated(home).items():
        patched.setenv(name, value)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Origin:
    """A remote with a branch main and nothing published."""
    without_the_users_git(monkeypatch, tmp_path)
    return Origin.made(tmp_path / "origin.git")


@pytest.fixture
def runner_for(tmp_path: Path, yahoo: YahooServer, github: GitHubServer) -> MakeRunner:
    def made(origin: Origin) -> Runner:
        folder = tmp_path / "runner"
        folder.mkdir()
        github.origin = origin.path
        beat = {"AEGIS_HEARTBEAT_URL": f"{github.address}/beat"}
        page = {"AEGIS_PAGE_URL": f"{github.address}/pages/"}
        environment = {**yahoo.environment(), **github.environment(), **page}
        return Runner(folder, origin.path, environment, beat, raw=f"{github.address}/raw")

    return made


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """Made once for all processes of the test run. Do not write into it."""
    base = tmp_path_factory.getbasetemp()
    at = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "first_run"
    with at.with_suffix(".lock").open("w") as lock, pytest.MonkeyPatch.context() as patched:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (at / "first").exists():
            at.mkdir()
            without_the_users_git(patched, at)
            origin = Origin.made(at / "origin.git")
            main = origin.tip()
            with YahooServer(bars_at(FIRST)) as yahoo, GitHubServer() as github:
                github.origin = origin.path
                beat = {"AEGIS_HEARTBEAT_URL": f"{github.address}/beat"}
                runner = Runner(at, origin.path, {**yahoo.environment(), **github.environment()}, beat)
                ended = runner.run("infer", FIRST, event="workflow_dispatch", first="true")
            (at / "first").write_bytes(pickle.dumps(FirstRun(origin, ended, main, len(github.issues), github.beats)))
        found: FirstRun = pickle.loads((at / "first").read_bytes())
    return found


@pytest.fixture
def published(first_run: FirstRun, empty: Origin) -> Origin:
    """A remote whose branch ``published`` holds the document of FIRST."""
    shutil.rmtree(empty.path)
    shutil.copytree(first_run.origin.path, empty.path)
    return empty
