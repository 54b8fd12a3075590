"""The demo, and what is shown of it."""

from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.cli.terminal import progress_bar, summary, training_summary
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.demo import demo


def shown_demo(*, as_json: bool, quiet: bool) -> ExitCode:
    """Train, infer and validate, and show the set and the document."""
    trained, made = demo(current_moment(), progress_bar(shown=not quiet))
    if as_json:
        print_output(made.content)
    elif not quiet:
        print_output(training_summary(trained, None) + summary(made.document, written_to=None))
    return ExitCode.DEGRADED if made.document.health.status == "degraded" else ExitCode.DONE
