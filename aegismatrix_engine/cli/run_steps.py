"""What the steps of a scheduled run made, as the commands of these steps show it."""

from collections.abc import Sequence
from pathlib import Path

from aegismatrix_engine.cli.record import resolution_summary
from aegismatrix_engine.cli.terminal import check_summary, summary
from aegismatrix_engine.jobs.check_models import ModelCheck
from aegismatrix_engine.jobs.infer import Inferred
from aegismatrix_engine.jobs.resolve import Resolved


def step_summary(made: ModelCheck | Inferred | Resolved, output: Path) -> tuple[str, Sequence[object]]:
    """What a step made, and what to warn of; ``output`` is the document."""
    match made:
        case ModelCheck():
            return check_summary(made), ()
        case Inferred():
            return summary(made.document, written_to=output), made.warnings
        case Resolved():
            return resolution_summary(made), made.faults
