"""``aegis rollback``."""

from pathlib import Path
from typing import TYPE_CHECKING

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment, refuse_set_date
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.errors import ConfigurationError, ExitCode
from aegismatrix_engine.publishing.own_paths import OwnPaths

if TYPE_CHECKING:
    from aegismatrix_engine.publishing.rollback import RolledBack


@command()
@options.option(
    "--to",
    metavar="COMMIT",
    help="The commit of the branch whose models are published again: its id, or the first digits of it.",
)
@options.flag("--lift", help="End the rollback: from now on a later set replaces the models again.")
@options.option(
    "--reason",
    metavar="TEXT",
    help="Why, in one line; it is published, in health.notes of each document until the rollback is lifted.",
)
@options.flag(
    "--force",
    help="Take a set that does not pass the audit here; models that are not healthy are replaced by climatology.",
)
@options.BRANCH
@options.MARKET
@options.DOCUMENT
@options.RECORD
@options.MODELS
@options.VERBOSITY
@options.paths_together
def rollback(
    *,
    to: str | None,
    lift: bool,
    reason: str | None,
    force: bool,
    branch: str,
    market: str,
    markets_dir: Path | None,
    paths: OwnPaths,
    quiet: bool,
) -> ExitCode:
    """Publish the models of an earlier commit again, and leave them in place until --lift.

    Run it in a clone whose git may push; checkout, index, local branches and local files stay as they are. Never by
    force. Until it is lifted, trainings leave the models in place, runs make documents with them and train no others,
    and `aegis check-models` warns of it. Exit code 78 where the set does not pass the audit here.
    """
    from aegismatrix_engine.publishing import rollback as rolling_back

    if (to is None) is not lift:
        raise ConfigurationError("rollback does one of two things: give either --to COMMIT or --lift")
    refuse_set_date("aegis rollback")
    now = current_moment()
    there = rolling_back.PublishedBranch.of(Path.cwd(), paths, branch)
    if to is None:
        line = _lifted(rolling_back.lift(there, now))
    else:
        done = rolling_back.roll_back(there, to, market, now, reason=reason, force=force)
        line = _rolled_back(done)
        if done.fault:
            print_warnings(f"the set does not pass the audit here: {done.fault}; climatology replaces such models here")
    if not quiet:
        print_output(f"{line}\n")
    return ExitCode.DONE


def _rolled_back(done: "RolledBack") -> str:
    what = f"the models of commit {done.to[:10]} (set {done.set_version})"
    if done.commit is None:
        return f"nothing to do: {done.destination} is rolled back to {what} already"
    former = "" if done.models else ", already published there,"
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
