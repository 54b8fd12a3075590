"""One open issue in a repository on GitHub for one kind of trouble: opened once, commented on when something changes,
closed when it is over.

What is posted ends with a marker that readers do not see: the day, and a digest of the state that it speaks of. The
newest marker of an issue says what its readers know already, so a run needs no memory of its own.

The calls are those of GitHub's REST API, version 2022-11-28: list repository issues, create and update an issue, list
and create issue comments (docs.github.com/rest/issues).
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote

import pandas as pd

from aegismatrix_engine.errors import ConfigurationError, OutputUnwritable, SourceBusy, SourceUnavailable
from aegismatrix_engine.network.repository import Repository
from aegismatrix_engine.network.retries import Pauses, repeated
from aegismatrix_engine.network.web import ANSWER_SECONDS, Answer, ask

PAGE: Final = 100
PAGES: Final = 10
LONGEST_BODY: Final = 60_000
"""Characters; GitHub takes 65,536."""

_MARKER = re.compile(r"<!-- aegis notice (\d{4}-\d{2}-\d{2}) ([0-9a-f]{16}) -->")
_ADDRESS_OF_A_RUN = re.compile(r"/actions/runs/\d+(/\S*)?")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")

_OK, _CREATED = 200, 201
_REFUSED = (401, 403, 404, 410, 422)


@dataclass(frozen=True)
class Notice:
    """What became of a notice: the issue it stands in, and whether that was opened, commented on, closed, or left."""

    number: int
    done: Literal["opened", "updated", "unchanged", "closed"]


def notify(
    repository: Repository,
    title: str,
    body: str,
    now: pd.Timestamp,
    *,
    state: str | None = None,
    pauses: Pauses | None = None,
    seconds: float = ANSWER_SECONDS,
) -> Notice:
    """Open an issue of that exact title, or comment on the oldest open one that there is.

    A comment is made where the state differs from that of the newest notice in the issue, once a day (of UTC) at most.

    Args:
        repository: where the issue stands.
        title: of the issue.
        body: what to say, in Markdown; cut where it is longer than GitHub takes.
        now: the moment, with a zone.
        state: what must differ for another comment; by default the body without addresses of runs and moments.
        pauses: between repetitions.
        seconds: how long an answer may take.

    Raises:
        ConfigurationError: the repository's name is none.
        OutputUnwritable: the repository refuses: no such repository, no issues, a token without the permission.
        SourceBusy: the API limits requests or does not answer, at every attempt.
        SourceUnavailable: it cannot be reached, or answers with something else than issues.
    """
    text, day, digest = _marked(body, state, now)
    api = _Api(repository, seconds)

    def once() -> Notice:
        # Looked for anew each time, so that an issue whose creation was answered too late is not opened twice.
        issue = _open_issue(api, title)
        number = _number(issue or api.post("issues", {"title": title, "body": text}))
        if issue is None or _already_said(api, issue, day, digest):
            return Notice(number, "opened" if issue is None else "unchanged")
        api.post(f"issues/{number}/comments", {"body": text})
        return Notice(number, "updated")

    return repeated(once, SourceBusy, pauses)


def close(
    repository: Repository, title: str, body: str, *, pauses: Pauses | None = None, seconds: float = ANSWER_SECONDS
) -> Notice | None:
    """Close the oldest open issue of that exact title and say why in a comment; one request where there is none.

    The issue is closed first, so that a repetition after an answer that was lost makes no second comment.

    Args:
        repository: where the issue stands.
        title: of the issue.
        body: why it is closed, in Markdown.
        pauses: between repetitions.
        seconds: how long an answer may take.

    Returns:
        Which issue was closed; None where none was open.

    Raises:
        ConfigurationError: the repository's name is none.
        OutputUnwritable: the repository refuses: no such repository, no issues, a token without the permission.
        SourceBusy: the API limits requests or does not answer, at every attempt.
        SourceUnavailable: it cannot be reached, or answers with something else than issues.
    """
    api = _Api(repository, seconds)

    def once() -> Notice | None:
        issue = _open_issue(api, title)
        if issue is None:
            return None
        number = _number(issue)
        api.patch(f"issues/{number}", {"state": "closed", "state_reason": "completed"})
        api.post(f"issues/{number}/comments", {"body": body[:LONGEST_BODY]})
        return Notice(number, "closed")

    return repeated(once, SourceBusy, pauses)


@dataclass(frozen=True)
class _Api:
    repository: Repository
    seconds: float

    def __post_init__(self) -> None:
        name = self.repository.name
        if name.count("/") != 1 or not all(name.split("/")):
            raise ConfigurationError(f"GITHUB_REPOSITORY {name[:60]!r} is no owner/name; set it so")

    def get(self, path: str) -> Any:
        return self._asked("GET", path, None, _OK)

    def post(self, path: str, content: dict[str, str]) -> Any:
        return self._asked("POST", path, json.dumps(content).encode(), _CREATED)

    def patch(self, path: str, content: dict[str, str]) -> Any:
        return self._asked("PATCH", path, json.dumps(content).encode(), _OK)

    def _asked(self, method: str, path: str, body: bytes | None, wanted: int) -> Any:
        answer = ask(
            f"{self.repository.api.rstrip('/')}/repos/{quote(self.repository.name)}/{path}",
            method=method,
            body=body,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.repository.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            redirects=False,
            seconds=self.seconds,
        )
        if answer.status != wanted:
            raise self._refused(answer)
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise self._nonsense() from error

    def _refused(self, answer: Answer) -> OutputUnwritable | SourceUnavailable:
        name = self.repository.name
        # docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
        if "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0":
            return SourceBusy(f"GitHub limits the requests on {name}; try again in some minutes")
        if answer.status in _REFUSED:
            return OutputUnwritable(
                f"{name} refuses the issue (status {answer.status}, {_told(answer.body)}); "
                "switch issues on, and give the token the permission issues: write"
            )
        return SourceUnavailable(f"GitHub answered for {name} with status {answer.status}; check GITHUB_REPOSITORY")

    def _nonsense(self) -> SourceUnavailable:
        return SourceUnavailable(f"{self.repository.api} does not answer as GitHub's API; check GITHUB_API_URL")


def _marked(body: str, state: str | None, now: pd.Timestamp) -> tuple[str, str, str]:
    """A text as it is posted, with the day and the digest in its marker."""
    day, digest = f"{now.tz_convert('UTC'):%Y-%m-%d}", _digest(_without_moments(body) if state is None else state)
    text = body if len(body) <= LONGEST_BODY else body[:LONGEST_BODY] + "\n(cut)"
    return f"{text.rstrip()}\n\n<!-- aegis notice {day} {digest} -->\n", day, digest


def _without_moments(body: str) -> str:
    return _MOMENT.sub("", _ADDRESS_OF_A_RUN.sub("", body))


def _digest(state: str) -> str:
    return hashlib.sha256(" ".join(state.split()).encode()).hexdigest()[:16]


def _marker(posted: Any) -> tuple[str, str] | None:
    """Day and digest of an issue's or a comment's text; None where it has none."""
    body = posted.get("body") if isinstance(posted, dict) else None
    found = _MARKER.findall(body) if isinstance(body, str) else []
    return found[-1] if found else None


def _newest_marker(api: _Api, issue: dict[str, Any]) -> tuple[str, str] | None:
    """That of the newest comment that has one. GitHub lists the oldest first, so the last page is read first."""
    count = issue.get("comments")
    last = -(-count // PAGE) if isinstance(count, int) else 1
    for page in range(last, max(last - PAGES, 0), -1):
        found = api.get(f"issues/{_number(issue)}/comments?per_page={PAGE}&page={page}")
        if not isinstance(found, list):
            raise api._nonsense()
        for comment in reversed(found):
            marker = _marker(comment)
            if marker is not None:
                return marker
    return None


def _already_said(api: _Api, issue: dict[str, Any], day: str, digest: str) -> bool:
    """Whether the newest notice in an issue says the same, or a comment of the day says anything."""
    comment = _newest_marker(api, issue)
    known = comment or _marker(issue)
    return (known is not None and known[1] == digest) or (comment is not None and comment[0] == day)


def _open_issue(api: _Api, title: str) -> dict[str, Any] | None:
    """The oldest open issue of that title; pull requests, which GitHub lists as issues, are none."""
    for page in range(1, PAGES + 1):
        found = api.get(f"issues?state=open&sort=created&direction=asc&per_page={PAGE}&page={page}")
        if not isinstance(found, list):
            raise api._nonsense()
        for issue in found:
            if isinstance(issue, dict) and issue.get("title") == title and "pull_request" not in issue:
                return issue
        if len(found) < PAGE:
            break
    return None


def _number(issue: Any) -> int:
    if isinstance(issue, dict) and isinstance(issue.get("number"), int):
        return int(issue["number"])
    raise SourceUnavailable("GitHub answered with an issue that has no number; check GITHUB_API_URL")


def _told(body: bytes) -> str:
    """GitHub's own words."""
    try:
        message = json.loads(body)["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "no reason given"
    return " ".join(str(message).split())[:160]
