"""Which commit of the engine made a document: what the job says, or the checkout it runs from."""

import subprocess
from pathlib import Path

import pytest

from aegismatrix_engine.jobs.engine_commit import engine_commit

SHA = "0123456789abcdef0123456789abcdef01234567"


def git(at: Path, *arguments: str) -> str:
    plain = ["git", "-c", "user.name=a", "-c", "user.email=a@localhost", *arguments]
    return subprocess.run(plain, cwd=at, capture_output=True, check=True, text=True).stdout.strip()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package in a repository, not committed yet."""
    folder = tmp_path / "repository" / "package"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    git(folder.parent, "init", "--quiet")
    (folder.parent / "README").write_text("another project\n")
    git(folder.parent, "add", "README")
    git(folder.parent, "commit", "--quiet", "-m", "another project")
    return folder


def test_a_checkout_says_its_commit(package: Path) -> None:
    git(package, "add", ".")
    git(package, "commit", "--quiet", "-m", "the package")
    assert engine_commit(package=package) == git(package, "rev-parse", "HEAD")


def test_a_package_that_only_lies_in_a_repository_has_no_commit(package: Path) -> None:
    assert engine_commit(package=package) is None


def test_a_package_in_no_repository_has_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert engine_commit(package=tmp_path) is None


def test_without_git_there_is_no_commit(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(package))
    assert engine_commit(package=package) is None


def test_a_commit_that_the_job_states_is_believed(package: Path) -> None:
    assert engine_commit(SHA, package) == SHA


@pytest.mark.parametrize("stated", ["", "main", SHA[:7], SHA.upper(), f"{SHA}0", f"{SHA}\n"])
def test_what_is_no_commit_is_not_believed(package: Path, stated: str) -> None:
    assert engine_commit(stated, package) is None
