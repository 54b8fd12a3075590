"""``aegis backtest report``."""

from pathlib import Path

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings


@command("report")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@options.flag(
    "--garch",
    help="Compare with a GJR-GARCH with t shocks, too, fitted to the same bars whenever the models were; needs the "
    "extra `garch`, and the bars of the backtest (--source, --data).",
)
@options.BARS
@options.MARKETS_DIR
@options.CALENDAR
@options.file_option("--html", help="Write the report as a page of its own; replaced whole or not at all.")
@options.JSON
@options.VERBOSITY
def report(
    *,
    folder: Path,
    garch: bool,
    source: str,
    data: Path | None,
    patience: float,
    markets_dir: Path | None,
    calendar: Path | None,
    html: Path | None,
    as_json: bool,
    quiet: bool,
) -> ExitCode:
    """Score the forecasts of a backtest in the folder DIR beside climatology and the volatility index alone.

    First how many events there are; then skill with t values and intervals that allow for overlapping horizons, by
    sessions to the end and by year; coverage, where closes fell in the distributions, and CRPS. --json adds
    reliability and every number. Bars are read for --garch only. docs/backtest.md explains the numbers.

    Of several markets DIR holds a folder each, which are scored one after another; --json then is a map by market.
    """
    from aegismatrix_engine.cli.backtest_tables import shown_report

    bars = None
    if garch:
        bars = BarsSettings("", source, data, calendar=calendar, patience=patience, markets_dir=markets_dir)
    return shown_report(folder, bars, html, as_json=as_json, quiet=quiet)
