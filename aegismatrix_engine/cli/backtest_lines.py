"""What ``aegis backtest`` prints: what was made, or what it would take."""

from collections import Counter

import pandas as pd
from rich.text import Text

from aegismatrix_engine.cli.streams import print_warnings
from aegismatrix_engine.cli.tables import number_table, rendered
from aegismatrix_engine.cli.terminal import progress_bar
from aegismatrix_engine.jobs.backtest import Backtested, backtest
from aegismatrix_engine.jobs.backtest_estimate import estimate
from aegismatrix_engine.jobs.settings import BacktestSettings


def made_line(settings: BacktestSettings, now: pd.Timestamp, *, quiet: bool) -> str:
    """Make a backtest, with a progress bar unless ``quiet``; what is said of it."""
    found = backtest(settings, now, progress_bar(shown=not quiet), print_warnings)
    blocks = found.blocks
    line = (
        f"{found.folder}: {found.rows:,} forecasts from {blocks[0].first} to {blocks[-1].last} in {len(blocks)} "
        f"blocks, {found.made} of them new\n"
    )
    return line + _inside_line(found) if settings.intraday else line


def _inside_line(found: Backtested) -> str:
    """How many moments inside sessions were forecast from, and why others were not."""
    counts = [block.inside for block in found.blocks if block.inside is not None]
    left_out = sum((Counter(count.left_out) for count in counts), Counter[str]())
    line = f"inside sessions: forecasts from {sum(count.moments for count in counts):,} moments"
    why = ", ".join(f"{number:,} {reason}" for reason, number in left_out.items())
    return f"{line}; none from {left_out.total():,} others: {why}\n" if why else f"{line}\n"


def estimate_summary(settings: BacktestSettings, now: pd.Timestamp) -> str:
    """Measure what a backtest takes, and put it into a table."""
    found = estimate(settings, now)
    moments = f" and {found.inside.moments:,} moments inside sessions" if settings.intraday else ""
    text = (
        f"{found.market}: {found.origins:,} sessions{moments} to forecast from, {found.first} to {found.last}, in "
        f"{found.blocks} blocks; nothing was written"
    )
    rows = (
        ("processor time, seconds", f"{found.seconds:.1f}", f"{found.seconds_a_year:.2f}"),
        ("of it before blocks are shared", f"{found.alone:.1f}", ""),
        *([("of it inside sessions", f"{found.inside.seconds:.1f}", "")] if settings.intraday else []),
        ("files, MB", f"{found.size / 1e6:.1f}", f"{found.size_a_year / 1e6:.2f}"),
    )
    table = number_table("Measured on this machine", ("", "in all", "a market-year"), rows)
    note = (
        f"Memory: {found.megabytes:.0f} MB in one process; each process of --jobs, and each worker of a cluster, needs "
        "about as much. The start of the command is not counted. docs/scale.md says what binds with many markets."
    )
    return rendered([Text(text), table, Text(note)])
