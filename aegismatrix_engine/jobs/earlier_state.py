"""What a job finds of earlier ones: the model set, audited, with the last values and a rollback beside the document."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from aegismatrix_engine.forecasting.audit import SetReport, audit, refuse_another_entry
from aegismatrix_engine.markets import Market
from aegismatrix_engine.state.beside import LAST_VALUES_NAME, ROLLBACK_NAME, refuse_taken_name
from aegismatrix_engine.state.last_values import FoundLastValues, read_last_values
from aegismatrix_engine.state.rollback_file import NOT_ROLLED_BACK, RollbackState, read_rollback


@dataclass(frozen=True)
class EarlierState:
    """The audited model set, the last published values, and whether the models are held by a rollback; read once."""

    report: SetReport
    last_values: FoundLastValues = FoundLastValues(None)  # noqa: RUF009 - frozen
    rollback: RollbackState = NOT_ROLLED_BACK


def earlier_state(models: Path, market: Market, now: pd.Timestamp, output: Path | None = None) -> EarlierState:
    """Audit the set in ``models`` and read the files beside the document at ``output``, if one is given.

    Raises:
        ConfigurationError: the document has the name of a file that is kept beside it.
        ModelsOfAnotherMarket: the set was trained for another market, or by another entry of this one.
    """
    report = audit(models, market.id, now)
    refuse_another_entry(report.manifest, market, str(models))
    if output is None:
        return EarlierState(report)
    refuse_taken_name(output)
    return EarlierState(
        report,
        read_last_values(output.parent / LAST_VALUES_NAME, now),
        read_rollback(output.parent / ROLLBACK_NAME, now),
    )
