"""Rules for every single bar, every step from one bar to the next, and the order of bars.

Each raises a DataError with place, column, value, what was expected and the remedy.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.inputs import Series
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets import SessionCalendar
from aegismatrix_engine.typing import BoolArray, FloatArray

PRICES = ("open", "high", "low", "close")

# Above VIX's largest daily change (0.768 in logarithms, 2018-02-05).
VIX_STEP_LIMIT = 1.20
VIX_STEP_DAYS = 5
VIX_LEVELS = (1.0, 200.0)
# NIFTY's 2009-05-18 and 2012-10-05 (a freak trade at 4888.20, close 5746.95) have lows 1.18 times off the close.
WITHIN_BAR_FACTOR = 1.5
PRICE_ROUNDING = 1e-6
# An index of many shares hardly ever closes twice at the same hundredth; a source that repeats its last row does.
MOST_ALIKE = 5


def prices_of(series: Series) -> tuple[str, ...]:
    """The price columns that a series has: all four of spot, the close of a volatility index or a fund."""
    return PRICES if "spot" in series else ("close",)


@dataclass(frozen=True)
class SourcedBars:
    """Bars and where they came from.

    Attributes:
        name: a file's name or a symbol; each message begins with it.
        rows: float64 price columns and an int64 column ``line`` (1-based line of the file, 0 where there is no file),
            indexed by naive session date or bar start (ns), in the order of the source.
    """

    name: str
    rows: pd.DataFrame

    def place(self, row: int) -> str:
        """File and line of a row, or its moment where there is no file."""
        line = int(self.rows["line"].iloc[row])
        return f"{self.name}, line {line}" if line else f"{self.name}, {shown_moment(self.rows.index[row])}"

    def bars(self) -> pd.DataFrame:
        """The price columns alone."""
        return self.rows.drop(columns="line")


def shown_moment(moment: pd.Timestamp) -> str:
    """A session date without its midnight; a bar's start to the minute."""
    return f"{moment:%Y-%m-%d}" if moment == moment.normalize() else f"{moment:%Y-%m-%d %H:%M}"


def first_true(mask: BoolArray) -> int | None:
    """Position of the first true element."""
    return int(mask.argmax()) if mask.any() else None


def refusal(sourced: SourcedBars, row: int, column: str, found: str, expected: str) -> DataError:
    """The error that one cell breaks a rule; ``{}`` in ``found`` is its value."""
    value = f"{float(sourced.rows[column].iloc[row]):.15g}"
    place = f"{sourced.place(row)}, column {column}"
    return DataError(f"{place}: {found.format(value)}: expected {expected}; correct or remove the row")


def check_positive(sourced: SourcedBars, may_lack: Collection[str] = ()) -> None:
    """Every price is finite and above 0; those of the columns ``may_lack`` may be NaN."""
    for column in sourced.bars().columns:
        values = sourced.rows[column].to_numpy(dtype=np.float64)
        lacking = np.isnan(values) & (column in may_lack)
        row = first_true(~(lacking | (np.isfinite(values) & (values > 0))))
        if row is not None:
            raise refusal(sourced, row, column, "invalid price {}", "a finite number above 0")


def crossed(open_: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Which bars have a high below, and which a low above, their open or close, by more than rounding."""
    below = high < np.maximum(open_, close) * (1 - PRICE_ROUNDING)
    return below, low > np.minimum(open_, close) * (1 + PRICE_ROUNDING)


def check_shape(sourced: SourcedBars) -> None:
    """High and low contain open and close, but for rounding, and none is far off the close."""
    open_, high, low, close = sourced.rows[list(PRICES)].to_numpy(dtype=np.float64).T
    too_low, too_high = crossed(open_, high, low, close)
    for column, wrong, side, extreme in (("high", too_low, "below", "highest"), ("low", too_high, "above", "lowest")):
        row = first_true(wrong)
        if row is not None:
            found = f"{{}} is {side} open {open_[row]:.15g} or close {close[row]:.15g}"
            raise refusal(sourced, row, column, found, f"the {extreme} price of the bar")
    for column, values in (("open", open_), ("high", high), ("low", low)):
        row = first_true(np.abs(np.log(values / close)) > np.log(WITHIN_BAR_FACTOR))
        if row is not None:
            found = f"{{}} is too far off the close {close[row]:.15g}"
            raise refusal(sourced, row, column, found, f"a factor of at most {WITHIN_BAR_FACTOR:g} within a bar")


def check_steps(sourced: SourcedBars, limit: float, within: pd.Timedelta | None = None) -> None:
    """Closes change by at most ``limit`` (in logarithms) from row to row; rows further apart than ``within`` may."""
    close = sourced.rows["close"].to_numpy(dtype=np.float64)
    too_far = np.abs(np.diff(np.log(close))) > limit
    if within is not None:
        too_far &= np.diff(sourced.rows.index.to_numpy()) <= within.to_timedelta64()
    step = first_true(too_far)
    if step is not None:
        found = f"{{}} follows {close[step]:.15g} in {sourced.place(step)}, one of the two is wrong"
        raise refusal(sourced, step + 1, "close", found, f"a factor of at most {np.exp(limit):.2f} from row to row")


def check_moves(sourced: SourcedBars) -> None:
    """No more than ``MOST_ALIKE`` rows in a row have the same close."""
    close = sourced.rows["close"].to_numpy(dtype=np.float64)
    begins = np.flatnonzero(np.concatenate([[True], close[1:] != close[:-1]]))
    lengths = np.diff(np.append(begins, len(close)))
    run = first_true(lengths > MOST_ALIKE)
    if run is not None:
        found = f"{{}} is the close of {lengths[run]} rows in a row"
        raise refusal(sourced, int(begins[run]) + MOST_ALIKE, "close", found, f"at most {MOST_ALIKE} unchanged closes")


def check_vix_levels(sourced: SourcedBars) -> None:
    """Closes of a volatility index are within ``VIX_LEVELS``."""
    values = sourced.rows["close"].to_numpy(dtype=np.float64)
    lowest, highest = VIX_LEVELS
    row = first_true((values <= lowest) | (values >= highest))
    if row is not None:
        expected = f"a volatility index between {lowest:g} and {highest:g} vol points (15 for 15 %)"
        raise refusal(sourced, row, "close", "{} is out of range", expected)


def refuse_before_calendar(sourced: SourcedBars, first: pd.Timestamp, calendar: SessionCalendar) -> None:
    """Raises DataError where the ``first`` date of the bars is before the calendar's."""
    if first < calendar.first_date:
        raise DataError(
            f"{sourced.place(0)}: {first:%Y-%m-%d} is before {calendar.first_date:%Y-%m-%d}, the first date of the "
            "exchange's calendar; remove the rows before it"
        )


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
        row = first_true(repeated & np.concatenate([[False], unlike(prices[1:], prices[:-1]).any(axis=1)]))
        if row is not None:
            column = int(unlike(prices[row], prices[row - 1]).argmax())
            both = SourcedBars(sourced.name, rows)
            found = f"{{}} is also given as {prices[row - 1, column]:.15g} in {both.place(row - 1)}"
            raise refusal(both, row, str(rows.columns[column]), found, f"one bar of {shown_moment(rows.index[row])}")
        text = f"{sourced.name}: repeated rows with equal values were dropped ({{dates}})."
        repairs.append(Repair(text, tuple(rows.index[repeated].unique()), of_intraday=of_intraday))
        rows = rows[~repeated]
    return SourcedBars(sourced.name, rows), tuple(repairs)


def unlike(prices: FloatArray, others: FloatArray) -> BoolArray:
    """Which prices differ; two that are not given do not."""
    differ: BoolArray = (prices != others) & ~(np.isnan(prices) & np.isnan(others))
    return differ


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
