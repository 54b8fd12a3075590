"""One open issue in a repository on GitHub for one kind of trouble: opened once, commented on from then on.

The calls are those of GitHub's REST API, version 2022-11-28: list repository issues, create an issue, create an issue
comment (docs.github.com/rest/issues).
"""

import json
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote

from aegismatrix_engine.errors import OutputUnwritable, SourceBusy, SourceUnavailable
from aegismatrix_engine.retries import Pauses, repeated
from aegismatrix_engine.web import SECONDS, Answer, ask

PAGE: Final = 100
PAGES: Final = 10
LONGEST_BODY: Final = 60_000
"""Characters; GitHub takes 65,536."""

_OK, _CREATED = 200, 201
_REFUSED = (401, 403, 404, 410, 422)


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub: the address of the API, owner/name, and a token that may write issues."""

    api: str
    name: str
    token: str


@dataclass(frozen=True)
class Notice:
    """What became of a notice: the issue it stands in, and whether that is new."""

    number: int
    done: Literal["opened", "updated"]


def notify(
    repository: Repository, title: str, body: str, *, pauses: Pauses | None = None, seconds: float = SECONDS
) -> Notice:
    """Open an issue of that exact title, or comment on the oldest open one that there is; nothing is ever closed.

    A repetition looks for the issue anew, so that one whose creation was answered too late is not opened twice.

    Raises:
        OutputUnwritable: the repository refuses: no such repository, no issues, a token without the permission.
        SourceBusy: the API limits requests or does not answer, at every attempt.
        SourceUnavailable: it cannot be reached, or answers with something else than issues.
    """
    text = body if len(body) <= LONGEST_BODY else body[:LONGEST_BODY] + "\n(cut)"
    api = _Api(repository, seconds)

    def once() -> Notice:
        number = _open_issue(api, title)
        if number is None:
            return Notice(_number(api.post("issues", {"title": title, "body": text})), "opened")
        api.post(f"issues/{number}/comments", {"body": text})
        return Notice(number, "updated")

    return repeated(once, SourceBusy, pauses)


@dataclass(frozen=True)
class _Api:
    repository: Repository
    seconds: float

    def get(self, path: str) -> Any:
        return self._asked(path, None, _OK)

    def post(self, path: str, content: dict[str, str]) -> Any:
        return self._asked(path, json.dumps(content).encode(), _CREATED)

    def _asked(self, path: str, body: bytes | None, wanted: int) -> Any:
        answer = ask(
            f"{self.repository.api.rstrip('/')}/repos/{quote(self.repository.name)}/{path}",
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


def _open_issue(api: _Api, title: str) -> int | None:
    """The oldest open issue of that title; pull requests, which GitHub lists as issues, are none."""
    for page in range(1, PAGES + 1):
        found = api.get(f"issues?state=open&sort=created&direction=asc&per_page={PAGE}&page={page}")
        if not isinstance(found, list):
            raise api._nonsense()
        for issue in found:
            if isinstance(issue, dict) and issue.get("title") == title and "pull_request" not in issue:
                return _number(issue)
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
