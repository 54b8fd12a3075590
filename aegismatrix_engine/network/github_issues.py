"""One open issue in a repository on GitHub for one kind of trouble: opened once, commented on when something changes,
closed when it is over.

A posted text ends with a marker that readers do not see: the day, and a digest of the state it describes. The newest
marker of an issue shows what its readers know already, so a run needs no memory of its own.

The calls are those of GitHub's REST API, version 2022-11-28: list repository issues, create and update an issue, list
and create issue comments (docs.github.com/rest/issues).
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import quote

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
    """The issue of a notice, and whether it was opened, commented on, closed, or left unchanged."""

    number: int
    done: Literal["opened", "updated", "unchanged", "closed"]


@dataclass(frozen=True)
class Issues:
    """The issues of a repository.

    Attributes:
        repository: on GitHub.
        pauses: between the repetitions of a call; None for the usual ones.
        seconds: limit for one answer.

    Raises:
        ConfigurationError: the repository's name is not owner/name.
        OutputUnwritable: from any call: no such repository, no issues, or a token without the permission.
        SourceBusy: from any call: the API limits requests or does not answer, at every attempt.
        SourceUnavailable: from any call: the API cannot be reached, or answers with something else than issues.
    """

    repository: Repository
    pauses: Pauses | None = None
    seconds: float = ANSWER_SECONDS

    def __post_init__(self) -> None:
        """Check the repository's name."""
        name = self.repository.name
        if name.count("/") != 1 or not all(name.split("/")):
            raise ConfigurationError(f"invalid GITHUB_REPOSITORY {name[:60]!r}: expected owner/name")

    def notify(self, title: str, body: str, now: datetime, *, state: str | None = None) -> Notice:
        """Open an issue of that exact title, or comment on the oldest open one that there is.

        A comment is made where the state differs from that of the newest notice in the issue, once a day (of UTC) at
        most.

        Args:
            title: of the issue.
            body: in Markdown; cut where it is longer than GitHub takes.
            now: with a zone.
            state: what must differ for another comment; by default the body without addresses of runs and moments.
        """
        text, day, digest = _marked(body, state, now)

        def once() -> Notice:
            # Looked for anew each time, so that an issue whose creation was answered too late is not opened twice.
            issue = self._open_issues([title]).get(title)
            number = _number(issue or self._asked("POST", "issues", {"title": title, "body": text}))
            if issue is None or self._known(issue, day, digest):
                return Notice(number, "opened" if issue is None else "unchanged")
            self._asked("POST", f"issues/{number}/comments", {"body": text})
            return Notice(number, "updated")

        return repeated(once, SourceBusy, self.pauses)

    def close(self, title: str, body: str) -> Notice | None:
        """Close the oldest open issue of that exact title, with ``body`` as a comment; None where none is open."""
        return self.close_all({title: body}).get(title)

    def close_all(self, comments: Mapping[str, str]) -> dict[str, Notice]:
        """Close the oldest open issue of each title, looked for together.

        An issue is closed before it gets its comment, so that a repetition after an answer that was lost makes no
        second one.

        Args:
            comments: title -> the comment that closes its issue.

        Returns:
            Title -> the issue, for those that were open.
        """
        closed: dict[str, Notice] = {}

        def once() -> dict[str, Notice]:
            for title, issue in self._open_issues(comments).items():
                number = _number(issue)
                self._asked("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})
                closed[title] = Notice(number, "closed")
                self._asked("POST", f"issues/{number}/comments", {"body": comments[title][:LONGEST_BODY]})
            return closed

        return repeated(once, SourceBusy, self.pauses)

    def _open_issues(self, titles: Collection[str]) -> dict[str, dict[str, Any]]:
        """The oldest open issue of each title; pull requests, which GitHub lists as issues, do not count."""
        open_issues: dict[str, dict[str, Any]] = {}
        for page in range(1, PAGES + 1):
            found = self._listed(f"issues?state=open&sort=created&direction=asc&per_page={PAGE}&page={page}")
            for issue in found:
                if isinstance(issue, dict) and issue.get("title") in titles and "pull_request" not in issue:
                    open_issues.setdefault(issue["title"], issue)
            if len(found) < PAGE or len(open_issues) == len(titles):
                break
        return open_issues

    def _known(self, issue: dict[str, Any], day: str, digest: str) -> bool:
        """Whether the newest notice in an issue has the same state, or a comment was made that day."""
        comment = self._newest_marker(issue)
        known = comment or _marker(issue)
        return (known is not None and known[1] == digest) or (comment is not None and comment[0] == day)

    def _newest_marker(self, issue: dict[str, Any]) -> tuple[str, str] | None:
        """That of the newest comment with one. GitHub lists the oldest first, so the last page is read first."""
        count = issue.get("comments")
        last = -(-count // PAGE) if isinstance(count, int) else 1
        for page in range(last, max(last - PAGES, 0), -1):
            comments = self._listed(f"issues/{_number(issue)}/comments?per_page={PAGE}&page={page}")
            marker = next(filter(None, map(_marker, reversed(comments))), None)
            if marker is not None:
                return marker
        return None

    def _listed(self, path: str) -> list[Any]:
        found = self._asked("GET", path, None)
        if not isinstance(found, list):
            raise self._not_the_api()
        return found

    def _asked(self, method: str, path: str, content: dict[str, str] | None) -> Any:
        answer = ask(
            f"{self.repository.api.rstrip('/')}/repos/{quote(self.repository.name)}/{path}",
            method=method,
            body=None if content is None else json.dumps(content).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.repository.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            redirects=False,
            seconds=self.seconds,
        )
        if answer.status != (_CREATED if method == "POST" else _OK):
            raise self._refused(answer)
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise self._not_the_api() from error

    def _refused(self, answer: Answer) -> OutputUnwritable | SourceUnavailable:
        name = self.repository.name
        # docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
        if "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0":
            return SourceBusy(f"GitHub limits the rate of requests for {name}; try again in some minutes")
        if answer.status in _REFUSED:
            return OutputUnwritable(
                f"{name} refuses the issue (status {answer.status}, {_reason(answer.body)}); "
                "switch issues on, and give the token the permission issues: write"
            )
        return SourceUnavailable(f"GitHub answered for {name} with status {answer.status}; check GITHUB_REPOSITORY")

    def _not_the_api(self) -> SourceUnavailable:
        return SourceUnavailable(f"{self.repository.api} does not answer as GitHub's API; check GITHUB_API_URL")


def _marked(body: str, state: str | None, now: datetime) -> tuple[str, str, str]:
    """A text as it is posted, with the day and the digest in its marker."""
    described = _MOMENT.sub("", _ADDRESS_OF_A_RUN.sub("", body)) if state is None else state
    digest = hashlib.sha256(" ".join(described.split()).encode()).hexdigest()[:16]
    day = f"{now.astimezone(UTC):%Y-%m-%d}"
    text = body if len(body) <= LONGEST_BODY else body[:LONGEST_BODY] + "\n(cut)"
    return f"{text.rstrip()}\n\n<!-- aegis notice {day} {digest} -->\n", day, digest


def _marker(posted: Any) -> tuple[str, str] | None:
    """Day and digest of an issue's or a comment's text; None where it has none."""
    body = posted.get("body") if isinstance(posted, dict) else None
    found = _MARKER.findall(body) if isinstance(body, str) else []
    return found[-1] if found else None


def _number(issue: Any) -> int:
    if isinstance(issue, dict) and isinstance(issue.get("number"), int):
        return int(issue["number"])
    raise SourceUnavailable("GitHub answered with an issue that has no number; check GITHUB_API_URL")


def _reason(body: bytes) -> str:
    """The reason that GitHub gives."""
    try:
        message = json.loads(body)["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "no reason given"
    return " ".join(str(message).split())[:160]
