"""Which sessions were held, by the plan of the calendar and by what the series show.

The calendar is a plan, which the series correct. A day that the plan calls closed was a session where the series have
it; a session of the plan that no series has, once bars of a later one are there, was not held. A special session that
no series has may have been held all the same, as sources often lack them: it is left out, and the closes beside it are
in doubt.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from aegismatrix_engine.history.bar_checks import LONGEST_HOLE
from aegismatrix_engine.history.known_bars import NO_DAYS
from aegismatrix_engine.history.repairs import Doubt, Repair
from aegismatrix_engine.markets import BAR
from aegismatrix_engine.markets.observed_sessions import HeldSession, ObservedSessions
from aegismatrix_engine.markets.sessions import SessionCalendar, SessionHours
from aegismatrix_engine.typing import BoolArray

Days = pd.DatetimeIndex

LIVE_BARS = 2
"""Bars with a range from which on a day without a daily row was a session: one alone may be a stale print."""


@dataclass(frozen=True)
class SessionsHeld:
    """What the series show of the sessions up to a day.

    Attributes:
        calendar: the plan, corrected by what follows.
        off_plan: days held although the plan calls them closed.
        not_held: sessions of the plan that were not held.
        hole: sessions in a row, too many to have been called off, between the last daily row and a later bar.
        unseen: special sessions of the plan that no series has.
        stale: days of the plan without a session, and without a daily row, that have bars.
        repairs: what was corrected.
        doubts: sessions whose close is in doubt, and why.
    """

    calendar: SessionCalendar
    off_plan: Days
    not_held: Days
    hole: Days
    unseen: Days
    stale: Days
    repairs: tuple[Repair, ...]
    doubts: tuple[Doubt, ...]


_REPAIRS = (
    "The calendar has no session on {dates}, and bars show one: used as a special session.",
    "Sessions of the calendar on {dates} were not held: no series has a row or a bar.",
    "No row and no bars of the special sessions {dates}: changes after them span two sessions.",
    "Bars of the special sessions {dates} are outside of the announced hours and were used.",
    "The calendar has no session on {dates}, and no daily row shows one; their bars were left out.",
)
_DOUBTS = (
    ("the calendar has no session on {}, and its daily row alone shows one", True),
    ("the calendar has no session on {}, and its bars alone show one", True),
    ("the special session of {} has no row and no bars", False),
    ("the calendar's session of {}, one of several in a row, has no row and no bars", False),
    ("the session of {} has no row", False),
)
"""Why a close is in doubt, and whether it is that of the session itself."""


def sessions_held(
    plan: SessionCalendar,
    spot: Days,
    vix: Days,
    bars: pd.DataFrame | None,
    before: pd.Timestamp,
    running: Days = NO_DAYS,
) -> SessionsHeld:
    """What the daily rows and the bars show of the sessions of ``plan``.

    Args:
        plan: the announced calendar.
        spot: dates of the daily spot rows, ascending, at least one.
        vix: dates on which the volatility index has a daily close or bars.
        bars: quarter hours of spot, as a history holds them.
        before: a special session is looked for before this date, for later ones may still get their row, and before
            the first regular session that the series do not reach.
        running: days of which the source has a row that is no close yet.
    """
    with_bars, trading = _days_of_bars(bars)
    known = spot.union(with_bars)
    table = plan.table(known[0], max(known[-1], before))
    dates, seen = pd.DatetimeIndex(table.dates), known.union(vix)
    closed = known.difference(dates)
    # A daily row shows a session, and so do bars on the day itself, which can have no row yet.
    off_plan = closed[closed.isin(spot) | (closed.isin(trading) & np.asarray(closed >= before))]
    lone = off_plan[~off_plan.isin(with_bars) & ~off_plan.isin(vix)]
    absent = dates[~dates.isin(seen) & (dates > spot[0])]
    regular, special = (pd.DatetimeIndex(table.dates[of]) for of in (table.regular, ~table.regular))
    passed = _between_bars(absent, with_bars, spot[-1]) | ((absent > plan.valid_through) & (absent < spot[-1]))
    in_a_row = _in_a_row(regular, regular[~regular.isin(seen)])
    not_held = _not_held(absent, in_a_row, passed)
    called_off = not_held[(in_a_row.loc[not_held].to_numpy() > 1) & np.asarray(not_held > spot[-1])]
    # Where regular sessions have passed since the last row or bar, the series have ended; nothing more is missing.
    ended = regular[regular > known[-1]]
    unseen = absent[~absent.isin(regular) & (absent < (min(before, ended[0]) if len(ended) else before))]
    held = _hours_held(plan, off_plan, with_bars[with_bars.isin(special)], bars, with_bars)
    calendar = _corrected(plan, tuple(held.items()), tuple(not_held.union(unseen)))
    lacking = dates[(dates > spot[0]) & (dates < known[-1]) & ~dates.isin(spot)].difference(not_held.union(unseen))
    stale, by_bars = closed.difference(off_plan), off_plan.difference(spot)
    moved, hole = special[special.isin(list(held))], _hole(regular, known, spot[-1])
    repairs = _repairs(by_bars, not_held, unseen, moved, stale)
    doubts = _doubts(lone, by_bars.difference(running), unseen, called_off, lacking)
    return SessionsHeld(calendar, off_plan, not_held, hole, unseen, stale, repairs, doubts)


def _repairs(*kinds: Days) -> tuple[Repair, ...]:
    return tuple(Repair(text, tuple(days)) for days, text in zip(kinds, _REPAIRS, strict=True) if len(days))


def _doubts(*kinds: Days) -> tuple[Doubt, ...]:
    reasons = zip(kinds, _DOUBTS, strict=True)
    return tuple(Doubt(day, why.format(f"{day:%Y-%m-%d}"), close) for days, (why, close) in reasons for day in days)


def _not_held(absent: Days, in_a_row: "pd.Series[int]", passed: BoolArray) -> Days:
    """The regular sessions among ``absent`` whose time has passed, but for holes in the series."""
    not_held = absent[absent.isin(in_a_row.index) & passed]
    return not_held[in_a_row.loc[not_held].to_numpy() <= LONGEST_HOLE]


def _between_bars(days: Days, with_bars: Days, last_row: pd.Timestamp) -> BoolArray:
    """Which days have bars on both sides of them, or a daily row before and bars after."""
    if with_bars.empty:
        return np.zeros(len(days), dtype=bool)
    return np.asarray((days > min(with_bars[0], last_row)) & (days < with_bars[-1]))


def _hours_held(
    plan: SessionCalendar, off_plan: Days, special: Days, bars: pd.DataFrame | None, with_bars: Days
) -> dict[pd.Timestamp, SessionHours | None]:
    """The hours by the bars of every day off the plan, None for the usual ones, and of special sessions that moved."""
    held = {day: _hours_by_bars(plan.usual_hours(day), bars, day, with_bars) for day in off_plan}
    moved = {day: _hours_by_bars(plan.hours(day), bars, day, with_bars) for day in special}
    return held | {day: hours for day, hours in moved.items() if hours is not None}


def _in_a_row(sessions: Days, some: Days) -> "pd.Series[int]":
    """How many of ``some`` follow one another around each of them, counted in ``sessions``; indexed by date."""
    inside = sessions.isin(some)
    run = np.cumsum(np.concatenate([[True], inside[1:] != inside[:-1]])) if len(inside) else np.zeros(0, dtype=int)
    counts = pd.Series(run).groupby(run).transform("size")
    return counts.set_axis(sessions)[inside]


def _hole(regular: Days, known: Days, last_row: pd.Timestamp) -> Days:
    """The first sessions after the last daily row that are too many in a row without a row or a bar before a bar."""
    after = regular[(regular > last_row) & (regular < known[-1])]
    lacking = after[~after.isin(known)]
    long = lacking[_in_a_row(after, lacking).to_numpy() > LONGEST_HOLE]
    if long.empty:
        return long
    ends = known[known > long[0]][0]
    return long[long < ends]


def _days_of_bars(bars: pd.DataFrame | None) -> tuple[Days, Days]:
    """Days that have bars, and those of them whose bars show trading."""
    if bars is None or bars.empty:
        return NO_DAYS, NO_DAYS
    days = pd.DatetimeIndex(bars.index).normalize().as_unit("ns")
    live = days[np.asarray(bars["high"] > bars["low"])]
    found, counts = np.unique(np.asarray(live), return_counts=True)
    return days.unique(), pd.DatetimeIndex(found[counts >= LIVE_BARS])


def _hours_by_bars(
    expected: SessionHours, bars: pd.DataFrame | None, day: pd.Timestamp, with_bars: Days
) -> SessionHours | None:
    """The hours that a day's bars show where they are not the expected ones, as of an evening session; else None."""
    if bars is None or day not in with_bars:
        return None
    starts = pd.DatetimeIndex(bars.index[(bars.index >= day) & (bars.index < day + pd.Timedelta(days=1))])
    zone = expected.opens.tz
    opens, closes = starts[0].tz_localize(zone), (starts[-1] + BAR).tz_localize(zone)
    # The last quarter hour of a session may be shorter.
    if opens >= expected.opens and closes - BAR < expected.official_close:
        return None
    return SessionHours(opens, closes, closes)


def _corrected(
    plan: SessionCalendar,
    held: tuple[tuple[pd.Timestamp, SessionHours | None], ...],
    left_out: tuple[pd.Timestamp, ...],
) -> SessionCalendar:
    """The plan itself where nothing contradicts it; the same corrected calendar for the same facts."""
    # A plan that is right is not kept: of many markets it would be the largest thing in memory.
    return _observed(plan, held, left_out) if held or left_out else plan


@lru_cache(maxsize=32)
def _observed(
    plan: SessionCalendar,
    held: tuple[tuple[pd.Timestamp, SessionHours | None], ...],
    left_out: tuple[pd.Timestamp, ...],
) -> SessionCalendar:
    # Past the end of the announced calendar a weekday with a bar simply is a session.
    added: dict[pd.Timestamp, HeldSession] = {
        day: HeldSession(regular=bool(day > plan.valid_through and day.day_of_week < 5), hours=hours)
        for day, hours in held
    }
    return ObservedSessions(plan, added, frozenset(left_out))
