"""A good published branch, made by ``aegis run`` itself, once, and copied for each case."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from github_server import TOKEN, GitHubServer
from jobs import MAKING, World, copied
from repositories import Origin, isolated
from trees import Tree, tree_of
from yahoo_server import YahooServer, pointed_at


@pytest.fixture(scope="module")
def yahoo() -> Iterator[YahooServer]:
    with YahooServer({}) as server, pointed_at(server.address):
        yield server


@pytest.fixture(scope="module")
def github() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server


def as_in_a_job(patched: pytest.MonkeyPatch, home: Path, github: GitHubServer) -> None:
    for name in os.environ:
        if name.startswith(("GIT_", "AEGIS_", "GITHUB_")) or name == "EMAIL":
            patched.delenv(name)
    for name, value in (isolated(home) | github.environment() | {"GITHUB_TOKEN": TOKEN}).items():
        patched.setenv(name, value)
    patched.setenv("GITHUB_STEP_SUMMARY", str(home / "summary"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with origin.git, whose branch is good, and the store that the runs left. Do not write into it."""
    base = tmp_path_factory.getbasetemp()
    at = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "good"
    with at.with_suffix(".lock").open("w") as lock, pytest.MonkeyPatch.context() as patched:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (at / "made").exists():
            at.mkdir()
            with YahooServer({}) as yahoo, pointed_at(yahoo.address), GitHubServer() as github:
                as_in_a_job(patched, at, github)
                world = World(Origin.made(at / "origin.git"), yahoo, github, at)
                for number, now in enumerate(MAKING):
                    ended = world.run(world.checkout(f"job{number}"), now, *(["--first"] if number == 0 else []))
                    assert (ended.code, ended.err) == (0, ""), ended
            (at / "made").touch()
    return at


@pytest.fixture(scope="session")
def good(template: Path) -> Tree:
    """The tree of the good branch. Do not write into it."""
    return tree_of(Origin(template / "origin.git"))


@pytest.fixture
def world(
    template: Path, tmp_path: Path, yahoo: YahooServer, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> World:
    as_in_a_job(monkeypatch, tmp_path, github)
    yahoo.fault.clear()
    github.issues.clear()
    github.faults.clear()
    return World(copied(template, tmp_path), yahoo, github, tmp_path)
