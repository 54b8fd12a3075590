"""``aegis check-published``."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.options import CONTEXT, talk_options
from aegismatrix_engine.cli.outcome import EPILOG, told
from aegismatrix_engine.cli.streams import put_out
from aegismatrix_engine.exit_codes import ExitCode

if TYPE_CHECKING:
    import pandas as pd


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
    default=90,
    show_default=True,
    envvar="AEGIS_MAX_AGE",
    show_envvar=True,
    metavar="MINUTES",
    help="How far beyond its own valid_until the document may be: what GitHub's delays are allowed to cost.",
)
@talk_options
@told
def check_published(*, url: str | None, file: Path | None, max_age: int, quiet: bool, verbose: bool) -> ExitCode:
    """Say whether the published document is whole and no older than it allows.

    Exit code 11 where it is older than its valid_until says, 65 where it is no valid document. Of a document whose
    schema_version has another major number, as before the first run after an upgrade, only the age is checked.
    """
    import pandas as pd

    from aegismatrix_engine.cli.clock import current_moment
    from aegismatrix_engine.document.schema.document import SCHEMA_VERSION
    from aegismatrix_engine.errors import ConfigurationError

    if (url is None) == (file is None):
        raise ConfigurationError("check-published reads one document: give either --url or --file")
    now = current_moment()
    found = _published(url, file)
    late = now - pd.Timestamp(found.valid_until)
    state = f"as of {found.as_of}, health {found.health}, valid until {found.valid_until}"
    if found.other_version:
        state += (
            f"; its schema_version is {found.other_version} and this engine's {SCHEMA_VERSION}, so that only its age "
            "was checked; the next `aegis run` publishes one of this version"
        )
    if late > pd.Timedelta(minutes=max_age):
        put_out(f"too old by {_told(late)}: {state}; see the runs of the workflow that publishes it\n")
        return ExitCode.UNHEALTHY
    if not quiet:
        put_out(f"in time: {state}\n")
    return ExitCode.DONE


@dataclass(frozen=True)
class PublishedState:
    """What a published document says of its age and health.

    other_version: its schema_version where the major number is not this engine's, else empty.
    """

    as_of: str
    valid_until: str
    health: str
    other_version: str = ""


def _published(url: str | None, file: Path | None) -> PublishedState:
    """The document's state; raises DataError for a damaged one, SourceUnavailable where there is none to be had."""
    from aegismatrix_engine.document import check_json
    from aegismatrix_engine.errors import (
        DataError,
        InvalidDocument,
        OtherSchemaVersion,
        SourceBusy,
        SourceUnavailable,
    )
    from aegismatrix_engine.files import stand_in
    from aegismatrix_engine.retries import repeated
    from aegismatrix_engine.web import ask

    if url is not None:
        answer = repeated(lambda: ask(url), SourceBusy)
        if answer.status != 200:
            raise SourceUnavailable(
                f"there is no document at --url (status {answer.status}); publish one, or check the address"
            )
        where, content = "the document at --url", answer.body
    else:
        assert file is not None, "one of them was given"
        where = str(file)
        try:
            content = file.read_bytes()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise SourceUnavailable(f"{file} cannot be read: {reason}; publish one, or name another") from error
    instead = stand_in(content)
    if instead is not None:
        raise DataError(f"{where} is damaged: it {instead}")
    try:
        document = check_json(content)
        return PublishedState(document.as_of, document.valid_until, document.health.status)
    except OtherSchemaVersion as error:
        state = _state(content, error.found)
        if state is None:
            raise DataError(
                f"{where} is damaged: no as_of, valid_until and health.status can be read; {error}"
            ) from error
        return state
    except InvalidDocument as error:
        raise DataError(f"{where} is damaged: {error}") from error


def _state(content: bytes, version: str) -> PublishedState | None:
    """What every version of the document has said so far; None where it cannot be read."""
    parsed = json.loads(content)
    try:
        as_of, valid_until, health = parsed["as_of"], parsed["valid_until"], parsed["health"]["status"]
        moments = [datetime.fromisoformat(text) for text in (as_of, valid_until)]
    except (KeyError, TypeError, ValueError):
        return None
    if any(moment.tzinfo is None for moment in moments):
        return None
    return PublishedState(as_of, valid_until, str(health), version)


def _told(late: "pd.Timedelta") -> str:
    """A time span as a person says it."""
    minutes = int(late.total_seconds() // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"
