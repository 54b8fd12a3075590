"""Forecasts whose sessions the bars miss or cast doubt on, decided one by one as those of the record are."""

from dataclasses import fields
from typing import Any

import pandas as pd

from aegismatrix_engine.record.resolution import Resolver
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, parsed

_NUMBERS = ("spot", "threshold", "lower", "upper", "probability", "climatology", "vix", "priced")
_DATES = ("origin", "until", "training_end")


def resolved_alone(table: pd.DataFrame, resolver: Resolver) -> pd.DataFrame:
    """The table of forecasts without its column ``alone``, whose rows are decided here or stay open.

    The columns ``outcome``, ``observed`` and ``resolved_on`` of these rows are filled where the bars decide them.
    """
    alone = table.index[table["alone"]]
    table = table.drop(columns="alone")
    for at in alone:
        forecast = _as_row(table.loc[at])
        # When it is resolved is not in the table: any moment will do.
        found = next(resolver.resolve([forecast], pd.Timestamp(forecast.as_of)), None)
        if isinstance(found, ResolutionRow):
            table.loc[at, ["outcome", "observed"]] = [float(found.outcome), parsed(found.observed)]
            table.loc[at, "resolved_on"] = pd.Timestamp(found.known_at[:10])
    return table


def _as_row(cells: "pd.Series[Any]") -> ForecastRow:
    texts = {field.name: str(cells[field.name]) for field in fields(ForecastRow)}
    texts |= {name: "" if pd.isna(cells[name]) else f"{cells[name]:.9g}" for name in _NUMBERS}
    texts |= {name: f"{cells[name]:%Y-%m-%d}" for name in _DATES}
    return ForecastRow(**texts)
