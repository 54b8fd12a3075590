"""Whether intraday bars are stamped as the calendar expects: by their start, in exchange time, of one length.

Stamps that can only mean something else (UTC, the end of a bar, another length) are refused, because a bar read a few
hours early is a look into the future. Rows that are not bars of continuous trading are left out, and named.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_lengths import BarStarts, bar_length, hours_and_minutes, minutes, refuse_longer
from aegismatrix_engine.history.bar_rules import SourcedBars, first_true, refuse_before_calendar
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets import BAR, SessionCalendar
from aegismatrix_engine.typing import BoolArray, IntArray

PREOPEN = np.timedelta64(45 * 60, "s")
"""How long before the open a stamp is taken for the pre-open auction: 08:30 to 09:15 at NSE, whose own begins at 09:00.
Yahoo has stamped such rows 08:45 and 09:00 (ranaroussi/yfinance, issue 1436)."""

AFTER_CLOSE = np.timedelta64(30 * 60, "s")
"""How long after continuous trading a stamp is taken for a closing bar, or one of a closing auction."""

SECONDS_OFF = np.timedelta64(2, "s")
"""A stamp at most so long after a whole minute means that minute."""

MOST_OFF_GRID = 3


@dataclass(frozen=True)
class StampedBars:
    """Bars whose stamps are understood.

    Attributes:
        sourced: the bars of continuous trading, ascending, every start on the grid of its session.
        length: how long each bar lasts; a quarter hour where the file has too few bars to tell.
        repairs: what was left out.
    """

    sourced: SourcedBars
    length: pd.Timedelta
    repairs: tuple[Repair, ...]


def on_minutes(sourced: SourcedBars) -> tuple[SourcedBars, tuple[Repair, ...]]:
    """Bars with stamps a second or two after their minute, as Yahoo's can be, put onto it; and which these were."""
    stamps = pd.DatetimeIndex(sourced.rows.index)
    floored = stamps.floor("min")
    off = np.asarray(stamps - floored)
    late = (off > np.timedelta64(0, "ns")) & (off <= SECONDS_OFF)
    if not late.any():
        return sourced, ()
    moved = stamps.where(~late, floored).rename(stamps.name)
    text = f"{sourced.name}: stamps a second or two after their minute were moved onto it ({{dates}})."
    repair = Repair(text, tuple(moved[late].sort_values()), of_intraday=True)
    return SourcedBars(sourced.name, sourced.rows.set_axis(moved, axis=0)), (repair,)


def understood(sourced: SourcedBars, calendar: SessionCalendar) -> StampedBars:
    """Bars in ascending order with unique stamps, without those outside the calendar's continuous hours.

    Bars of days without a session in the calendar are kept; stamps do not show whether such a day was a session.

    Raises:
        DataError: two bar lengths, a length that does not divide a quarter hour, stamps of bar ends, stamps outside
            the hours of their session, stamps between the bars; with place, what was found and what it looks like.
    """
    stamps = np.asarray(pd.DatetimeIndex(sourced.rows.index).as_unit("ns"), dtype="datetime64[ns]")
    days, first, counts = np.unique(stamps.astype("datetime64[D]"), return_index=True, return_counts=True)
    dates = pd.DatetimeIndex(days.astype("datetime64[ns]"))
    refuse_before_calendar(sourced, dates[0], calendar)
    hours = calendar.local_hours(dates)
    opens, closes = hours[:, 0], hours[:, 1]
    inside = (stamps >= np.repeat(opens, counts)) & (stamps < np.repeat(closes, counts))
    # The hours of a special session are announced late, and moved: bars that do not fill them show them better.
    closing = inside & (stamps >= np.repeat(closes - BAR.to_timedelta64(), counts))
    filled = np.logical_or.reduceat(closing, first) & np.logical_or.reduceat(stamps == np.repeat(opens, counts), first)
    beyond = ~np.logical_and.reduceat(inside, first)
    moved = dates.isin(calendar.special(dates[0], dates[-1])) & beyond & ~filled
    opens, closes = (np.where(moved, np.datetime64("NaT", "ns"), at) for at in (opens, closes))
    starts = BarStarts(sourced, stamps, first, counts, inside)
    length = bar_length(starts)
    sessions = _Sessions(starts, opens, closes, length, str(calendar.zone))
    sessions.refuse_ends()
    sessions.refuse_shifted()
    sessions.refuse_outside()
    refuse_longer(replace(starts, inside=inside & ~np.repeat(moved, counts)), length)
    kept, repairs = sessions.in_hours()
    kept, off_grid = sessions.on_grid(kept)
    rows = sourced.rows[kept]
    if rows.empty:
        raise DataError(f"{sourced.name}: no bar begins within the hours of a session; check that it holds the index")
    return StampedBars(SourcedBars(sourced.name, rows), pd.Timedelta(length), (*repairs, *off_grid))


@dataclass(frozen=True)
class _Sessions:
    """The days of a file with the hours of their sessions; opens and closes are (days,), NaT on days without one."""

    starts: BarStarts
    opens: NDArray[np.datetime64]
    closes: NDArray[np.datetime64]
    length: np.timedelta64
    zone: str

    def refuse_ends(self) -> None:
        """Refuse a file one of whose days has every bar of its session, each stamped by its end.

        Where most days with a bar at the close have one at the open as well, a day without that has lost its first bar.
        """
        starts = self.starts
        closing = starts.stamps[starts.first + starts.counts - 1] == self.closes
        usual = (closing & self._any(starts.stamps == self._opens)).sum() * 2 > closing.sum()
        begins_late = starts.stamps[starts.first] == self.opens + self.length
        day = first_true((starts.counts == self._expected) & begins_late & closing)
        if day is not None and not usual:
            raise DataError(
                f"{self._place(day)}: {self._span(day)} on this day looks stamped by the end of each bar, expected its "
                f"start, {self._hours(day)}; subtract {minutes(self.length)} min, or use `aegis import --bar-stamp end`"
            )

    def refuse_shifted(self) -> None:
        """Refuse a file one of whose days reaches out of its session on one side and lacks its bars on the other.

        A pre-open or a closing bar comes beside a session that is whole, a shift moves the whole session. Where most
        days are whole and have such a bar, a day that lacks some is one with bars missing.
        """
        stamps, first = self.starts.stamps, self.starts.first
        after = (stamps >= self._closes) & ~self._flat
        late = np.maximum.reduceat(np.where(after, stamps + self.length - self._closes, np.timedelta64(0, "ns")), first)
        sessions = ~np.isnat(self.opens)
        for reach, at_start in ((self.opens - stamps[first], False), (late, True)):
            out = sessions & (reach > np.timedelta64(0))
            there = self._any(stamps == self._of_bar(self.opens if at_start else self._last_start))
            lacking = out & (~there | self._half_missing(reach, at_start=at_start))
            usual = (out & ~lacking).sum() * 2 >= max((sessions & there).sum(), out.sum(), 1)
            day = first_true(lacking)
            # The one session of a file may be in progress: it lacks its end, and may have bars before the open.
            if day is not None and not usual and (at_start or sessions.sum() > 1):
                raise self._shifted(day)

    def _half_missing(self, reach: NDArray[np.timedelta64], *, at_start: bool) -> BoolArray:
        """Whether half of the bars are missing at one edge of a session, as far in as ``reach``, (days,)."""
        bars = -(-np.maximum(reach.astype(np.int64), 0) // self.length.astype(np.int64))
        begin = self.opens if at_start else self._last_start - (bars - 1) * self.length
        stamps, end = self.starts.stamps, begin + bars * self.length
        there = (stamps >= self._of_bar(begin)) & (stamps < self._of_bar(end)) & self._on_grid
        return np.asarray(np.add.reduceat(there, self.starts.first) * 2 <= bars)

    def refuse_outside(self) -> None:
        """Refuse a file one of whose bars has no pre-open, trading or closing bar of its session at its time."""
        stamps = self.starts.stamps
        row = first_true((stamps < self._opens - PREOPEN) | ((stamps >= self._closes + AFTER_CLOSE) & ~self._flat))
        if row is not None:
            raise self._shifted(int(np.searchsorted(self.starts.first, row, side="right")) - 1)

    def in_hours(self) -> tuple[BoolArray, tuple[Repair, ...]]:
        """Which bars begin within continuous trading, or on a day without a session; and which others were left out."""
        before, after = self.starts.stamps < self._opens, self.starts.stamps >= self._closes
        left_out = ((before, "bars before the open"), (after, "bars after the close of continuous trading"))
        return ~(before | after), tuple(self._left_out(rows, what) for rows, what in left_out if rows.any())

    def on_grid(self, kept: BoolArray) -> tuple[BoolArray, tuple[Repair, ...]]:
        """Which of the kept bars begin on the grid of their length; raises DataError where more than a few do not."""
        off = kept & ~self._on_grid
        if off.sum() > MOST_OFF_GRID:
            raise DataError(
                f"{self.starts.sourced.place(int(off.argmax()))}: begins between two bars of {minutes(self.length)} "
                f"minutes, as {off.sum()} rows do, expected the start of a bar; correct the stamps or remove the rows"
            )
        return kept & ~off, (self._left_out(off, "rows that begin between two bars"),) if off.any() else ()

    @cached_property
    def _opens(self) -> NDArray[np.datetime64]:
        """Open of the session of each bar, (rows,)."""
        return self._of_bar(self.opens)

    @cached_property
    def _closes(self) -> NDArray[np.datetime64]:
        """Close of continuous trading of the session of each bar, (rows,)."""
        return self._of_bar(self.closes)

    @cached_property
    def _expected(self) -> IntArray:
        """How many bars each day's session has, (days,); 0 on a day without one."""
        spans = np.where(np.isnat(self.opens), 0, (self.closes - self.opens).astype(np.int64))
        return -(-spans // self.length.astype(np.int64))

    @cached_property
    def _on_grid(self) -> BoolArray:
        """Which bars begin on the grid of their length, (rows,)."""
        # Sessions open at quarter hours, and every length fits into one.
        return np.asarray(self.starts.stamps.astype(np.int64) % self.length.astype(np.int64) == 0)

    @cached_property
    def _flat(self) -> BoolArray:
        """Which bars are known to have no range, (rows,)."""
        rows = self.starts.sourced.rows
        return np.asarray(rows["high"] == rows["low"]) if "high" in rows else np.zeros(len(rows), dtype=bool)

    @property
    def _last_start(self) -> NDArray[np.datetime64]:
        """When the last bar of each day's session begins, (days,)."""
        return self.opens + np.maximum(self._expected - 1, 0) * self.length

    def _any(self, rows: BoolArray) -> BoolArray:
        """Whether a day has such a row, (days,)."""
        return np.asarray(np.logical_or.reduceat(rows, self.starts.first))

    def _of_bar(self, of_day: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
        return np.repeat(of_day, self.starts.counts)

    def _left_out(self, rows: BoolArray, what: str) -> Repair:
        text = f"{self.starts.sourced.name}: {what} were left out ({{dates}})."
        return Repair(text, tuple(pd.DatetimeIndex(self.starts.stamps[rows])), of_intraday=True)

    def _place(self, day: int) -> str:
        return self.starts.sourced.place(int(self.starts.first[day]))

    def _span(self, day: int) -> str:
        """The first and last stamp of a day as clock times."""
        first = self.starts.first[day]
        return _clock_times(self.starts.stamps[first], self.starts.stamps[first + self.starts.counts[day] - 1])

    def _hours(self, day: int) -> str:
        return f"within the session from {_clock_times(self.opens[day], self.closes[day])} in exchange time"

    def _shifted(self, day: int) -> DataError:
        """The refusal of a day outside its hours, with the shift that would bring it inside."""
        start, count = int(self.starts.first[day]), int(self.starts.counts[day])
        own = self.starts.stamps[start : start + count]
        offset = pd.Timestamp(self.opens[day]).tz_localize(self.zone).utcoffset()
        remedy = "correct the stamps or remove the rows"
        # A day that is incomplete may lack its first bars, so an offset of the zone is tried as well.
        for shift, looks in ((np.timedelta64(offset), "like UTC"), (self.opens[day] - own[0], "shifted")):
            moved = own + shift
            if shift and (moved >= self.opens[day]).all() and (moved < self.closes[day] + AFTER_CLOSE).all():
                verb = "add" if shift > np.timedelta64(0) else "subtract"
                remedy = f"looks {looks}; {verb} {hours_and_minutes(abs(shift))}, or use `aegis import --zone`"
                break
        return DataError(
            f"{self._place(day)}: bars of {self._span(day)} on this day, expected {self._hours(day)}; {remedy}"
        )


def _clock_times(first: np.datetime64, last: np.datetime64) -> str:
    return f"{pd.Timestamp(first):%H:%M} to {pd.Timestamp(last):%H:%M}"
