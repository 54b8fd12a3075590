"""The beginning of a run: what is published is brought here, and whether it is all there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aegismatrix_engine.cli.outcome import failed
from aegismatrix_engine.cli.restore import restored
from aegismatrix_engine.cli.run_account import Account, address_of_the_run
from aegismatrix_engine.cli.streams import print_error
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.state.known_record import KnownRecord, recall
from aegismatrix_engine.state.run_file import Notice

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.publishing.restore import Restored

BRANCH_GONE_TITLE = "The published branch is gone"
RECORD_CUT_TITLE = "The published record is shorter than it was"


@dataclass(frozen=True)
class FoundState:
    """What a run found published.

    Attributes:
        usable: whether the run can go on from it.
        commit: the branch's tip; None where a new branch is begun.
        cut: whether the record is shorter than the last run left it.
        notices: issues to be opened.
    """

    usable: bool
    commit: str | None = None
    cut: bool = False
    notices: tuple[Notice, ...] = ()


def found_state(
    account: Account,
    files: Mapping[str, Path],
    branch: str,
    now: "pd.Timestamp",
    cache: Path | None,
    *,
    first: bool,
    quiet: bool,
) -> FoundState:
    """Restore what is published, and compare it with what is known of it.

    Args:
        account: takes the steps.
        files: the options output, record and models.
        branch: the branch.
        now: what the clock says.
        cache: folder in which the last run kept how long the record was; None for none.
        first: whether a branch that is not there may be begun, and a record that is shorter accepted.
        quiet: whether nothing is printed but errors.
    """
    from aegismatrix_engine.errors import AegisError, BranchGone
    from aegismatrix_engine.publishing.restore import OwnPaths

    paths = OwnPaths(files["output"], files["record"], files["models"])
    recalled = recall(cache) if cache is not None and not first else None
    if recalled is not None and recalled.fault:
        print_error(f"aegis: warning: {recalled.fault}")
        account.note(recalled.fault)
    known = None if recalled is None else recalled.record
    try:
        done = restored(paths, branch, now, quiet=quiet)
        if done.commit is None and not first:
            raise BranchGone(_gone(done, known))
    except AegisError as error:
        account.step("restore", failed(error))
        gone = (_notice(BRANCH_GONE_TITLE, str(error)),) if isinstance(error, BranchGone) else ()
        return FoundState(usable=False, notices=gone)
    account.step("restore", ExitCode.DEGRADED if done.left else ExitCode.DONE)
    account.notes += done.left
    cut = known.cut(done.record) if known is not None and known.destination == str(done.destination) else []
    if not cut or known is None:
        return FoundState(usable=True, commit=done.commit)
    told = _shorter(done, known, cut)
    print_error(f"aegis: warning: {told}")
    account.step("record", ExitCode.UNHEALTHY)
    account.note(told)
    return FoundState(usable=True, commit=done.commit, cut=True, notices=(_notice(RECORD_CUT_TITLE, told),))


def _gone(done: "Restored", known: KnownRecord | None) -> str:
    branch = done.destination.branch
    last = "COMMIT" if known is None else known.commit
    return (
        f"there is no branch {done.destination}, so that nothing was made; if it was there before, find out who "
        f"removed it and put it back from a clone that has it, git push {done.destination.remote} "
        f"{last}:refs/heads/{branch}; only where nothing was ever published, begin it with --first"
    )


def _shorter(done: "Restored", known: KnownRecord, cut: list[str]) -> str:
    more = f" and {len(cut) - 1} more files" if len(cut) > 1 else ""
    return (
        f"the record on {done.destination} is shorter than the last run left it: {cut[0]}{more} lost lines that commit "
        f"{known.commit[:10]} held; put them back from it, or accept the loss with one run with --first"
    )


def _notice(title: str, told: str) -> Notice:
    run = address_of_the_run()
    body = f"A run found: {told}.\n" + (f"\nThe run: {run}\n" if run else "")
    return Notice(title, f"{body}\nWhat to do stands in docs/operations.md. Close this issue when it is done.\n", told)
