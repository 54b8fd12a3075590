"""What a scheduled run is given, and who is informed of its steps."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from aegismatrix_engine.errors import exit_code_of
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.network.repository import Repository

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.jobs.batch import MarketOutcome
    from aegismatrix_engine.jobs.check_models import ModelCheck
    from aegismatrix_engine.jobs.infer import Inferred
    from aegismatrix_engine.jobs.resolve import Resolved
    from aegismatrix_engine.markets import Due
    from aegismatrix_engine.publishing.publish import Published
    from aegismatrix_engine.publishing.restore import Restored
    from aegismatrix_engine.publishing.site_branch import SitePublished

Event: TypeAlias = Union[
    str,
    Exception,
    "Restored",
    "Due",
    "ModelCheck",
    "Inferred",
    "Resolved",
    "Published",
    "SitePublished",
    "MarketOutcome",
    tuple["MarketOutcome", ...],
    RunSummary,
]
"""What a run informs of: a warning, the error of a step, what a step made, that no document is due, and once, at the
end, the summary of it all. Of several markets, the error of one as it comes, and how all ended."""
Observer: TypeAlias = Callable[[Event], None]


def unobserved(event: Event) -> None:
    """The observer of a run that nobody watches."""


@dataclass(frozen=True)
class ScheduledJob:
    """What surrounds a run.

    Attributes:
        folder: where git runs, inside a work tree whose remote is published to.
        now: the moment of the run, with a zone.
        repository: where issues are opened about trouble; None outside of a job on GitHub.
        no_repository: why there is none, with the remedy.
        address: of the job's page on GitHub; empty outside of one.
        heartbeat_url: called after a run that ended well; None for no monitor.
    """

    folder: Path
    now: "pd.Timestamp"
    repository: Repository | None = None
    no_repository: str = "no repository was named"
    address: str = ""
    heartbeat_url: str | None = None


@dataclass(frozen=True)
class CurrentRun:
    """A run under way: its surroundings, what it has done so far, and its observer."""

    job: ScheduledJob
    summary: RunSummary
    observer: Observer

    def failed(self, step: str, error: Exception) -> None:
        """Note that a step ended in an error."""
        self.observer(error)
        self.summary.step(step, exit_code_of(error))
