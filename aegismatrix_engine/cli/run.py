"""``aegis run``: everything a scheduled job does, in its order."""

from typing import Any

import click

from aegismatrix_engine.cli.clock import current_moment, refuse_set_clock, stated_commit
from aegismatrix_engine.cli.github_job import scheduled_job
from aegismatrix_engine.cli.options import (
    CONTEXT,
    bars_options,
    bars_together,
    branch_option,
    calendar_option,
    first_option,
    heartbeat_option,
    live_options,
    market_option,
    models_option,
    no_publish_option,
    output_option,
    record_folder_option,
    verbosity_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings, RunSettings


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@market_option
@calendar_option
@bars_options
@live_options
@models_option
@output_option
@record_folder_option
@branch_option
@first_option
@no_publish_option
@heartbeat_option
@verbosity_options
@reports_errors
@bars_together
def run(
    *,
    bars: BarsSettings,
    no_publish: bool,
    heartbeat_url: str | None,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> ExitCode:
    """Restore what is published, check the models, infer, resolve and publish, as a scheduled job does.

    Unhealthy models are trained anew (climatology stands in where that fails) and an issue on GitHub says so. A
    degraded document is published, and the run ends with 10; where inference ends otherwise than with 0 or 10, nothing
    is published and the run ends with its exit code. A published document that is out of date and was not replaced is
    an issue, too, which the next run that publishes closes; so are a branch that is gone (73) and a record that is
    shorter than the last run left it (11). Where issues are refused the run ends with 73. In a job of GitHub Actions
    the summary gets a table.
    """
    from aegismatrix_engine.cli.run_display import shown_run

    refuse_set_clock("aegis run")
    settings = RunSettings(bars=bars, engine_commit=stated_commit(), **options)
    job = scheduled_job(current_moment(), heartbeat_url)
    return shown_run(settings, job, no_publish=no_publish, quiet=quiet, verbose=verbose)
