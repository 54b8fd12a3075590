"""``aegis record``: resolve what has come due, and report what the forecasts were worth."""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.options import (
    CONTEXT,
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

if TYPE_CHECKING:
    from aegismatrix_engine.jobs.published_record import PublishedRecord

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
def resolve(
    *,
    market: str,
    calendar: Path | None,
    source: str,
    data: Path | None,
    as_of: str | None,
    patience: float,
    cache: Path | None,
    record: Path,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Decide the forecasts whose time has come, from the bars.

    Waits for the official close and never guesses: a session that is missing leaves a forecast open, with the reason.
    A resolution is a new row; no row is ever changed. Exit code 10 says that lines of the record are at fault which no
    document has named yet; `aegis infer --record` names each once.
    """
    from aegismatrix_engine.cli.bars import BarsAsked
    from aegismatrix_engine.cli.calendar import chosen_market
    from aegismatrix_engine.cli.clock import current_moment
    from aegismatrix_engine.record.appending import append
    from aegismatrix_engine.record.ledger import read_ledger
    from aegismatrix_engine.record.reported_faults import untold_faults
    from aegismatrix_engine.record.resolution import Open, Resolver, waiting
    from aegismatrix_engine.record.rows import ResolutionRow

    now = current_moment()
    chosen = chosen_market(market, calendar)
    ledger = read_ledger(record, market, now)
    open_rows = waiting(ledger.forecasts.values(), ledger.resolutions)
    found: list[ResolutionRow | Open] = []
    if open_rows:
        history = BarsAsked.by_options(chosen, source, data, as_of, cache, now, patience).read(now, intraday=True)
        found = list(Resolver(history).resolve(open_rows, now))
    decided = [row for row in found if isinstance(row, ResolutionRow)]
    undecided = Counter(row.reason for row in found if isinstance(row, Open))
    append(record, decided)
    for fault in ledger.faults:
        print_error(f"aegis: warning: {fault}")
    if not quiet:
        lines = [f"{len(decided):,} forecasts decided, {len(open_rows) - len(decided):,} still open"]
        lines += [f"open, {count:,}: {reason}" for reason, count in undecided.most_common(REASONS_SHOWN)]
        print_output("\n".join(lines) + "\n")
    return ExitCode.DEGRADED if untold_faults(record, market, ledger.faults) else ExitCode.DONE


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
    from aegismatrix_engine.cli.clock import current_moment
    from aegismatrix_engine.files import write_atomically
    from aegismatrix_engine.record.ledger import read_ledger
    from aegismatrix_engine.record.report import report_content, report_json, report_page
    from aegismatrix_engine.record.scoring import resolved_frame, scores

    now = current_moment()
    asked: PublishedRecord | None = None
    with _uncollected():
        if published:
            from aegismatrix_engine.cli.calendar import chosen_market
            from aegismatrix_engine.jobs.published_record import published_record

            asked = published_record(Path.cwd(), record, output, branch, chosen_market(market, calendar), now)
        ledger = read_ledger(record, market, now) if asked is None else asked.ledger
        live, replay = (scores(resolved_frame(ledger, standing)) for standing in ("live", "replay"))
    content = report_content(market, ledger, live, replay, None if asked is None else asked.witness)
    if html is not None:
        page = report_page(content, live, replay, now.floor("s").isoformat())
        write_atomically(html, page.encode())
    for fault in ledger.faults:
        print_error(f"aegis: warning: {fault}")
    if as_json:
        print_output(report_json(content).encode())
    elif not quiet:
        from aegismatrix_engine.cli.terminal import record_summary

        print_output(record_summary(content, live, replay))
    return ExitCode.DEGRADED if ledger.faults else ExitCode.DONE


@contextmanager
def _uncollected() -> Iterator[None]:
    """A year has a quarter of a million rows, all of which stay to the end: among them there is no garbage to find."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
