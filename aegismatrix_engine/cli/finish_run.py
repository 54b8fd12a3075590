"""The end of a run: what was made is published, whoever has to know is told."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from aegismatrix_engine.cli.job_issues import settle, tell, tell_out_of_date
from aegismatrix_engine.cli.outcome import failed
from aegismatrix_engine.cli.publish import published
from aegismatrix_engine.cli.run_account import Account
from aegismatrix_engine.cli.streams import print_error
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.state.known_record import NAME, rendered
from aegismatrix_engine.state.lateness import OUT_OF_DATE_TITLE
from aegismatrix_engine.state.run_file import RunFile

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.publishing.publish import Published


def finish(account: Account, run: RunFile, now: "pd.Timestamp", heartbeat_url: str | None, *, quiet: bool) -> ExitCode:
    """Publish what a run made, open and close its issues, and call the monitor where all went well.

    Args:
        account: takes the steps; it holds those before where they were made in this process.
        run: what was made, and what has to be told.
        now: what the clock says.
        heartbeat_url: the monitor's address; None for none.
        quiet: whether nothing is printed but errors.
    """
    stands = _publish(account, run, now, quiet=quiet) if run.made else False
    for notice in run.notices:
        tell(account, notice.title, notice.body, now, state=notice.state)
    if stands:
        settle(account, OUT_OF_DATE_TITLE, account.recovery())
    if run.out_of_date is not None and not stands:
        tell_out_of_date(account, run.out_of_date, now)
    if account.ended == ExitCode.DONE:
        heartbeat(heartbeat_url)
    return account.ended


def _publish(account: Account, run: RunFile, now: "pd.Timestamp", *, quiet: bool) -> bool:
    """Publish a run's document, and whether a current one stands on the branch then."""
    from aegismatrix_engine.errors import AegisError
    from aegismatrix_engine.publishing.publish import OwnPaths

    paths = OwnPaths(Path(run.output), Path(run.record), Path(run.models))
    try:
        done = published(paths, run.branch, now, replay=False, quiet=quiet)
    except AegisError as error:
        account.step("publish", failed(error))
        return False
    account.step("publish", ExitCode.DEGRADED if done.dated_ahead else ExitCode.DONE)
    account.notes += done.replaced
    if done.set_kept:
        account.note(f"the published model set stays: {done.set_kept}")
    if run.cache is not None:
        keep_record(Path(run.cache), done)
    return True


def keep_record(cache: Path, done: "Published") -> None:
    """Keep how much of the record is published, beside the last good bars; that it cannot be kept is a warning."""
    from aegismatrix_engine.errors import AegisError
    from aegismatrix_engine.files import write_atomically

    if done.tip is None:
        return
    try:
        cache.mkdir(parents=True, exist_ok=True)
        write_atomically(cache / NAME, rendered(str(done.destination), done.tip, done.record))
    except (OSError, AegisError) as error:
        print_error(f"aegis: warning: what is published of the record was not kept in {cache}: {error}")


def heartbeat(url: str | None) -> None:
    """Call the monitor's address, once; a monitor that is not reached tells that itself."""
    from aegismatrix_engine.errors import AegisError
    from aegismatrix_engine.network.web import ask

    if not url:
        return
    try:
        status = ask(url, seconds=10).status
    except AegisError as error:
        print_error(f"aegis: warning: no heartbeat: {error}")
        return
    if status >= 300:
        print_error(f"aegis: warning: no heartbeat: its address answered with status {status}")


def write_summary(account: Account) -> None:
    """Add the account to the summary of the job, in GitHub Actions; its absence harms nothing."""
    from aegismatrix_engine.errors import OutputUnwritable

    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(account.markdown())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        failed(OutputUnwritable(f"the summary of the job cannot be written: {reason}"))
