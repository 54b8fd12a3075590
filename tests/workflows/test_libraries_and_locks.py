"""The locks, the workflows that raise them, and what becomes a release."""

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from repositories import Clone, Origin, git
from workflow_jobs import ROOT, workflow

from aegismatrix_engine import __version__

DEVELOPMENT, RUN_TIME, LOWEST = "requirements.lock", "requirements-run.lock", "requirements-lowest.lock"
LOCKS = (DEVELOPMENT, RUN_TIME, LOWEST)
Pins = dict[tuple[str, str], set[str]]


def pins(lock: str) -> Pins:
    """What a lock names, (distribution, version and marker) -> hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found: Pins = {}
    for line in lines:
        named, *hashes = re.split(r"\s+--hash=", line.strip())
        name, _, version = named.partition("==")
        found[name, version] = set(hashes)
    return found


def names(lock: str) -> set[str]:
    return {name for name, _ in pins(lock)}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_distribution_by_version_and_hash_and_names_no_address(lock: str) -> None:
    found = pins(lock)
    assert len(found) > 30
    for (name, version), hashes in found.items():
        assert version, name
        assert hashes, name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), name
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in re.sub(r"#.*", "", text)


def test_what_publishes_is_installed_as_it_was_tested() -> None:
    run_time, development = pins(RUN_TIME), pins(DEVELOPMENT)
    assert {pin: development.get(pin) for pin in run_time} == run_time


def test_the_run_time_lock_holds_what_the_engine_needs_and_nothing_for_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {Requirement(line).name for line in project["dependencies"]}
    extras = {
        extra: {Requirement(line).name for line in lines} for extra, lines in project["optional-dependencies"].items()
    }
    publishing = extras["build"] | extras["dashboard"]
    assert needed | publishing <= names(RUN_TIME)
    assert publishing <= extras["test"]
    assert not (extras["test"] - publishing) & names(RUN_TIME)


def test_libraries_are_tested_unlocked_and_audited_and_a_failure_is_told() -> None:
    jobs = workflow("libraries")["jobs"]
    commands = [step["run"] for step in jobs["test"]["steps"] if "run" in step]
    assert any(".[test]" in command and "--upgrade" in command for command in commands)
    assert any("pip_audit" in command and RUN_TIME in command for command in commands)
    assert any("pytest" in command for command in commands)
    assert (jobs["tell"]["needs"], jobs["tell"]["if"]) == ("test", "failure()")
    assert jobs["tell"]["steps"][-1]["run"].startswith("aegis notify --title ")


def test_actions_are_raised_each_week() -> None:
    from ruamel.yaml import YAML

    (update,) = YAML(typ="safe", pure=True).load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    assert (update["package-ecosystem"], update["schedule"]["interval"]) == ("github-actions", "weekly")


@pytest.fixture
def with_locks(empty: Origin, tmp_path: Path) -> Clone:
    """A clone whose main holds the locks and the scripts that raise them."""
    clone = Clone.of(empty, tmp_path / "locks")
    for name in (*LOCKS, ".ci/propose"):
        (clone.path / name).parent.mkdir(exist_ok=True)
        (clone.path / name).write_bytes((ROOT / name).read_bytes())
    (clone.path / ".ci" / "propose").chmod(0o755)
    git(clone.path, "add", ".")
    git(clone.path, "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "--quiet", "-m", "locks")
    git(clone.path, "push", "--quiet", "origin", "HEAD:refs/heads/main")
    return clone


def proposed(clone: Clone, tools: Path) -> tuple[str, list[str]]:
    """What .ci/propose says, and what it asks of gh, in a clone."""
    tools.mkdir(exist_ok=True)
    asked = tools / "asked"
    (tools / "gh").write_text(f'#!/bin/sh\nfor one in "$@"; do echo "$one" >> "{asked}"; done\n')
    (tools / "gh").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([".ci/propose"], cwd=clone.path, env=environment, capture_output=True, check=True, text=True)
    return done.stdout, asked.read_text().splitlines() if asked.exists() else []


def test_newer_locks_become_a_pull_request(with_locks: Clone, empty: Origin, tmp_path: Path) -> None:
    before = empty.tip()
    (with_locks.path / RUN_TIME).write_text("newer\n")
    _, asked = proposed(with_locks, tmp_path / "tools")
    (branch,) = [name for name in empty.branches() if name.startswith("locks/")]
    assert asked[:6] == ["pr", "create", "--base", "main", "--head", branch]
    assert empty.read(RUN_TIME, branch) == b"newer\n"
    assert git(empty.path, "diff", "--name-only", "main", branch) == RUN_TIME
    assert empty.tip() == before


def test_locks_that_are_the_newest_become_nothing(with_locks: Clone, empty: Origin, tmp_path: Path) -> None:
    said, asked = proposed(with_locks, tmp_path / "tools")
    assert (said, asked) == ("The locks hold the newest libraries already.\n", [])
    assert empty.branches() == ["main"]


@pytest.fixture(scope="module")
def release() -> ModuleType:
    described = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


Written = Callable[[str, str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(version: str, changelog: str) -> Path:
        (tmp_path / "aegismatrix_engine").mkdir(exist_ok=True)
        (tmp_path / "aegismatrix_engine" / "__init__.py").write_text(f'"""Doc."""\n\n__version__ = "{version}"\n')
        (tmp_path / "CHANGELOG.md").write_text(changelog)
        return tmp_path

    return write


CHANGELOG = (
    "# Changelog\n\n## Unreleased\n\n- later\n\n## 1.2.0 - 2026-11-26\n\n- this\n\n## 1.1.0 - 2026-01-01\n\n- old\n"
)


def test_a_release_says_its_own_part_of_the_changelog(release: ModuleType, written: Written) -> None:
    assert release.notes("v1.2.0", written("1.2.0", CHANGELOG)) == "- this\n"
    assert release.notes("v1.1.0", written("1.1.0", CHANGELOG)) == "- old\n"


@pytest.mark.parametrize(
    ("tag", "version", "changelog", "told"),
    [
        ("v1.2.1", "1.2.0", CHANGELOG, "the tag v1.2.1 is not v1.2.0"),
        ("1.2.0", "1.2.0", CHANGELOG, "the tag 1.2.0 is not v1.2.0"),
        ("v1.3.0", "1.3.0", CHANGELOG, "CHANGELOG.md has no part '## 1.3.0 - YYYY-MM-DD'"),
        ("v1.2.0", "1.2.0", CHANGELOG.replace("- this", ""), "CHANGELOG.md has no part '## 1.2.0 - YYYY-MM-DD'"),
        ("v1.2.0", "1.2.0", CHANGELOG.replace(" - 2026-11-26", ""), "CHANGELOG.md has no part"),
    ],
    ids=["another tag", "no v", "no part", "an empty part", "no date"],
)
def test_what_is_no_release_is_refused(
    release: ModuleType, written: Written, tag: str, version: str, changelog: str, told: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        release.notes(tag, written(version, changelog))


@pytest.mark.parametrize("arguments", [(), ("v1.2.0", "v1.3.0")])
def test_a_release_asked_for_without_its_tag_is_refused_in_one_line(arguments: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, ".ci/release.py", *arguments], cwd=ROOT, capture_output=True, text=True)
    expected = "release.py: error: expected one argument, the tag: python .ci/release.py v0.2.0\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", expected)


def test_the_version_here_could_be_tagged(release: ModuleType) -> None:
    assert release.notes(f"v{__version__}").startswith("- ")


def test_the_release_is_built_from_the_tag_alone() -> None:
    commands = [step["run"] for step in workflow("release")["jobs"]["release"]["steps"] if "run" in step]
    assert workflow("release")["on"] == {"push": {"tags": ["v*"]}}
    assert commands[0] == 'python .ci/release.py "$GITHUB_REF_NAME" > "$RUNNER_TEMP/notes.md"', (
        "checked before anything is installed"
    )
    assert commands[-1].startswith('gh release create "$GITHUB_REF_NAME" dist/* --verify-tag')
