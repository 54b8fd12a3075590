"""``aegis run``: everything a scheduled job does, in its order."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.infer import due_now, infer, published_close, say_at_rest
from aegismatrix_engine.cli.job_issues import settle, tell, tell_out_of_date
from aegismatrix_engine.cli.options import (
    CONTEXT,
    bars_options,
    branch_option,
    calendar_option,
    live_options,
    market_option,
    models_option,
    output_option,
    record_folder_option,
    talk_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, failed, told
from aegismatrix_engine.cli.publish import publish
from aegismatrix_engine.cli.record import resolve
from aegismatrix_engine.cli.restore import restore
from aegismatrix_engine.cli.run_account import Account
from aegismatrix_engine.cli.streams import complain, put_out
from aegismatrix_engine.exit_codes import ExitCode
from aegismatrix_engine.state.lateness import OUT_OF_DATE_TITLE, OutOfDate, out_of_date

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.markets import Market
    from aegismatrix_engine.model_check import ModelCheck

UNHEALTHY_TITLE = "The published models were not healthy"
PASSING = (ExitCode.SOURCE_UNAVAILABLE, ExitCode.TRY_AGAIN_LATER)
"""How a resolution may end that the next run makes up for."""


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@market_option
@calendar_option
@bars_options
@live_options
@models_option
@output_option
@record_folder_option
@branch_option
@click.option(
    "--heartbeat-url",
    envvar="AEGIS_HEARTBEAT_URL",
    show_envvar=True,
    metavar="URL",
    help="Called after a run that ended with 0, for a monitor that hears when runs stay away.",
)
@talk_options
@told
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
    heartbeat_url: str | None,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Restore what is published, check the models, infer, resolve and publish, as a scheduled job does.

    Unhealthy models are trained anew (climatology stands in where that fails) and an issue on GitHub says so. A
    degraded document is published, and the run ends with 10; where inference ends otherwise than with 0 or 10, nothing
    is published and the run ends with its exit code. A published document that is out of date and was not replaced is
    an issue, too, which the next run that publishes closes; where issues are refused the run ends with 73. In a job of
    GitHub Actions the summary gets a table.
    """
    from aegismatrix_engine.cli.bars import BarsAsked
    from aegismatrix_engine.cli.calendar import chosen_market
    from aegismatrix_engine.cli.clock import current_moment, refuse_set_clock

    refuse_set_clock("aegis run")
    context = click.get_current_context()
    now = current_moment()
    talk = {"quiet": quiet, "verbose": verbose}
    bars = {"source": source, "data": data, "as_of": None, "patience": patience, "cache": cache}
    bars |= {"market": market, "calendar": calendar}
    files = {"output": output, "record": record, "models": models}
    asked = BarsAsked.by_options(chosen_market(market, calendar), source, data, None, cache, now, patience)
    account = Account()
    late: OutOfDate | None = None

    def finished() -> ExitCode:
        """Tell of a document that is still out of date, and the monitor of a run that went well."""
        if late is not None:
            tell_out_of_date(account, late, now)
        if account.ended == ExitCode.DONE:
            heartbeat(heartbeat_url)
        return account.ended

    try:
        if account.step("restore", context.invoke(restore, branch=branch, **files, **talk)) != ExitCode.DONE:
            return finished()
        if output.is_file():
            late = out_of_date(output.read_bytes(), now)
        if if_due:
            decided = due_now(asked, now, output)
            account.note(decided.why)
            if not decided.due:
                if not quiet:
                    say_at_rest(decided.why, as_json=False)
                return finished()
        first = not output.exists() and not any(models.glob("*.joblib"))
        found = checked(models, asked.market, output, now, quiet=quiet)
        account.step("check-models", ExitCode.DONE if found.healthy else ExitCode.UNHEALTHY, first=first)
        wanted = {"allow_degraded": True, "retrain_if_unhealthy": True, "max_vix_age": max_vix_age}
        inferred = context.invoke(infer, **bars, **files, **wanted, if_due=False, as_json=False, **talk)
        made = account.step("infer", inferred) in (ExitCode.DONE, ExitCode.DEGRADED)
        if not (found.healthy or first):
            tell_unhealthy(found, account, output if made else None)
        if not made:
            return finished()
        close = published_close(output, asked.market)
        # Nothing is decided before an official close, so in session there is nothing to read bars for.
        if close is not None and close.official:
            account.step("record resolve", context.invoke(resolve, **bars, record=record, **talk), passing=PASSING)
        published = account.step("publish", context.invoke(publish, **files, branch=branch, replay=False, **talk))
        account.document(output)
        if published == ExitCode.DONE:
            late = None
            settle(account, OUT_OF_DATE_TITLE, account.recovery())
        return finished()
    finally:
        write_summary(account)


def checked(models: Path, market: "Market", output: Path, now: "pd.Timestamp", *, quiet: bool) -> "ModelCheck":
    """What ``aegis check-models`` finds, printed as it prints it."""
    from aegismatrix_engine.artifacts.audit import audit
    from aegismatrix_engine.cli.beside import recent_beside
    from aegismatrix_engine.model_check import check
    from aegismatrix_engine.state.last_values_file import read_last_values

    found = check(audit(models, market.id, now), market, read_last_values(recent_beside(output), now), now)
    if not quiet:
        from aegismatrix_engine.cli.terminal import check_summary

        put_out(check_summary(found))
    return found


def tell_unhealthy(found: "ModelCheck", account: Account, output: Path | None) -> None:
    """Open the issue about unhealthy models, or comment on it; output: the document made since, None where none was."""
    body = account.trouble([finding.line for finding in found.failures], output)
    state = account.trouble_state([finding.key for finding in found.failures], output)
    tell(account, UNHEALTHY_TITLE, body, found.now, state=state)


def heartbeat(url: str | None) -> None:
    """Call the monitor's address, once; a monitor that is not reached tells that itself."""
    from aegismatrix_engine.errors import AegisError
    from aegismatrix_engine.web import ask

    if not url:
        return
    try:
        status = ask(url, seconds=10).status
    except AegisError as error:
        complain(f"aegis: warning: no heartbeat: {error}")
        return
    if status >= 300:
        complain(f"aegis: warning: no heartbeat: its address answered with status {status}")


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
