"""The issues that a job keeps on GitHub about its own trouble: opened, updated, and closed when it is over."""

import os
from typing import TYPE_CHECKING

from aegismatrix_engine.cli.notify import repository_of_the_job
from aegismatrix_engine.cli.outcome import failed
from aegismatrix_engine.cli.run_account import Account
from aegismatrix_engine.cli.streams import print_error
from aegismatrix_engine.state.lateness import OUT_OF_DATE_TITLE, OutOfDate

if TYPE_CHECKING:
    import pandas as pd


def tell(account: Account, title: str, body: str, now: "pd.Timestamp", *, state: str) -> None:
    """Open the issue of a title, or comment on it where its state has changed; the account says what became of it.

    A repository that refuses it (issues are switched off, a right is missing) is a failed step of the run: nobody would
    hear. What passes, or that this is no job of GitHub Actions, is a warning.
    """
    from aegismatrix_engine.errors import AegisError, OutputUnwritable
    from aegismatrix_engine.network.github_issues import notify

    try:
        done = notify(repository_of_the_job(), title, body, now, state=state)
    except OutputUnwritable as error:
        account.step("issue", failed(error))
        account.note(f"no issue was opened: {error}")
    except AegisError as error:
        print_error(f"aegis: warning: no issue {title!r} was opened: {error}")
        account.note(f"no issue was opened: {error}")
    else:
        became = "has it already" if done.done == "unchanged" else f"was {done.done}"
        account.note(f"issue {done.number} {became}: {title}")


def settle(account: Account, title: str, body: str) -> None:
    """Close the open issue of a title, where there is one; outside of a job of GitHub Actions nothing is asked.

    A repository that refuses is a failed step, as in `tell`: that nobody would hear of the next trouble shows on a good
    day.
    """
    from aegismatrix_engine.errors import AegisError, OutputUnwritable
    from aegismatrix_engine.network.github_issues import close

    if not (os.environ.get("GITHUB_TOKEN") and os.environ.get("GITHUB_REPOSITORY")):
        return
    try:
        done = close(repository_of_the_job(), title, body)
    except OutputUnwritable as error:
        account.step("issue", failed(error))
        account.note(f"no issue could be opened if there were trouble: {error}")
    except AegisError as error:
        print_error(f"aegis: warning: whether an issue {title!r} is open is not known: {error}")
    else:
        if done is not None:
            account.note(f"issue {done.number} was closed: {title}")


def tell_out_of_date(account: Account, found: OutOfDate, now: "pd.Timestamp") -> None:
    """The one issue about a published document that is out of date, in a run that did not replace it."""
    tell(account, OUT_OF_DATE_TITLE, account.outage(found.what), now, state=found.state)
