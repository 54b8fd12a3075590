"""``aegis check-published``."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.github_job import address_of_the_run, repository_of_the_job
from aegismatrix_engine.cli.options import CONTEXT, calendar_option, verbosity_options
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import AegisError, ConfigurationError, ExitCode, SourceBusy
from aegismatrix_engine.state.lateness import OUT_OF_DATE_AFTER, OUT_OF_DATE_TITLE

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.network.github_issues import Notice


@click.command("check-published", epilog=EPILOG, context_settings=CONTEXT)
@click.option(
    "--url",
    envvar="AEGIS_URL",
    show_envvar=True,
    metavar="URL",
    help="Address of the published document.",
)
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    envvar="AEGIS_FILE",
    show_envvar=True,
    metavar="FILE",
    help="A published document on disk, in place of an address.",
)
@click.option(
    "--max-age",
    type=click.IntRange(0, 100_000),
    default=int(OUT_OF_DATE_AFTER.total_seconds()) // 60,
    show_default=True,
    envvar="AEGIS_MAX_AGE",
    show_envvar=True,
    metavar="MINUTES",
    help="How far beyond its own valid_until the document may be: what GitHub's delays are allowed to cost.",
)
@click.option(
    "--issue",
    envvar="AEGIS_ISSUE",
    show_envvar=True,
    is_flag=True,
    help="Open or update the issue about it on GitHub where it is late, damaged or gone, and close it where it is not.",
)
@calendar_option
@verbosity_options
@reports_errors
def check_published(
    *,
    url: str | None,
    file: Path | None,
    max_age: int,
    issue: bool,
    calendar: Path | None,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Say whether the published document is whole and no older than it allows.

    Exit code 11 where it is older than its valid_until says or was withdrawn, or where from ten minutes before the open
    of a session on there is none of that day yet; 65 where it is no valid document, or none that can be believed: dated
    later than now, or valid for longer than the exchange is ever closed. Of a document whose schema_version has another
    major number, as before the first run after an upgrade, only the dates are checked. --issue wants the environment of
    a job of GitHub Actions, as `aegis notify` does.
    """
    from aegismatrix_engine.jobs.check_published import check_published as checked

    place = file if url is None else url
    if place is None or None not in (url, file):
        raise ConfigurationError("check-published reads one document: give either --url or --file")
    now = current_moment()
    try:
        verdict = checked(place, timedelta(minutes=max_age), now, calendar)
    except SourceBusy:
        raise
    except AegisError as error:
        if issue:
            _tell(f"The published document is not to be had: {error}", type(error).__name__, now, quiet=quiet)
        raise
    if verdict.late or not quiet:
        print_output(f"{verdict.line}\n")
    if issue:
        _tell(f"The published document is {verdict.line}.", verdict.state, now, quiet=quiet)
    return ExitCode.UNHEALTHY if verdict.late else ExitCode.DONE


def _tell(body: str, state: str, now: "pd.Timestamp", *, quiet: bool) -> None:
    """Say it in the issue about a document that is late; without a state, which is to say in time, close that."""
    from aegismatrix_engine.network.github_issues import Issues

    run, issues = address_of_the_run(), Issues(repository_of_the_job())
    if state:
        text = f"{body}\n" + (f"\nThe run: {run}\n" if run else "") + "\nWhat to do stands in docs/operations.md.\n"
        done: Notice | None = issues.notify(OUT_OF_DATE_TITLE, text, now, state=state)
    else:
        done = issues.close(OUT_OF_DATE_TITLE, f"{body}\n")
    if done is not None and not quiet:
        print_output(f"{done.done} issue {done.number}\n")
