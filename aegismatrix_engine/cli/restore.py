"""``aegis restore``."""

from pathlib import Path
from typing import TYPE_CHECKING

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.publishing.own_paths import OwnPaths

if TYPE_CHECKING:
    from aegismatrix_engine.publishing.restore import Restored


@command()
@options.BRANCH
@options.DOCUMENT
@options.RECORD
@options.MODELS
@options.VERBOSITY
@options.paths_together
def restore(*, branch: str, paths: OwnPaths, quiet: bool) -> ExitCode:
    """Bring what is published into the work tree: the document, recent.json, the record and the models.

    These files are replaced; rows of the record that are here alone stay. Checkout, index and local branches stay as
    they are. Before the first run there is no such branch: then nothing is done, and the exit code is 0. Exit code 10
    says that a document or model set dated later than now was left on the branch.
    """
    from aegismatrix_engine.publishing import restore as restoring

    there = restoring.PublishedBranch.of(Path.cwd(), paths, branch)
    done = restoring.restore(there, current_moment())
    print_restored(done, quiet=quiet)
    return ExitCode.DEGRADED if done.left else ExitCode.DONE


def print_restored(done: "Restored", *, quiet: bool) -> None:
    """Print what came of restoring."""
    print_warnings(*(f"{clause}; it was left on the branch" for clause in done.left))
    if done.foreign:
        more = f" and {len(done.foreign) - 1} more" if len(done.foreign) > 1 else ""
        print_warnings(f"{done.foreign[0]!r}{more} was left on the branch: no file of ours has that name")
    if quiet:
        return
    if done.commit is None:
        print_output(f"nothing to restore: {done.destination} does not exist yet\n")
        return
    removed = f", {done.removed} removed" if done.removed else ""
    print_output(f"restored from {done.destination} at {done.commit[:10]}: {done.written} files changed{removed}\n")
