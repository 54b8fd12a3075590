"""Every row of the operator's page under "When something is wrong": the state, what is seen, and the commands of it.

The rows and their commands are taken from the page. A state without a test here, or a row without a state, fails.
"""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from calendar_file import year_2027
from first_run import MakeRunner, bars_at
from github_server import GitHubServer
from repositories import DOCUMENT, RECENT, Origin, git
from workflow_jobs import ROOT, Ended, Runner
from yahoo_server import YahooServer

from aegismatrix_engine.document import check_json

BRANCH = "published"
NOW, LATER, LATEST = (f"2026-07-15T{clock}:30+05:30" for clock in ("11:09", "11:39", "12:09"))
HEADING = "### When something is wrong"


def page_rows() -> dict[str, tuple[str, list[str]]]:
    """The first quoted words of a row -> what is seen, and the commands of what to do."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.split(HEADING)[1].split("\n### ")[0]
    found = {}
    for line in table.splitlines():
        if line.startswith("| ") and not line.startswith(("| what you see", "|---")):
            seen, _, to_do = (cell.strip() for cell in line.strip("|").split(" | "))
            commands = [text for text in re.findall(r"`([^`]+)`", to_do) if text.startswith(("git ", "aegis "))]
            found[", ".join(re.findall(r'"([^"]+)"', seen))] = (seen, commands)
    return found


@dataclass
class Place:
    """A remote with what is published, its runner, a clone of the branch, and what COMMIT and FILE stand for."""

    origin: Origin
    runner: Runner
    clone: Path
    github: GitHubServer
    words: dict[str, str]
    runs: int = 0

    def run(self, now: str) -> Ended:
        self.runs += 1
        return self.runner.run("infer", now, self.runs)

    def change(self, path: str, change: Callable[[str], str]) -> None:
        """Somebody's own commit on the branch."""
        other = self.clone.with_name(f"other{self.runs}")
        git(self.clone.parent, "clone", "--quiet", "--branch", BRANCH, str(self.origin.path), str(other))
        (other / path).write_text(change((other / path).read_text()))
        git(other, "-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "--quiet", "-am", "x")
        git(other, "push", "--quiet", "origin", BRANCH)
        shutil.rmtree(other)


@pytest.fixture
def place(published: Origin, runner_for: MakeRunner, github: GitHubServer, yahoo: YahooServer, tmp_path: Path) -> Place:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--branch", BRANCH, str(published.path), str(clone))
    for name in ("name", "email"):
        git(clone, "config", f"user.{name}", "operator@localhost")
    yahoo.series.update(bars_at(NOW))
    return Place(published, runner_for(published), clone, github, {"COMMIT": published.tip(BRANCH)})


def a_year_ahead(text: str) -> str:
    """Every moment and date 364 days later."""

    def moved(found: re.Match[str]) -> str:
        return f"{datetime.fromisoformat(found[0]) + timedelta(days=364):%Y-%m-%d}"

    return re.sub(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", moved, text)


def branch_deleted(place: Place) -> None:
    git(place.origin.path, "update-ref", "-d", f"refs/heads/{BRANCH}")


def record_cut(place: Place) -> None:
    assert not place.run(NOW).failed
    place.words["COMMIT"] = place.origin.tip(BRANCH)
    git(place.clone, "fetch", "--quiet", "origin")
    git(place.origin.path, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")
    git(place.clone, "reset", "--quiet", "--hard", f"{place.words['COMMIT']}~1")


def document_ahead(place: Place) -> None:
    place.change(DOCUMENT, a_year_ahead)


def set_ahead(place: Place) -> None:
    place.change("models/manifest.json", lambda text: re.sub(r'("trained_at": ")2026', r"\g<1>2027", text))


def former_models(place: Place) -> None:
    place.change("models/manifest.json", lambda text: text.replace('"format_version": 2', '"format_version": 1'))


def last_values_damaged(place: Place) -> None:
    place.change(RECENT, lambda text: re.sub(r'"market.vix": [0-9.]+', '"market.vix": [1.0, -3]', text))


def row_damaged(place: Place) -> None:
    (path,) = [name for name in place.origin.files(BRANCH) if "/forecasts/" in name]
    place.words["FILE"] = path
    place.change(path, lambda text: text.replace(",live,", ",LIVE,", 1))
    git(place.clone, "pull", "--quiet")


def issues_off(place: Place) -> None:
    place.github.disabled = True


@dataclass(frozen=True)
class State:
    """A state by how it comes about.

    code: what the run that meets it ends with. where: in which of its texts it is seen. by_hand: what no command can do
    but GitHub's own pages.
    """

    make: Callable[[Place], None]
    code: int
    where: str
    by_hand: Callable[[Place], None] = lambda place: None


def switched_on(place: Place) -> None:
    place.github.disabled = False


STATES = {
    "The published branch is gone": State(branch_deleted, 73, "issue"),
    "The published record is shorter than it was": State(record_cut, 11, "issue"),
    "the published document is dated ahead": State(document_ahead, 10, "err"),
    "the published model set is dated ahead": State(set_ahead, 10, "err"),
    "The published models were not healthy": State(former_models, 0, "issue"),
    "the last values in recent.json were set aside": State(last_values_damaged, 0, "notes"),
    "record: FILE, line N": State(row_damaged, 0, "notes"),
    "refuses the issue": State(issues_off, 73, "err", switched_on),
}
OF_THE_CALENDAR = "The published models were not healthy, the announced calendar ends"


def test_every_row_of_the_page_has_its_state_here() -> None:
    assert page_rows().keys() == {*STATES, OF_THE_CALENDAR}


def seen(place: Place, ended: Ended, where: str) -> str:
    if where == "issue":
        return "\n".join(f"{issue.title}\n{issue.body}" for issue in place.github.issues)
    if where == "err":
        return "\n".join(step.err for step in ended.steps)
    notes: list[str] = published(place)["health"]["notes"]
    return "\n".join(notes)


def published(place: Place) -> dict[str, Any]:
    content = place.origin.read(DOCUMENT, BRANCH)
    check_json(content)
    found: dict[str, Any] = json.loads(content)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("words", STATES)
def test_a_state_is_seen_as_the_page_says_and_healed_by_its_commands(
    place: Place, yahoo: YahooServer, words: str
) -> None:
    state, (_, commands) = STATES[words], page_rows()[words]
    state.make(place)
    met = LATER if place.runs else NOW
    yahoo.series.update(bars_at(met))
    ended = place.run(met)
    assert max(step.code for step in ended.steps) == state.code, ended.steps
    wanted = re.escape(words).replace("FILE", ".+").replace(r"line\ N", r"line \d+")
    assert re.search(wanted, seen(place, ended, state.where)), seen(place, ended, state.where)
    git(place.clone, "fetch", "--quiet", "origin")
    if BRANCH in place.origin.branches():
        git(place.clone, "pull", "--quiet", "--rebase")
    for command in commands:
        filled = [place.words.get(word, word) for word in shlex.split(command)]
        filled = [re.sub(r"^COMMIT", place.words["COMMIT"], word) for word in filled]
        done = subprocess.run(filled, cwd=place.clone, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, (filled, done.stderr)
    state.by_hand(place)
    yahoo.series.update(bars_at(LATEST))
    ended = place.run(LATEST)
    assert not ended.failed, ended.steps
    assert published(place)["as_of"] == "2026-07-15T12:00:00+05:30"
    if words == "The published record is shorter than it was":
        before = git(place.clone, "ls-tree", "-r", "--name-only", place.words["COMMIT"], "record").splitlines()
        assert set(before) <= place.origin.files(BRANCH)


@pytest.mark.slow
def test_the_calendars_end_is_healed_by_the_next_year_in_the_file(
    place: Place, yahoo: YahooServer, tmp_path: Path
) -> None:
    """The page's command, in a checkout of main with the file that it names."""
    _, commands = page_rows()[OF_THE_CALENDAR]
    (command,) = commands
    environment = place.runner._environment(tmp_path, "2026-12-30T16:09:30+05:30", 0)
    at = tmp_path / "main"
    git(tmp_path, "clone", "--quiet", "--branch", BRANCH, str(place.origin.path), str(at))

    def checked() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-c", command], cwd=at, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    assert "the announced calendar ends 2026-12-31" in checked().stdout
    (at / "calendar.toml").write_text(year_2027())
    assert "the announced calendar ends" not in checked().stdout
