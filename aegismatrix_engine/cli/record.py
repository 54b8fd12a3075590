"""``aegis record``: resolve what has come due, and report what the forecasts were worth."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.outcome import CONTEXT, EPILOG, command
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings, PublishedPlace

if TYPE_CHECKING:
    from aegismatrix_engine.jobs.resolve import Resolved

REASONS_SHOWN = 6


@click.group(epilog=EPILOG, context_settings=CONTEXT)
def record() -> None:
    """The record of every forecast: decide what has come due, report what the forecasts were worth."""


@command(group=record)
@options.MARKET
@options.CALENDAR
@options.BARS_UP_TO
@options.CACHE
@options.RECORD
@options.VERBOSITY
@options.bars_together
def resolve(*, bars: BarsSettings, record: Path, quiet: bool) -> ExitCode:
    """Decide the forecasts whose time has come, from the bars.

    Waits for the official close and never guesses: a session that is missing leaves a forecast open, with the reason.
    A resolution is a new row; no row is ever changed. Exit code 10 says that lines of the record are at fault which no
    document has named yet; `aegis infer --record` names each once.
    """
    from aegismatrix_engine.jobs.resolve import resolve as resolved

    found = resolved(bars, record, current_moment())
    print_warnings(*found.faults)
    if not quiet:
        print_output(resolution_summary(found))
    return ExitCode.DEGRADED if found.unreported else ExitCode.DONE


def resolution_summary(found: "Resolved") -> str:
    """How many forecasts were decided, and why the others are still open."""
    lines = [f"{len(found.rows):,} forecasts decided, {found.open_rows:,} still open"]
    lines += [f"open, {count:,}: {reason}" for reason, count in Counter(found.reasons).most_common(REASONS_SHOWN)]
    return "\n".join(lines) + "\n"


@command(group=record)
@options.MARKET
@options.CALENDAR
@options.RECORD
@options.flag(
    "--published",
    help="Read the record from the remote's branch, and count as live only what a commit of its history held in time; "
    "how fresh the document was there is reported, too.",
)
@options.BRANCH
@options.file_option(
    "--output", default=Path("aegismatrix.json"), help="With --published: where the branch holds the document."
)
@options.file_option("--html", help="Write the report as a page of its own; replaced whole or not at all.")
@options.JSON
@options.VERBOSITY
def report(
    *,
    market: str,
    markets_dir: Path | None,
    calendar: Path | None,
    record: Path,
    published: bool,
    branch: str,
    output: Path,
    html: Path | None,
    as_json: bool,
    quiet: bool,
) -> ExitCode:
    """Score every decided forecast beside climatology and the volatility index alone.

    Live forecasts are scored; those made after the fact are listed apart. With --published the record is that of the
    remote's branch, and its history the witness of what was live. Exit code 10 says that lines of the record are at
    fault: they are named, and the rest is scored.
    """
    from aegismatrix_engine.cli.record_display import shown_report

    asked = PublishedPlace(branch, output, calendar, markets_dir) if published else None
    return shown_report(market, record, current_moment(), asked, html, as_json=as_json, quiet=quiet)
