"""``aegis check-published``."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.github_job import address_of_the_run, repository_of_the_job
from aegismatrix_engine.cli.outcome import command, failed
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ConfigurationError, ExitCode
from aegismatrix_engine.state.lateness import OUT_OF_DATE_AFTER

if TYPE_CHECKING:
    from aegismatrix_engine.jobs.watch import Finding


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
    "--page",
    help="Compare the page that readers get with the document, too: at --page-url, else where GitHub Pages serves "
    "GITHUB_REPOSITORY.",
)
@options.option("--page-url", metavar="URL", help="Address of the page, where it is another one.")
@options.flag(
    "--issue",
    help="Open or update the issue about each on GitHub where it is late, damaged or gone, and close it where not.",
)
@options.CALENDAR
@options.MARKETS_DIR
@options.VERBOSITY
def check_published(
    *,
    url: str | None,
    file: Path | None,
    max_age: int,
    page: bool,
    page_url: str | None,
    issue: bool,
    calendar: Path | None,
    markets_dir: Path | None,
    quiet: bool,
) -> ExitCode:
    """Report whether the published document is whole and no older than it allows.

    Exit code 11 where it is older than its valid_until says or was withdrawn, or where from ten minutes before the open
    of a session on there is none of that day yet; 65 where it is not a valid document, is dated later than now, or
    claims to be valid for longer than the exchange is ever closed. Of a document whose schema_version has another major
    number, as before the first run after an upgrade, only the dates are checked. A page that still shows an older
    document half an hour after the published one was made is 11, too; one that is not there because GitHub Pages is not
    switched on is no fault in a job. --issue needs the environment of a job of GitHub Actions, as `aegis notify` does.
    """
    from aegismatrix_engine.jobs import watch as watching

    place = file if url is None else url
    if place is None or None not in (url, file):
        raise ConfigurationError("check-published reads one document: give either --url or --file")
    now, ended = current_moment(), ExitCode.DONE
    repository = repository_of_the_job() if issue else None
    address = watching.page_address(page_url, repository) if page else None
    what = watching.Watched(place, address, timedelta(minutes=max_age), calendar, markets_dir)
    for finding in watching.watch(what, now, repository):
        ended = ended or _shown(finding, quiet=quiet)
        if repository is not None:
            kept = watching.keep_issue(finding, now, repository, address_of_the_run())
            if kept is not None and not quiet:
                print_output(f"{kept.done} issue {kept.number}\n")
    return ended


def _shown(finding: "Finding", *, quiet: bool) -> ExitCode:
    """Print the state of what is watched; gives the exit code that it asks for."""
    if finding.error is not None:
        return ExitCode(failed(finding.error))
    if finding.state or not quiet:
        print_output(f"{finding.line}\n")
    return ExitCode.UNHEALTHY if finding.state else ExitCode.DONE
