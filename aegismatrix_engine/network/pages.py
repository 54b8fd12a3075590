"""GitHub Pages: whether a repository has it switched on, and the stamp of a page of ours."""

import json
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

from aegismatrix_engine.errors import SourceBusy, SourceUnavailable
from aegismatrix_engine.network.repository import Repository
from aegismatrix_engine.network.retries import repeated
from aegismatrix_engine.network.web import ask


def pages_switched_on(repository: Repository) -> bool:
    """Whether GitHub Pages is switched on for a repository: ``has_pages`` of docs.github.com/rest/repos/repos.

    Raises:
        SourceBusy: the API limits requests or does not answer, at every attempt.
        SourceUnavailable: the API cannot be reached, or answers with something else than a repository.
    """
    answer = repeated(
        lambda: ask(
            f"{repository.api.rstrip('/')}/repos/{quote(repository.name)}",
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {repository.token}",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            redirects=False,
        ),
        SourceBusy,
    )
    if answer.status != 200:
        raise SourceUnavailable(
            f"GitHub answered for {repository.name} with status {answer.status}; check GITHUB_REPOSITORY"
        )
    try:
        found: Any = json.loads(answer.body)
        return bool(found["has_pages"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceUnavailable(f"{repository.api} does not answer as GitHub's API; check GITHUB_API_URL") from error


class _Stamp(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, content = given.get("name"), given.get("content")
        if tag == "meta" and name and content:
            self.found.setdefault(name, content)
        if tag == "body":
            self.found |= {key: value for key, value in given.items() if key.startswith("data-") and value}


def stamp(page: bytes) -> dict[str, str]:
    """Name -> content of the ``meta`` elements of a page, and of the ``data-`` attributes of its body."""
    reader = _Stamp()
    reader.feed(page.decode(errors="replace"))
    return reader.found
