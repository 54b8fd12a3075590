"""Rows in the order of their dates, each date once."""

import numpy as np
import pandas as pd

from aegismatrix_engine.history.bar_rules import SourcedBars, first_true, refusal, shown_moment
from aegismatrix_engine.history.repairs import Repair


def sorted_unique(sourced: SourcedBars, *, of_intraday: bool) -> tuple[SourcedBars, tuple[Repair, ...]]:
    """Rows in ascending order, each date or bar start once, and what was done; DataError where two of one differ."""
    rows, repairs = sourced.rows, []
    if not rows.index.is_monotonic_increasing:
        late, seen = out_of_order(pd.DatetimeIndex(rows.index))
        text = f"{sourced.name}: rows out of date order were sorted ({{dates}})."
        repairs.append(Repair(text, late, seen, of_intraday))
        rows = rows.sort_index(kind="stable")
    repeated = np.asarray(rows.index.duplicated())
    if repeated.any():
        prices = rows.drop(columns="line").to_numpy(dtype=np.float64)
        row = first_true(repeated & np.concatenate([[False], (prices[1:] != prices[:-1]).any(axis=1)]))
        if row is not None:
            column = int((prices[row] != prices[row - 1]).argmax())
            both = SourcedBars(sourced.name, rows)
            found = f"{{}} is also given as {prices[row - 1, column]:.15g} in {both.place(row - 1)}"
            raise refusal(both, row, str(rows.columns[column]), found, f"one bar of {shown_moment(rows.index[row])}")
        text = f"{sourced.name}: repeated rows with equal values were dropped ({{dates}})."
        repairs.append(Repair(text, tuple(rows.index[repeated].unique()), of_intraday=of_intraday))
        rows = rows[~repeated]
    return SourcedBars(sourced.name, rows), tuple(repairs)


def out_of_order(moments: pd.DatetimeIndex) -> tuple[tuple[pd.Timestamp, ...], tuple[pd.Timestamp, ...]]:
    """Rows that follow a later one in the file, and for each the earliest of those later ones."""
    values, codes = np.unique(moments.asi8, return_inverse=True)
    # From the last row to the first, each is taken out of a chain of those before it: its next is the one sought.
    left = np.bincount(codes).tolist()
    above, below = list(range(1, len(values) + 1)), list(range(-1, len(values) - 1))
    late: dict[int, int] = {}
    for code in codes[::-1].tolist():
        if above[code] < len(values):
            late[code] = min(above[code], late.get(code, above[code]))
        left[code] -= 1
        if left[code] == 0:
            if above[code] < len(values):
                below[above[code]] = below[code]
            if below[code] >= 0:
                above[below[code]] = above[code]
    found = sorted(late)
    stamps = [pd.Timestamp(value) for value in values[found].tolist()]
    return tuple(stamps), tuple(pd.Timestamp(value) for value in values[[late[code] for code in found]].tolist())
