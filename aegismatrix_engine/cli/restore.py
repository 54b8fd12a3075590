"""``aegis restore``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.options import (
    CONTEXT,
    branch_option,
    models_option,
    output_option,
    record_folder_option,
    verbosity_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_error, print_output
from aegismatrix_engine.errors import ExitCode

if TYPE_CHECKING:
    from aegismatrix_engine.publishing.restore import Restored


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@branch_option
@output_option
@record_folder_option
@models_option
@verbosity_options
@reports_errors
def restore(*, branch: str, output: Path, record: Path, models: Path, quiet: bool, verbose: bool) -> ExitCode:
    """Bring what is published into the work tree: the document, recent.json, the record and the models.

    These files are replaced; rows of the record that are here alone stay. Checkout, index and local branches stay as
    they are. Before the first run there is no such branch: then nothing is done, and the exit code is 0. Exit code 10
    says that a document or model set dated later than now was left on the branch.
    """
    from aegismatrix_engine.publishing import restore as restoring

    there = restoring.PublishedBranch.of(Path.cwd(), restoring.OwnPaths(output, record, models), branch)
    done = restoring.restore(there, current_moment())
    print_restored(done, quiet=quiet)
    return ExitCode.DEGRADED if done.left else ExitCode.DONE


def print_restored(done: "Restored", *, quiet: bool) -> None:
    """Say what came of restoring."""
    for clause in done.left:
        print_error(f"aegis: warning: {clause}; it was left on the branch")
    if done.foreign:
        more = f" and {len(done.foreign) - 1} more" if len(done.foreign) > 1 else ""
        print_error(f"aegis: warning: {done.foreign[0]!r}{more} was left on the branch: no file of ours stands there")
    if not quiet:
        if done.commit is None:
            print_output(f"nothing to restore: {done.destination} does not exist yet\n")
        else:
            removed = f", {done.removed} removed" if done.removed else ""
            print_output(
                f"restored from {done.destination} at {done.commit[:10]}: {done.written} files changed{removed}\n"
            )
