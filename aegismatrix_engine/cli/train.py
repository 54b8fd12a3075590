"""``aegis train``."""

from pathlib import Path

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings, TrainSettings


@command()
@options.MARKET
@options.CALENDAR
@options.BARS_UP_TO
@options.MODELS
@options.flag("--force", help="Accept a set that forecasts worse than climatology; its manifest says so.")
@options.file_option(
    "--output",
    default=Path("aegismatrix.json"),
    help="The document; where a rollback is in force beside it, a warning says that this set will not be published.",
)
@options.VERBOSITY
@options.bars_together
def train(*, bars: BarsSettings, models: Path, force: bool, output: Path, quiet: bool) -> ExitCode:
    """Fit every model from the history and write them as one set.

    The old set is replaced whole or not at all. Prints what the new one was trained on and how good its forecasts were
    in the walk through the past, beside climatology. A set that scores worse than climatology beyond its noise is
    refused.
    """
    from aegismatrix_engine.cli.terminal import progress_bar, training_summary
    from aegismatrix_engine.jobs.train import train_set

    now = current_moment()
    trained = train_set(TrainSettings(bars, models, output, force), now, progress_bar(shown=not quiet))
    if not quiet:
        print_output(training_summary(trained, models))
    print_warnings(*trained.warnings)
    return ExitCode.DONE
