"""Reports of backtests on a terminal."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rich.table import Table
from rich.text import Text

from aegismatrix_engine.backtest.report import BacktestReport
from aegismatrix_engine.backtest.report_tables import NOTES, heading, tables
from aegismatrix_engine.cli.outcome import failed
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.cli.tables import number_table, rendered
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.backtest_report import market_folders, report, reports, write_page
from aegismatrix_engine.jobs.settings import BarsSettings
from aegismatrix_engine.training.walk_forward import Progress


def show_report(
    folder: Path,
    now: pd.Timestamp,
    garch: BarsSettings | None,
    progress: Progress,
    *,
    html: Path | None,
    as_json: bool,
    quiet: bool,
) -> ExitCode:
    """Score the backtest of a folder, or each of several, and print or write what was found."""
    folders = market_folders(folder)
    found: dict[str, BacktestReport] = {}
    if folders:
        for market, one in reports(folders, now, garch, progress):
            if isinstance(one, Exception):
                failed(one, market)
            else:
                found[market] = one
    else:
        one = report(folder, now, garch, progress)
        found[one.market] = one
    if html is not None and found:
        write_page(html, list(found.values()))
    if as_json:
        content = {market: one.content() for market, one in found.items()}
        _print_json(content if folders else next(iter(content.values())))
    elif not quiet and found:
        print_output(backtest_summary(found))
    return ExitCode.PARTLY_FAILED if len(found) < len(folders) else ExitCode.DONE


def _print_json(content: Mapping[str, object]) -> None:
    print_output(json.dumps(content, indent=1, allow_nan=False) + "\n")


def backtest_summary(found: Mapping[str, BacktestReport]) -> str:
    """What forecasts were worth, ready for standard output; how many events there are comes first."""
    parts: list[Text | Table] = []
    for one in found.values():
        parts.append(Text(heading(one)))
        parts += [number_table(title, *table) for title, table in tables(one)]
    return rendered([*parts, *(Text(note) for note in NOTES)])
