"""The page of a run: built of its document and the record, and published once the document is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Final

from aegismatrix_engine.errors import AegisError, ConfigurationError, DataError, ExitCode
from aegismatrix_engine.jobs.job_issues import close_issue
from aegismatrix_engine.jobs.scheduled_job import CurrentRun
from aegismatrix_engine.jobs.settings import RunSettings
from aegismatrix_engine.publishing.commits import files_at, is_blob
from aegismatrix_engine.publishing.own_files import files_below, place_inside
from aegismatrix_engine.publishing.publish import Published, PublishedBranch
from aegismatrix_engine.publishing.site_branch import DOCUMENT, publish_site, site_branch
from aegismatrix_engine.state.run_file import Notice, RunFile

PAGE_TITLE: Final = "The page was not published"
BUILD, PUBLISH = "dashboard", "publish page"

_LIBRARY: Final = "lets_plot"
_WITHOUT_LIBRARY: Final = "the page needs lets-plot, which is not installed"
_INSTALL: Final = "run `python -m pip install 'aegismatrix-engine[dashboard]'`"


@dataclass(frozen=True)
class PageSettings:
    """What a page is built of: the files of document and record, and the addresses in it, as in ``RunSettings``."""

    document: Path
    record: Path
    site_url: str | None = None
    repository: str | None = None


@dataclass(frozen=True)
class BuiltPage:
    """What came of building the page.

    Attributes:
        files: path -> bytes; None where there is no page.
        notices: issues to be opened.
    """

    files: Mapping[str, bytes] | None = None
    notices: tuple[Notice, ...] = ()


def built_page(page: PageSettings, folder: Path | None = None) -> Mapping[str, bytes]:
    """Path -> bytes of the files of a page, written into a folder as well where one is given.

    Raises:
        ConfigurationError: the library of charts is not installed.
        AegisError: as ``build_site`` and ``write_site`` raise.
    """
    if find_spec(_LIBRARY) is None:
        raise ConfigurationError(f"{_WITHOUT_LIBRARY}; {_INSTALL}, or leave the page out with --no-site")
    # Slow to import, and it brings the library of charts.
    from aegismatrix_engine.jobs.dashboard import SiteSettings, build_site, write_site

    site = build_site(SiteSettings(page.document, page.record, page.site_url, page.repository))
    if folder is not None:
        write_site(site, folder)
    return site.files


def page_built(settings: RunSettings, run: CurrentRun) -> BuiltPage:
    """Build the page of the document and record that the run has made, into the folder of ``settings``.

    Whatever goes wrong here is a failed part of the run, and an issue: the document is published all the same.
    """
    if settings.site is None:
        return BuiltPage()
    if find_spec(_LIBRARY) is None and not settings.site_required:
        note = f"no page was built: {_WITHOUT_LIBRARY}; {_INSTALL}, or give --no-site"
        run.observer(note)
        run.summary.note(note)
        return BuiltPage()
    try:
        _refuse_shared_place(settings, settings.site)
        page = PageSettings(settings.output, settings.record, settings.site_url, settings.repository)
        files = built_page(page, settings.site)
    except Exception as error:  # noqa: BLE001 - a bug here must not hold back the document
        return BuiltPage(notices=(_failed(BUILD, error, run),))
    run.summary.step(BUILD, ExitCode.DONE)
    return BuiltPage(files)


def page_published(
    run: RunFile, files: Mapping[str, bytes] | None, branch: PublishedBranch, done: Published, current: CurrentRun
) -> list[Notice]:
    """Publish the page of the document that has just been published.

    Args:
        run: the run, which says where the page is, and which branch is its own.
        files: those of the page, where this process built them; None where they are to be read.
        branch: the document's.
        done: what came of publishing the document.
        current: takes the step.

    Returns:
        An issue to be opened; empty where all went well or there is no page.
    """
    if run.site is None:
        return []
    if not done.ours:
        current.summary.note("the page was left as it is, too: it is that of another publisher's document")
        return []
    try:
        content = _read(run, run.site, branch, current.job.folder) if files is None else files
        _refuse_another_document(content, branch, done)
        current.observer(publish_site(site_branch(branch, run.site_branch), content, current.job.now))
    except Exception as error:  # noqa: BLE001 - the rest of the run, its issues above all, is still to be done
        return [_failed(PUBLISH, error, current)]
    current.summary.step(PUBLISH, ExitCode.DONE)
    close_issue(PAGE_TITLE, current.summary.page_recovery(), current)
    return []


def _refuse_shared_place(settings: RunSettings, folder: Path) -> None:
    """Raise ConfigurationError for a page that would be published with the record, or written over other files."""
    site = Path(os.path.realpath(folder))
    others = {"--output": settings.output, "--record": settings.record, "--models": settings.models}
    for name, path in others.items():
        other = Path(os.path.realpath(path))
        if other.is_relative_to(site) or site.is_relative_to(other):
            raise ConfigurationError(f"--site ({folder}) and {name} ({path}) share a place; give each one of its own")


def _read(run: RunFile, site: str, branch: PublishedBranch, folder: Path) -> dict[str, bytes]:
    """The files of a page that another process built; never through a link, and none but those it names."""
    place = place_inside(branch.top, folder, Path(site), "--site")
    there = {str(PurePosixPath(path).relative_to(place)): one for path, one in files_below(branch.top, place).items()}
    gone = [name for name in run.site_files if name not in there]
    if gone or DOCUMENT not in run.site_files:
        raise DataError(f"{site} is not the page of this run: {(gone or [DOCUMENT])[0]} is missing; run it again")
    return {name: there[name] for name in run.site_files}


def _refuse_another_document(files: Mapping[str, bytes], branch: PublishedBranch, done: Published) -> None:
    path = str(branch.places.document)
    published = files_at(branch.git, done.tip, path).get(path, "")
    if not is_blob(published, files[DOCUMENT]):
        raise DataError(f"the page was built of another document than the one published at {path}; run it again")


def _failed(step: str, error: Exception, run: CurrentRun) -> Notice:
    run.observer(error)
    run.summary.step(step, ExitCode.PARTLY_FAILED)
    why = str(error) if isinstance(error, AegisError) else f"{type(error).__name__}: {error} (a bug)"
    run.summary.note(f"the page was not published: {why}")
    return Notice(PAGE_TITLE, run.summary.page_trouble(step, why), f"{step}: {type(error).__name__}")
