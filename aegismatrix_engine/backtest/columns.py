"""The columns of a backtest's tables, and what they hold in a frame."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import pandas as pd

Kind = Literal["forecasts", "quantiles", "oracle"]
Type = Literal["text", "date", "count", "number"]

STANDING: Final = "backtest"
"""``standing`` of every forecast: neither live nor a replay."""
MODEL_ID: Final = "aegismatrix-engine"
"""``model_id``, a team and its model as the hubverse names them."""
TARGET: Final = "close"
"""``target`` of quantiles and oracle: the official close of the session ``target_end_date``, an index level."""
OUTPUT_TYPE: Final = "quantile"

_FORECASTS: Final[Mapping[str, Type]] = {
    # Moments are text as in the ledger: a key is computed from this text, and Parquet keeps no offset from UTC.
    "as_of": "text",
    "generated_at": "text",
    "standing": "text",
    "market": "text",
    "signal": "text",
    "event": "text",
    "origin": "date",
    "until": "date",
    "sessions": "count",
    "spot": "number",
    "threshold": "number",
    "lower": "number",
    "upper": "number",
    "probability": "number",
    "climatology": "number",
    "vix": "number",
    "model_set": "text",
    "training_end": "date",
    "basis": "text",
    "schema_version": "text",
    "priced": "number",
    # Of a forecast that the bars do not decide these three are missing.
    "outcome": "number",
    "observed": "number",
    "resolved_on": "date",
}
_QUANTILES: Final[Mapping[str, Type]] = {
    "model_id": "text",
    "market": "text",
    "reference_date": "date",
    "horizon": "count",
    "target": "text",
    "target_end_date": "date",
    "output_type": "text",
    "output_type_id": "number",
    "value": "number",
}
# By the hubverse's rule the oracle has only the columns that its values depend on: a close is the same whatever the
# day, the horizon and the quantile level by which it was forecast.
_ORACLE: Final[Mapping[str, Type]] = {
    "market": "text",
    "target": "text",
    "target_end_date": "date",
    "oracle_value": "number",
}

COLUMNS: Final[Mapping[Kind, Mapping[str, Type]]] = MappingProxyType(
    {"forecasts": _FORECASTS, "quantiles": _QUANTILES, "oracle": _ORACLE}
)
"""The columns of each table in their order, and what they hold.

text: dictionary-encoded, never missing. date: a day without zone. count: a whole number, never missing. number:
float64. Missing dates and numbers are null in Parquet, empty in csv; in a frame they are NaT and NaN.
"""

DTYPES: Final[Mapping[Type, str]] = MappingProxyType(
    {"text": "category", "date": "datetime64[s]", "count": "int64", "number": "float64"}
)
"""What each is in a frame; the categories of text are strings in the order in which they first appear."""


def typed(frame: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """The frame with the dtypes of the table, its columns in their order and its rows numbered from 0.

    Raises:
        ValueError: it has other columns, or values that do not fit them.
    """
    columns = COLUMNS[kind]
    if set(frame.columns) != set(columns) or len(frame.columns) != len(columns):
        raise ValueError(f"a table of {kind} has the columns {', '.join(columns)}, not {', '.join(frame.columns)}")
    return pd.DataFrame({name: _as(frame[name], of) for name, of in columns.items()}, copy=False)


def _as(column: "pd.Series[Any]", of: Type) -> Any:
    """The array of a column with the dtype of its kind."""
    values = column.array
    if of != "text":
        return values if values.dtype == DTYPES[of] else column.astype(DTYPES[of]).array  # type: ignore[call-overload]
    known = isinstance(values, pd.Categorical)
    codes, found = pd.factorize(values.codes if known else column.to_numpy(dtype=object))
    missing = (values.codes if known else codes) < 0
    if missing.any():
        raise ValueError(f"the column {column.name} has no value in row {int(missing.argmax())}")
    # Without any category their own type is not that of text.
    if known and 0 < len(found) == len(values.categories) and (found[:-1] < found[1:]).all():
        return values
    categories = pd.Index(values.categories[found] if known else found, dtype=str)
    return pd.Categorical.from_codes(codes, categories)
