"""Which commit of the engine made a document: what the job says, or the checkout it runs from."""

import json
import subprocess
from pathlib import Path

import pytest
from command_line import CSV, ROOT, aegis

from aegismatrix_engine import __version__
from aegismatrix_engine.cli.engine_commit import engine_commit

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def unsaid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_SHA", raising=False)


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
    assert engine_commit(package) == git(package, "rev-parse", "HEAD")


def test_a_package_that_only_lies_in_a_repository_has_no_commit(package: Path) -> None:
    assert engine_commit(package) is None


def test_a_package_in_no_repository_has_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert engine_commit(tmp_path) is None


def test_without_git_there_is_no_commit(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(package))
    assert engine_commit(package) is None


@pytest.mark.parametrize("said", ["", "main", SHA[:7], SHA.upper(), f"{SHA}0", f"{SHA}\n"])
def test_what_is_no_commit_is_not_believed(package: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("GITHUB_SHA", said)
    assert engine_commit(package) is None


def test_the_document_says_which_engine_made_it_and_which_trained_its_models(place: Path) -> None:
    manifest = place / "models" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["engine_version"] = "0.0.7"
    manifest.write_text(json.dumps(content))
    assert aegis("infer", *CSV, at=place, env={"GITHUB_SHA": SHA}).code in (0, 10)
    told = json.loads((place / "aegismatrix.json").read_bytes())["provenance"]
    assert (told["engine_version"], told["trained_by"], told["engine_commit"]) == (__version__, "0.0.7", SHA)


def test_a_document_made_from_a_checkout_names_its_commit(place: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("these sources are no checkout")
    assert aegis("infer", *CSV, at=place).code in (0, 10)
    told = json.loads((place / "aegismatrix.json").read_bytes())["provenance"]
    assert told["engine_commit"] == git(ROOT, "rev-parse", "HEAD")
