"""A scheduled run as it is shown while it goes on: results on standard output, the rest on standard error."""

from pathlib import Path
from typing import TYPE_CHECKING

from aegismatrix_engine.cli.github_job import hand_on, write_summary
from aegismatrix_engine.cli.outcome import failed
from aegismatrix_engine.cli.published_lines import print_published, site_line
from aegismatrix_engine.cli.restore import print_restored
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.files import write_atomically
from aegismatrix_engine.jobs.batch import MarketOutcome
from aegismatrix_engine.jobs.finish_run import finish_handed_on
from aegismatrix_engine.jobs.run import prepare_run, run
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.jobs.scheduled_job import Observer, ScheduledJob
from aegismatrix_engine.jobs.settings import RunSettings
from aegismatrix_engine.markets import Due
from aegismatrix_engine.publishing.publish import Published
from aegismatrix_engine.publishing.restore import Restored
from aegismatrix_engine.publishing.site_branch import SitePublished
from aegismatrix_engine.state.run_file import RUN_FILE_NAME, read_run_file, rendered

if TYPE_CHECKING:
    from aegismatrix_engine.jobs.scheduled_job import Event


def _display(output: Path, *, quiet: bool) -> Observer:
    """What prints each event of a run as the command of that step prints it; ``output`` is the document."""

    def show(event: "Event") -> None:
        match event:
            case str():
                print_warnings(event)
            case Exception():
                failed(event)
            case MarketOutcome() | tuple():
                _show_several(event, quiet=quiet)
            case Restored():
                print_restored(event, quiet=quiet)
            case Due():
                if not quiet:
                    print_output(f"nothing is due: {event.why}\n")
            case Published():
                print_published(event, quiet=quiet)
            case SitePublished():
                if not quiet:
                    print_output(f"{site_line(event)}\n")
            case RunSummary():
                write_summary(event.markdown())
            case _:
                # A run that finds nothing due loads no models, and nothing that shows them.
                from aegismatrix_engine.cli.run_steps import step_summary

                text, warnings = step_summary(event, output)
                if not quiet:
                    print_output(text)
                print_warnings(*warnings)

    return show


def _show_several(event: "MarketOutcome | tuple[MarketOutcome, ...]", *, quiet: bool) -> None:
    """The error of one of several markets as it comes, and the table of all."""
    from aegismatrix_engine.cli.batch_outcomes import MADE, batch_table, show_outcome

    if isinstance(event, MarketOutcome):
        show_outcome(event)
    elif not quiet:
        print_output(batch_table(event, MADE))


def shown_run(settings: RunSettings, job: ScheduledJob, *, no_publish: bool, quiet: bool) -> ExitCode:
    """Run, and show it; with ``no_publish`` the rest, the summary too, is left to ``aegis publish --run``."""
    display = _display(settings.output, quiet=quiet)
    if not no_publish:
        return run(settings, job, display).ended
    made = prepare_run(settings, job, display)
    write_atomically(Path(RUN_FILE_NAME), rendered(made))
    hand_on("run", RUN_FILE_NAME)
    return ExitCode(made.account.ended)


def shown_rest(run_file: Path, job: ScheduledJob, *, quiet: bool) -> ExitCode:
    """Do what is left of a run that a file describes, and show it."""
    made = read_run_file(run_file)
    return finish_handed_on(made, job, _display(Path(made.output), quiet=quiet)).ended
