"""Repositories to publish to: a bare remote on disk, and clones that know nothing of the user's git."""

import os
from pathlib import Path

import pytest
from repositories import Clone, Origin, isolated


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a remote and a clone of it, to be copied."""
    at = tmp_path_factory.mktemp("template") / "place"
    at.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        _without_the_users_git(patched, at)
        clone = Clone.of(Origin.made(at / "origin.git"), at / "clone")
    clone.write(document=0, rows=["a,1", "a,2"], models={"manifest.json": b"{}", "one.joblib": b"1"})
    return at


def _without_the_users_git(patched: pytest.MonkeyPatch, home: Path) -> None:
    for name in os.environ:
        if name.startswith(("GIT_", "AEGIS_")) or name == "EMAIL":
            patched.delenv(name)
    for name, value in isolated(home).items():
        patched.setenv(name, value)


@pytest.fixture(autouse=True)
def place(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the template in the test's own folder."""
    _without_the_users_git(monkeypatch, tmp_path)
    Clone.copied(template, tmp_path)
    return tmp_path


@pytest.fixture
def origin(place: Path) -> Origin:
    """A bare repository whose branch main holds one file of somebody else."""
    return Origin(place / "origin.git")


@pytest.fixture
def clone(place: Path) -> Clone:
    """A clone with a document of 15:30, last values, two ledger rows and a model set, none of it published."""
    return Clone(place / "clone")
