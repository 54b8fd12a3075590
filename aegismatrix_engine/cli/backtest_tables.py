"""The report of a backtest on a terminal."""

from rich.table import Table
from rich.text import Text

from aegismatrix_engine.backtest.report import BacktestReport
from aegismatrix_engine.backtest.report_tables import heading, notes, tables
from aegismatrix_engine.cli.tables import number_table, rendered


def backtest_summary(report: BacktestReport) -> str:
    """What a backtest's forecasts were worth, ready for standard output; how many events there are comes first."""
    parts: list[Text | Table] = [Text(heading(report))]
    parts += [number_table(title, *table) for title, table in tables(report)]
    return rendered([*parts, *(Text(note) for note in notes(report))])
