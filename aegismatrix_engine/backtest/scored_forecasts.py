"""Forecasts of a backtest as the record's scoring takes them, all of them or apart by horizon."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.backtest.columns import COLUMNS
from aegismatrix_engine.record.scoring import weighted

HORIZON_BANDS: Final = ((1, 1), (2, 5), (6, 10), (11, 20), (21, 45))
"""First and last number of sessions to the end, by which forecasts whose horizon changes are scored apart."""

_TEXT: Final = ("signal", "event", "basis", "model_set")
_NUMBERS: Final = ("probability", "climatology", "vix", "priced", "outcome")


def times_of_day(table: pd.DataFrame) -> np.ndarray:
    """(n,) clock times 'HH:MM' of the moments inside sessions of a table ``forecasts``, '' of official closes.

    A moment is inside a session where it lies on a day after that of the last official close known.
    """
    moments, which = _distinct(table["as_of"].astype(object))
    days, times = (np.array([moment[part] for moment in moments], dtype=object) for part in (slice(10), slice(11, 16)))
    return np.where(days[which] == _iso(table["origin"]), "", times[which])


def scored_frame(table: pd.DataFrame) -> pd.DataFrame:
    """The decided forecasts of a table ``forecasts`` as ``record.scoring.scores`` takes them; the others are left out.

    Columns that the table has beyond its own, such as the probability by a further baseline, are kept as numbers.
    """
    decided = table[table["outcome"].notna()]
    further = [name for name in decided.columns if name not in COLUMNS["forecasts"]]
    columns = {name: decided[name].astype(object).to_numpy(dtype=object) for name in _TEXT}
    columns |= {name: _iso(decided[name]) for name in ("until", "origin")}
    moments, which = _distinct(decided["as_of"].astype(object))
    columns["day"] = np.array([moment[:10] for moment in moments], dtype=object)[which]
    columns["sessions"] = decided["sessions"].to_numpy(dtype=np.int64)
    columns |= {name: decided[name].to_numpy(dtype=np.float64) for name in (*_NUMBERS, *further)}
    return weighted(columns)


def by_horizon(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The forecasts of each band of horizons, of signals that have several; in a band an event weighs one again."""
    lasts = np.array([last for _, last in HORIZON_BANDS])
    band = pd.Series(np.searchsorted(lasts, frame["sessions"].to_numpy()), index=frame.index)
    several = band.groupby([frame["signal"], frame["event"]]).transform("nunique") > 1
    for _, part in frame[several].groupby(band[several]):
        yield weighted({name: part[name].to_numpy() for name in part.columns})


def _iso(dates: "pd.Series[pd.Timestamp]") -> np.ndarray:
    days, which = _distinct(dates)
    written: np.ndarray = np.array([f"{day:%Y-%m-%d}" for day in pd.DatetimeIndex(days)], dtype=object)
    return np.asarray(written[which])


def _distinct(column: "pd.Series") -> tuple[np.ndarray, np.ndarray]:
    which, found = pd.factorize(column)
    return np.asarray(found), which
