"""A scheduled run as it is shown while it goes on: results on standard output, the rest on standard error."""

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from aegismatrix_engine.cli.github_job import hand_on, write_summary
from aegismatrix_engine.cli.infer import say_at_rest
from aegismatrix_engine.cli.outcome import failed
from aegismatrix_engine.cli.publish import print_published
from aegismatrix_engine.cli.record import resolution_summary
from aegismatrix_engine.cli.restore import print_restored
from aegismatrix_engine.cli.streams import print_error, print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.files import write_atomically
from aegismatrix_engine.jobs.finish_run import finish_handed_on
from aegismatrix_engine.jobs.run import prepare_run, run
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.jobs.scheduled_job import RunObserver, ScheduledJob
from aegismatrix_engine.jobs.settings import RunSettings
from aegismatrix_engine.publishing.publish import Published
from aegismatrix_engine.publishing.restore import Restored
from aegismatrix_engine.state.run_file import RUN_FILE_NAME, read_run_file, rendered

if TYPE_CHECKING:
    # A run that finds nothing due needs none of what makes these.
    from aegismatrix_engine.jobs.check_models import ModelCheck
    from aegismatrix_engine.jobs.infer import Inferred
    from aegismatrix_engine.jobs.resolve import Resolved


class RunDisplay(RunObserver):
    """Prints what each step made as the command of that step prints it."""

    def __init__(self, *, output: Path, quiet: bool, verbose: bool) -> None:
        """Nothing is printed yet.

        Args:
            output: the document, as the user named it.
            quiet: whether nothing is printed but errors and warnings.
            verbose: whether errors are printed with their tracebacks.
        """
        self._output, self._quiet, self._verbose = output, quiet, verbose

    def warned(self, text: str) -> None:
        """Print a warning."""
        print_error(f"aegis: warning: {text}")

    def failed(self, error: Exception) -> None:
        """Print an error as a command that ends with it does."""
        if self._verbose:
            print_error("".join(traceback.format_exception(error)).rstrip())
        failed(error)

    def restored(self, done: Restored) -> None:
        """Print what ``aegis restore`` prints."""
        print_restored(done, quiet=self._quiet)

    def nothing_due(self, why: str) -> None:
        """Say why nothing is done."""
        if not self._quiet:
            say_at_rest(why, as_json=False)

    def models_checked(self, found: "ModelCheck") -> None:
        """Print what ``aegis check-models`` prints."""
        if not self._quiet:
            from aegismatrix_engine.cli.terminal import check_summary

            print_output(check_summary(found))

    def document_made(self, made: "Inferred") -> None:
        """Print what ``aegis infer`` prints."""
        if not self._quiet:
            from aegismatrix_engine.cli.terminal import summary

            print_output(summary(made.document, written_to=self._output))
        for warning in made.warnings:
            self.warned(warning)

    def record_resolved(self, done: "Resolved") -> None:
        """Print what ``aegis record resolve`` prints."""
        for fault in done.faults:
            self.warned(str(fault))
        if not self._quiet:
            print_output(resolution_summary(done))

    def published(self, done: Published) -> None:
        """Print what ``aegis publish`` prints, and hand the commit on."""
        print_published(done, quiet=self._quiet)

    def ended(self, summary: RunSummary) -> None:
        """Add to the summary of the job."""
        write_summary(summary.markdown())


def shown_run(settings: RunSettings, job: ScheduledJob, *, no_publish: bool, quiet: bool, verbose: bool) -> ExitCode:
    """Run, and show it; with ``no_publish`` the rest, the summary too, is left to ``aegis publish --run``."""
    display = RunDisplay(output=settings.output, quiet=quiet, verbose=verbose)
    if not no_publish:
        return run(settings, job, display).ended
    made = prepare_run(settings, job, display)
    write_atomically(Path(RUN_FILE_NAME), rendered(made))
    hand_on("run", RUN_FILE_NAME)
    return ExitCode(made.account.ended)


def shown_rest(run_file: Path, job: ScheduledJob, *, quiet: bool, verbose: bool) -> ExitCode:
    """Do what is left of a run that a file describes, and show it."""
    made = read_run_file(run_file)
    display = RunDisplay(output=Path(made.output), quiet=quiet, verbose=verbose)
    return finish_handed_on(made, job, display).ended
