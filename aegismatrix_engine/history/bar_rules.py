"""What every single bar, and every step from one bar to the next, must satisfy.

Pure functions over bars whose rows know where they came from. Each raises a DataError naming the place, the column, the
value, the rule and the remedy, and returns nothing.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.typing import BoolArray, FloatArray

PRICES = ("open", "high", "low", "close")

# Above NIFTY's largest daily change (16.3 % in logarithms, 2009-05-18) and the S&P 500's (22.9 %, 1987-10-19); a price
# in another unit, or of another index, lies beyond.
SPOT_STEP_LIMIT = 0.40
# Above VIX's largest daily change (0.768 in logarithms, 2018-02-05).
VIX_STEP_LIMIT = 1.20
VIX_STEP_DAYS = 5
VIX_LEVELS = (1.0, 200.0)
# NIFTY's 2009-05-18 and 2012-10-05 (a freak trade at 4888.20, close 5746.95) have lows 1.18 times off the close.
WITHIN_BAR_FACTOR = 1.5
PRICE_ROUNDING = 1e-6
# An index of many shares hardly closes twice at the same hundredth; a source that repeats its last row does for ever.
MOST_ALIKE = 5


@dataclass(frozen=True)
class SourcedBars:
    """Bars and where they came from.

    Attributes:
        name: a file's name or a symbol; it opens each message.
        rows: float64 price columns and an int64 column ``line`` (1-based line of the file, 0 where there is no file),
            indexed by naive session date or bar start (ns), in the order of the source.
    """

    name: str
    rows: pd.DataFrame

    def place(self, row: int) -> str:
        """Where a row stands, in words."""
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


def refusal(sourced: SourcedBars, row: int, column: str, rule: str) -> DataError:
    """The error that one cell breaks a rule: place, column and value, then the rule."""
    value = float(sourced.rows[column].iloc[row])
    return DataError(f"{sourced.place(row)}, column {column}: {value:.15g} {rule}; correct or remove the row")


def check_positive(sourced: SourcedBars) -> None:
    """Every price is finite and above 0."""
    for column in sourced.bars().columns:
        values = sourced.rows[column].to_numpy(dtype=np.float64)
        row = first_true(~(np.isfinite(values) & (values > 0)))
        if row is not None:
            raise refusal(sourced, row, column, "is no price: prices are finite and above 0")


def crossed(open_: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Which bars have a high below, and which a low above, their open or close, by more than rounding."""
    below = high < np.maximum(open_, close) * (1 - PRICE_ROUNDING)
    return below, low > np.minimum(open_, close) * (1 + PRICE_ROUNDING)


def check_shape(sourced: SourcedBars) -> None:
    """High and low contain open and close, but for rounding, and none is far off the close."""
    open_, high, low, close = sourced.rows[["open", "high", "low", "close"]].to_numpy(dtype=np.float64).T
    too_low, too_high = crossed(open_, high, low, close)
    row = first_true(too_low)
    if row is not None:
        found = f"is below open {open_[row]:.15g} or close {close[row]:.15g}"
        raise refusal(sourced, row, "high", f"{found}: a bar's high is its highest price")
    row = first_true(too_high)
    if row is not None:
        found = f"is above open {open_[row]:.15g} or close {close[row]:.15g}"
        raise refusal(sourced, row, "low", f"{found}: a bar's low is its lowest price")
    for column, values in (("open", open_), ("high", high), ("low", low)):
        row = first_true(np.abs(np.log(values / close)) > np.log(WITHIN_BAR_FACTOR))
        if row is not None:
            rule = f"no market moves by a factor above {WITHIN_BAR_FACTOR:g} within a bar"
            raise refusal(sourced, row, column, f"is too far off the close {close[row]:.15g}: {rule}")


def check_steps(sourced: SourcedBars, limit: float, within: pd.Timedelta | None = None) -> None:
    """Closes change by at most ``limit`` (in logarithms) from row to row; rows further apart than ``within`` may."""
    close = sourced.rows["close"].to_numpy(dtype=np.float64)
    too_far = np.abs(np.diff(np.log(close))) > limit
    if within is not None:
        too_far &= np.diff(sourced.rows.index.to_numpy()) <= within.to_timedelta64()
    step = first_true(too_far)
    if step is not None:
        found = f"follows {close[step]:.15g} in {sourced.place(step)}"
        rule = f"no market moves by a factor above {np.exp(limit):.2f} at once, so one of the two is wrong"
        raise refusal(sourced, step + 1, "close", f"{found}: {rule}")


def check_moves(sourced: SourcedBars) -> None:
    """No more than ``MOST_ALIKE`` rows in a row have the same close."""
    close = sourced.rows["close"].to_numpy(dtype=np.float64)
    begins = np.flatnonzero(np.concatenate([[True], close[1:] != close[:-1]]))
    lengths = np.diff(np.append(begins, len(close)))
    run = first_true(lengths > MOST_ALIKE)
    if run is not None:
        rule = f"stands in {lengths[run]} rows in a row, and no index stands still for more than {MOST_ALIKE} sessions"
        raise refusal(sourced, int(begins[run]) + MOST_ALIKE, "close", rule)


def check_vix_levels(sourced: SourcedBars) -> None:
    """Closes of a volatility index lie where such an index moves."""
    values = sourced.rows["close"].to_numpy(dtype=np.float64)
    lowest, highest = VIX_LEVELS
    row = first_true((values <= lowest) | (values >= highest))
    if row is not None:
        rule = f"a volatility index moves between {lowest:g} and {highest:g} vol points (15 stands for 15 %)"
        raise refusal(sourced, row, "close", f"is out of range: {rule}")
