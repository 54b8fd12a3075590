"""``aegis notify``: one open issue for one kind of trouble, whatever GitHub does meanwhile."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from github_server import REPOSITORY, TOKEN, GitHubServer, Issue

from aegismatrix_engine.cli import main
from aegismatrix_engine.errors import ConfigurationError, OutputUnwritable, SourceBusy, SourceUnavailable
from aegismatrix_engine.network.github_issues import LONGEST_BODY, Issues, Notice, Repository
from aegismatrix_engine.network.retries import Pauses

QUICK = Pauses(attempts=3, first=0.01, longest=0.02)
TITLE = "The published models were not healthy"
MONDAY = pd.Timestamp("2026-12-28T16:00+05:30")
DAY = pd.Timedelta(days=1)


@pytest.fixture
def repository(github: GitHubServer, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("no_proxy", "*")
    return Repository(github.address, REPOSITORY, TOKEN)


def told(
    repository: Repository,
    title: str = TITLE,
    body: str = "what happened",
    now: pd.Timestamp = MONDAY,
    state: str | None = None,
) -> Notice:
    return Issues(repository, QUICK, 2).notify(title, body, now, state=state)


def read(text: str) -> str:
    """What GitHub shows of a text: a comment of HTML is not shown."""
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).strip()


def test_the_first_notice_opens_an_issue_and_another_one_a_day_later_is_a_comment(
    repository: Repository, github: GitHubServer
) -> None:
    assert told(repository, body="one") == Notice(1, "opened")
    assert told(repository, body="two") == Notice(1, "updated")
    assert told(repository, body="three", now=MONDAY + DAY) == Notice(1, "updated")
    (issue,) = github.issues
    assert (issue.title, read(issue.body), [read(text) for text in issue.comments]) == (TITLE, "one", ["two", "three"])
    assert set(github.tokens) == {f"Bearer {TOKEN}"}


def test_a_notice_that_says_the_same_is_no_comment_however_often_and_late(
    repository: Repository, github: GitHubServer
) -> None:
    for run in range(24):
        told(repository, body=f"bad\n\nThe run: https://github.com/a/b/actions/runs/{run}", now=MONDAY + run * DAY / 8)
    assert [len(issue.comments) for issue in github.issues] == [0]


def test_what_grows_from_day_to_day_is_no_change_of_the_state_that_was_given(
    repository: Repository, github: GitHubServer
) -> None:
    for day in range(3):
        told(repository, body=f"ends in {5 - day} sessions", now=MONDAY + day * DAY, state="calendar")
    assert github.issues[0].comments == []
    assert told(repository, now=MONDAY + 3 * DAY, state="calendar and trap") == Notice(1, "updated")


def test_a_state_that_goes_to_and_fro_is_commented_on_once_a_day(repository: Repository, github: GitHubServer) -> None:
    done = [
        told(repository, body=body, now=MONDAY + hours * DAY / 24).done
        for hours, body in enumerate(["a", "b", "a", "b", "c"] * 8)
    ]
    # Midnight of UTC comes after 14 hours, and after 38.
    assert [hours for hours, one in enumerate(done) if one == "updated"] == [1, 14, 38]


def test_a_change_that_was_kept_back_is_told_the_next_day(repository: Repository, github: GitHubServer) -> None:
    for body in ("a", "b", "c"):
        told(repository, body=body)
    assert [read(text) for text in github.issues[0].comments] == ["b"]
    assert told(repository, body="c", now=MONDAY + DAY) == Notice(1, "updated")
    assert told(repository, body="c", now=MONDAY + 2 * DAY) == Notice(1, "unchanged")


def test_an_issue_and_comments_of_others_say_nothing_of_the_state(repository: Repository, github: GitHubServer) -> None:
    github.issues = [Issue(TITLE, "opened by hand")]
    assert told(repository) == Notice(1, "updated")
    github.issues[0].comments += [f"what somebody thinks of it, {n}" for n in range(230)]
    github.calls.clear()
    assert told(repository, now=MONDAY + DAY) == Notice(1, "unchanged")
    pages = [re.findall(r"[?&]page=(\d+)", call)[0] for call in github.calls if "/comments" in call]
    assert pages == ["3", "2", "1"], "the newest first, and no further than the newest notice"


def test_a_notice_that_changes_nothing_takes_two_requests(repository: Repository, github: GitHubServer) -> None:
    told(repository, body="a")
    told(repository, body="b")
    github.calls.clear()
    told(repository, body="b", now=MONDAY + DAY)
    assert [call.split()[0] for call in github.calls] == ["GET", "GET"]


def test_a_comment_whose_answer_was_lost_is_not_made_twice(repository: Repository, github: GitHubServer) -> None:
    told(repository, body="a")
    github.faults = ["none", "lost"]
    assert told(repository, body="b").number == 1
    assert len(github.issues[0].comments) == 1


def test_only_an_open_issue_of_exactly_that_title_is_commented_on(repository: Repository, github: GitHubServer) -> None:
    github.issues = [
        Issue(TITLE, "", state="closed"),
        Issue(f"{TITLE} again", ""),
        Issue(TITLE.lower(), ""),
        Issue(TITLE, "", pull=True),
    ]
    assert told(repository) == Notice(5, "opened")
    assert all(issue.comments == [] for issue in github.issues)


def test_of_two_open_issues_the_oldest_is_commented_on(repository: Repository, github: GitHubServer) -> None:
    github.issues = [Issue("x", ""), Issue(TITLE, ""), Issue(TITLE, "")]
    assert told(repository) == Notice(2, "updated")


def test_an_issue_on_a_later_page_is_found(repository: Repository, github: GitHubServer) -> None:
    github.issues = [Issue(f"other {number}", "") for number in range(230)] + [Issue(TITLE, "")]
    assert told(repository) == Notice(231, "updated")


@pytest.mark.parametrize("fault", ["drop", 500, 502, 429, "limited"])
@pytest.mark.parametrize("at", [0, 1], ids=["while looking", "while opening"])
def test_what_passes_is_tried_again(repository: Repository, github: GitHubServer, fault: int | str, at: int) -> None:
    github.faults = ["none"] * at + [fault]
    assert told(repository) == Notice(1, "opened")
    assert len(github.issues) == 1


def test_an_issue_whose_answer_was_lost_is_not_opened_twice(repository: Repository, github: GitHubServer) -> None:
    github.faults = ["none", "lost"]
    assert told(repository).number == 1
    assert len(github.issues) == 1


@pytest.mark.parametrize("fault", ["drop", 503, "limited"])
def test_what_does_not_pass_ends(repository: Repository, github: GitHubServer, fault: int | str) -> None:
    github.faults = [fault] * 50
    with pytest.raises(SourceBusy, match="try again in some minutes"):
        told(repository)
    assert len(github.calls) == QUICK.attempts


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_told_in_githubs_words_and_not_tried_again(
    repository: Repository, github: GitHubServer, status: int
) -> None:
    github.faults = [status]
    with pytest.raises(OutputUnwritable, match=rf"status {status}, Resource not accessible.*issues: write"):
        told(repository)
    assert len(github.calls) == 1


@pytest.mark.parametrize("status", [301, 302, 307])
def test_the_token_is_not_carried_to_where_a_redirect_leads(
    repository: Repository, github: GitHubServer, status: int
) -> None:
    github.faults = [status]
    with pytest.raises(SourceUnavailable, match=f"status {status}"):
        told(repository)
    assert all("elsewhere" not in call for call in github.calls)


def test_something_that_is_not_githubs_api_is_told(repository: Repository, github: GitHubServer) -> None:
    github.faults = ["nonsense"]
    with pytest.raises(SourceUnavailable, match="GITHUB_API_URL"):
        told(repository)


def test_a_host_that_is_not_there_is_told(repository: Repository) -> None:
    with pytest.raises(SourceUnavailable, match="cannot be reached"):
        told(Repository("http://127.0.0.1:9", REPOSITORY, TOKEN))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org", "example.org", "http://", "http://[x"])
def test_an_address_that_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="expected http:// or https://"):
        told(Repository(address, REPOSITORY, TOKEN))


def test_a_body_longer_than_github_takes_is_cut(repository: Repository, github: GitHubServer) -> None:
    told(repository, body="x" * 100_000)
    assert len(github.issues[0].body) < LONGEST_BODY + 100
    assert read(github.issues[0].body).endswith("(cut)")
    assert told(repository, body="x" * 100_000) == Notice(1, "unchanged")


def closed(repository: Repository, body: str = "all is well") -> Notice | None:
    return Issues(repository, QUICK, 2).close(TITLE, body)


def test_an_issue_is_closed_with_the_reason_as_its_last_comment(repository: Repository, github: GitHubServer) -> None:
    told(repository, body="bad")
    assert closed(repository) == Notice(1, "closed")
    assert (github.issues[0].state, github.issues[0].comments) == ("closed", ["all is well"])
    assert told(repository, body="bad again") == Notice(2, "opened"), "the next trouble is a new issue"


def test_where_none_is_open_one_request_tells_it(repository: Repository, github: GitHubServer) -> None:
    github.issues = [Issue(TITLE, "", state="closed"), Issue("another", "")]
    assert closed(repository) is None
    assert [call.split()[0] for call in github.calls] == ["GET"]
    assert [issue.comments for issue in github.issues] == [[], []]


@pytest.mark.parametrize("at", [1, 2], ids=["while closing", "while commenting"])
def test_a_closing_whose_answer_was_lost_makes_no_second_comment(
    repository: Repository, github: GitHubServer, at: int
) -> None:
    told(repository, body="bad")
    github.faults = ["none"] * at + ["lost"]
    closed(repository)
    assert github.issues[0].state == "closed"
    assert len(github.issues[0].comments) <= 1


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_repository_that_refuses_to_close_is_told(repository: Repository, github: GitHubServer, status: int) -> None:
    github.faults = [status]
    with pytest.raises(OutputUnwritable, match=f"status {status}"):
        closed(repository)


Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    github: GitHubServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Call:
    for name, value in {**github.environment(), "GITHUB_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "body.md").write_text("| a | table |\n\nनमस्ते\n", encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["notify", *arguments])
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out, err

    return run


def test_the_command_says_which_issue_it_was(call: Call, github: GitHubServer) -> None:
    asked = ("--title", " The weekly\n training ", "--body-file", "body.md")
    assert call(*asked) == (0, f"opened issue 1 of {REPOSITORY}: The weekly training\n", "")
    assert call(*asked) == (0, f"unchanged issue 1 of {REPOSITORY}: The weekly training\n", "")
    assert read(github.issues[0].body) == "| a | table |\n\nनमस्ते"
    assert call(*asked, "--quiet") == (0, "", "")


def test_the_command_closes_what_it_opened(call: Call, github: GitHubServer) -> None:
    asked = ("--title", TITLE, "--body-file", "body.md")
    assert call(*asked, "--close") == (0, f"no open issue of {REPOSITORY}: {TITLE}\n", "")
    call(*asked)
    assert call(*asked, "--close") == (0, f"closed issue 1 of {REPOSITORY}: {TITLE}\n", "")
    assert github.issues[0].state == "closed"


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
@pytest.mark.parametrize("value", [None, ""])
def test_outside_of_a_job_it_says_what_is_missing(
    call: Call, github: GitHubServer, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    monkeypatch.delenv(name)
    if value is not None:
        monkeypatch.setenv(name, value)
    code, out, err = call("--title", TITLE, "--body-file", "body.md")
    assert (code, out) == (2, "")
    assert err.startswith(f"aegis: error: {name} is not set")
    assert err.count("\n") == 1
    assert github.calls == []


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [(None, 65, "is not there"), (b"", 65, "is empty"), (b"\xff\xfe", 65, "not text in UTF-8")],
)
def test_a_body_that_is_none_is_refused(
    call: Call, tmp_path: Path, content: bytes | None, code: int, words: str
) -> None:
    if content is not None:
        (tmp_path / "other.md").write_bytes(content)
    ended = call("--title", TITLE, "--body-file", "other.md")
    assert ended[0] == code
    assert words in ended[2]
    assert ended[2].count("\n") == 1


def test_a_title_of_nothing_is_refused(call: Call) -> None:
    assert call("--title", "  ", "--body-file", "body.md")[0] == 2


def test_the_token_is_told_to_nobody(call: Call, github: GitHubServer) -> None:
    github.faults = [403]
    _, out, err = call("--title", TITLE, "--body-file", "body.md", "--verbose")
    assert TOKEN not in out + err
