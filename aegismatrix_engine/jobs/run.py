"""A scheduled run: restore what is published, check the models, make a document, decide what came due, publish."""

from collections.abc import Mapping
from typing import TypeAlias

from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.batch import batch_requests
from aegismatrix_engine.jobs.due import due_after
from aegismatrix_engine.jobs.finish_run import finish_run
from aegismatrix_engine.jobs.restored_state import restored_state
from aegismatrix_engine.jobs.run_batch import batch_made, files_of
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.jobs.scheduled_job import CurrentRun, Observer, ScheduledJob, unobserved
from aegismatrix_engine.jobs.settings import RunSettings
from aegismatrix_engine.publishing.own_files import MadeFiles
from aegismatrix_engine.state.lateness import out_of_date
from aegismatrix_engine.state.run_file import RunFile

Requested: TypeAlias = BarsRequest | Mapping[str, BarsRequest | AegisError]
"""The bars of one market, or those of each of several by its id."""


def run(settings: RunSettings, job: ScheduledJob, observer: Observer = unobserved) -> RunSummary:
    """Do everything a scheduled job does, in its order.

    A step that fails does not end the run: issues are opened all the same.

    Returns:
        The steps, and in ``ended`` the exit code of it all.

    Raises:
        ConfigurationError: settings that do not fit together; nothing was done.
        DataError: the operator's calendar cannot be used; nothing was done.
        ModelsOfAnotherMarket: the model set that is published was trained for another market.
    """
    request = _request(settings, job)
    current = CurrentRun(job, RunSummary(job.address), observer)
    try:
        run_file, files, page = _prepared(settings, request, current)
        finish_run(run_file, files, page, current)
    finally:
        observer(current.summary)
    return current.summary


def prepare_run(settings: RunSettings, job: ScheduledJob, observer: Observer = unobserved) -> RunFile:
    """Do everything but publish and open issues; ``finish_handed_on`` does the rest, in a process of its own.

    Neither the job's repository nor its monitor is asked for. Raises what ``run`` raises.
    """
    request = _request(settings, job)
    return _prepared(settings, request, CurrentRun(job, RunSummary(job.address), observer))[0]


def _request(settings: RunSettings, job: ScheduledJob) -> Requested:
    """The bars of the market, or of each of several; raises what ``BarsRequest.of`` raises."""
    if not settings.markets:
        return BarsRequest.of(settings.bars, job.now)
    files_of(settings)  # what cannot be is refused before anything is done
    return batch_requests(settings.bars, settings.markets, job.now)


def _prepared(
    settings: RunSettings, request: Requested, current: CurrentRun
) -> tuple[RunFile, MadeFiles | None, Mapping[str, bytes] | None]:
    """Everything but publishing: what was made and what issues are to be opened, and the files as they were written."""
    found = restored_state(settings, current)
    notices, late, files, page = list(found.notices), None, None, None
    made_any, stays_late = False, None
    if found.usable and not isinstance(request, BarsRequest):
        of_all = batch_made(settings, request, current, first=found.commit is None)
        made_any, files, page = of_all.made, of_all.first, of_all.page
        late, stays_late = of_all.late, of_all.stays_late
        notices += of_all.notices
    elif found.usable and isinstance(request, BarsRequest):
        late = None if found.document is None else out_of_date(found.document, current.job.now)
        if not (settings.if_due and _nothing_due(request, found.document, current)):
            # Not for a run that finds nothing to do: it brings all that models and documents are made with.
            from aegismatrix_engine.jobs.run_document import document_made

            made = document_made(settings, request, current, first=found.commit is None)
            files, page = made.files, made.page
            notices += made.notices
            made_any = files is not None
    cache = settings.bars.cache
    run_file = RunFile(
        format="aegis-run-1",
        account=current.summary.handed_on(),
        made=made_any,
        branch=settings.branch,
        output=str(settings.output),
        record=str(settings.record),
        models=str(settings.models),
        cache=None if cache is None or found.cut else str(cache),
        notices=tuple(notices),
        out_of_date=late,
        site=None if page is None else str(settings.site),
        site_files=tuple(page or ()),
        site_branch=settings.site_branch,
        stays_out_of_date=stays_late,
    )
    return run_file, files, page


def _nothing_due(request: BarsRequest, document: bytes | None, current: CurrentRun) -> bool:
    """Whether nothing is due; the summary says why something is, or nothing."""
    decided = due_after(request.market, current.job.now, document)
    current.summary.note(decided.why)
    if not decided.due:
        current.observer(decided)
    return not decided.due
