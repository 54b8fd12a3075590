"""``aegis infer``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import clock_source, current_moment, stated_commit
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.cli.streams import print_error, print_output, print_warnings
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings, InferSettings


@command()
@options.SEVERAL_MARKETS
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
@options.markets_chosen
@options.bars_together
def infer(
    *,
    bars: BarsSettings,
    batch: Sequence[str],
    output: Path,
    if_due: bool,
    as_json: bool,
    quiet: bool,
    **settings: Any,
) -> ExitCode:
    """Read history and models, write the document, print a summary.

    The document is validated first and replaced in one step. Exit code 10 says that it was published but is degraded:
    health in the document says what and why.

    With several markets, or --all, the first one's files are as with one alone, and those of each other market are
    ID/aegismatrix.json, models/ID/ and record/ID/; index.json beside the first document lists all. A market that fails
    keeps its document and stops no other: a table at the end says which and why, exit code 12.
    """
    asked = InferSettings(output=output, clock_source=clock_source(), engine_commit=stated_commit(), **settings)
    if batch:
        from aegismatrix_engine.cli.infer_batch import infer_several

        return infer_several(bars, batch, asked, if_due=if_due, as_json=as_json, quiet=quiet)
    return _of_one_market(bars, asked, if_due=if_due, as_json=as_json, quiet=quiet)


def _of_one_market(bars: BarsSettings, asked: InferSettings, *, if_due: bool, as_json: bool, quiet: bool) -> ExitCode:
    from aegismatrix_engine.jobs.due import request_if_due

    now = current_moment()
    request, decided = request_if_due(bars, now, asked.output, ask=if_due)
    if not decided.due:
        line = f"nothing is due: {decided.why}"
        if as_json and not quiet:
            print_error(line)  # standard output is for a document alone
        elif not quiet:
            print_output(f"{line}\n")
        return ExitCode.DONE

    # Nothing heavier is imported, and no model touched, before it is known that there is work.
    from aegismatrix_engine.jobs.infer import infer as made_and_written

    made = made_and_written(request, asked, now)
    if as_json:
        print_output(made.made.content)
    elif not quiet:
        from aegismatrix_engine.cli.terminal import summary

        print_output(summary(made.document, written_to=asked.output))
    print_warnings(*made.warnings)
    return ExitCode.DEGRADED if made.degraded else ExitCode.DONE
