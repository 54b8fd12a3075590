"""What bars must satisfy before anything is computed from them, and what is mended on the way.

Pure functions over frames whose rows know where they came from. What can be mended without a guess is mended and told
as a Mend; everything else is a DataError naming the place, the column, the value, the rule and the remedy.
"""

from bisect import bisect_right, insort
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError, HistoryTooShort
from aegismatrix_engine.history.bar_rules import (
    SPOT_STEP_LIMIT,
    VIX_STEP_DAYS,
    VIX_STEP_LIMIT,
    PlacedBars,
    check_length,
    check_positive,
    check_shape,
    check_steps,
    check_vix_levels,
    first_true,
    refusal,
)
from aegismatrix_engine.history.bar_spans import quarter_hours
from aegismatrix_engine.history.mends import Mend

if TYPE_CHECKING:
    from aegismatrix_engine.markets import SessionCalendar

LONGEST_HOLE = 3
CLOSED_DAYS_SHARE = 0.02


def regular_dates(calendar: "SessionCalendar", dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Those of ascending session ``dates`` that count in horizons.

    Past the calendar's ``valid_through`` closures are not announced: a weekday with a bar simply is a session there.
    """
    if dates.empty:
        return dates
    listed = dates.isin(calendar.regular(dates[0], dates[-1]))
    beyond = (
        (dates > calendar.valid_through) & (dates.day_of_week < 5) & ~dates.isin(calendar.special(dates[0], dates[-1]))
    )
    return dates[listed | beyond]


def checked_spot(placed: PlacedBars, calendar: "SessionCalendar") -> tuple[pd.DataFrame, tuple[Mend, ...]]:
    """Daily spot bars, sorted and unique, that passed every rule; raises DataError."""
    check_positive(placed)
    placed, mends = _sorted_unique(placed, of_intraday=False)
    if len(placed.rows) < 2:
        raise HistoryTooShort(f"{placed.name} has one session; a change needs at least 2 sessions, a model far more")
    check_shape(placed)
    check_steps(placed, SPOT_STEP_LIMIT)
    return placed.bars(), mends + _against_calendar(placed, calendar)


def checked_vix(placed: PlacedBars, sessions: pd.DatetimeIndex) -> tuple[pd.DataFrame, tuple[Mend, ...]]:
    """Daily closes of the volatility index on the ``sessions`` that spot has; raises DataError."""
    check_positive(placed)
    check_vix_levels(placed)
    placed, mends = _sorted_unique(placed, of_intraday=False)
    check_steps(placed, VIX_STEP_LIMIT, pd.Timedelta(days=VIX_STEP_DAYS))
    dates = pd.DatetimeIndex(placed.rows.index)
    extra = dates[~dates.isin(sessions)]
    if len(extra):
        text = f"{placed.name}: rows of dates without a spot row were left out ({{dates}})."
        mends = (*mends, Mend(text, tuple(extra)))
    holes = sessions[(sessions > dates[0]) & ~sessions.isin(dates)]
    if len(holes):
        text = f"{placed.name}: no close on {{dates}}; the close before is carried forward for at most 2 sessions."
        mends = (*mends, Mend(text, tuple(holes)))
    return placed.bars().loc[dates.isin(sessions), ["close"]], mends


def checked_us_vix(placed: PlacedBars) -> tuple[pd.DataFrame, tuple[Mend, ...]]:
    """Daily closes of the US VIX on its own dates, float64 ``close`` in vol points; raises DataError."""
    check_positive(placed)
    check_vix_levels(placed)
    placed, mends = _sorted_unique(placed, of_intraday=False)
    check_steps(placed, VIX_STEP_LIMIT, pd.Timedelta(days=VIX_STEP_DAYS))
    return placed.bars()[["close"]], mends


def checked_intraday(spot: PlacedBars, vix: PlacedBars | None) -> tuple[pd.DataFrame, tuple[Mend, ...]]:
    """Intraday spot bars with the volatility index's close beside each (NaN where it has none); raises DataError.

    Shorter bars are put together to quarter hours; longer ones are refused.
    """
    check_positive(spot)
    spot, mends = _sorted_unique(spot, of_intraday=True)
    check_shape(spot)
    check_steps(spot, SPOT_STEP_LIMIT)
    check_length(spot)
    bars = spot.bars()
    if vix is None:
        return quarter_hours(bars.assign(vix=np.nan)), mends
    check_positive(vix)
    check_vix_levels(vix)
    vix, vix_mends = _sorted_unique(vix, of_intraday=True)
    check_steps(vix, VIX_STEP_LIMIT, pd.Timedelta(days=VIX_STEP_DAYS))
    extra = vix.rows.index.difference(bars.index)
    if len(extra):
        text = f"{vix.name}: bars without a spot bar of the same start were left out ({{dates}})."
        vix_mends = (*vix_mends, Mend(text, tuple(extra), of_intraday=True))
    return quarter_hours(bars.assign(vix=vix.rows["close"].reindex(bars.index))), mends + vix_mends


def _sorted_unique(placed: PlacedBars, *, of_intraday: bool) -> tuple[PlacedBars, tuple[Mend, ...]]:
    rows, mends = placed.rows, []
    if not rows.index.is_monotonic_increasing:
        late, seen = _out_of_order(pd.DatetimeIndex(rows.index))
        text = f"{placed.name}: rows stood out of date order and were sorted ({{dates}})."
        mends.append(Mend(text, late, seen, of_intraday))
        rows = rows.sort_index(kind="stable")
    repeated = np.asarray(rows.index.duplicated())
    if repeated.any():
        prices = rows.drop(columns="line").to_numpy(dtype=np.float64)
        unlike = repeated & np.concatenate([[False], (prices[1:] != prices[:-1]).any(axis=1)])
        row = first_true(unlike)
        if row is not None:
            column = int((prices[row] != prices[row - 1]).argmax())
            both = PlacedBars(placed.name, rows)
            other = f"{prices[row - 1, column]:.15g} in {both.place(row - 1)}"
            rule = f"is also given as {other}: {rows.index[row]} has one bar, and one of the two is wrong"
            raise refusal(both, row, str(rows.columns[column]), rule)
        text = f"{placed.name}: repeated rows with equal values were dropped ({{dates}})."
        mends.append(Mend(text, tuple(rows.index[repeated].unique()), of_intraday=of_intraday))
        rows = rows[~repeated]
    return PlacedBars(placed.name, rows), tuple(mends)


def _out_of_order(moments: pd.DatetimeIndex) -> tuple[tuple[pd.Timestamp, ...], tuple[pd.Timestamp, ...]]:
    """Rows that follow a later one in the file, and the earliest of those later ones, from which on it shows."""
    before: list[int] = []
    late: dict[int, int] = {}
    for moment in moments.asi8.tolist():
        above = bisect_right(before, moment)
        if above < len(before):
            late[moment] = min(before[above], late.get(moment, before[above]))
        insort(before, moment)
    return tuple(pd.Timestamp(m) for m in sorted(late)), tuple(pd.Timestamp(late[m]) for m in sorted(late))


def _against_calendar(placed: PlacedBars, calendar: "SessionCalendar") -> tuple[Mend, ...]:
    dates = pd.DatetimeIndex(placed.rows.index)
    if dates[0] < calendar.first_date:
        raise DataError(
            f"{placed.place(0)}: {dates[0]:%Y-%m-%d} lies before {calendar.first_date:%Y-%m-%d}, where the exchange's "
            "calendar begins; remove the rows before it"
        )
    mends: list[Mend] = []
    special = calendar.special(dates[0], dates[-1])
    closed = dates.difference(regular_dates(calendar, dates)).difference(special)
    if len(closed) > max(5, CLOSED_DAYS_SHARE * len(dates)):
        raise DataError(
            f"{placed.name}: {len(closed)} of {len(dates)} rows, {closed[0]:%Y-%m-%d} to {closed[-1]:%Y-%m-%d}, stand "
            "on days the exchange was closed; check that they are its own dates, not shifted by a time zone"
        )
    if len(closed):
        text = f"{placed.name}: the calendar has no session on {{dates}}; the bars are kept as special sessions."
        mends.append(Mend(text, tuple(closed)))
    regular = calendar.regular(dates[0], dates[-1])
    absent = np.flatnonzero(~regular.isin(dates))
    if len(absent):
        holes = np.split(absent, np.flatnonzero(np.diff(absent) > 1) + 1)
        longest = max(holes, key=len)
        if len(longest) > LONGEST_HOLE:
            first, last = regular[longest[0]], regular[longest[-1]]
            raise DataError(
                f"{placed.name}: no rows for {len(longest)} sessions in a row, {first:%Y-%m-%d} to {last:%Y-%m-%d}: "
                f"at most {LONGEST_HOLE} may be missing; add them, or start the file after them"
            )
        text = f"{placed.name}: no rows for the sessions {{dates}}; changes there span more than one session."
        mends.append(Mend(text, tuple(regular[absent])))
    return tuple(mends)
