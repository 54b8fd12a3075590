"""The job of GitHub Actions that a command runs in, by its environment: repository, page, summary and outputs."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from aegismatrix_engine.cli.outcome import failed
from aegismatrix_engine.errors import ConfigurationError, OutputUnwritable
from aegismatrix_engine.jobs.scheduled_job import ScheduledJob
from aegismatrix_engine.network.repository import Repository

if TYPE_CHECKING:
    import pandas as pd


def scheduled_job(now: "pd.Timestamp", heartbeat_url: str | None) -> ScheduledJob:
    """What surrounds a run that is started here and now, in a job of GitHub Actions or outside of one.

    Args:
        now: what the clock says, with a zone.
        heartbeat_url: the monitor's address; None for none.
    """
    try:
        repository, without = repository_of_the_job(), ""
    except ConfigurationError as error:
        repository, without = None, str(error)
    return ScheduledJob(Path.cwd(), now, repository, without, address_of_the_run(), heartbeat_url)


def repository_of_the_job() -> Repository:
    """The repository a job of GitHub Actions runs for, by its environment; raises ConfigurationError outside of one."""
    wanted = ("GITHUB_TOKEN", "GITHUB_REPOSITORY")
    missing = [name for name in wanted if not os.environ.get(name)]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ConfigurationError(
            f"{' and '.join(missing)} {verb} not set; run it in a job of GitHub Actions, or set it"
        )
    token, name = (os.environ[variable] for variable in wanted)
    return Repository(os.environ.get("GITHUB_API_URL") or "https://api.github.com", name, token)


def address_of_the_run() -> str:
    """That of the job on GitHub; empty outside of one."""
    parts = [os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}" if all(parts) else ""


def hand_on(name: str, value: str) -> None:
    """Make a value an output of the step, which later steps and jobs read; outside of a job nothing is done.

    Raises:
        OutputUnwritable: the file of outputs cannot be written.
    """
    path = os.environ.get("GITHUB_OUTPUT")
    if not path:
        return
    try:
        _add(path, f"{name}={value}\n")
    except OSError as error:
        raise OutputUnwritable(
            f"GITHUB_OUTPUT {path} cannot be written: {_reason(error)}; unset it, or make it a file"
        ) from error


def write_summary(markdown: str) -> None:
    """Add to the summary of the job; its absence harms nothing."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        _add(path, markdown)
    except OSError as error:
        failed(OutputUnwritable(f"the summary of the job cannot be written: {_reason(error)}"))


def _add(path: str, text: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(text)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
