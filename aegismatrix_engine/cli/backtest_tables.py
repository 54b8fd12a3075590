"""The report of a backtest on a terminal."""

import json
from pathlib import Path

from rich.table import Table
from rich.text import Text

from aegismatrix_engine.backtest.report import BacktestReport
from aegismatrix_engine.backtest.report_tables import NOTES, heading, tables
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.cli.tables import number_table, rendered
from aegismatrix_engine.cli.terminal import progress_bar
from aegismatrix_engine.jobs.backtest_report import report
from aegismatrix_engine.jobs.settings import BarsSettings


def shown_report(folder: Path, garch: BarsSettings | None, html: Path | None, *, as_json: bool, quiet: bool) -> None:
    """Score the folder of a backtest, and show the scores; the arguments are those of the job."""
    found = report(folder, current_moment(), garch, html, progress_bar(shown=not quiet))
    if as_json:
        print_output(json.dumps(found.content(), indent=1, allow_nan=False) + "\n")
    elif not quiet:
        print_output(backtest_summary(found))


def backtest_summary(found: BacktestReport) -> str:
    """What a backtest's forecasts were worth, ready for standard output; how many events there are comes first."""
    parts: list[Text | Table] = [Text(heading(found))]
    parts += [number_table(title, *table) for title, table in tables(found)]
    return rendered([*parts, *(Text(note) for note in NOTES)])
