"""A run killed at any point leaves the branch old or new and the clone whole; the next run publishes the rest."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from publishing import HERE, published, python
from repositories import DOCUMENT, Clone, Origin, document, git


def killed_everywhere(place: Path, into: Path, moment: str) -> list[Path]:
    """One folder for every call of git at which a run was killed, in their order, and one of a whole run."""
    process = python(str(HERE / "killed_publishing.py"), str(place), str(into), moment)
    _, told = process.communicate(timeout=300)
    assert process.returncode == 0, told.decode()
    return sorted(into.iterdir(), key=lambda path: int(path.name))


def mended(place: Path) -> None:
    """Publish again: the branch has our files in one commit, and both repositories are whole."""
    origin, clone = Origin(place / "origin.git"), Clone(place / "clone")
    ended = published(clone)
    assert ended.code == 0, ended.err
    assert origin.commits() == 2
    assert origin.read(DOCUMENT) == document(0)
    assert origin.rows() == ["a,1", "a,2"]
    git(origin.path, "fsck", "--strict", "--no-dangling")
    clone.untouched()


@pytest.fixture(scope="module")
def before(template: Path) -> Path:
    return template


@pytest.mark.slow
def test_a_run_killed_after_any_call_of_git_is_mended_by_the_next(before: Path, tmp_path: Path) -> None:
    copies = killed_everywhere(before, tmp_path / "killed", "after")
    assert len(copies) > 15
    commits = [Origin(copy / "origin.git").commits() for copy in copies]
    # All of it is published with the last call but one, the push, and nothing before; the last asks how long it is.
    assert commits == [1] * (len(copies) - 3) + [2, 2, 2]
    for copy in copies[::-2]:
        mended(copy)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", ["0", "0.002", "0.005", "0.01", "0.02"])
def test_a_run_killed_within_any_call_of_git_is_mended_by_the_next(before: Path, tmp_path: Path, seconds: str) -> None:
    for copy in killed_everywhere(before, tmp_path / "killed", seconds):
        mended(copy)


@pytest.mark.slow
def test_thirty_kills_at_random_moments_are_mended(clone: Clone, origin: Origin) -> None:
    command = [sys.executable, "-m", "aegismatrix_engine", "publish"]
    begun = time.monotonic()
    assert subprocess.run(command, cwd=clone.path, capture_output=True, check=False, timeout=60).returncode == 0
    seconds, draws, rows = time.monotonic() - begun, random.Random(3), ["a,1", "a,2"]
    ended = []
    for number in range(30):
        rows.append(f"b,{number}")
        clone.write(document=number + 1, rows=rows)
        process = subprocess.Popen(command, cwd=clone.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.communicate(timeout=seconds * draws.uniform(0.3, 1.05))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        ended.append(process.returncode)
        clone.untouched()
    assert -9 in ended
    assert set(ended) <= {-9, 0}
    assert published(clone).code == 0
    assert origin.rows() == rows
    assert origin.read(DOCUMENT) == document(30)
    git(origin.path, "fsck", "--strict", "--no-dangling")
