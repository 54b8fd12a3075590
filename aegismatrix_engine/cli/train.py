"""``aegis train``."""

from collections.abc import Sequence
from pathlib import Path

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings, TrainSettings


@command()
@options.SEVERAL_MARKETS
@options.CALENDAR
@options.BARS_UP_TO
@options.MODELS
@options.flag("--force", help="Accept a set that forecasts worse than climatology; its manifest says so.")
@options.file_option(
    "--output",
    default=Path("aegismatrix.json"),
    help="The document; where a rollback is in force beside it, a warning says that this set will not be published.",
)
@options.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=1,
    metavar="N",
    help="How many of several markets are trained at once, in a process each; the sets are the same.",
)
@options.VERBOSITY
@options.markets_chosen
@options.bars_together
def train(
    *,
    bars: BarsSettings,
    batch: Sequence[str],
    models: Path,
    force: bool,
    output: Path,
    jobs: int,
    quiet: bool,
) -> ExitCode:
    """Fit every model from the history and write them as one set.

    The old set is replaced whole or not at all. Prints what the new one was trained on and how good its forecasts were
    in the walk through the past, beside climatology. A set that scores worse than climatology beyond its noise is
    refused.

    With several markets, or --all, the first one's set is as with one alone, and that of each other is in models/ID. A
    market that fails keeps its set and stops no other: a table at the end says which and why, exit code 12.
    """
    from aegismatrix_engine.cli.train_display import shown_training, shown_trainings

    settings = TrainSettings(bars, models, output, force)
    if batch:
        return shown_trainings(settings, batch, jobs=jobs, quiet=quiet)
    return shown_training(settings, quiet=quiet)
