"""A scheduled run: restore what is published, check the models, make a document, decide what came due, publish."""

from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.due import due_after
from aegismatrix_engine.jobs.finish_run import finish_run
from aegismatrix_engine.jobs.restored_state import restored_state
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.jobs.scheduled_job import CurrentRun, RunObserver, ScheduledJob
from aegismatrix_engine.jobs.settings import RunSettings
from aegismatrix_engine.publishing.own_files import MadeFiles
from aegismatrix_engine.state.lateness import out_of_date
from aegismatrix_engine.state.run_file import RunFile


def run(settings: RunSettings, job: ScheduledJob, observer: RunObserver | None = None) -> RunSummary:
    """Do everything a scheduled job does, in its order.

    A step that fails ends no run: what is left to be told is told.

    Args:
        settings: what is made, and of what.
        job: where, when and for whom it is done.
        observer: hears of it as it goes on.

    Returns:
        The steps, and in ``ended`` the exit code of it all.

    Raises:
        ConfigurationError: settings that do not fit together; nothing was done.
        DataError: the operator's calendar cannot be used; nothing was done.
        ModelsOfAnotherMarket: the model set that is published was trained for another market.
    """
    request = BarsRequest.of(settings.bars, job.now)
    current = CurrentRun.begun(job, observer)
    try:
        run_file, files = _prepared(settings, request, current)
        finish_run(run_file, files, current)
    finally:
        current.observer.ended(current.summary)
    return current.summary


def prepare_run(settings: RunSettings, job: ScheduledJob, observer: RunObserver | None = None) -> RunFile:
    """Do everything but publish and tell; ``finish_handed_on`` does the rest, in a process of its own.

    Args:
        settings: as for ``run``, which raises the same.
        job: likewise; its repository and its monitor are not asked for.
        observer: hears of it as it goes on.

    Returns:
        What was made, and what has to be told.
    """
    request = BarsRequest.of(settings.bars, job.now)
    return _prepared(settings, request, CurrentRun.begun(job, observer))[0]


def _prepared(settings: RunSettings, request: BarsRequest, current: CurrentRun) -> tuple[RunFile, MadeFiles | None]:
    """Everything but publishing: what was made and has to be told, and the files as they were written."""
    found = restored_state(settings, current)
    notices, late, files = list(found.notices), None, None
    if found.usable:
        late = None if found.document is None else out_of_date(found.document, current.job.now)
        if not (settings.if_due and _at_rest(request, found.document, current)):
            # Not for a run that finds nothing to do: it brings all that models and documents are made with.
            from aegismatrix_engine.jobs.run_document import document_made

            unhealthy, files = document_made(settings, request, current, first=found.commit is None)
            notices += unhealthy
    cache = settings.bars.cache
    run_file = RunFile(
        format="aegis-run-1",
        account=current.summary.handed_on(),
        made=files is not None,
        branch=settings.branch,
        output=str(settings.output),
        record=str(settings.record),
        models=str(settings.models),
        cache=None if cache is None or found.cut else str(cache),
        notices=tuple(notices),
        out_of_date=late,
    )
    return run_file, files


def _at_rest(request: BarsRequest, document: bytes | None, current: CurrentRun) -> bool:
    """Whether nothing is due; the summary says why something is, or nothing."""
    decided = due_after(request.market, current.job.now, document)
    current.summary.note(decided.why)
    if not decided.due:
        current.observer.nothing_due(decided.why)
    return not decided.due
