"""Checks of the daily series of the US that a forecast before the open uses, and can be without."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_checks import CheckedBars, checked_vix
from aegismatrix_engine.history.bar_rules import (
    PRICES,
    SourcedBars,
    check_moves,
    check_positive,
    check_shape,
    check_steps,
    first_true,
    refusal,
    sorted_unique,
)
from aegismatrix_engine.history.inputs import UsSeries
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets.market import LARGEST_DAILY_CHANGE

Check = Callable[[SourcedBars], CheckedBars]

FUND_STEP_LIMIT = 0.20
"""Change of a fund's close, in logarithms, beyond which it is no news but a split or a wrong price. INDA's largest of
2012 to 2022 was 0.168, on 2020-03-16 (benchmarks/us_limits.py)."""

MOST_FUND_STEPS = 3
"""Such changes that the closes of one fund may have."""


def checked_us_spot(given: SourcedBars) -> CheckedBars:
    """Daily bars of the S&P 500 by US session date, in points; open, high and low may be NaN. Raises DataError."""
    sourced, repairs = sorted_unique(given, of_intraday=False)
    check_positive(sourced, may_lack=("open", "high", "low"))
    check_shape(sourced)
    check_steps(sourced, LARGEST_DAILY_CHANGE)
    check_moves(sourced)
    _check_weekdays(sourced)
    return CheckedBars(given, sourced.bars()[list(PRICES)], repairs)


def checked_fund(given: SourcedBars) -> CheckedBars:
    """Daily closes of a US-listed fund by US session date, in dollars and unadjusted; raises DataError.

    A change as large as that of a split is reported and kept: the closes on both sides of it are prices that were paid.
    """
    sourced, repairs = sorted_unique(given, of_intraday=False)
    check_positive(sourced)
    check_moves(sourced)
    _check_weekdays(sourced)
    dates = fund_steps(sourced.rows["close"])
    if len(dates) > MOST_FUND_STEPS:
        row = int(sourced.rows.index.get_indexer(dates)[MOST_FUND_STEPS])
        found = f"{{}} is change {MOST_FUND_STEPS + 1} by more than a market moves"
        raise refusal(sourced, row, "close", found, "the unadjusted closes of a fund in dollars")
    if len(dates):
        text = (
            f"{sourced.name}: the closes of {{dates}} are further from the ones before than a market moves, as after a "
            "split; those nights are left out."
        )
        repairs = (*repairs, Repair(text, tuple(dates)))
    return CheckedBars(given, sourced.bars()[["close"]], repairs)


def fund_steps(closes: "pd.Series[float]") -> pd.DatetimeIndex:
    """Dates on which a fund's close is further from the one before than news moves it, as after a split."""
    steps = np.abs(np.diff(np.log(closes.to_numpy(dtype=np.float64))))
    return pd.DatetimeIndex(closes.index[1:][steps > FUND_STEP_LIMIT])


US_CHECKS: dict[UsSeries, Check] = {
    "us_vix_daily": checked_vix,
    "us_spot_daily": checked_us_spot,
    "inda_daily": checked_fund,
}
"""The check of each series, in the order in which a history is given them."""


def up_to_fault(given: SourcedBars, check: Check) -> CheckedBars:
    """The rows up to the first date at which ``check`` fails, with a note of what it found.

    What a series has after a moment then changes nothing of what is read at that moment, wrong rows included.

    Raises:
        DataError: the first date is wrong already.
    """
    try:
        return check(given)
    except DataError as error:
        fault = error
    dates = given.rows.index.unique().sort_values()
    sound, wrong, checked = 0, len(dates), None
    while wrong - sound > 1:
        middle = (sound + wrong) // 2
        try:
            checked = check(SourcedBars(given.name, given.rows[given.rows.index < dates[middle]]))
            sound = middle
        except DataError as error:
            fault, wrong = error, middle
    if checked is None:
        raise fault
    text = f"{fault}. Rows from {{dates}} on were left out."
    note = Repair(text, (pd.Timestamp(dates[sound]),))
    return CheckedBars(checked.given, checked.bars, (*checked.repairs, note), checked.closes_alone)


def _check_weekdays(sourced: SourcedBars) -> None:
    """No date is a Saturday or Sunday, as dates are that a time zone has shifted."""
    row = first_true(np.asarray(pd.DatetimeIndex(sourced.rows.index).day_of_week > 4))
    if row is not None:
        raise DataError(
            f"{sourced.place(row)}: {sourced.rows.index[row]:%Y-%m-%d} is a {sourced.rows.index[row]:%A}: expected "
            "US session dates, not shifted by a time zone"
        )
