"""``aegis check-published``."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.github_job import address_of_the_run, repository_of_the_job
from aegismatrix_engine.cli.options import CONTEXT, calendar_option, verbosity_options
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.state.lateness import OUT_OF_DATE_AFTER, OUT_OF_DATE_TITLE, span

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.state.published_state import PublishedState


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
    from aegismatrix_engine.cli.clock import current_moment
    from aegismatrix_engine.errors import AegisError, ConfigurationError, SourceBusy

    if (url is None) == (file is None):
        raise ConfigurationError("check-published reads one document: give either --url or --file")
    now = current_moment()
    try:
        found = _published(url, file)
        _refuse_incredible(found, now, calendar)
        verdict = _judged(found, now, max_age, calendar)
    except SourceBusy:
        raise
    except AegisError as error:
        if issue:
            _tell(f"The published document is not to be had: {error}", type(error).__name__, now, quiet=quiet)
        raise
    if verdict.late or not quiet:
        print_output(f"{verdict.line}\n")
    if issue:
        if verdict.late:
            _tell(f"The published document is {verdict.line}.", verdict.state, now, quiet=quiet)
        else:
            _settle(f"The published document is {verdict.line}.\n", quiet=quiet)
    return ExitCode.UNHEALTHY if verdict.late else ExitCode.DONE


@dataclass(frozen=True)
class Verdict:
    """Whether a document is late, the line that says so, and what must differ for another comment about it."""

    late: bool
    line: str
    state: str


def _judged(found: "PublishedState", now: "pd.Timestamp", max_age: int, calendar: Path | None) -> Verdict:
    """How old a document is, by its own validity and by the morning's first document."""
    import pandas as pd

    from aegismatrix_engine.document.schema.document import SCHEMA_VERSION

    late = now - pd.Timestamp(found.valid_until)
    state = f"as of {found.as_of}, health {found.health}, valid until {found.valid_until}"
    if found.other_version:
        state += (
            f"; its schema_version is {found.other_version} and this engine's {SCHEMA_VERSION}, so that only its age "
            "was checked; the next `aegis run` publishes one of this version"
        )
    see = "see the runs of the workflow that publishes it"
    if found.withdrawn:
        line = (
            f"withdrawn at {found.valid_until}: {found.withdrawn}; a document of later than {found.as_of} replaces it"
        )
        return Verdict(True, line, f"withdrawn {found.valid_until}")
    if late > pd.Timedelta(minutes=max_age):
        return Verdict(True, f"too old by {span(late)}: {state}; {see}", pd.Timestamp(found.as_of).isoformat())
    if _night_missing(found, now, calendar):
        line = f"too old: the document of the night is not there, this one was made at {found.generated_at}, {state}"
        return Verdict(True, f"{line}; {see}", f"night {now.date()}")
    return Verdict(False, f"in time: {state}", "")


def _refuse_incredible(found: "PublishedState", now: "pd.Timestamp", calendar: Path | None) -> None:
    """Raise DataError for a document that is dated later than now, or claims to hold longer than any closure lasts."""
    from datetime import datetime

    import pandas as pd

    from aegismatrix_engine.cli.options import MARKETS
    from aegismatrix_engine.errors import DataError
    from aegismatrix_engine.jobs.chosen_market import chosen_market
    from aegismatrix_engine.markets import VALIDITY, longest_closure
    from aegismatrix_engine.state.time_policy import dated_ahead

    moments = {name: getattr(found, name) for name in ("as_of", "generated_at")}
    ahead = dated_ahead(now, {name: datetime.fromisoformat(text) for name, text in moments.items() if text is not None})
    remedy = "see the clock of the machine that made it; the next `aegis run` replaces it"
    if ahead is not None:
        raise DataError(f"the published document cannot be believed: {ahead}; {remedy}")
    if found.market_id not in MARKETS:
        return
    longest = longest_closure(chosen_market(found.market_id, calendar)) + VALIDITY
    if pd.Timestamp(found.valid_until) - pd.Timestamp(found.as_of) > longest:
        raise DataError(
            f"the published document cannot be believed: valid_until {found.valid_until} lies further from as_of "
            f"{found.as_of} than the longest closure of the calendar, {span(longest)}; {remedy}"
        )


def _night_missing(found: "PublishedState", now: "pd.Timestamp", calendar: Path | None) -> bool:
    import pandas as pd

    from aegismatrix_engine.cli.options import MARKETS
    from aegismatrix_engine.jobs.chosen_market import chosen_market
    from aegismatrix_engine.markets import night_missing

    if found.market_id not in MARKETS or found.generated_at is None:
        return False
    return night_missing(chosen_market(found.market_id, calendar), now, pd.Timestamp(found.generated_at))


def _tell(body: str, state: str, now: "pd.Timestamp", *, quiet: bool) -> None:
    from aegismatrix_engine.network.github_issues import notify

    run = address_of_the_run()
    text = f"{body}\n" + (f"\nThe run: {run}\n" if run else "") + "\nWhat to do stands in docs/operations.md.\n"
    done = notify(repository_of_the_job(), OUT_OF_DATE_TITLE, text, now, state=state)
    if not quiet:
        print_output(f"{done.done} issue {done.number}\n")


def _settle(body: str, *, quiet: bool) -> None:
    from aegismatrix_engine.network.github_issues import close

    done = close(repository_of_the_job(), OUT_OF_DATE_TITLE, body)
    if done is not None and not quiet:
        print_output(f"{done.done} issue {done.number}\n")


def _published(url: str | None, file: Path | None) -> "PublishedState":
    """The document's state; raises DataError for a damaged one, SourceUnavailable where there is none to be had."""
    from aegismatrix_engine.errors import SourceBusy, SourceUnavailable
    from aegismatrix_engine.network.retries import repeated
    from aegismatrix_engine.network.web import ask
    from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file
    from aegismatrix_engine.state.published_state import published_state

    if url is not None:
        answer = repeated(lambda: ask(url), SourceBusy)
        if answer.status != 200:
            raise SourceUnavailable(
                f"there is no document at --url (status {answer.status}); publish one, or check the address"
            )
        return published_state(answer.body, "the document at --url")
    assert file is not None, "one of them was given"
    try:
        return published_state(read_plain_file(file, DOCUMENT_LIMIT, follow_links=True), str(file))
    except FileFault as fault:
        raise SourceUnavailable(f"{file} {fault.reason}; publish one, or name another") from fault
