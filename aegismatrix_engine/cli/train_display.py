"""The training of one model set, or of those of several markets, and what is shown of it."""

from collections.abc import Sequence

from aegismatrix_engine.cli.batch_outcomes import batch_table, show_outcome
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.cli.terminal import progress_bar, training_summary
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.batch import batch_code
from aegismatrix_engine.jobs.settings import TrainSettings
from aegismatrix_engine.jobs.train import train_set
from aegismatrix_engine.jobs.train_batch import train_batch


def shown_training(settings: TrainSettings, *, quiet: bool) -> ExitCode:
    """Train the set of one market, and show what it was trained on and how good it was."""
    trained = train_set(settings, current_moment(), progress_bar(shown=not quiet))
    if not quiet:
        print_output(training_summary(trained, settings.models))
    print_warnings(*trained.warnings)
    return ExitCode.DONE


def shown_trainings(settings: TrainSettings, markets: Sequence[str], *, jobs: int, quiet: bool) -> ExitCode:
    """Train a set for each market, and show how each ended."""
    bar = progress_bar(shown=not quiet)
    outcomes = train_batch(settings, markets, current_moment(), show_outcome, progress=bar, jobs=jobs)
    if not quiet:
        print_output(batch_table(outcomes, ("set", "trained on", "models")))
    return batch_code(outcomes)
