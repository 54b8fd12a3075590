"""``aegis publish``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.clock import current_moment, refuse_set_clock, refuse_set_date
from aegismatrix_engine.cli.github_job import hand_on, scheduled_job
from aegismatrix_engine.cli.options import CONTEXT, heartbeat_option, models_option, output_option, verbosity_options
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_error, print_output
from aegismatrix_engine.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.publishing.publish import Published


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@output_option
@click.option(
    "--record",
    envvar="AEGIS_RECORD",
    show_envvar=True,
    type=click.Path(path_type=Path),
    default=Path("record"),
    show_default=True,
    metavar="DIR",
    help="Folder of the record of forecasts.",
)
@models_option
@click.option(
    "--branch",
    envvar="AEGIS_BRANCH",
    show_envvar=True,
    metavar="NAME",
    help="The remote's branch; made where there is none. Default: the upstream of the current branch.",
)
@click.option(
    "--replay",
    envvar="AEGIS_REPLAY",
    show_envvar=True,
    is_flag=True,
    help="Publish a replay of the past, too.",
)
@click.option(
    "--withdraw",
    envvar="AEGIS_WITHDRAW",
    show_envvar=True,
    metavar="REASON",
    help="Publish nothing of ours, but the document of the branch as one that is taken back for this reason: no longer "
    "valid, every label at its middle word. The record stays as it is.",
)
@click.option(
    "--run",
    "run_file",
    envvar="AEGIS_RUN",
    show_envvar=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Finish the run that `aegis run --no-publish` described in this file: publish, open and close its issues.",
)
@heartbeat_option
@verbosity_options
@reports_errors
def publish(
    *,
    output: Path,
    record: Path,
    models: Path,
    branch: str | None,
    replay: bool,
    withdraw: str | None,
    run_file: Path | None,
    heartbeat_url: str | None,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Commit the document, recent.json, the record and the models to a branch, and push.

    Run it inside a git work tree; checkout, index and local branches stay as they are. Where others publish too, the
    later document stands and the rows of both are kept; models that were rolled back stay. Never by force. Exit code 10
    says that what was published before was dated later than now, and was replaced. In a job of GitHub Actions the
    commit that holds a new document is an output of the step, ``commit``.
    """
    now = current_moment()
    if run_file is not None and withdraw is not None:
        raise ConfigurationError("--run publishes what was made and --withdraw takes it back; give one of them")
    if withdraw is not None:
        return _withdraw(output, record, models, branch, withdraw, now, quiet=quiet)
    if run_file is not None:
        if branch is not None or replay:
            raise ConfigurationError("--run FILE says itself what is published where; leave --branch and --replay out")
        from aegismatrix_engine.cli.run_display import shown_rest

        refuse_set_clock("aegis publish --run")
        return shown_rest(run_file, scheduled_job(now, heartbeat_url), quiet=quiet, verbose=verbose)
    from aegismatrix_engine.publishing import publish as publishing

    there = publishing.PublishedBranch.of(Path.cwd(), publishing.OwnPaths(output, record, models), branch)
    done = publishing.publish(there, now, replay=replay)
    print_published(done, quiet=quiet)
    return ExitCode.DEGRADED if done.dated_ahead else ExitCode.DONE


def print_published(done: "Published", *, quiet: bool) -> None:
    """Say what came of publishing, and hand the commit of a new document on."""
    for clause in done.replaced:
        print_error(f"aegis: warning: {clause}")
    if not quiet:
        print_output(f"{_summary(done)}\n")
    if done.document and done.commit is not None:
        hand_on("commit", done.commit)


def _withdraw(
    output: Path, record: Path, models: Path, branch: str | None, reason: str, now: "pd.Timestamp", *, quiet: bool
) -> ExitCode:
    from aegismatrix_engine.publishing import withdraw as withdrawing

    refuse_set_date("aegis publish --withdraw")
    there = withdrawing.PublishedBranch.of(Path.cwd(), withdrawing.OwnPaths(output, record, models), branch)
    done = withdrawing.withdraw(there, reason, now)
    if not quiet:
        document = f"the document as of {done.as_of} on {done.destination}"
        if done.commit is None:
            print_output(f"nothing to do: {document} is withdrawn for that reason already\n")
        else:
            print_output(f"withdrew {document} in {done.commit[:10]}; a document of a later moment replaces it\n")
    if done.commit is not None:
        hand_on("commit", done.commit)
    return ExitCode.DONE


def _summary(done: "Published") -> str:
    """What was committed where, in one line."""
    why = "was withdrawn and stays until one of a later moment" if done.withdrawn else "is newer than ours and stays"
    stays = "" if done.ours else f"; the document published there {why}"
    stays += f"; the model set published there stays: {done.set_kept}" if done.set_kept else ""
    if done.commit is None and done.set_kept:
        return f"nothing published to {done.destination}{stays}"
    if done.commit is None:
        return f"nothing to publish: {done.destination} has it all{stays}"
    parts = [f"document as of {done.as_of}"] if done.document else []
    parts += [f"{done.rows} new row{'s' if done.rows != 1 else ''}"] if done.rows else []
    parts += ["models"] if done.models else []
    return f"published to {done.destination} in {done.commit[:10]}: {', '.join(parts) or 'other files'}{stays}"
