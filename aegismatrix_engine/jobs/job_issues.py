"""The issues that a job keeps on GitHub about its own trouble: opened, updated, and closed when it is over."""

from collections.abc import Mapping

from aegismatrix_engine.errors import AegisError, ConfigurationError, OutputUnwritable
from aegismatrix_engine.jobs.scheduled_job import CurrentRun
from aegismatrix_engine.network.github_issues import Issues
from aegismatrix_engine.state.run_file import Notice


def open_issue(notice: Notice, run: CurrentRun) -> None:
    """Open the issue of a title, or comment on it where its state has changed; the summary says what became of it.

    A repository that refuses it (issues are switched off, a permission is missing) is a failed step of the run, as
    nobody would be informed. A failure that may pass, or a run outside of GitHub Actions, is a warning.
    """
    try:
        if run.job.repository is None:
            raise ConfigurationError(run.job.no_repository)
        done = Issues(run.job.repository).notify(notice.title, notice.body, run.job.now, state=notice.state)
    except OutputUnwritable as error:
        run.failed("issue", error)
        run.summary.note(f"no issue was opened: {error}")
    except AegisError as error:
        run.observer(f"no issue {notice.title!r} was opened: {error}")
        run.summary.note(f"no issue was opened: {error}")
    else:
        became = "is open already" if done.done == "unchanged" else f"was {done.done}"
        run.summary.note(f"issue {done.number} {became}: {notice.title}")


def close_issues(comments: Mapping[str, str], run: CurrentRun) -> None:
    """Close the open issue of each title, where there is one, with its comment; outside of a job nothing is asked.

    A repository that refuses is a failed step, as in ``open_issue``, so that this shows before there is trouble.
    """
    if run.job.repository is None or not comments:
        return
    try:
        closed = Issues(run.job.repository).close_all(comments)
    except OutputUnwritable as error:
        run.failed("issue", error)
        run.summary.note(f"an issue could not be opened if there were trouble: {error}")
    except AegisError as error:
        run.observer(f"cannot find out whether issues are open: {error}")
    else:
        for title, done in closed.items():
            run.summary.note(f"issue {done.number} was closed: {title}")
