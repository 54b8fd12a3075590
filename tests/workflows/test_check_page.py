"""``aegis check-published --page``: whether the page shows the published document, outside of a job too."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from github_server import GitHubServer
from machine_clock import machine_clock
from repositories import document

from aegismatrix_engine.cli import main
from aegismatrix_engine.jobs.check_page import PAGE_BEHIND_AFTER, PAGES_CACHE, PAGES_DEPLOYMENT

MADE = pd.Timestamp(json.loads(document(0))["generated_at"])
FORMER = Path(__file__).resolve().parents[1] / "fixtures" / "published-1.0.0" / "aegismatrix.json"
Call = Callable[..., tuple[int, str, str]]


def page(made: pd.Timestamp, old_from: pd.Timestamp | None = None) -> bytes:
    more = "" if old_from is None else f' data-old-from="{old_from.isoformat()}"'
    return f'<!doctype html><META content="{made.isoformat()}" name="generated-at"><body{more}><p>'.encode()


@pytest.fixture
def call(
    github: GitHubServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Call:
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "doc.json").write_bytes(document(0))

    def run(*arguments: str, after: timedelta = timedelta(0)) -> tuple[int, str, str]:
        address = ("--page-url", f"{github.address}/page/")
        with machine_clock(MADE + after), pytest.raises(SystemExit) as ended:
            main(["check-published", "--file", "doc.json", "--page", *(arguments or address)])
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out, err

    return run


def test_the_time_a_page_may_be_behind_is_what_github_may_take() -> None:
    assert 2 * PAGES_DEPLOYMENT + PAGES_CACHE == PAGE_BEHIND_AFTER == timedelta(minutes=30)


@pytest.mark.parametrize("ahead", ["0min", "30min"])
def test_a_page_of_the_document_or_a_later_one_is_up_to_date(call: Call, github: GitHubServer, ahead: str) -> None:
    github.files["/page/"] = page(MADE + pd.Timedelta(ahead))
    code, out, err = call(after=timedelta(hours=2))
    assert (code, err) == (0, "")
    assert out.splitlines()[1].startswith("the page is up to date: it shows the document made at ")


@pytest.mark.parametrize(("after", "code", "words"), [("30min", 0, "being deployed: "), ("31min", 11, "too old: ")])
def test_an_older_page_may_be_behind_for_half_an_hour(
    call: Call, github: GitHubServer, after: str, code: int, words: str
) -> None:
    github.files["/page/"] = page(MADE - pd.Timedelta("30min"))
    ended, out, err = call(after=pd.Timedelta(after).to_pytimedelta())
    assert (ended, err) == (code, "")
    assert f"the page is {words}it shows the document made at {(MADE - pd.Timedelta('30min')).isoformat()}" in out


@pytest.mark.parametrize(("beyond", "code"), [("0s", 0), ("1s", 11)])
def test_in_session_when_every_document_is_young_a_page_that_is_out_of_date_itself_is_a_fault(
    call: Call, github: GitHubServer, beyond: str, code: int
) -> None:
    github.files["/page/"] = page(MADE - pd.Timedelta("4h"), MADE - pd.Timedelta(beyond))
    assert call()[0] == code


@pytest.mark.parametrize("content", [b"<p>Welcome</p>", b'<meta name="generated-at" content="soon">', b"\xff\0", b""])
def test_something_else_in_its_place_is_no_fault_and_is_said(call: Call, github: GitHubServer, content: bytes) -> None:
    github.files["/page/"] = content
    code, out, _ = call()
    assert code == 0
    assert "the page is not ours: its address shows something else" in out


def test_outside_of_a_job_a_page_that_is_not_there_cannot_be_judged(call: Call, github: GitHubServer) -> None:
    code, out, err = call()
    assert code == 69
    assert out.startswith("in time: ")
    assert "there is no page at its address (status 404)" in err
    assert not [one for one in github.calls if "/repos/" in one]


def test_outside_of_a_job_it_needs_an_address(call: Call) -> None:
    code, _, err = call("--quiet")
    assert code == 2
    assert "name it with --page-url" in err


@pytest.mark.parametrize("fault", ["drop", 500])
def test_a_server_that_fails_once_is_asked_again(call: Call, github: GitHubServer, fault: int | str) -> None:
    github.files["/page/"] = page(MADE)
    github.faults = [fault]
    assert call()[0] == 0


def test_a_document_of_another_version_is_compared_with_no_page(
    call: Call, github: GitHubServer, tmp_path: Path
) -> None:
    (tmp_path / "doc.json").write_bytes(FORMER.read_bytes())
    until = pd.Timestamp(json.loads(FORMER.read_bytes())["valid_until"])
    code, out, _ = call(after=(until - MADE).to_pytimedelta())
    assert code == 0
    assert "the page was not compared" in out
    assert not [one for one in github.calls if "/page/" in one]
