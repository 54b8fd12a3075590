"""Whether intraday bars are stamped as the calendar expects: by their start, in exchange time, of one length.

Stamps that can only mean something else (UTC, the end of a bar, another length) are refused, because a bar read a few
hours early is a look into the future. What is no bar of continuous trading is left out, and named.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_lengths import bar_length, hours_and_minutes, minutes, refuse_longer
from aegismatrix_engine.history.bar_rules import SourcedBars, first_true
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets import BAR, SessionCalendar
from aegismatrix_engine.typing import BoolArray, IntArray

PREOPEN = np.timedelta64(45 * 60, "s")
"""How long before the open a stamp is taken for the pre-open auction: 08:30 to 09:15 at NSE, whose own begins at 09:00.
Yahoo has stamped such rows 08:45 and 09:00 (ranaroussi/yfinance, issue 1436)."""

AFTER_CLOSE = np.timedelta64(30 * 60, "s")
"""How long after continuous trading a stamp is taken for a closing bar, or one of a closing auction."""

SECONDS_OFF = np.timedelta64(2, "s")
"""A stamp so little after a whole minute means that minute."""

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
    """Bars whose stamps lie a second or two after their minute, as Yahoo's can, put onto it; and which these were."""
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
    """Bars in ascending order with unique stamps, as the calendar's continuous hours admit them.

    Bars of days without a session in the calendar are passed on; whether such a day was one is not for stamps to say.

    Raises:
        DataError: two bar lengths, a length that a quarter hour is no multiple of, stamps of bar ends, stamps outside
            the hours of their session, stamps between the bars; with place, what was found and what it looks like.
    """
    stamps = np.asarray(pd.DatetimeIndex(sourced.rows.index).as_unit("ns"), dtype="datetime64[ns]")
    days, first, counts = np.unique(stamps.astype("datetime64[D]"), return_index=True, return_counts=True)
    dates = pd.DatetimeIndex(days.astype("datetime64[ns]"))
    if dates[0] < calendar.first_date:
        raise DataError(
            f"{sourced.place(0)}: {dates[0]:%Y-%m-%d} lies before {calendar.first_date:%Y-%m-%d}, where the exchange's "
            "calendar begins; remove the rows before it"
        )
    hours = calendar.local_hours(dates)
    opens, closes = hours[:, 0], hours[:, 1]
    inside = (stamps >= np.repeat(opens, counts)) & (stamps < np.repeat(closes, counts))
    # The hours of a special session are announced late, and moved: bars that do not fill them tell them better.
    closing = inside & (stamps >= np.repeat(closes - BAR.to_timedelta64(), counts))
    filled = np.logical_or.reduceat(closing, first) & np.logical_or.reduceat(stamps == np.repeat(opens, counts), first)
    beyond = ~np.logical_and.reduceat(inside, first)
    moved = dates.isin(calendar.special(dates[0], dates[-1])) & beyond & ~filled
    opens, closes = (np.where(moved, np.datetime64("NaT", "ns"), at) for at in (opens, closes))
    length = bar_length(sourced, stamps, first, counts, inside)
    sessions = _Sessions(sourced, calendar, stamps, first, counts, opens, closes, length)
    sessions.refuse_ends()
    sessions.refuse_shifted()
    sessions.refuse_outside()
    refuse_longer(sourced, stamps, first, inside & ~np.repeat(moved, counts), length)
    kept, repair = sessions.in_hours()
    kept, off_grid = sessions.on_grid(kept)
    rows = sourced.rows[kept]
    if rows.empty:
        raise DataError(f"{sourced.name}: no bar begins within the hours of a session; check that it holds the index")
    return StampedBars(SourcedBars(sourced.name, rows), pd.Timedelta(length), (*repair, *off_grid))


@dataclass(frozen=True)
class _Sessions:
    """The days of a file against the hours of the calendar; opens and closes are (days,), NaT on days without one."""

    sourced: SourcedBars
    calendar: SessionCalendar
    stamps: NDArray[np.datetime64]
    first: NDArray[np.intp]
    counts: NDArray[np.intp]
    opens: NDArray[np.datetime64]
    closes: NDArray[np.datetime64]
    length: np.timedelta64

    def refuse_ends(self) -> None:
        """Refuse a file one of whose days has every bar of its session, each stamped by its end.

        Where most days with a bar at the close have one at the open as well, a day without that has lost its first bar.
        """
        last = self.first + self.counts - 1
        whole = self.counts == self._expected
        closing = self.stamps[last] == self.closes
        usual = (closing & self._any(self.stamps == self._of_bar(self.opens))).sum() * 2 > closing.sum()
        day = first_true(whole & (self.stamps[self.first] == self.opens + self.length) & closing)
        if day is not None and not usual:
            raise DataError(
                f"{self.sourced.place(int(self.first[day]))}: {self._span(day)} on this day looks stamped by the end of "
                f"each bar, where the session runs from {_clock(self.opens[day])} to {_clock(self.closes[day])}; "
                f"subtract {minutes(self.length)} min, or use `aegis import --bar-stamp end`"
            )

    def refuse_shifted(self) -> None:
        """Refuse a file one of whose days reaches out of its session on one side and lacks its bars on the other.

        A pre-open or a closing bar stands beside a session that is whole, a shift moves the whole session. Where most
        days are whole and have such a bar, a day that lacks some is one with bars missing.
        """
        early = self.opens - self.stamps[self.first]
        closes = self._of_bar(self.closes)
        after = (self.stamps >= closes) & ~self._flat
        beyond = np.where(after, self.stamps + self.length - closes, np.timedelta64(0, "ns"))
        late = np.maximum.reduceat(beyond, self.first)
        sessions = ~np.isnat(self.opens)
        for reach, at_start in ((early, False), (late, True)):
            out = sessions & (reach > np.timedelta64(0))
            there = self._any(self.stamps == self._of_bar(self.opens if at_start else self._last_start))
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
        end = begin + bars * self.length
        there = (self.stamps >= self._of_bar(begin)) & (self.stamps < self._of_bar(end)) & self._on_grid
        return np.asarray(np.add.reduceat(there, self.first) * 2 <= bars)

    def refuse_outside(self) -> None:
        """Refuse a file one of whose bars lies where its session has neither pre-open, trading nor a closing bar."""
        opens, closes = self._of_bar(self.opens), self._of_bar(self.closes)
        flat = self._flat
        early = self.stamps < opens - PREOPEN
        late = (self.stamps >= closes + AFTER_CLOSE) & ~flat
        row = first_true(early | late)
        if row is not None:
            raise self._shifted(int(np.searchsorted(self.first, row, side="right")) - 1)

    def in_hours(self) -> tuple[BoolArray, tuple[Repair, ...]]:
        """Which bars begin within continuous trading, or on a day without a session; what is told of the others."""
        opens, closes = self._of_bar(self.opens), self._of_bar(self.closes)
        before, after = self.stamps < opens, self.stamps >= closes
        name = self.sourced.name
        texts = (
            (before, f"{name}: bars before the open were left out ({{dates}})."),
            (after, f"{name}: bars after the close of continuous trading were left out ({{dates}})."),
        )
        return ~(before | after), tuple(self._told(rows, text) for rows, text in texts if rows.any())

    def on_grid(self, kept: BoolArray) -> tuple[BoolArray, tuple[Repair, ...]]:
        """Which of the kept bars begin on the grid of their length; raises DataError where more than a few do not."""
        off = kept & ~self._on_grid
        if not off.any():
            return kept, ()
        if off.sum() > MOST_OFF_GRID:
            row = int(off.argmax())
            raise DataError(
                f"{self.sourced.place(row)}: begins between two bars of {minutes(self.length)} minutes, as {off.sum()} "
                "rows do: a bar's stamp is its start; correct the stamps or remove the rows"
            )
        text = f"{self.sourced.name}: rows that begin between two bars were left out ({{dates}})."
        return kept & ~off, (self._told(off, text),)

    @property
    def _expected(self) -> IntArray:
        """How many bars each day's session has, (days,); 0 on a day without one."""
        known = ~np.isnat(self.opens)
        spans = np.where(known, (self.closes - self.opens).astype(np.int64), 0)
        return -(-spans // self.length.astype(np.int64))

    @property
    def _on_grid(self) -> BoolArray:
        """Which bars begin on the grid of their length, (rows,)."""
        # Sessions open at quarter hours, and every length fits into one.
        return np.asarray(self.stamps.astype(np.int64) % self.length.astype(np.int64) == 0)

    @property
    def _flat(self) -> BoolArray:
        """Which bars are known to have no range, (rows,)."""
        rows = self.sourced.rows
        if "high" not in rows:
            return np.zeros(len(rows), dtype=bool)
        return np.asarray(rows["high"].to_numpy() == rows["low"].to_numpy())

    @property
    def _last_start(self) -> NDArray[np.datetime64]:
        """When the last bar of each day's session begins, (days,)."""
        return self.opens + np.maximum(self._expected - 1, 0) * self.length

    def _any(self, rows: BoolArray) -> BoolArray:
        """Whether a day has such a row, (days,)."""
        return np.asarray(np.logical_or.reduceat(rows, self.first))

    def _of_bar(self, of_day: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
        return np.repeat(of_day, self.counts)

    def _told(self, rows: BoolArray, text: str) -> Repair:
        return Repair(text, tuple(pd.DatetimeIndex(self.stamps[rows])), of_intraday=True)

    def _span(self, day: int) -> str:
        """The first and last stamp of a day as clock times."""
        last = self.first[day] + self.counts[day] - 1
        return f"{_clock(self.stamps[self.first[day]])} to {_clock(self.stamps[last])}"

    def _shifted(self, day: int) -> DataError:
        """The refusal of a day outside its hours, with what would bring it inside."""
        start, count = int(self.first[day]), int(self.counts[day])
        own = self.stamps[start : start + count]
        by = self.opens[day] - own[0]
        offset = pd.Timestamp(self.opens[day]).tz_localize(self.calendar.zone).utcoffset()
        remedy = "correct the stamps or remove the rows"
        # A day that is incomplete may lack its first bars, so an offset of the zone is tried as well.
        for shift, looks in ((np.timedelta64(offset), "UTC"), (by, "shifted")):
            moved = own + shift
            if shift and (moved >= self.opens[day]).all() and (moved < self.closes[day] + AFTER_CLOSE).all():
                verb = "add" if shift > np.timedelta64(0) else "subtract"
                remedy = f"looks like {looks}" if looks == "UTC" else "looks shifted"
                remedy += f"; {verb} {hours_and_minutes(abs(shift))}, or use `aegis import --zone`"
                break
        return DataError(
            f"{self.sourced.place(start)}: bars of {self._span(day)} on this day lie outside its session, "
            f"{_clock(self.opens[day])} to {_clock(self.closes[day])} in exchange time; {remedy}"
        )


def _clock(moment: np.datetime64) -> str:
    return f"{pd.Timestamp(moment):%H:%M}"
