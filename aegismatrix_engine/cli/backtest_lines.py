"""What ``aegis backtest`` prints: what was made, or what it would take."""

from collections.abc import Sequence

import pandas as pd
from rich.text import Text

from aegismatrix_engine.backtest.block_files import InsideCount
from aegismatrix_engine.cli.batch_outcomes import batch_table, show_outcome
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.cli.tables import Part, number_table, rendered
from aegismatrix_engine.cli.terminal import progress_bar
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.backtest import backtest
from aegismatrix_engine.jobs.backtest_batch import INSIDE, backtest_batch
from aegismatrix_engine.jobs.backtest_estimate import BacktestEstimate, estimate, estimates
from aegismatrix_engine.jobs.batch import batch_code
from aegismatrix_engine.jobs.settings import BacktestSettings


def made_line(settings: BacktestSettings, now: pd.Timestamp, *, quiet: bool) -> str:
    """Make a backtest, with a progress bar unless ``quiet``; what is said of it."""
    found = backtest(settings, now, progress_bar(shown=not quiet), print_warnings)
    blocks = found.blocks
    return (
        f"{found.folder}: {found.rows:,} forecasts from {blocks[0].first} to {blocks[-1].last} in {len(blocks)} "
        f"block{'s' if len(blocks) > 1 else ''}, {found.made} of them new\n{_inside_line(found.inside)}"
    )


def _inside_line(inside: InsideCount | None) -> str:
    """How many moments inside sessions were forecast from, and why others were not; nothing for closes alone."""
    if inside is None:
        return ""
    line = f"inside sessions: forecasts from {inside.moments:,} moments"
    why = ", ".join(f"{number:,} {reason}" for reason, number in inside.left_out.items())
    return f"{line}; none from {sum(inside.left_out.values()):,} others: {why}\n" if why else f"{line}\n"


def make_several(settings: BacktestSettings, markets: Sequence[str], now: pd.Timestamp, *, quiet: bool) -> ExitCode:
    """Make the backtest of each market, and show how each ended."""
    outcomes = backtest_batch(settings, markets, now, show_outcome, progress_bar(shown=not quiet))
    if not quiet:
        inside = (INSIDE,) if settings.intraday else ()
        print_output(batch_table(outcomes, ("forecasts", "from", "to", "blocks", *inside)))
    return batch_code(outcomes)


def show_estimate(settings: BacktestSettings, now: pd.Timestamp) -> ExitCode:
    """Measure what a backtest takes, and print it."""
    print_output(_summary([estimate(settings, now)]))
    return ExitCode.DONE


def show_estimates(settings: BacktestSettings, markets: Sequence[str], now: pd.Timestamp) -> ExitCode:
    """The same of several markets, each in a table of its own."""
    found, failed = estimates(settings, markets, now, show_outcome)
    if found:
        print_output(_summary(found))
    return batch_code(failed)


def _summary(found: Sequence[BacktestEstimate]) -> str:
    parts = [part for one in found for part in _of_market(one)]
    if len(found) > 1:
        parts.append(
            Text(
                f"All {len(found)} markets: {sum(one.seconds for one in found):.1f} seconds of processor time, "
                f"{sum(one.size for one in found) / 1e6:.1f} MB of files."
            )
        )
    note = (
        f"Memory: {max(one.megabytes for one in found):.0f} MB in one process; each process of --jobs, and each worker "
        "of a cluster, needs about as much. The start of the command is not counted. docs/scale.md says what binds "
        "with many markets."
    )
    return rendered([*parts, Text(note)])


def _of_market(found: BacktestEstimate) -> list[Part]:
    inside = found.inside
    moments = f" and {inside.moments:,} moments inside sessions" if inside.moments else ""
    text = (
        f"{found.market}: {found.origins:,} sessions{moments} to forecast from, {found.first} to {found.last}, in "
        f"{found.blocks} block{'s' if found.blocks > 1 else ''}; nothing was written"
    )
    rows = (
        ("processor time, seconds", f"{found.seconds:.1f}", f"{found.seconds_a_year:.2f}"),
        ("of it before blocks are shared", f"{found.alone:.1f}", ""),
        *([("of it inside sessions", f"{inside.seconds:.1f}", "")] if inside.moments else []),
        ("files, MB", f"{found.size / 1e6:.1f}", f"{found.size_a_year / 1e6:.2f}"),
    )
    return [Text(text), number_table("Measured on this machine", ("", "in all", "a market-year"), rows)]
