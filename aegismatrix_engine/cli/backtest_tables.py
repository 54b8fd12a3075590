"""Reports of backtests on a terminal."""

import json
from collections.abc import Collection
from pathlib import Path

from rich.table import Table
from rich.text import Text

from aegismatrix_engine.backtest.report import BacktestReport
from aegismatrix_engine.backtest.report_tables import heading, notes, tables
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.outcome import failed
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.cli.tables import number_table, rendered
from aegismatrix_engine.cli.terminal import progress_bar
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.backtest_report import market_folders, report, reports, write_page
from aegismatrix_engine.jobs.settings import BarsSettings


def shown_report(
    folder: Path, garch: BarsSettings | None, html: Path | None, *, as_json: bool, quiet: bool
) -> ExitCode:
    """Score the folder of a backtest, or that of several, and show the scores.

    Args:
        folder: as given.
        garch: where bars come from, to fit a GJR-GARCH to them; None for no such baseline.
        html: file that the scores are written to as a page; None for none.
        as_json: whether JSON is printed instead of tables.
        quiet: whether no tables are printed.
    """
    now, progress, folders = current_moment(), progress_bar(shown=not quiet), market_folders(folder)
    found: dict[str, BacktestReport] = {}
    if not folders:
        found[""] = report(folder, now, garch, progress)
    for market, one in reports(folders, now, garch, progress):
        if isinstance(one, Exception):
            failed(one, market)
        else:
            found[market] = one
    if html is not None and found:
        write_page(html, list(found.values()))
    if as_json:
        contents = {market: one.content() for market, one in found.items()}
        print_output(json.dumps(contents if folders else contents[""], indent=1, allow_nan=False) + "\n")
    elif not quiet and found:
        print_output(backtest_summary(found.values()))
    return ExitCode.PARTLY_FAILED if len(found) < len(folders) else ExitCode.DONE


def backtest_summary(found: Collection[BacktestReport]) -> str:
    """What forecasts were worth, ready for standard output; of each backtest how many events there are comes first."""
    parts: list[Text | Table] = []
    for one in found:
        parts.append(Text(heading(one)))
        parts += [number_table(title, *table) for title, table in tables(one)]
    return rendered([*parts, *(Text(note) for note in notes(found))])
