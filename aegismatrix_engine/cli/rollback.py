"""``aegis rollback``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.clock import current_moment, refuse_set_date
from aegismatrix_engine.cli.options import (
    CONTEXT,
    branch_option,
    market_option,
    models_option,
    output_option,
    record_folder_option,
    verbosity_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_error, print_output
from aegismatrix_engine.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from aegismatrix_engine.publishing.rollback import RolledBack


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@click.option(
    "--to",
    envvar="AEGIS_TO",
    show_envvar=True,
    metavar="COMMIT",
    help="The commit of the branch whose models are published again: its id, or the first digits of it.",
)
@click.option(
    "--lift",
    envvar="AEGIS_LIFT",
    show_envvar=True,
    is_flag=True,
    help="End the rollback: from now on a later set replaces the models again.",
)
@click.option(
    "--reason",
    envvar="AEGIS_REASON",
    show_envvar=True,
    metavar="TEXT",
    help="Why, in one line; it is published, and stands in health.notes of each document until the rollback is lifted.",
)
@click.option(
    "--force",
    envvar="AEGIS_FORCE",
    show_envvar=True,
    is_flag=True,
    help="Take a set that does not pass the audit here; climatology stands in for models that are not healthy.",
)
@branch_option
@market_option
@output_option
@record_folder_option
@models_option
@verbosity_options
@reports_errors
def rollback(
    *,
    to: str | None,
    lift: bool,
    reason: str | None,
    force: bool,
    branch: str,
    market: str,
    output: Path,
    record: Path,
    models: Path,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Publish the models of an earlier commit again, and leave them in place until --lift.

    Run it in a clone whose git may push; checkout, index, local branches and local files stay as they are. Never by
    force. While the rollback stands, trainings leave the models in place, runs make documents with them and train no
    others, and `aegis check-models` warns of it. Exit code 78 where the set does not pass the audit here.
    """
    from aegismatrix_engine.publishing import rollback as rolling_back

    if (to is None) is not lift:
        raise ConfigurationError("rollback does one of two things: give either --to COMMIT or --lift")
    refuse_set_date("aegis rollback")
    now = current_moment()
    there = rolling_back.PublishedBranch.of(Path.cwd(), rolling_back.OwnPaths(output, record, models), branch)
    if to is None:
        lifted = rolling_back.lift(there, now)
        if not quiet:
            print_output(f"{_lifted(lifted)}\n")
        return ExitCode.DONE
    done = rolling_back.roll_back(there, to, market, now, reason=reason, force=force)
    if done.fault:
        print_error(f"aegis: warning: the set does not pass the audit here: {done.fault}; climatology stands in there")
    if not quiet:
        print_output(f"{_rolled_back(done)}\n")
    return ExitCode.DONE


def _rolled_back(done: "RolledBack") -> str:
    what = f"the models of commit {done.to[:10]} (set {done.set_version})"
    if done.commit is None:
        return f"nothing to do: {done.destination} is rolled back to {what} already"
    former = "" if done.models else ", which stood there,"
    return (
        f"rolled back {done.destination} in {done.commit[:10]}: {what}{former} stay until `aegis rollback --lift`; the "
        "next run makes a document with them"
    )


def _lifted(done: "RolledBack") -> str:
    if done.commit is None:
        return f"nothing to lift: {done.destination} is not rolled back"
    what = f" to commit {done.to[:10]} (set {done.set_version})" if done.to else ", whose file was damaged,"
    return (
        f"lifted the rollback of {done.destination}{what} in {done.commit[:10]}: a later set replaces the models again"
    )
