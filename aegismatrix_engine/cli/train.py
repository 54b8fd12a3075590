"""``aegis train``."""

from pathlib import Path

import click

from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.options import (
    CONTEXT,
    bars_together,
    calendar_option,
    market_option,
    models_option,
    source_options,
    verbosity_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_error, print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings, TrainSettings


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@market_option
@calendar_option
@source_options
@models_option
@click.option(
    "--force",
    envvar="AEGIS_FORCE",
    show_envvar=True,
    is_flag=True,
    help="Accept a set that forecasts worse than climatology; its manifest says so.",
)
@click.option(
    "--output",
    envvar="AEGIS_OUTPUT",
    show_envvar=True,
    type=click.Path(path_type=Path),
    default=Path("aegismatrix.json"),
    show_default=True,
    metavar="FILE",
    help="The document; where a rollback stands beside it, a warning says that this set will not be published.",
)
@verbosity_options
@reports_errors
@bars_together
def train(*, bars: BarsSettings, models: Path, force: bool, output: Path, quiet: bool, verbose: bool) -> ExitCode:
    """Fit every model from the history and write them as one set.

    The new set stands whole or the old one stays. Prints what it was trained on and how its forecasts fared in the
    walk through the past, beside climatology. A set that scores worse than climatology beyond its noise is refused.
    """
    from aegismatrix_engine.cli.terminal import progress_bar, training_summary
    from aegismatrix_engine.jobs.train import train_set

    now = current_moment()
    trained = train_set(TrainSettings(bars, models, output, force), now, progress_bar(shown=not quiet))
    if not quiet:
        print_output(training_summary(trained.models.manifest, trained.notes, models))
    for warning in trained.warnings:
        print_error(f"aegis: warning: {warning}")
    return ExitCode.DONE
