"""``aegis run``: everything a scheduled job does, in its order."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aegismatrix_engine.cli.finish_run import finish, write_summary
from aegismatrix_engine.cli.infer import due_now, infer, published_close, say_at_rest
from aegismatrix_engine.cli.options import (
    CONTEXT,
    bars_options,
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
from aegismatrix_engine.cli.record import resolve
from aegismatrix_engine.cli.run_account import Account
from aegismatrix_engine.cli.run_restore import found_state
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.state.lateness import out_of_date
from aegismatrix_engine.state.run_file import RUN_FILE_NAME, Notice, RunFile, rendered

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.cli.bars import BarsAsked
    from aegismatrix_engine.jobs.check_models import ModelCheck

UNHEALTHY_TITLE = "The published models were not healthy"
PASSING = (ExitCode.SOURCE_UNAVAILABLE, ExitCode.TRY_AGAIN_LATER)
"""How a resolution may end that the next run makes up for."""


@dataclass(frozen=True)
class Job:
    """What a run was asked for. bars, files: options of the commands that read them; talk: how much they say."""

    asked: "BarsAsked"
    now: "pd.Timestamp"
    branch: str
    bars: dict[str, Any]
    files: dict[str, Path]
    talk: dict[str, bool]
    max_vix_age: int
    if_due: bool
    first: bool

    @property
    def output(self) -> Path:
        """The document."""
        return self.files["output"]

    @property
    def cache(self) -> Path | None:
        """Where the last good bars are kept."""
        cache: Path | None = self.bars["cache"]
        return cache


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
def run(
    *,
    market: str,
    calendar: Path | None,
    source: str,
    data: Path | None,
    patience: float,
    if_due: bool,
    cache: Path | None,
    max_vix_age: int,
    models: Path,
    output: Path,
    record: Path,
    branch: str,
    first: bool,
    no_publish: bool,
    heartbeat_url: str | None,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Restore what is published, check the models, infer, resolve and publish, as a scheduled job does.

    Unhealthy models are trained anew (climatology stands in where that fails) and an issue on GitHub says so. A
    degraded document is published, and the run ends with 10; where inference ends otherwise than with 0 or 10, nothing
    is published and the run ends with its exit code. A published document that is out of date and was not replaced is
    an issue, too, which the next run that publishes closes; so are a branch that is gone (73) and a record that is
    shorter than the last run left it (11). Where issues are refused the run ends with 73. In a job of GitHub Actions
    the summary gets a table.
    """
    from aegismatrix_engine.cli.bars import BarsAsked
    from aegismatrix_engine.cli.calendar import chosen_market
    from aegismatrix_engine.cli.clock import current_moment, refuse_set_clock

    refuse_set_clock("aegis run")
    now = current_moment()
    job = Job(
        asked=BarsAsked.by_options(chosen_market(market, calendar), source, data, None, cache, now, patience),
        now=now,
        branch=branch,
        bars={"source": source, "data": data, "as_of": None, "patience": patience, "cache": cache}
        | {"market": market, "calendar": calendar},
        files={"output": output, "record": record, "models": models},
        talk={"quiet": quiet, "verbose": verbose},
        max_vix_age=max_vix_age,
        if_due=if_due,
        first=first,
    )
    account = Account()
    try:
        made = prepared(job, account)
        if not no_publish:
            finish(account, made, now, heartbeat_url, quiet=quiet)
    finally:
        if not no_publish:
            write_summary(account)
    if no_publish:
        _hand_on(made)
    return account.ended


def prepared(job: Job, account: Account) -> RunFile:
    """Everything but publishing: what was made, and what has to be told."""
    found = found_state(account, job.files, job.branch, job.now, job.cache, first=job.first, quiet=job.talk["quiet"])
    notices, late, made = list(found.notices), None, False
    if found.usable:
        late = out_of_date(job.output.read_bytes(), job.now) if job.output.is_file() else None
        if not _at_rest(job, account):
            unhealthy, made = _document_made(job, account, first=found.commit is None)
            notices += unhealthy
    return RunFile(
        format="aegis-run-1",
        account=account.told(),
        made=made,
        branch=job.branch,
        **{name: str(path) for name, path in job.files.items()},
        cache=None if job.cache is None or found.cut else str(job.cache),
        notices=tuple(notices),
        out_of_date=late,
    )


def _at_rest(job: Job, account: Account) -> bool:
    """Whether nothing is due, where that was asked; the account and standard output say why."""
    if not job.if_due:
        return False
    decided = due_now(job.asked, job.now, job.output)
    account.note(decided.why)
    if not decided.due and not job.talk["quiet"]:
        say_at_rest(decided.why, as_json=False)
    return not decided.due


def _document_made(job: Job, account: Account, *, first: bool) -> tuple[list[Notice], bool]:
    """Check the models, infer, resolve: what has to be told of the models, and whether a document was made.

    first: nothing was published before, so that there are no models yet.
    """
    context = click.get_current_context()
    found = checked(job)
    account.step("check-models", ExitCode.DONE if found.healthy else ExitCode.UNHEALTHY, first=first)
    wanted = {"allow_degraded": True, "retrain_if_unhealthy": True, "max_vix_age": job.max_vix_age}
    inferred = context.invoke(infer, **job.bars, **job.files, **wanted, if_due=False, as_json=False, **job.talk)
    made = account.step("infer", inferred) in (ExitCode.DONE, ExitCode.DEGRADED)
    notices = [] if found.healthy or first else [_unhealthy(found, account, job.output if made else None)]
    if not made:
        return notices, False
    close = published_close(job.output, job.asked.market)
    # Nothing is decided before an official close, so in session there is nothing to read bars for.
    if close is not None and close.official:
        resolved = context.invoke(resolve, **job.bars, record=job.files["record"], **job.talk)
        account.step("record resolve", resolved, passing=PASSING)
    account.document(job.output)
    return notices, True


def checked(job: Job) -> "ModelCheck":
    """What ``aegis check-models`` finds, printed as it prints it."""
    from aegismatrix_engine.cli.beside import recent_beside, rollback_beside
    from aegismatrix_engine.forecasting.audit import audit
    from aegismatrix_engine.jobs.check_models import check
    from aegismatrix_engine.state.last_values_file import read_last_values
    from aegismatrix_engine.state.rollback_file import read_rollback

    market, now = job.asked.market, job.now
    last_values = read_last_values(recent_beside(job.output), now)
    rollback = read_rollback(rollback_beside(job.output), now)
    found = check(audit(job.files["models"], market.id, now), market, last_values, now, rollback)
    if not job.talk["quiet"]:
        from aegismatrix_engine.cli.terminal import check_summary

        print_output(check_summary(found))
    return found


def _unhealthy(found: "ModelCheck", account: Account, output: Path | None) -> Notice:
    """The issue about unhealthy models; output: the document made since, None where none was."""
    body = account.trouble([finding.line for finding in found.failures], output)
    state = account.trouble_state([finding.key for finding in found.failures], output)
    return Notice(UNHEALTHY_TITLE, body, state)


def _hand_on(made: RunFile) -> None:
    """Leave the rest, the summary too, to ``aegis publish --run``."""
    from aegismatrix_engine.cli.job_outputs import hand_on
    from aegismatrix_engine.files import write_atomically

    write_atomically(Path(RUN_FILE_NAME), rendered(made))
    hand_on("run", RUN_FILE_NAME)
