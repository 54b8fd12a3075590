"""``aegis infer``."""

from pathlib import Path
from typing import Any

import click

from aegismatrix_engine.cli.clock import clock_source, current_moment, stated_commit
from aegismatrix_engine.cli.options import (
    CONTEXT,
    bars_together,
    calendar_option,
    json_option,
    live_options,
    market_option,
    models_option,
    output_option,
    record_option,
    source_options,
    verbosity_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_error, print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings, InferSettings


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@market_option
@calendar_option
@source_options
@models_option
@output_option
@live_options
@record_option
@click.option(
    "--allow-degraded",
    envvar="AEGIS_ALLOW_DEGRADED",
    show_envvar=True,
    is_flag=True,
    help="Publish with the climatology prior in place of models that are not healthy; ends with exit code 10.",
)
@click.option(
    "--retrain-if-unhealthy",
    envvar="AEGIS_RETRAIN_IF_UNHEALTHY",
    show_envvar=True,
    is_flag=True,
    help="Train a new set first where a model is not healthy; health in the document says so. Models that were rolled "
    "back are not replaced: the climatology prior stands in, exit code 10.",
)
@json_option
@verbosity_options
@reports_errors
@bars_together
def infer(
    *,
    bars: BarsSettings,
    output: Path,
    if_due: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> ExitCode:
    """Read history and models, write the document, print a summary.

    The document is validated first and replaced in one step. Exit code 10 says that it was published but is degraded:
    health in the document says what and why.
    """
    from aegismatrix_engine.jobs.due import request_if_due

    now = current_moment()
    request, decided = request_if_due(bars, now, output, ask=if_due)
    if not decided.due:
        if not quiet:
            say_at_rest(decided.why, as_json=as_json)
        return ExitCode.DONE

    # Nothing heavier is imported, and no model touched, before it is known that there is work.
    from aegismatrix_engine.jobs.infer import infer as made_and_written

    settings = InferSettings(output=output, clock_source=clock_source(), engine_commit=stated_commit(), **options)
    made = made_and_written(request, settings, now)
    if as_json:
        print_output(made.content)
    elif not quiet:
        from aegismatrix_engine.cli.terminal import summary

        print_output(summary(made.document, written_to=output))
    for warning in made.warnings:
        print_error(f"aegis: warning: {warning}")
    return ExitCode.DEGRADED if made.degraded else ExitCode.DONE


def say_at_rest(why: str, *, as_json: bool) -> None:
    """One line on standard output, which with --json is for a document alone."""
    line = f"nothing is due: {why}"
    if as_json:
        print_error(line)
    else:
        print_output(f"{line}\n")
