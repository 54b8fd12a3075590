"""The page of a run, published once its document is; what fails is a failed part of the run, and an issue."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from aegismatrix_engine.errors import AegisError, DataError, ExitCode
from aegismatrix_engine.jobs.scheduled_job import CurrentRun
from aegismatrix_engine.publishing.commits import files_at, is_blob
from aegismatrix_engine.publishing.own_files import files_below
from aegismatrix_engine.publishing.own_places import place_inside
from aegismatrix_engine.publishing.publish import Published, PublishedBranch
from aegismatrix_engine.publishing.site_branch import DOCUMENT, publish_site, site_branch
from aegismatrix_engine.state.run_file import Notice, RunFile

PAGE_TITLE: Final = "The page was not published"
PUBLISH: Final = "publish page"


@dataclass(frozen=True)
class PageOutcome:
    """What came of publishing a page.

    Attributes:
        published: whether the branch of the page holds that of the published document.
        trouble: issues to be opened.
    """

    published: bool = False
    trouble: tuple[Notice, ...] = ()


def page_published(
    run: RunFile, files: Mapping[str, bytes] | None, branch: PublishedBranch, done: Published, current: CurrentRun
) -> PageOutcome:
    """Publish the page of the document that has just been published.

    Args:
        run: the run, which says where the page is, and which branch is its own.
        files: those of the page, where this process built them; None where they are to be read.
        branch: the document's.
        done: what came of publishing the document.
        current: takes the step.
    """
    if run.site is None:
        return PageOutcome()
    if not done.ours or not all(merge.ours for merge in done.others.values()):
        current.summary.note("the page was left as it is, too: it is that of another publisher's document")
        return PageOutcome()
    try:
        content = _read(run, run.site, branch, current.job.folder) if files is None else files
        _refuse_another_document(content, branch, done)
        current.observer(publish_site(site_branch(branch, run.site_branch), content, current.job.now))
    except Exception as error:  # noqa: BLE001 - the rest of the run, its issues above all, is still to be done
        return PageOutcome(trouble=(page_failed(PUBLISH, error, current),))
    current.summary.step(PUBLISH, ExitCode.DONE)
    return PageOutcome(published=True)


def _read(run: RunFile, site: str, branch: PublishedBranch, folder: Path) -> dict[str, bytes]:
    """The files of a page that another process built; never through a link, and none but those it names."""
    place = place_inside(branch.top, folder, Path(site), "--site")
    there = {str(PurePosixPath(path).relative_to(place)): one for path, one in files_below(branch.top, place).items()}
    gone = [name for name in run.site_files if name not in there]
    if gone or DOCUMENT not in run.site_files:
        raise DataError(f"{site} is not the page of this run: {(gone or [DOCUMENT])[0]} is missing; run it again")
    return {name: there[name] for name in run.site_files}


def _refuse_another_document(files: Mapping[str, bytes], branch: PublishedBranch, done: Published) -> None:
    shown = [(branch.places.document, DOCUMENT)]
    for market in done.others:
        page = f"{market}/{DOCUMENT}"
        shown += [(branch.places.of_another(market).document, page)] if page in files else []
    there = files_at(branch.git, done.tip, *(str(place) for place, _ in shown))
    for place, page in shown:
        if not is_blob(there.get(str(place), ""), files[page]):
            raise DataError(f"the page was built of another document than the one published at {place}; run it again")


def page_failed(step: str, error: Exception, run: CurrentRun) -> Notice:
    """Note that a step of the page failed, which holds nothing else back; gives the issue about it."""
    run.observer(error)
    run.summary.step(step, ExitCode.PARTLY_FAILED)
    why = str(error) if isinstance(error, AegisError) else f"{type(error).__name__}: {error} (a bug)"
    run.summary.note(f"the page was not published: {why}")
    return Notice(PAGE_TITLE, run.summary.page_trouble(step, why), f"{step}: {type(error).__name__}")
