"""``aegis infer``."""

from pathlib import Path
from typing import Any

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import clock_source, current_moment, stated_commit
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.cli.streams import print_error, print_output, print_warnings
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings, InferSettings


@command()
@options.MARKET
@options.CALENDAR
@options.BARS_UP_TO
@options.MODELS
@options.DOCUMENT
@options.LIVE
@options.folder_option(
    "--record",
    help="Folder of the record, by convention record/ beside the document: its forecasts are appended, and what it "
    "says of past ones goes into the document. Without it nothing is recorded.",
)
@options.OPTIONS
@options.flag(
    "--allow-degraded",
    help="Publish with the climatology prior in place of models that are not healthy; ends with exit code 10.",
)
@options.flag(
    "--retrain-if-unhealthy",
    help="Train a new set first where a model is not healthy; health in the document says so. Models that were rolled "
    "back are not replaced: the climatology prior is used instead, exit code 10.",
)
@options.JSON
@options.VERBOSITY
@options.bars_together
def infer(*, bars: BarsSettings, output: Path, if_due: bool, as_json: bool, quiet: bool, **settings: Any) -> ExitCode:
    """Read history and models, write the document, print a summary.

    The document is validated first and replaced in one step. Exit code 10 says that it was published but is degraded:
    health in the document says what and why.
    """
    from aegismatrix_engine.jobs.due import request_if_due

    now = current_moment()
    request, decided = request_if_due(bars, now, output, ask=if_due)
    if not decided.due:
        line = f"nothing is due: {decided.why}"
        if as_json and not quiet:
            print_error(line)  # standard output is for a document alone
        elif not quiet:
            print_output(f"{line}\n")
        return ExitCode.DONE

    # Nothing heavier is imported, and no model touched, before it is known that there is work.
    from aegismatrix_engine.jobs.infer import infer as made_and_written

    asked = InferSettings(output=output, clock_source=clock_source(), engine_commit=stated_commit(), **settings)
    made = made_and_written(request, asked, now)
    if as_json:
        print_output(made.made.content)
    elif not quiet:
        from aegismatrix_engine.cli.terminal import summary

        print_output(summary(made.document, written_to=output))
    print_warnings(*made.warnings)
    return ExitCode.DEGRADED if made.degraded else ExitCode.DONE
