"""The page of a run: built of its document and the record, after what came due was decided."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import ConfigurationError, DataError, ExitCode
from aegismatrix_engine.jobs.dashboard import (
    CHART_LIBRARY,
    REMEDY,
    Site,
    SiteSettings,
    build_site,
    chart_library_there,
    write_site,
)
from aegismatrix_engine.jobs.publish_page import page_failed
from aegismatrix_engine.jobs.scheduled_job import CurrentRun
from aegismatrix_engine.jobs.settings import RunSettings
from aegismatrix_engine.network.repository import pages_address
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


def page_built(settings: RunSettings, document: bytes, ledger: Ledger | None, run: CurrentRun) -> BuiltPage:
    """Build the page of a run's document and record into the folder of ``settings``.

    Whatever goes wrong here is a failed part of the run, and an issue: the document is published all the same.

    Args:
        settings: of the run.
        document: that it has made.
        ledger: the record as the run has left it; None to read it.
        run: takes the step.
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
        site = built_site(replace(made_of, markets_dir=settings.bars.markets_dir), document, ledger)
        write_site(site, settings.site)
    except Exception as error:  # noqa: BLE001 - a bug here must not hold back the document
        return BuiltPage(notices=(page_failed(BUILD, error, run),))
    run.summary.step(BUILD, ExitCode.DONE)
    return BuiltPage(site.files)


def site_settings(
    document: Path, record: Path, branch: str, site_url: str | None, repository: str | None
) -> SiteSettings:
    """What a page is built of; without an address of its own it is where GitHub Pages serves the repository.

    Raises:
        ConfigurationError: the repository is not owner/name.
    """
    address = site_url or (None if repository is None else pages_address(repository))
    return SiteSettings(document, record, address, repository, branch)


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
