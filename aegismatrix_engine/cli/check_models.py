"""``aegis check-models``."""

import json
from pathlib import Path

import click

from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.options import (
    CONTEXT,
    calendar_option,
    json_option,
    market_option,
    models_option,
    output_option,
    verbosity_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import CheckSettings


@click.command("check-models", epilog=EPILOG, context_settings=CONTEXT)
@market_option
@calendar_option
@models_option
@output_option
@json_option
@verbosity_options
@reports_errors
def check_models(
    *,
    market: str,
    calendar: Path | None,
    models: Path,
    output: Path,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Say whether every model is fit to be used here and now.

    Each model is audited, loaded and asked its probes; the set's age, the end of the announced calendar and signals
    that stand still (from recent.json beside the document) are judged too. A rollback that stands is a warning. Exit
    code 11 where anything is unhealthy.
    """
    from aegismatrix_engine.jobs.check_models import check_set as checked

    found = checked(CheckSettings(market, calendar, models, output), current_moment())
    if as_json:
        print_output(json.dumps(found.content(), indent=1) + "\n")
    elif not quiet:
        from aegismatrix_engine.cli.terminal import check_summary

        print_output(check_summary(found))
    return ExitCode.DONE if found.healthy else ExitCode.UNHEALTHY
