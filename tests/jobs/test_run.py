"""The scheduled run called from Python, in a process of its own: what it returns, and what it leaves alone."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from csv_market import write_market
from repositories import DOCUMENT, Clone, Origin, isolated
from synthetic import daily_frame

from aegismatrix_engine.document import check_json

SCRIPT = Path(__file__).with_name("run_from_python.py")
SESSIONS = 560
"""Enough for a model set, and too few for a walk through the past, which takes the time."""


@dataclass(frozen=True)
class Called:
    """What a call told, and what the process printed."""

    told: dict[str, Any]
    printed: str


def called(place: Path, now: str, *options: str) -> Called:
    """Call the run in the clone below a folder."""
    steering = ("AEGIS_", "GIT_", "GITHUB_")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(SCRIPT), now, *options, str(place / "told.json")],
        cwd=place / "clone",
        env={**plain, **isolated(place)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Called(json.loads((place / "told.json").read_bytes()), done.stdout + done.stderr)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with bars, a remote and a clone of it."""
    at = tmp_path_factory.mktemp("place")
    frame = daily_frame(SESSIONS)
    vix = frame[["vix"]].rename(columns={"vix": "close"})
    write_market(at / "data", frame[["open", "high", "low", "close"]], vix)
    with pytest.MonkeyPatch.context() as patched:
        for name, value in isolated(at).items():
            patched.setenv(name, value)
        Clone.of(Origin.made(at / "origin.git"), at / "clone")
    return at


@pytest.fixture(scope="module")
def evening() -> str:
    return f"{daily_frame(SESSIONS).index[-1]:%Y-%m-%d}T16:30:00+05:30"


@pytest.fixture(scope="module")
def first(place: Path, evening: str) -> Called:
    """The first run of all: there are neither models nor a branch."""
    return called(place, evening, "even-if-not-due", "first")


def test_a_run_returns_its_steps_and_the_document_stands_on_the_branch(
    first: Called, place: Path, evening: str
) -> None:
    steps = [["restore", 0], ["check-models", 11], ["infer", 10], ["record resolve", 0], ["publish", 0]]
    assert (first.told["steps"], first.told["ended"]) == (steps, 10)
    published = Origin(place / "origin.git").read(DOCUMENT, "published")
    document = check_json(published)
    assert document.generated_at == evening
    assert first.told["published"]["as of"] == document.as_of
    assert published == (place / "clone" / DOCUMENT).read_bytes()


def test_what_is_to_be_shown_is_handed_out_in_the_order_it_was_made(first: Called) -> None:
    steps = ["Restored", "ModelCheck", "Inferred", "Resolved", "Published", "RunSummary"]
    assert first.told["heard"] == steps


def test_nothing_is_printed_and_the_command_line_stays_away(first: Called) -> None:
    assert first.printed == ""
    assert first.told["click"] is False


def test_no_document_that_a_run_has_written_is_read_again(first: Called) -> None:
    assert first.told["read_again"] == []


def test_where_nothing_is_due_nothing_that_makes_documents_is_imported(
    first: Called, place: Path, evening: str
) -> None:
    again = called(place, evening, "due", "not-the-first")
    assert again.told["heard"] == ["Restored", "Due", "RunSummary"]
    assert (again.told["steps"], again.told["ended"]) == ([["restore", 0]], 0)
    assert again.told["sklearn"] is False
    assert again.printed == ""


def test_a_step_that_fails_is_handed_out_and_ends_the_run_with_its_code(
    first: Called, place: Path, evening: str
) -> None:
    (place / "data").rename(place / "elsewhere")
    try:
        again = called(place, evening, "even-if-not-due", "not-the-first")
    finally:
        (place / "elsewhere").rename(place / "data")
    assert again.told["heard"] == ["Restored", "ModelCheck", "DataError", "RunSummary"]
    assert again.told["steps"][-1] == ["infer", 65]
    assert again.told["ended"] == 65
