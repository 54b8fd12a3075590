"""``aegis run``: everything a scheduled job does, in its order."""

from pathlib import Path
from typing import Any

import click

from aegismatrix_engine.cli.clock import current_moment, refuse_set_clock, stated_commit
from aegismatrix_engine.cli.github_job import hand_on, scheduled_job
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
from aegismatrix_engine.files import write_atomically
from aegismatrix_engine.jobs.settings import BarsSettings, RunSettings
from aegismatrix_engine.state.run_file import RUN_FILE_NAME, rendered


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
    output: Path,
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
    from aegismatrix_engine.cli.run_display import RunDisplay
    from aegismatrix_engine.jobs.run import prepare_run, run

    refuse_set_clock("aegis run")
    settings = RunSettings(bars=bars, output=output, engine_commit=stated_commit(), **options)
    job = scheduled_job(current_moment(), heartbeat_url)
    display = RunDisplay(output=output, quiet=quiet, verbose=verbose)
    if not no_publish:
        return run(settings, job, display).ended
    made = prepare_run(settings, job, display)
    # The rest, the summary too, is left to `aegis publish --run`.
    write_atomically(Path(RUN_FILE_NAME), rendered(made))
    hand_on("run", RUN_FILE_NAME)
    return ExitCode(made.account.ended)
