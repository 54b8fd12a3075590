"""The page of a run: built of its document and the record, after what came due was decided."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aegismatrix_engine.dashboard.market_links import PublishedPage
from aegismatrix_engine.errors import AegisError, ConfigurationError, DataError, ExitCode
from aegismatrix_engine.jobs.batch import MarketFiles, MarketOutcome
from aegismatrix_engine.jobs.chosen_market import own_market
from aegismatrix_engine.jobs.dashboard import (
    CHART_LIBRARY,
    REMEDY,
    Site,
    SiteSettings,
    build_site,
    chart_library_there,
    write_site,
)
from aegismatrix_engine.jobs.due import document_there
from aegismatrix_engine.jobs.publish_page import page_failed
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.jobs.scheduled_job import CurrentRun, Event
from aegismatrix_engine.jobs.settings import RunSettings
from aegismatrix_engine.network.repository import pages_address
from aegismatrix_engine.publishing.site_branch import DOCUMENT
from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.state.run_file import Notice

BUILD: Final = "dashboard"


@dataclass(frozen=True)
class BuiltPage:
    """What came of building the page.

    Attributes:
        files: path -> bytes; None where there is no page.
        notices: issues to be opened.
    """

    files: Mapping[str, bytes] | None = None
    notices: tuple[Notice, ...] = ()


def page_built(
    settings: RunSettings,
    document: bytes,
    ledger: Ledger | None,
    run: CurrentRun,
    pages: tuple[PublishedPage, ...] = (),
) -> BuiltPage:
    """Build the page of a run's document and record into the folder of ``settings``.

    Whatever goes wrong here is a failed part of the run, and an issue: the document is published all the same.

    Args:
        settings: of the run.
        document: that it has made.
        ledger: the record as the run has left it; None to read it.
        run: takes the step.
        pages: of several markets, this one's among them; empty for one alone.
    """
    if settings.site is None:
        return BuiltPage()
    if not chart_library_there() and not settings.site_required:
        note = f"no page was built: {CHART_LIBRARY.replace('_', '-')} is not installed; {REMEDY}, or give --no-site"
        run.observer(note)
        run.summary.note(note)
        return BuiltPage()
    try:
        _refuse_shared_place(settings, settings.site)
        made_of = site_settings(
            settings.output, settings.record, settings.branch, settings.site_url, settings.repository
        )
        made_of = replace(made_of, pages=pages, markets_dir=settings.bars.markets_dir)
        site = built_site(made_of, document, ledger)
        write_site(site, settings.site)
    except Exception as error:  # noqa: BLE001 - a bug here must not hold back the document
        return BuiltPage(notices=(page_failed(BUILD, error, run),))
    run.summary.step(BUILD, ExitCode.DONE)
    return BuiltPage(site.files)


def pages_built(settings: RunSettings, files: Sequence[MarketFiles], run: CurrentRun) -> BuiltPage:
    """Build the page of each of several markets that has a document, the first one's at the top, the others' in ID/.

    A page that cannot be built is left out, and is a failed part of the run; without the first one's there is no site.

    Args:
        settings: of the run.
        files: of each market, the first one's first.
        run: takes the steps.
    """
    if settings.site is None:
        return BuiltPage()
    there = [(one, content) for one in files if (content := document_there(one.output)) is not None]
    pages = tuple(
        PublishedPage(
            one.market, "" if one is files[0] else one.market, _own_name(one.market, settings.bars.markets_dir)
        )
        for one, _ in there
    )
    try:
        address = _address(settings.site_url, settings.repository)
    except ConfigurationError as error:
        return BuiltPage(notices=(page_failed(BUILD, error, run),))
    contents = {one.market: (one.output, content) for one, content in there}
    notices: list[Notice] = []
    while True:
        built = {}
        for page in pages:
            output, content = contents[page.market]
            asked = replace(
                settings,
                output=output,
                site=settings.site / page.folder,
                site_url=None if address is None else f"{address.rstrip('/')}/{_below(page)}",
            )
            built[page] = _of_market(asked, content, page.market, run, pages)
            notices += built[page].notices
        left = tuple(page for page in pages if built[page].files is not None)
        if left == pages:
            break
        # No page links to one that is left out: those that could be built are built again without it.
        pages = left
    found = {f"{_below(page)}{path}": data for page in pages for path, data in (built[page].files or {}).items()}
    return BuiltPage(found if DOCUMENT in found else None, tuple(notices))


def _below(page: PublishedPage) -> str:
    return f"{page.folder}/" if page.folder else ""


def _of_market(
    settings: RunSettings, document: bytes, market: str, run: CurrentRun, pages: tuple[PublishedPage, ...]
) -> BuiltPage:
    """The page of one market of several, its id beside each step and before each error."""

    def observer(event: Event) -> None:
        run.observer(MarketOutcome.failed(market, event) if isinstance(event, Exception) else event)

    summary = RunSummary(run.job.address)
    made = page_built(settings, document, None, CurrentRun(run.job, summary, observer), pages)
    run.summary.add(market, summary, "")
    notices = tuple(replace(notice, body=f"The page of {market}. {notice.body}") for notice in made.notices)
    return replace(made, notices=notices)


def _own_name(market: str, markets_dir: Path | None) -> str:
    """The name in an own entry; empty where there is none, or none that can be read."""
    try:
        entry = own_market(market, markets_dir)
    except AegisError:
        return ""
    return "" if entry is None else entry.name


def site_settings(
    document: Path, record: Path, branch: str, site_url: str | None, repository: str | None
) -> SiteSettings:
    """What a page is built of; without an address of its own it is where GitHub Pages serves the repository.

    Raises:
        ConfigurationError: the repository is not owner/name.
    """
    return SiteSettings(document, record, _address(site_url, repository), repository, branch)


def _address(site_url: str | None, repository: str | None) -> str | None:
    return site_url or (None if repository is None else pages_address(repository))


def built_site(settings: SiteSettings, document: bytes, ledger: Ledger | None = None) -> Site:
    """The site of a document; one that says only that it cannot show the document is an error.

    Raises:
        ConfigurationError: the library of charts is not installed.
        DataError: the page cannot show the document.
    """
    site = build_site(settings, document, ledger)
    if site.faults:
        raise DataError(f"the page cannot show the document: {site.faults[0]}")
    return site


def _refuse_shared_place(settings: RunSettings, folder: Path) -> None:
    """Raise ConfigurationError for a page that would be published with the record, or written over other files."""
    site = Path(os.path.realpath(folder))
    others = {"--output": settings.output, "--record": settings.record, "--models": settings.models}
    for name, path in others.items():
        other = Path(os.path.realpath(path))
        if other.is_relative_to(site) or site.is_relative_to(other):
            raise ConfigurationError(f"--site ({folder}) and {name} ({path}) share a place; give each one of its own")
