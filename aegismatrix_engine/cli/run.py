"""``aegis run``: everything a scheduled job does, in its order."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment, refuse_set_clock, stated_commit
from aegismatrix_engine.cli.github_job import scheduled_job
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import BarsSettings, RunSettings


@command()
@options.SEVERAL_MARKETS
@options.CALENDAR
@options.BARS
@options.LIVE
@options.MODELS
@options.DOCUMENT
@options.RECORD
@options.OPTIONS
@options.BRANCH
@options.flag(
    "--first",
    help="Begin a new branch where there is none, or accept a record that is shorter than it was; without it both are "
    "an alarm.",
)
@options.flag(
    "--no-publish",
    help="Do all but publish, and write run.json for `aegis publish --run run.json`, which does the rest.",
)
@options.folder_option(
    "--site",
    default=Path("site"),
    help="Folder into which the page is built; its files there are replaced. With --no-publish it has to be inside the "
    "work tree.",
)
@options.flag("--no-site", help="Build and publish no page.")
@options.SITE_BRANCH
@options.SITE_URL
@options.HEARTBEAT
@options.VERBOSITY
@options.markets_chosen
@options.bars_together
def run(
    *,
    bars: BarsSettings,
    batch: Sequence[str],
    no_publish: bool,
    site: Path,
    no_site: bool,
    heartbeat_url: str | None,
    quiet: bool,
    **settings: Any,
) -> ExitCode:
    """Restore what is published, check the models, infer, resolve and publish, as a scheduled job does.

    Unhealthy models are trained anew (where that fails, the document shows climatology instead) and an issue on GitHub
    says so. A degraded document is published, and the run ends with 10; where inference ends otherwise than with 0 or
    10, nothing is published and the run ends with its exit code. A published document that is out of date and was not
    replaced is an issue, too, which the next run that publishes closes; so are a branch that is gone (73) and a record
    that is shorter than the last run left it (11). Where issues are refused the run ends with 73. In a job of GitHub
    Actions the summary gets a table.

    After the document its page is published, by force, to a branch of its own. A page that cannot be built or published
    holds nothing back: the run ends with 12, and an issue says why. Without lets-plot (the extra `dashboard`) there is
    a note and no page, unless --site was given.

    Several markets, or --all, are published in one commit; the files and the page of each but the first are in ID/. One
    that fails keeps what is published of it and stops no other: a table says which and why, exit code 12.
    """
    from aegismatrix_engine.cli.run_display import shown_run

    refuse_set_clock("aegis run")
    named = click.get_current_context().get_parameter_source("site") is not ParameterSource.DEFAULT
    asked = RunSettings(
        bars=bars,
        engine_commit=stated_commit(),
        site=None if no_site else site,
        site_required=named,
        markets=tuple(batch),
        repository=os.environ.get("GITHUB_REPOSITORY") or None,
        **settings,
    )
    job = scheduled_job(current_moment(), heartbeat_url)
    return shown_run(asked, job, no_publish=no_publish, quiet=quiet)
