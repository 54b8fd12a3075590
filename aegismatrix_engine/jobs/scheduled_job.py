"""What a scheduled run is given, and who hears of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from aegismatrix_engine.errors import ExitCode, exit_code_of
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.network.repository import Repository

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.jobs.check_models import ModelCheck
    from aegismatrix_engine.jobs.infer import Inferred
    from aegismatrix_engine.jobs.resolve import Resolved
    from aegismatrix_engine.publishing.publish import Published
    from aegismatrix_engine.publishing.restore import Restored


@dataclass(frozen=True)
class ScheduledJob:
    """What surrounds a run.

    Attributes:
        folder: where git runs, inside a work tree whose remote is published to.
        now: the moment of the run, with a zone.
        repository: whose issues tell of trouble; None outside of a job on GitHub.
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


class RunObserver:
    """Hears of a run as it goes on; each method does nothing unless it is overridden."""

    def warned(self, text: str) -> None:
        """Something that ends nothing, in one line."""

    def failed(self, error: Exception) -> None:
        """A step ended in an error; the run goes on to what is left to do."""

    def restored(self, done: "Restored") -> None:
        """What is published was brought here."""

    def nothing_due(self, why: str) -> None:
        """No document is due, so that none is made."""

    def models_checked(self, found: "ModelCheck") -> None:
        """The models were judged."""

    def document_made(self, made: "Inferred") -> None:
        """A document was made and written."""

    def record_resolved(self, done: "Resolved") -> None:
        """Forecasts that came due were decided."""

    def published(self, done: "Published") -> None:
        """What was made is on the branch."""

    def ended(self, summary: RunSummary) -> None:
        """The run is over, in whatever way; called once."""


@dataclass(frozen=True)
class CurrentRun:
    """A run under way: its surroundings, what it has done so far, and who hears of it."""

    job: ScheduledJob
    summary: RunSummary
    observer: RunObserver

    @classmethod
    def begun(cls, job: ScheduledJob, observer: RunObserver | None) -> Self:
        """A run that has done nothing yet."""
        return cls(job, RunSummary(job.address), observer or RunObserver())

    def failed(self, step: str, error: Exception) -> ExitCode:
        """Note that a step ended in an error."""
        self.observer.failed(error)
        return self.summary.step(step, exit_code_of(error))
