"""``aegis record``: resolve what has come due, and report what the forecasts were worth."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.options import (
    CONTEXT,
    bars_together,
    cache_option,
    calendar_option,
    json_option,
    market_option,
    record_folder_option,
    source_options,
    verbosity_options,
    witness_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_error, print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings, PublishedPlace

if TYPE_CHECKING:
    from aegismatrix_engine.jobs.resolve import Resolved

REASONS_SHOWN = 6


@click.group(epilog=EPILOG, context_settings=CONTEXT)
def record() -> None:
    """The record of every forecast: decide what has come due, report what the forecasts were worth."""


@record.command(epilog=EPILOG, context_settings=CONTEXT)
@market_option
@calendar_option
@source_options
@cache_option
@record_folder_option
@verbosity_options
@reports_errors
@bars_together
def resolve(*, bars: BarsSettings, record: Path, quiet: bool, verbose: bool) -> ExitCode:
    """Decide the forecasts whose time has come, from the bars.

    Waits for the official close and never guesses: a session that is missing leaves a forecast open, with the reason.
    A resolution is a new row; no row is ever changed. Exit code 10 says that lines of the record are at fault which no
    document has named yet; `aegis infer --record` names each once.
    """
    from aegismatrix_engine.jobs.resolve import resolve as resolved

    found = resolved(bars, record, current_moment())
    for fault in found.faults:
        print_error(f"aegis: warning: {fault}")
    if not quiet:
        print_output(resolution_summary(found))
    return ExitCode.DEGRADED if found.unreported else ExitCode.DONE


def resolution_summary(found: "Resolved") -> str:
    """How many forecasts were decided, and why the others are still open."""
    lines = [f"{len(found.rows):,} forecasts decided, {found.open_rows:,} still open"]
    lines += [f"open, {count:,}: {reason}" for reason, count in Counter(found.reasons).most_common(REASONS_SHOWN)]
    return "\n".join(lines) + "\n"


@record.command(epilog=EPILOG, context_settings=CONTEXT)
@market_option
@calendar_option
@record_folder_option
@witness_options
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    envvar="AEGIS_HTML",
    show_envvar=True,
    metavar="FILE",
    help="Write the report as a page of its own; replaced whole or not at all.",
)
@json_option
@verbosity_options
@reports_errors
def report(
    *,
    market: str,
    calendar: Path | None,
    record: Path,
    published: bool,
    branch: str,
    output: Path,
    html: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Score every decided forecast beside climatology and the volatility index alone.

    Live forecasts are scored; those made after the fact stand apart. With --published the record is that of the
    remote's branch, and its history the witness of what was live. Exit code 10 says that lines of the record are at
    fault: they are named, and the rest is scored.
    """
    from aegismatrix_engine.jobs.report import report as scored

    asked = None if not published else PublishedPlace(branch, output, calendar)
    found = scored(market, record, current_moment(), asked, html)
    for fault in found.faults:
        print_error(f"aegis: warning: {fault}")
    if as_json:
        print_output(found.json())
    elif not quiet:
        from aegismatrix_engine.cli.terminal import record_summary

        print_output(record_summary(found.content, found.live, found.replay))
    return ExitCode.DEGRADED if found.faults else ExitCode.DONE
