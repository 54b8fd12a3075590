"""Outputs of a step of a job in GitHub Actions, which the steps and jobs after it read."""

import os
from pathlib import Path


def hand_on(name: str, value: str) -> None:
    """Make a value an output of the step; outside of a job of GitHub Actions nothing is done.

    Raises:
        OutputUnwritable: the file of outputs cannot be written.
    """
    from aegismatrix_engine.errors import OutputUnwritable

    path = os.environ.get("GITHUB_OUTPUT")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{name}={value}\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputUnwritable(
            f"GITHUB_OUTPUT {path} cannot be written: {reason}; unset it, or make it a file"
        ) from error
