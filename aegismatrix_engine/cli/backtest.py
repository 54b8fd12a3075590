"""``aegis backtest``: what the engine would have forecast on past sessions, and what that was worth."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.backtest_report import report
from aegismatrix_engine.cli.clock import current_moment, stated_commit
from aegismatrix_engine.cli.outcome import CONTEXT, EPILOG, command
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings

DATE = click.DateTime(["%Y-%m-%d"])


class RunByDefault(click.Group):
    """A group that takes options without a command as those of its command ``run``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``run`` before arguments that begin with neither a command nor --help."""
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["run", *args])


@click.group(cls=RunByDefault, epilog=EPILOG, context_settings=CONTEXT)
def backtest() -> None:
    """Every forecast of past sessions in files that anyone can score, and their scores.

    Without a command `run` is meant: `aegis backtest --output DIR` makes a backtest, `aegis backtest report DIR` scores
    it.
    """


@command(group=backtest)
@options.several_markets("Each of several has a folder in --output, DIR/ID.")
@options.CALENDAR
@options.BARS
@options.option(
    "--from",
    "first",
    type=DATE,
    metavar="DATE",
    help="The first session forecast from. Default: the earliest possible.",
)
@options.option(
    "--to", "last", type=DATE, metavar="DATE", help="The last session forecast from. Default: the last complete one."
)
@options.option(
    "--refit",
    type=click.IntRange(min=1),
    default=63,
    metavar="SESSIONS",
    help="How many sessions models are used for before they are fitted anew.",
)
@options.option(
    "--intraday",
    default="",
    show_default=False,
    metavar="TIME,...",
    help="Forecast from inside sessions, too, at these clock times of the exchange, such as 10:15,12:30; needs bars "
    "inside sessions.",
)
@options.folder_option(
    "--output", default=Path("backtest"), help="Folder of the backtest; one that was stopped goes on where it was."
)
@options.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="Processes at work at once; the files are the same for any number.",
)
@options.option(
    "--scheduler",
    metavar="ADDRESS",
    help="A Dask scheduler, tcp://HOST:PORT, whose workers do the work instead; needs the extra `dask`.",
)
@options.folder_option(
    "--shared-folder",
    help="Folder that this command and all workers see under this path: results come back through it, not over "
    "connections. Empty again afterwards.",
)
@options.flag(
    "--estimate",
    help="Say what this backtest takes in processor time, memory and bytes, measured on one block; write nothing.",
)
@options.VERBOSITY
@options.markets_chosen
@options.bars_together
def run(
    *,
    bars: BarsSettings,
    batch: Sequence[str],
    first: datetime | None,
    last: datetime | None,
    refit: int,
    intraday: str,
    output: Path,
    jobs: int,
    scheduler: str | None,
    shared_folder: Path | None,
    estimate: bool,
    quiet: bool,
) -> ExitCode:
    """Forecast from every session's close in the past, as the engine would have then, and write down what came.

    With --intraday also from moments inside sessions, where the bars reach.

    Models are fitted every --refit sessions to bars up to that session alone, and forecast until the next fit. Needs
    750 sessions before the first forecast. The same options again go on with a run that was stopped.

    With several markets, or --all, each has a folder of its own in --output, named by its id. A market that fails stops
    no other: a table at the end says which and why, exit code 12.
    """
    from aegismatrix_engine.cli import backtest_lines

    start, end = (None if date is None else f"{date:%Y-%m-%d}" for date in (first, last))
    place = output, jobs, stated_commit(), scheduler, shared_folder
    settings, now = BacktestSettings(bars, start, end, refit, *place, intraday), current_moment()
    if batch and estimate:
        return backtest_lines.show_estimates(settings, batch, now)
    if batch:
        return backtest_lines.make_several(settings, batch, now, quiet=quiet)
    if estimate:
        return backtest_lines.show_estimate(settings, now)
    line = backtest_lines.made_line(settings, now, quiet=quiet)
    if not quiet:
        print_output(line)
    return ExitCode.DONE


backtest.add_command(report)
