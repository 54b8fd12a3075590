"""The end of a run: what was made is published, issues are opened and closed, the monitor is called."""

from collections.abc import Mapping
from pathlib import Path

from aegismatrix_engine.errors import AegisError, ExitCode
from aegismatrix_engine.files import write_atomically
from aegismatrix_engine.jobs.job_issues import close_issues, open_issue
from aegismatrix_engine.jobs.publish_page import PAGE_TITLE, PageOutcome, page_published
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.jobs.scheduled_job import CurrentRun, Observer, ScheduledJob, unobserved
from aegismatrix_engine.network.web import ask
from aegismatrix_engine.publishing.own_files import MadeFiles
from aegismatrix_engine.publishing.publish import OwnPaths, Published, PublishedBranch, index_beside, publish
from aegismatrix_engine.state.known_record import NAME, rendered
from aegismatrix_engine.state.lateness import OUT_OF_DATE_TITLE
from aegismatrix_engine.state.run_file import Notice, RunFile

HEARTBEAT_SECONDS = 10.0
"""How long the monitor's answer is waited for."""


def finish_handed_on(run: RunFile, job: ScheduledJob, observer: Observer = unobserved) -> RunSummary:
    """Do what is left of a run that another process has made; gives all its steps, those of that process included."""
    summary = RunSummary.of(run.account, job.address)
    try:
        finish_run(run, None, None, CurrentRun(job, summary, observer))
    finally:
        observer(summary)
    return summary


def finish_run(run: RunFile, files: MadeFiles | None, page: Mapping[str, bytes] | None, current: CurrentRun) -> None:
    """Publish what a run made, open and close its issues, and call the monitor where all went well.

    Args:
        run: what was made, and what issues are to be opened.
        files: the document and its last values, where this process made them; None where they are to be read.
        page: path -> bytes of the page's files; likewise.
        current: the run; its summary holds the steps before, and takes those from here on.
    """
    job, summary = current.job, current.summary
    published, shown = _published(run, files, page, current) if run.made else (False, PageOutcome())
    for notice in (*run.notices, *shown.trouble):
        open_issue(notice, current)
    late = run.stays_out_of_date if published else run.out_of_date
    over = {OUT_OF_DATE_TITLE: summary.recovery()} if published and late is None else {}
    # Of several markets the page of one may have failed, and those of the others be published.
    whole = shown.published and all(notice.title != PAGE_TITLE for notice in run.notices)
    close_issues(over | ({PAGE_TITLE: summary.page_recovery()} if whole else {}), current)
    if late is not None:
        open_issue(Notice(OUT_OF_DATE_TITLE, summary.outage(late.what), late.state), current)
    if summary.ended == ExitCode.DONE and job.heartbeat_url:
        _heartbeat(job.heartbeat_url, current.observer)


def _published(
    run: RunFile, files: MadeFiles | None, page: Mapping[str, bytes] | None, current: CurrentRun
) -> tuple[bool, PageOutcome]:
    """Publish a run's document and its page; whether the branch holds a current document then, and its page."""
    job, summary = current.job, current.summary
    paths = OwnPaths(Path(run.output), Path(run.record), Path(run.models))
    try:
        branch = PublishedBranch.of(job.folder, paths, run.branch)
        done = publish(branch, job.now, made=files, index=index_beside(paths.document))
        current.observer(done)
    except AegisError as error:
        current.failed("publish", error)
        return False, PageOutcome()
    _noted(summary, done)
    if run.cache is not None:
        _keep_record(Path(run.cache), done, current.observer)
    return True, page_published(run, page, branch, done, current)


def _noted(summary: RunSummary, done: Published) -> None:
    """Note the step of publishing, and what was replaced or kept of each market."""
    code = ExitCode.DEGRADED if done.any_dated_ahead else ExitCode.DONE
    summary.step("publish", ExitCode.PARTLY_FAILED if done.faults else code)
    summary.notes += done.replaced
    if done.set_kept:
        summary.note(f"the published model set stays: {done.set_kept}")
    for market, merge in done.others.items():
        summary.notes += [f"{market}: {clause}" for clause in merge.replaced]
        if merge.set_kept:
            summary.note(f"{market}: the published model set stays: {merge.set_kept}")
    for market, fault in done.faults.items():
        summary.note(f"{market or 'the first market'}: nothing of it was published: {fault}")


def _keep_record(cache: Path, done: Published, observer: Observer) -> None:
    """Keep how much of the record is published, beside the last good bars; a failure is a warning."""
    if done.tip is None:
        return
    try:
        cache.mkdir(parents=True, exist_ok=True)
        write_atomically(cache / NAME, rendered(str(done.destination), done.tip, done.record))
    except (OSError, AegisError) as error:
        observer(f"the length of the published record was not kept in {cache}: {error}")


def _heartbeat(url: str, observer: Observer) -> None:
    """Call the monitor's address, once; a monitor that is not reached raises its own alarm."""
    try:
        status = ask(url, seconds=HEARTBEAT_SECONDS).status
    except AegisError as error:
        observer(f"no heartbeat: {error}")
        return
    if status >= 300:
        observer(f"no heartbeat: its address answered with status {status}")
