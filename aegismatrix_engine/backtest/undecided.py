"""Forecasts whose sessions the bars miss or cast doubt on, decided one by one as those of the record are."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pandas as pd

from aegismatrix_engine.record.resolution import Resolver
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, number, parsed

_TEXTS = {field.name for field in fields(ForecastRow)}
_NUMBERS = ("spot", "threshold", "lower", "upper", "probability", "climatology", "vix", "priced")
_DATES = ("origin", "until", "training_end")


def resolved_alone(table: pd.DataFrame, resolver: Resolver) -> pd.DataFrame:
    """The table of forecasts without its column ``alone``, whose rows are decided here or stay open.

    The columns ``outcome``, ``observed`` and ``resolved_on`` of these rows are filled where the bars decide them.
    """
    places = table["alone"].to_numpy().nonzero()[0]
    table = table.drop(columns="alone")
    if len(places) == 0:
        return table
    outcome, observed, day = (table[name].to_numpy(copy=True) for name in ("outcome", "observed", "resolved_on"))
    for place, cells in zip(places, table.iloc[places].to_dict("records"), strict=True):
        forecast = _as_row(cells)
        # When it is resolved is not in the table: any moment will do.
        found = next(resolver.resolve([forecast], pd.Timestamp(forecast.as_of)), None)
        if isinstance(found, ResolutionRow):
            outcome[place], observed[place] = float(found.outcome), parsed(found.observed)
            day[place] = pd.Timestamp(found.known_at[:10]).to_datetime64()
    return table.assign(outcome=outcome, observed=observed, resolved_on=day)


def _as_row(cells: Mapping[Any, Any]) -> ForecastRow:
    texts = {name: str(value) for name, value in cells.items() if name in _TEXTS}
    texts |= {name: number(None if pd.isna(cells[name]) else cells[name], 9) for name in _NUMBERS}
    texts |= {name: f"{cells[name]:%Y-%m-%d}" for name in _DATES}
    return ForecastRow(**texts)
