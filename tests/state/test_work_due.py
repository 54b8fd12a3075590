"""What a scheduled start asks before anything is installed: whether there is work at all."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from github_server import TOKEN, GitHubServer
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.markets import PublishedClose, document_due, get_market, next_due, valid_until
from aegismatrix_engine.state.market_index import IndexedMarket, rendered
from aegismatrix_engine.state.work_due import FURTHEST_DUE, TRAINED_LATELY, document_work, main, training_work

ROOT = Path(__file__).resolve().parents[2]
NIFTY = get_market("nifty50")
DOCUMENT: dict[str, Any] = {
    "generated_at": "2026-07-15T11:07:00+05:30",
    "as_of": "2026-07-15T11:00:00+05:30",
    "valid_until": "2026-07-15T12:00:00+05:30",
    "next_due": "2026-07-15T11:30:00+05:30",
    "health": {"status": "ok"},
    "provenance": {"clock": "in_session"},
}
NIGHT = DOCUMENT | {
    "generated_at": "2026-07-15T07:58:00+05:30",
    "as_of": "2026-07-15T01:30:00+05:30",
    "valid_until": "2026-07-15T10:15:00+05:30",
    "next_due": "2026-07-15T09:30:00+05:30",
    "provenance": {"clock": "before_open"},
}
DEGRADED = {"health": {"status": "degraded"}}
SET = {"training": {"trained_at": "2026-07-11T07:20:00+05:30"}}


def india(clock: str, day: str = "2026-07-15") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}+05:30")


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in DOCUMENT.items() if key != name}


@pytest.mark.parametrize(
    ("content", "now", "due", "why"),
    [
        (DOCUMENT, india("11:29"), False, "is current; the next is due at 2026-07-15T06:00:00+00:00"),
        (DOCUMENT, india("11:30"), True, "was due to be replaced at"),
        (DOCUMENT | DEGRADED, india("11:29"), False, "is current"),
        (NIGHT, india("08:21"), False, "is current"),
        (NIGHT | DEGRADED, india("08:21"), True, "the document of the night is degraded"),
        # Of 2.0.0, damaged, or of nothing that a document is.
        (without("next_due"), india("11:10"), True, "does not say when"),
        (without("health"), india("11:10"), True, "cannot be read"),
        (without("generated_at"), india("11:10"), True, "cannot be read"),
        (DOCUMENT | {"next_due": 7}, india("11:10"), True, "cannot be read"),
        (DOCUMENT | {"next_due": "2026-07-15T11:30:00"}, india("11:10"), True, "cannot be read"),
        (DOCUMENT | {"as_of": "0001-01-01T00:00:00+23:00"}, india("11:10"), True, "cannot be read"),
        (DOCUMENT | {"health": [], "provenance": "x"}, india("11:10"), True, "cannot be read"),
        ([], india("11:10"), True, "cannot be read"),
        (None, india("11:10"), True, "cannot be read"),
        # What cannot be: made tomorrow, speaking from tomorrow, at rest for weeks, or beyond its own validity.
        (DOCUMENT, india("11:01"), True, "is later than now"),
        (DOCUMENT | {"as_of": "2026-07-16T11:00:00+05:30"}, india("11:10"), True, "is later than now"),
        (DOCUMENT | {"next_due": "2026-07-26T11:30:00+05:30"}, india("11:10"), True, "which is implausible"),
        (DOCUMENT | {"next_due": "2026-07-18T11:30:00+05:30"}, india("12:00"), True, "was due to be replaced at"),
    ],
)
def test_a_document_is_due_unless_the_published_one_stands(content: Any, now: datetime, due: bool, why: str) -> None:
    answer = document_work(json.dumps(content).encode(), now)
    assert (answer.due, why in answer.why) == (due, True), answer
    assert "\n" not in answer.why


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b"<html>", json.dumps(DOCUMENT).encode()[:-9]])
def test_what_is_no_document_is_due(content: bytes) -> None:
    assert document_work(content, india("11:10")).due
    assert training_work(content, india("11:10")).due


def test_no_closure_of_the_calendar_is_longer_than_a_document_may_rest() -> None:
    days = NIFTY.calendar.regular(pd.Timestamp("2001-01-01"), pd.Timestamp("2027-12-31"))
    assert pd.Series(days).diff().max() < FURTHEST_DUE


@settings(deadline=None)  # the calendar's table is built on the way
@given(
    minute=st.integers(0, 400 * 24 * 60),
    later=st.integers(0, 5 * 24 * 60),
    official=st.booleans(),
)
def test_it_says_what_the_engine_says_by_its_calendar(minute: int, later: int, official: bool) -> None:
    moment = pd.Timestamp("2025-11-01T00:00+05:30") + pd.Timedelta(minutes=minute)
    hours = NIFTY.calendar.hours(NIFTY.calendar.last_closed(moment))
    as_of = hours.official_close if official else hours.continuous_close
    made = PublishedClose(as_of, official, moment)
    content = DOCUMENT | {
        "generated_at": moment.isoformat(),
        "as_of": as_of.isoformat(),
        "valid_until": valid_until(NIFTY, moment, as_of, official=official).isoformat(),
        "next_due": next_due(NIFTY, made).isoformat(),
    }
    asked = moment + pd.Timedelta(minutes=later)
    answer = document_work(json.dumps(content).encode(), asked.to_pydatetime())
    assert answer.due is document_due(NIFTY, asked, made).due


@pytest.mark.parametrize(
    ("content", "after", "due"),
    [
        (SET, timedelta(0), False),
        (SET, TRAINED_LATELY, False),
        (SET, TRAINED_LATELY + timedelta(minutes=1), True),
        (SET, timedelta(days=-1), False),
        (SET, timedelta(days=-1, minutes=-1), True),
        ({}, timedelta(0), True),
        ({"training": {"trained_at": "2026-07-11"}}, timedelta(0), True),
    ],
)
def test_a_training_is_due_unless_the_published_set_is_of_the_last_days(
    content: Any, after: timedelta, due: bool
) -> None:
    trained = datetime.fromisoformat(SET["training"]["trained_at"])
    assert training_work(json.dumps(content).encode(), trained + after).due is due


Ask = Callable[..., tuple[str, str]]


@pytest.fixture
def published(github: GitHubServer, tmp_path: Path) -> Path:
    """A repository whose branch ``published`` holds a document and a manifest."""
    tree = {"aegismatrix.json": DOCUMENT, "models/manifest.json": SET}
    (tmp_path / "models").mkdir()
    for name, content in tree.items():
        (tmp_path / name).write_text(json.dumps(content))
    for command in ("init -q -b published", "add .", "-c user.name=x -c user.email=x@localhost commit -q -m x"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True, timeout=20)
    github.origin = tmp_path
    return tmp_path


@pytest.fixture
def ask(github: GitHubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*arguments: str, now: datetime, **more: str) -> tuple[str, str]:
        outputs = tmp_path / "outputs"
        outputs.write_text("former=1\n")
        environment: Mapping[str, str] = {
            **github.environment(),
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_OUTPUT": str(outputs),
            **more,
        }
        assert main(arguments, environment, now) == 0
        told = capsys.readouterr()
        assert (told.err, told.out.count("\n")) == ("", 1)
        assert TOKEN not in told.out
        return outputs.read_text().removeprefix("former=1\n"), told.out

    return asked


def test_the_branch_is_asked_with_the_token_of_the_job(ask: Ask, published: Path, github: GitHubServer) -> None:
    told, line = ask(now=india("11:29"))
    assert told == "due=false\n"
    assert line.startswith("due=false: the document as of ")
    # Whether there are further markets, the index says, where there is one.
    names = ("aegismatrix.json", "index.json")
    assert github.calls == [f"GET /repos/owner/aegis/contents/{name}?ref=published" for name in names]
    assert github.tokens == [f"Bearer {TOKEN}"] * 2
    assert ask(now=india("11:31"))[0] == "due=true\n"
    assert ask("--training", now=india("11:31"))[0] == "due=false\n"
    assert ask("--training", now=india("11:31", "2026-07-18"))[0] == "due=true\n"


def test_of_several_markets_any_one_is_work(ask: Ask, published: Path, github: GitHubServer) -> None:
    index = rendered(
        IndexedMarket(market, DOCUMENT["as_of"], "ok", f"{folder}aegismatrix.json")
        for market, folder in (("nifty50", ""), ("alpha", "alpha/"), ("beta", "beta/"))
    )
    files = {"index.json": index}
    files |= {f"{market}/aegismatrix.json": json.dumps(DOCUMENT).encode() for market in ("alpha", "beta")}

    def committed() -> None:
        for name, content in files.items():
            (published / name).parent.mkdir(exist_ok=True)
            (published / name).write_bytes(content)
        for command in ("add .", "-c user.name=x -c user.email=x@localhost commit -q -m x"):
            subprocess.run(["git", *command.split()], cwd=published, check=True, timeout=20)

    committed()
    assert ask(now=india("11:29"))[0] == "due=false\n"
    assert len(github.calls) == 4
    files["beta/aegismatrix.json"] = json.dumps(DOCUMENT | {"next_due": "2026-07-15T11:15:00+05:30"}).encode()
    committed()
    told, line = ask(now=india("11:29"))
    assert told == "due=true\n"
    assert line.startswith("due=true: beta: the document as of ")
    (published / "beta" / "aegismatrix.json").unlink()
    del files["beta/aegismatrix.json"]
    committed()
    assert ask(now=india("11:29"))[0] == "due=true\n", "a document that is named is missing"


def test_an_index_that_is_not_read_is_work(ask: Ask, published: Path, github: GitHubServer) -> None:
    github.faults = ["none", 500]
    assert ask(now=india("11:29"))[0] == "due=true\n"


@pytest.mark.parametrize("fault", ["drop", 500, 429, 404, 403, 302, "nonsense"])
def test_a_branch_that_cannot_be_read_is_work(
    ask: Ask, published: Path, github: GitHubServer, fault: int | str
) -> None:
    github.faults = [fault]
    assert ask(now=india("11:29"))[0] == "due=true\n"
    assert len(github.calls) == 1, "a redirect is not followed with a token"


def test_before_the_first_run_there_is_work(ask: Ask, published: Path) -> None:
    subprocess.run(["git", "branch", "-q", "-m", "other"], cwd=published, check=True, timeout=20)
    assert ask(now=india("11:29")) == (
        "due=true\n",
        "due=true: aegismatrix.json of branch published cannot be read (status 404)\n",
    )


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL"])
def test_outside_of_a_job_there_is_work(ask: Ask, published: Path, name: str) -> None:
    value = "http://127.0.0.1:9" if name == "GITHUB_API_URL" else ""
    assert ask(now=india("11:29"), **{name: value})[0] == "due=true\n"


def test_the_standard_library_is_enough() -> None:
    """Neither site-packages nor the user's environment can be read, and nothing outside of both is imported."""
    code = (
        f"import sys; before = set(sys.modules); sys.path.insert(0, {str(ROOT)!r})\n"
        "import aegismatrix_engine.state.work_due as asked\n"
        "print(sorted(name.partition('.')[0] for name in set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    names = set(json.loads(done.stdout.replace("'", '"')))
    assert names - set(sys.stdlib_module_names) == {"aegismatrix_engine"}


def test_it_runs_as_the_workflow_calls_it(published: Path, github: GitHubServer, tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-m", "aegismatrix_engine.state.work_due"]
    environment = {**github.environment(), "GITHUB_TOKEN": TOKEN, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    # The document is of a fixed day, so whenever this runs it lies in the past or in the future.
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("due=true: ")
    wrong = subprocess.run([*command, "--all"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("usage: ")
