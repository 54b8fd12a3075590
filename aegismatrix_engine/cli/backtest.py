"""``aegis backtest``: what the engine would have forecast on past sessions, and what that was worth."""

import click

from aegismatrix_engine.cli.backtest_report import report
from aegismatrix_engine.cli.outcome import CONTEXT, EPILOG


@click.group(epilog=EPILOG, context_settings=CONTEXT)
def backtest() -> None:
    """Every forecast of past sessions in files that anyone can score, and their scores."""


backtest.add_command(report)
