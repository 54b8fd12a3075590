"""``aegis demo``."""

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ExitCode


@command()
@options.JSON
@options.VERBOSITY
def demo(*, as_json: bool, quiet: bool) -> ExitCode:
    """The whole job without network or files of yours: train, infer, validate, print.

    On the real S&P 500 and VIX history that the arch package carries (1999 to 2018). Writes nothing outside a
    temporary folder.
    """
    from aegismatrix_engine.cli.terminal import progress_bar, summary, training_summary
    from aegismatrix_engine.jobs.demo import demo as made_and_validated

    trained, made = made_and_validated(current_moment(), progress_bar(shown=not quiet))
    if as_json:
        print_output(made.content)
    elif not quiet:
        print_output(training_summary(trained, None) + summary(made.document, written_to=None))
    return ExitCode.DEGRADED if made.document.health.status == "degraded" else ExitCode.DONE
