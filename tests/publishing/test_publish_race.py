"""Publishers at once, as processes of their own, on one remote."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from publishing import published, racing
from repositories import DOCUMENT, RECENT, Clone, Origin, document, last_values

PUBLISHERS, ROUNDS = 6, 5


@pytest.mark.slow
def test_publishers_at_once_lose_no_row_and_leave_the_latest_document(origin: Origin, tmp_path: Path) -> None:
    steps = list(range(1, PUBLISHERS * ROUNDS + 1))
    # The latest document is not the last to be published.
    random.Random(5).shuffle(steps)
    clones = [Clone.of(origin, tmp_path / f"publisher{number}") for number in range(PUBLISHERS)]
    racers = [racing(clone, f"p{n}", steps[n * ROUNDS : (n + 1) * ROUNDS]) for n, clone in enumerate(clones)]
    for racer in racers:
        _, told = racer.communicate(timeout=120)
        assert racer.returncode == 0, told.decode()
    rows = origin.rows()
    assert sorted(rows) == sorted(f"p{n},{r}{x}" for n in range(PUBLISHERS) for r in range(ROUNDS) for x in "ab")
    for number in range(PUBLISHERS):
        own = [row for row in rows if row.startswith(f"p{number},")]
        assert own == sorted(own), "a publisher's rows keep their order"
    assert origin.read(DOCUMENT) == document(max(steps))
    assert origin.read(RECENT) == last_values(document(max(steps)))
    assert origin.commits() == 1 + PUBLISHERS * ROUNDS, "each round is one commit, in one line of history"
    assert "README" in origin.files()
    for clone in clones:
        clone.untouched()
        assert published(clone).out.startswith("nothing to publish")


def test_publishers_at_once_on_a_branch_that_none_has_made_yet_share_one(origin: Origin, tmp_path: Path) -> None:
    clones = [Clone.of(origin, tmp_path / f"publisher{number}") for number in range(3)]
    racers = [racing(clone, f"p{n}", [n + 1], "--branch", "published") for n, clone in enumerate(clones)]
    for racer in racers:
        _, told = racer.communicate(timeout=120)
        assert racer.returncode == 0, told.decode()
    assert sorted(origin.rows(branch="published")) == sorted(f"p{n},0{x}" for n in range(3) for x in "ab")
    assert origin.read(DOCUMENT, "published") == document(3)
    assert origin.commits("published") == 3


def test_two_runs_at_once_in_one_clone_end_well(clone: Clone, origin: Origin) -> None:
    command = [sys.executable, "-m", "aegismatrix_engine", "publish"]
    both = [subprocess.Popen(command, cwd=clone.path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in "ab"]
    for process in both:
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told.decode()
    assert origin.rows() == ["a,1", "a,2"]
    assert origin.commits() == 2
    clone.untouched()
