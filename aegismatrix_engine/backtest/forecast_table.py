"""The forecasts of a backtest as a table: rows of the ledger, each with what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import pandas as pd

from aegismatrix_engine.backtest.columns import COLUMNS, typed
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, parsed

_CELLS = tuple(field.name for field in fields(ForecastRow))


def forecast_table(rows: Sequence[ForecastRow], resolved: Mapping[str, ResolutionRow]) -> pd.DataFrame:
    """Rows of the ledger as the table ``forecasts``, in their order; numbers are those of the cells, digit by digit.

    Args:
        rows: forecasts, of any standing.
        resolved: key of a forecast -> what came of it; a forecast that is not there stays open: its outcome is missing.
    """
    kinds = COLUMNS["forecasts"]
    columns: dict[str, list[str | float | None]] = {
        name: [parsed(getattr(row, name)) if kinds[name] == "number" else getattr(row, name) for row in rows]
        for name in _CELLS
    }
    came = [resolved.get(row.key) for row in rows]
    columns["outcome"] = [float("nan") if one is None else float(one.outcome) for one in came]
    columns["observed"] = [float("nan") if one is None else parsed(one.observed) for one in came]
    columns["resolved_on"] = [None if one is None else one.known_at[:10] for one in came]
    return typed(pd.DataFrame(columns), "forecasts")
