"""What readers get, judged from outside, and the issues about it: one of the document, one of its page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pandas as pd

from aegismatrix_engine.errors import AegisError, ConfigurationError, SourceBusy
from aegismatrix_engine.jobs.check_page import PAGE_BEHIND_TITLE, check_page
from aegismatrix_engine.jobs.check_published import check_published
from aegismatrix_engine.network.github_issues import Issues
from aegismatrix_engine.network.github_issues import Notice as Kept
from aegismatrix_engine.network.repository import Repository, pages_address
from aegismatrix_engine.state.lateness import OUT_OF_DATE_TITLE


@dataclass(frozen=True)
class Finding:
    """The state of one thing that is watched.

    Attributes:
        title: of the issue about it.
        line: its state in one line.
        body: of the issue.
        state: what must differ for another comment; empty where all is well.
        error: why it could not be judged; None where it was.
    """

    title: str
    line: str
    body: str
    state: str
    error: AegisError | None = None


@dataclass(frozen=True)
class Watched:
    """What is watched: a document by its address or file, and its page by its address, None for none."""

    document: str | Path
    page: str | None
    max_age: timedelta
    calendar: Path | None
    markets_dir: Path | None = None


def page_address(given: str | None, repository: Repository | None) -> str:
    """The address of a page: the one that is given, else that of GitHub Pages.

    Raises:
        ConfigurationError: none is given, and there is no repository.
    """
    if given is not None:
        return given
    if repository is None:
        raise ConfigurationError("--page needs an address outside of a job; name it with --page-url")
    return pages_address(repository.name)


def watch(what: Watched, now: pd.Timestamp, repository: Repository | None) -> Iterator[Finding]:
    """Judge the published document, then its page; without a document there is nothing to compare the page with."""
    try:
        verdict = check_published(what.document, what.max_age, now, what.calendar, what.markets_dir)
    except AegisError as error:
        yield _unread("document", OUT_OF_DATE_TITLE, error)
        return
    yield Finding(OUT_OF_DATE_TITLE, verdict.line, f"The published document is {verdict.line}.", verdict.state)
    if what.page is None:
        return
    if verdict.generated_at is None:
        yield Finding(PAGE_BEHIND_TITLE, "the page was not compared with a document of another version", "", "")
        return
    try:
        page = check_page(what.page, verdict.generated_at, now, repository)
    except AegisError as error:
        yield _unread("page", PAGE_BEHIND_TITLE, error)
        return
    yield Finding(PAGE_BEHIND_TITLE, f"the page is {page.line}", f"The page is {page.line}.", page.state)


def keep_issue(finding: Finding, now: pd.Timestamp, repository: Repository, run: str) -> Kept | None:
    """Open or update the issue about a finding, or close it where all is well.

    What may pass by itself changes nothing. ``run`` is the address of the job's page, empty outside of one.
    """
    if isinstance(finding.error, SourceBusy):
        return None
    issues = Issues(repository)
    if not finding.state:
        return issues.close(finding.title, f"{finding.body}\n")
    text = f"{finding.body}\n" + (f"\nThe run: {run}\n" if run else "") + "\ndocs/operations.md explains what to do.\n"
    return issues.notify(finding.title, text, now, state=finding.state)


def _unread(what: str, title: str, error: AegisError) -> Finding:
    return Finding(title, "", f"The published {what} cannot be read: {error}", type(error).__name__, error)
