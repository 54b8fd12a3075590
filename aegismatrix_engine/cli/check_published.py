"""``aegis check-published``."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.github_job import address_of_the_run, repository_of_the_job
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import AegisError, ConfigurationError, ExitCode, SourceBusy
from aegismatrix_engine.state.lateness import OUT_OF_DATE_AFTER, OUT_OF_DATE_TITLE

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.network.github_issues import Notice


@command("check-published")
@options.option("--url", metavar="URL", help="Address of the published document.")
@options.file_option("--file", help="A published document on disk, in place of an address.")
@options.option(
    "--max-age",
    type=click.IntRange(0, 100_000),
    default=int(OUT_OF_DATE_AFTER.total_seconds()) // 60,
    metavar="MINUTES",
    help="How far beyond its own valid_until the document may be: what GitHub's delays are allowed to cost.",
)
@options.flag(
    "--issue",
    help="Open or update the issue about it on GitHub where it is late, damaged or gone, and close it where it is not.",
)
@options.CALENDAR
@options.VERBOSITY
def check_published(
    *, url: str | None, file: Path | None, max_age: int, issue: bool, calendar: Path | None, quiet: bool
) -> ExitCode:
    """Report whether the published document is whole and no older than it allows.

    Exit code 11 where it is older than its valid_until says or was withdrawn, or where from ten minutes before the open
    of a session on there is none of that day yet; 65 where it is not a valid document, is dated later than now, or
    claims to be valid for longer than the exchange is ever closed. Of a document whose schema_version has another major
    number, as before the first run after an upgrade, only the dates are checked. --issue needs the environment of a job
    of GitHub Actions, as `aegis notify` does.
    """
    from aegismatrix_engine.jobs.check_published import check_published as checked

    place = file if url is None else url
    if place is None or None not in (url, file):
        raise ConfigurationError("check-published reads one document: give either --url or --file")
    now = current_moment()
    try:
        verdict = checked(place, timedelta(minutes=max_age), now, calendar)
    except AegisError as error:
        if issue and not isinstance(error, SourceBusy):
            _update_issue(f"The published document cannot be read: {error}", type(error).__name__, now, quiet=quiet)
        raise
    if verdict.late or not quiet:
        print_output(f"{verdict.line}\n")
    if issue:
        _update_issue(f"The published document is {verdict.line}.", verdict.state, now, quiet=quiet)
    return ExitCode.UNHEALTHY if verdict.late else ExitCode.DONE


def _update_issue(body: str, state: str, now: "pd.Timestamp", *, quiet: bool) -> None:
    """Open or update the issue about a document that is late; without a state, which means in time, close it."""
    from aegismatrix_engine.network.github_issues import Issues

    run, issues = address_of_the_run(), Issues(repository_of_the_job())
    if state:
        text = f"{body}\n" + (f"\nThe run: {run}\n" if run else "") + "\ndocs/operations.md explains what to do.\n"
        done: Notice | None = issues.notify(OUT_OF_DATE_TITLE, text, now, state=state)
    else:
        done = issues.close(OUT_OF_DATE_TITLE, f"{body}\n")
    if done is not None and not quiet:
        print_output(f"{done.done} issue {done.number}\n")
