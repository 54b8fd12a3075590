"""The beginning of a run: what is published is restored, and compared with what the last run left there."""

from dataclasses import dataclass
from pathlib import Path

from aegismatrix_engine.errors import AegisError, BranchGone, ExitCode
from aegismatrix_engine.jobs.due import document_there
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.jobs.scheduled_job import CurrentRun
from aegismatrix_engine.jobs.settings import RunSettings
from aegismatrix_engine.publishing.restore import OwnPaths, PublishedBranch, Restored, restore
from aegismatrix_engine.state.known_record import KnownRecord, recall
from aegismatrix_engine.state.run_file import Notice

BRANCH_GONE_TITLE = "The published branch is gone"
RECORD_CUT_TITLE = "The published record is shorter than it was"


@dataclass(frozen=True)
class RestoredState:
    """What a run found published.

    Attributes:
        usable: whether the run can go on from it.
        commit: the branch's tip; None where a new branch is begun.
        document: the bytes of the document as restored; None where there is none that can be read.
        cut: whether the record is shorter than the last run left it.
        notices: issues to be opened.
    """

    usable: bool
    commit: str | None = None
    document: bytes | None = None
    cut: bool = False
    notices: tuple[Notice, ...] = ()


def restored_state(settings: RunSettings, run: CurrentRun) -> RestoredState:
    """Restore what is published, and compare the record with the length that the last run kept in the cache."""
    job, summary, first = run.job, run.summary, settings.first
    known = None if first else _known_record(settings.bars.cache, run)
    try:
        paths = OwnPaths(settings.output, settings.record, settings.models)
        done = restore(PublishedBranch.of(job.folder, paths, settings.branch), job.now)
        run.observer(done)
        if done.commit is None and not first:
            raise BranchGone(_gone(done, known))
    except AegisError as error:
        run.failed("restore", error)
        gone = (_notice(BRANCH_GONE_TITLE, str(error), summary),) if isinstance(error, BranchGone) else ()
        return RestoredState(usable=False, notices=gone)
    summary.step("restore", ExitCode.DEGRADED if done.left else ExitCode.DONE)
    summary.notes += done.left
    document = document_there(job.folder / settings.output)
    cut = known.cut(done.record) if known is not None and known.destination == str(done.destination) else []
    if not cut or known is None:
        return RestoredState(usable=True, commit=done.commit, document=document)
    found = _shorter(done, known, cut)
    run.observer(found)
    summary.step("record", ExitCode.UNHEALTHY)
    summary.note(found)
    notice = _notice(RECORD_CUT_TITLE, found, summary)
    return RestoredState(usable=True, commit=done.commit, document=document, cut=True, notices=(notice,))


def _known_record(cache: Path | None, run: CurrentRun) -> KnownRecord | None:
    if cache is None:
        return None
    recalled = recall(cache)
    if recalled.fault:
        run.observer(recalled.fault)
        run.summary.note(recalled.fault)
    return recalled.record


def _gone(done: Restored, known: KnownRecord | None) -> str:
    branch = done.destination.branch
    last = "COMMIT" if known is None else known.commit
    return (
        f"there is no branch {done.destination}, so that nothing was made; if it was there before, find out who "
        f"removed it and put it back from a clone that has it, git push {done.destination.remote} "
        f"{last}:refs/heads/{branch}; only where nothing was ever published, begin it with --first"
    )


def _shorter(done: Restored, known: KnownRecord, cut: list[str]) -> str:
    more = f" and {len(cut) - 1} more files" if len(cut) > 1 else ""
    return (
        f"the record on {done.destination} is shorter than the last run left it: {cut[0]}{more} lost lines that commit "
        f"{known.commit[:10]} held; put them back from it, or accept the loss with one run with --first"
    )


def _notice(title: str, found: str, summary: RunSummary) -> Notice:
    return Notice(title, summary.alarm(found), found)
