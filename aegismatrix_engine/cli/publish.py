"""``aegis publish``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment, refuse_set_clock, refuse_set_date
from aegismatrix_engine.cli.github_job import hand_on, scheduled_job
from aegismatrix_engine.cli.outcome import command, failed
from aegismatrix_engine.cli.published_lines import print_published, site_line
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.errors import ConfigurationError, ExitCode
from aegismatrix_engine.publishing.own_paths import OwnPaths

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.jobs.withdraw import TakenBack


@command()
@options.DOCUMENT
@options.RECORD
@options.MODELS
@options.option(
    "--branch",
    metavar="NAME",
    help="The remote's branch; made where there is none. Default: the upstream of the current branch.",
)
@options.flag("--replay", help="Publish a replay of the past, too.")
@options.option(
    "--withdraw",
    metavar="REASON",
    help="Publish nothing of ours, but the document of the branch as one that is taken back for this reason: no longer "
    "valid, every label at its middle word. The record stays as it is. A page on --site-branch follows.",
)
@options.SITE_BRANCH
@options.SITE_URL
@options.file_option(
    "--run",
    "run_file",
    help="Finish the run that `aegis run --no-publish` described in this file: publish, open and close its issues.",
)
@options.HEARTBEAT
@options.VERBOSITY
@options.paths_together
def publish(
    *,
    paths: OwnPaths,
    branch: str | None,
    replay: bool,
    withdraw: str | None,
    site_branch: str,
    site_url: str | None,
    run_file: Path | None,
    heartbeat_url: str | None,
    quiet: bool,
) -> ExitCode:
    """Commit the document, recent.json, the record and the models to a branch, and push.

    Run it inside a git work tree; checkout, index and local branches stay as they are. Where others publish too, the
    later document is kept, and so are the rows of both; models that were rolled back stay. Never by force. Exit code 10
    says that what was published before was dated later than now, and was replaced. In a job of GitHub Actions the
    commit that holds a new document is an output of the step, ``commit``.

    Of several markets, which index.json beside the document names, all are in one commit; one that cannot be published
    keeps what is published of it and stops no other, exit code 12.
    """
    now = current_moment()
    if run_file is not None and withdraw is not None:
        raise ConfigurationError("--run publishes what was made and --withdraw takes it back; give one of them")
    if withdraw is not None:
        from aegismatrix_engine.jobs import withdraw as withdrawing

        refuse_set_date("aegis publish --withdraw")
        published = withdrawing.PublishedBranch.of(Path.cwd(), paths, branch)
        page = withdrawing.PagePlace(site_branch, site_url, os.environ.get("GITHUB_REPOSITORY") or None)
        return _shown_withdrawn(withdrawing.take_back(published, withdraw, now, page), quiet=quiet)
    if run_file is not None:
        if branch is not None or replay:
            raise ConfigurationError("--run FILE says itself what is published where; leave --branch and --replay out")
        from aegismatrix_engine.cli.run_display import shown_rest

        refuse_set_clock("aegis publish --run")
        return shown_rest(run_file, scheduled_job(now, heartbeat_url), quiet=quiet)
    return _published(paths, branch, now, replay=replay, quiet=quiet)


def _published(paths: OwnPaths, branch: str | None, now: "pd.Timestamp", *, replay: bool, quiet: bool) -> ExitCode:
    from aegismatrix_engine.publishing import publish as publishing

    there = publishing.PublishedBranch.of(Path.cwd(), paths, branch)
    done = publishing.publish(there, now, replay=replay, index=publishing.index_beside(paths.document))
    print_published(done, quiet=quiet)
    if done.faults:
        return ExitCode.PARTLY_FAILED
    return ExitCode.DEGRADED if done.any_dated_ahead else ExitCode.DONE


def _shown_withdrawn(taken: "TakenBack", *, quiet: bool) -> ExitCode:
    """Print what came of a withdrawal, and hand its commit on."""
    done = taken.document
    document = f"the document as of {done.as_of} on {done.destination}"
    if done.commit is None:
        line = f"nothing to do: {document} is withdrawn for that reason already"
    else:
        line = f"withdrew {document} in {done.commit[:10]}; a document of a later moment replaces it"
    if not quiet:
        print_output(f"{line}\n")
        if taken.page is not None:
            print_output(f"{site_line(taken.page)}\n")
    if done.commit is not None:
        hand_on("commit", done.commit)
    if taken.fault is None:
        return ExitCode.DONE
    failed(taken.fault)
    print_warnings("the page still shows the document as it was, until the next run that publishes one")
    return ExitCode.PARTLY_FAILED
