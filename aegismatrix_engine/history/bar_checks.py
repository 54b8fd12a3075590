"""Checks of bars before anything is computed from them, and repairs that need no guess.

A repair is reported as a ``Repair``; everything else is a DataError with place, column, value, expectation and remedy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError, HistoryTooShort
from aegismatrix_engine.history.bar_rules import (
    PRICES,
    VIX_STEP_DAYS,
    VIX_STEP_LIMIT,
    SourcedBars,
    check_moves,
    check_positive,
    check_shape,
    check_steps,
    check_vix_levels,
    refuse_before_calendar,
    sorted_unique,
)
from aegismatrix_engine.history.bar_stamps import StampedBars, on_minutes, understood
from aegismatrix_engine.history.quarter_hours import quarter_hours
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets import SessionCalendar
from aegismatrix_engine.markets.market import LARGEST_DAILY_CHANGE
from aegismatrix_engine.typing import BoolArray

LONGEST_HOLE = 3
CLOSED_DAYS_SHARE = 0.02
MOST_CLOSES_ALONE = 3
MOST_CLOSES_ALONE_SHARE = 0.005
"""Daily rows that may have a close and no range, whichever is more; a file of closes alone does not hold bars."""


def regular_dates(calendar: SessionCalendar, dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Those of ascending session ``dates`` that count in horizons.

    Past the calendar's ``valid_through`` closures are not announced: a weekday with a bar simply is a session there.
    """
    if dates.empty:
        return dates
    listed = dates.isin(calendar.regular(dates[0], dates[-1]))
    special = dates.isin(calendar.special(dates[0], dates[-1]))
    return dates[listed | ((dates > calendar.valid_through) & (dates.day_of_week < 5) & ~special)]


@dataclass(frozen=True)
class CheckedBars:
    """A series that passed every rule for it; the functions of this module alone make one.

    Attributes:
        given: the rows as the source gave them.
        bars: float64 price columns, ascending, each date or bar start once; intraday bars are whole quarter hours.
        repairs: what was repaired on the way.
        closes_alone: sessions whose row came with a close and no open, high or low.
    """

    given: SourcedBars
    bars: pd.DataFrame
    repairs: tuple[Repair, ...]
    closes_alone: frozenset[pd.Timestamp] = frozenset()


def checked_spot(
    given: SourcedBars, calendar: SessionCalendar, largest_change: float = LARGEST_DAILY_CHANGE
) -> CheckedBars:
    """Daily spot bars, open, high, low, close in points; ``largest_change`` is the market's. Raises DataError."""
    sourced, repairs = sorted_unique(given, of_intraday=False)
    sourced, alone = _closes_alone(sourced)
    check_positive(sourced)
    if len(sourced.rows) < 2:
        raise HistoryTooShort(
            f"{sourced.name} has one session, expected at least 2 for a change and far more for a model"
        )
    check_shape(sourced)
    check_steps(sourced, largest_change)
    check_moves(sourced)
    dates = tuple(pd.DatetimeIndex(sourced.rows.index[alone]))
    if dates:
        text = f"{sourced.name}: rows of {{dates}} have a close and lack open, high or low; the close was kept."
        repairs = (*repairs, Repair(text, dates))
    return CheckedBars(given, sourced.bars(), repairs + _against_calendar(sourced, calendar), frozenset(dates))


def _closes_alone(sourced: SourcedBars) -> tuple[SourcedBars, BoolArray]:
    """Rows that have a close and lack another price, filled, and which these are.

    The open becomes the close before, high and low the extremes of the known prices: the least range of such a row.
    """
    rows = sourced.rows
    prices = rows[list(PRICES)].to_numpy(dtype=np.float64)
    alone = np.isnan(prices[:, :3]).any(axis=1) & np.isfinite(prices[:, 3])
    most = max(MOST_CLOSES_ALONE, int(MOST_CLOSES_ALONE_SHARE * len(rows)))
    if alone.sum() > most:
        raise DataError(
            f"{sourced.place(int(alone.argmax()))}: has a close and lacks open, high or low, as {alone.sum()} rows do: "
            f"expected at most {most}; give the prices, or remove the rows"
        )
    if not alone.any():
        return sourced, alone
    before = np.concatenate([prices[:1, 3], prices[:-1, 3]])
    open_ = np.where(np.isnan(prices[:, 0]), before, prices[:, 0])
    high, low = np.fmax(prices[:, 1], np.fmax(open_, prices[:, 3])), np.fmin(prices[:, 2], np.fmin(open_, prices[:, 3]))
    filled = np.where(alone[:, None], np.column_stack([open_, high, low, prices[:, 3]]), prices)
    return SourcedBars(sourced.name, rows.assign(**dict(zip(PRICES, filled.T, strict=True)))), alone


def checked_vix(given: SourcedBars) -> CheckedBars:
    """Daily closes of a volatility index on its own dates, ``close`` in vol points; raises DataError."""
    check_positive(given)
    check_vix_levels(given)
    sourced, repairs = sorted_unique(given, of_intraday=False)
    _check_vix_steps(sourced)
    return CheckedBars(given, sourced.bars()[["close"]], repairs)


def checked_intraday(
    given: SourcedBars, calendar: SessionCalendar, largest_change: float = LARGEST_DAILY_CHANGE
) -> CheckedBars:
    """Quarter hours of spot, open, high, low, close in points; ``largest_change`` is the market's. Raises DataError.

    Shorter bars are put together to whole quarter hours; longer ones are refused, and so are stamps that cannot be a
    bar's start in exchange time.
    """
    stamped, repairs = _stamped(given, calendar, (check_shape, partial(check_steps, limit=largest_change)))
    bars, unfinished = quarter_hours(stamped, calendar, whole=True)
    return CheckedBars(given, bars, repairs + unfinished)


def checked_vix_intraday(given: SourcedBars, calendar: SessionCalendar) -> CheckedBars:
    """The volatility index known at the end of each quarter hour, ``close`` in vol points; raises DataError."""
    stamped, repairs = _stamped(given, calendar, (check_vix_levels, _check_vix_steps))
    return CheckedBars(given, quarter_hours(stamped, calendar, whole=False)[0], repairs)


def _stamped(
    sourced: SourcedBars, calendar: SessionCalendar, checks: tuple[Callable[[SourcedBars], None], ...]
) -> tuple[StampedBars, tuple[Repair, ...]]:
    """Bars that passed ``checks`` once sorted, with their stamps understood."""
    check_positive(sourced)
    sourced, moved = on_minutes(sourced)
    sourced, repairs = sorted_unique(sourced, of_intraday=True)
    for check in checks:
        check(sourced)
    stamped = understood(sourced, calendar)
    return stamped, (*moved, *repairs, *stamped.repairs)


_check_vix_steps = partial(check_steps, limit=VIX_STEP_LIMIT, within=pd.Timedelta(days=VIX_STEP_DAYS))


def _against_calendar(sourced: SourcedBars, calendar: SessionCalendar) -> tuple[Repair, ...]:
    dates = pd.DatetimeIndex(sourced.rows.index)
    refuse_before_calendar(sourced, dates[0], calendar)
    repairs: list[Repair] = []
    special = calendar.special(dates[0], dates[-1])
    closed = dates.difference(regular_dates(calendar, dates)).difference(special)
    if len(closed) > max(5, CLOSED_DAYS_SHARE * len(dates)):
        raise DataError(
            f"{sourced.name}: {len(closed)} of {len(dates)} rows, {closed[0]:%Y-%m-%d} to {closed[-1]:%Y-%m-%d}, are "
            "on days when the exchange was closed; check that the dates are the exchange's, not shifted by a time zone"
        )
    if len(closed):
        text = f"{sourced.name}: the calendar has no session on {{dates}}; the bars are kept as special sessions."
        repairs.append(Repair(text, tuple(closed)))
    regular = calendar.regular(dates[0], dates[-1])
    absent = np.flatnonzero(~regular.isin(dates))
    if len(absent):
        holes = np.split(absent, np.flatnonzero(np.diff(absent) > 1) + 1)
        longest = max(holes, key=len)
        if len(longest) > LONGEST_HOLE:
            first, last = regular[longest[0]], regular[longest[-1]]
            raise DataError(
                f"{sourced.name}: no rows for {len(longest)} sessions in a row, {first:%Y-%m-%d} to {last:%Y-%m-%d}: "
                f"expected at most {LONGEST_HOLE}; add the rows, or start the file after the gap"
            )
        text = f"{sourced.name}: no rows for the sessions {{dates}}; changes there span more than one session."
        repairs.append(Repair(text, tuple(regular[absent]), missing="spot"))
    return tuple(repairs)
