"""``aegis publish``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.options import CONTEXT, models_option, output_option, talk_options
from aegismatrix_engine.cli.outcome import EPILOG, told
from aegismatrix_engine.cli.streams import complain, put_out
from aegismatrix_engine.exit_codes import ExitCode

if TYPE_CHECKING:
    from aegismatrix_engine.publish import OwnPaths, Published


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
@talk_options
@told
def publish(
    *,
    output: Path,
    record: Path,
    models: Path,
    branch: str | None,
    replay: bool,
    withdraw: str | None,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Commit the document, recent.json, the record and the models to a branch, and push.

    Run it inside a git work tree; checkout, index and local branches stay as they are. Where others publish too, the
    later document stands and the rows of both are kept; models that were rolled back stay. Never by force. Exit code 10
    says that what was published before was dated later than now, and was replaced. In a job of GitHub Actions the
    commit that holds a new document is an output of the step, ``commit``.
    """
    from aegismatrix_engine.cli.clock import current_moment
    from aegismatrix_engine.publish import OwnPaths
    from aegismatrix_engine.publish import publish as published_to

    if withdraw is not None:
        return _withdraw(OwnPaths(output, record, models), branch, withdraw, quiet=quiet)
    done = published_to(Path.cwd(), OwnPaths(output, record, models), branch, current_moment(), replay=replay)
    for clause in done.replaced:
        complain(f"aegis: warning: {clause}")
    if not quiet:
        put_out(f"{_summary(done)}\n")
    if done.document and done.commit is not None:
        _hand_on(done.commit)
    return ExitCode.DEGRADED if done.dated_ahead else ExitCode.DONE


def _withdraw(paths: "OwnPaths", branch: str | None, reason: str, *, quiet: bool) -> ExitCode:
    from aegismatrix_engine.cli.clock import current_moment, refuse_set_date
    from aegismatrix_engine.state.rollback_file import checked_reason
    from aegismatrix_engine.withdraw import withdraw

    refuse_set_date("aegis publish --withdraw")
    done = withdraw(Path.cwd(), paths, branch, checked_reason(reason, "--withdraw"), current_moment())
    if not quiet:
        told = f"the document as of {done.as_of} on {done.destination}"
        if done.commit is None:
            put_out(f"nothing to do: {told} is withdrawn for that reason already\n")
        else:
            put_out(f"withdrew {told} in {done.commit[:10]}; a document of a later moment replaces it\n")
    if done.commit is not None:
        _hand_on(done.commit)
    return ExitCode.DONE


def _hand_on(commit: str) -> None:
    """Make a commit an output of the job's step; raises OutputUnwritable."""
    from aegismatrix_engine.errors import OutputUnwritable

    path = os.environ.get("GITHUB_OUTPUT")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"commit={commit}\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputUnwritable(
            f"GITHUB_OUTPUT {path} cannot be written: {reason}; unset it, or make it a file"
        ) from error


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
