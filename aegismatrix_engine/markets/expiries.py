"""Expiries of a market's index options, and how many sessions are left to them.

``after`` is everywhere a session whose close has happened: an expiry on that very day is past, and the one looked for
is strictly later. Sessions left are the regular sessions in (after, expiry]. Every function raises what the market's
calendar raises for dates that it does not cover.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from pandas import DatetimeIndex, Timestamp

from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.markets.expiry_rules import ExpiryRule, MovedExpiry
from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.markets.sessions import Days
from aegismatrix_engine.typing import BoolArray, IntArray

ExpiryKind = Literal["weekly", "monthly"]

PRIMARY_DAYS = 7
"""The primary expiry is the next monthly one at least so many calendar days away."""

SESSIONS_BEFORE_WEEKLIES = 5
"""The horizon taken for the nearest expiry while no weekly contract is listed."""

_FIRST_DAYS = {"second": 8, "third": 15}

_DAY = np.timedelta64(1, "D")
# No exchange of ours has been shut for longer, so a scheduled expiry's session is found within it.
_LONGEST_CLOSURE = 14 * _DAY
_LONGEST_MONTH_OF_EXPIRIES = pd.Timedelta(days=50)


@dataclass(frozen=True)
class Expiry:
    """One expiry of the index options.

    Attributes:
        date: the session on which they expire.
        kind: weekly or monthly; in the week of a monthly there is no weekly.
        provisional: it is past the calendar's ``valid_through``, so a holiday not yet announced may move it.
    """

    date: Timestamp
    kind: ExpiryKind
    provisional: bool


@dataclass(frozen=True, eq=False)
class _Schedule:
    """All expiries of a span of years: dates and scheduled are (n,) datetime64[ns], monthly is (n,) bool."""

    dates: Days
    scheduled: Days
    monthly: BoolArray

    def named(self, market: Market, row: int) -> Expiry:
        scheduled = Timestamp(self.scheduled[row])
        kind: ExpiryKind = "monthly" if self.monthly[row] else "weekly"
        return Expiry(Timestamp(self.dates[row]).as_unit("ns"), kind, market.calendar.provisional(scheduled))


def expiries(market: Market, first: Timestamp, last: Timestamp) -> tuple[Expiry, ...]:
    """Every expiry dated ``first`` to ``last``, both included, in order."""
    start, end = market.calendar.plain_date(first), market.calendar.plain_date(last)
    if start > end:
        return ()
    schedule = _schedule(market, start.year, end.year)
    low = np.searchsorted(schedule.dates, start.to_datetime64(), side="left")
    high = np.searchsorted(schedule.dates, end.to_datetime64(), side="right")
    return tuple(schedule.named(market, row) for row in range(int(low), int(high)))


def next_expiries(market: Market, after: Timestamp, kind: ExpiryKind, count: int) -> tuple[Expiry, ...]:
    """The next ``count`` expiries of one kind; none of kind weekly while no weekly contract is listed on ``after``."""
    if kind == "weekly" and not market.expiry_rules.lists_weeklies(after):
        return ()
    last = after + count * _LONGEST_MONTH_OF_EXPIRIES
    ahead = expiries(market, after + pd.Timedelta(days=1), last)
    return tuple(expiry for expiry in ahead if expiry.kind == kind)[:count]


def primary_expiry(market: Market, after: Timestamp) -> Expiry:
    """The next monthly expiry at least `PRIMARY_DAYS` calendar days after ``after``."""
    start = after + pd.Timedelta(days=PRIMARY_DAYS)
    return next(e for e in expiries(market, start, start + _LONGEST_MONTH_OF_EXPIRIES) if e.kind == "monthly")


def nearest_expiry(market: Market, after: Timestamp) -> Expiry | None:
    """The nearest expiry of any kind; None while no weekly contract is listed on ``after``."""
    if not market.expiry_rules.lists_weeklies(after):
        return None
    return expiries(market, after + pd.Timedelta(days=1), after + _LONGEST_MONTH_OF_EXPIRIES)[0]


def nearest_horizon(market: Market, after: Timestamp) -> int:
    """Sessions left to `nearest_expiry`, or `SESSIONS_BEFORE_WEEKLIES` where that is None."""
    expiry = nearest_expiry(market, after)
    return SESSIONS_BEFORE_WEEKLIES if expiry is None else sessions_left(market, after, expiry.date)


def sessions_left(market: Market, after: Timestamp, expiry_date: Timestamp) -> int:
    """The number of regular sessions in (after, expiry_date]; 0 once the expiry is past."""
    return len(market.calendar.regular(after + pd.Timedelta(days=1), expiry_date))


def primary_horizons(market: Market, sessions: DatetimeIndex) -> IntArray:
    """Sessions left to the primary expiry from each session's close: (n,) for ``sessions`` (n,) in rising order."""
    if len(sessions) == 0:
        return np.empty(0, dtype=np.int64)
    at, schedule = _ahead_of(market, sessions)
    monthlies = schedule.dates[schedule.monthly]
    chosen = monthlies[np.searchsorted(monthlies, at + PRIMARY_DAYS * _DAY, side="left")]
    return _sessions_between(market, at, chosen)


def nearest_horizons(market: Market, sessions: DatetimeIndex) -> IntArray:
    """`nearest_horizon` from each session's close: (n,) for ``sessions`` (n,) in rising order."""
    if len(sessions) == 0:
        return np.empty(0, dtype=np.int64)
    at, schedule = _ahead_of(market, sessions)
    left = _sessions_between(market, at, schedule.dates[np.searchsorted(schedule.dates, at, side="right")])
    left[~market.expiry_rules.weeklies_listed_at(at)] = SESSIONS_BEFORE_WEEKLIES
    return left


@dataclass(frozen=True, eq=False)
class ExpiriesAhead:
    """The expiries that documents show from the closes of m sessions.

    Attributes:
        dates: (m, 4) datetime64[ns], rising: the next two monthly ones and the next two weekly ones. Before weekly ones
            were listed the last of the two monthly ones fills the row.
        sessions: (m, 4) regular sessions left to each.
        primary: (m,) the column of the primary expiry.
        listed: (m,) whether weekly expiries were listed, so that the first column is the nearest expiry.
    """

    dates: Days
    sessions: IntArray
    primary: IntArray
    listed: BoolArray


def expiries_ahead(market: Market, sessions: DatetimeIndex) -> ExpiriesAhead:
    """The expiries ahead of each session's close; ``sessions`` (m,) in rising order, at least one."""
    at, schedule = _ahead_of(market, sessions)
    monthly, weekly = schedule.dates[schedule.monthly], schedule.dates[~schedule.monthly]
    of_months = _next_of(monthly, at)
    listed = at >= market.expiry_rules.weeklies_listed.to_datetime64()
    of_weeks = np.tile(of_months[:, [-1]], 2)
    of_weeks[listed] = _next_of(weekly, at[listed])
    dates = np.sort(np.column_stack([of_months, of_weeks]), axis=1)
    primary = monthly[np.searchsorted(monthly, at + PRIMARY_DAYS * _DAY, side="left")]
    left = np.column_stack([_sessions_between(market, at, until) for until in dates.T])
    return ExpiriesAhead(dates, left, np.argmax(dates == primary[:, None], axis=1), listed)


def _next_of(dates: Days, at: Days) -> Days:
    """The next two of these dates after each of ``at``, (m, 2)."""
    return np.asarray(dates[np.searchsorted(dates, at, side="right")[:, None] + np.arange(2)])


def _ahead_of(market: Market, sessions: DatetimeIndex) -> tuple[Days, _Schedule]:
    """The sessions as datetime64[ns], and a schedule that reaches past the primary expiry of the last."""
    if sessions.tz is not None or not sessions.is_monotonic_increasing:
        raise AegisError("expiries: the sessions have a zone or are not in rising order; pass naive dates, sorted")
    at = np.asarray(sessions.as_unit("ns"), dtype="datetime64[ns]")
    return at, _schedule(market, sessions[0].year, sessions[-1].year + 1)


def _sessions_between(market: Market, after: Days, until: Days) -> IntArray:
    regular = market.calendar.regular(Timestamp(after[0]), Timestamp(until[-1])).to_numpy()
    counts = np.searchsorted(regular, until, side="right") - np.searchsorted(regular, after, side="right")
    return counts.astype(np.int64)


@lru_cache(maxsize=64)
def _schedule(market: Market, first_year: int, last_year: int) -> _Schedule:
    """Every expiry dated within these whole years, both included."""
    # A holiday can carry the first expiry of the next year back into the last one asked for.
    begins = market.calendar.first_date.to_datetime64().astype("datetime64[D]")
    start = max(np.datetime64(f"{first_year}-01-01"), begins)
    # A weekly expiry is left out by a monthly one of its week, which may be in the year before.
    days = np.arange(max(start - 7 * _DAY, begins), np.datetime64(f"{last_year + 1}-01-15"), dtype="datetime64[D]")
    scheduled, monthly, moved_on = _scheduled(days, market.expiry_rules.rules)
    first, last = Timestamp(max(start - _LONGEST_CLOSURE, begins)), Timestamp(days[-1] + _LONGEST_CLOSURE)
    regular = market.calendar.regular(first, last).to_numpy()
    before = np.searchsorted(regular, scheduled, side="right") - 1
    row = np.where(moved_on, np.searchsorted(regular, scheduled, side="left"), before)
    dates, monthly = _as_listed(regular[np.clip(row, 0, len(regular) - 1)], monthly, market.moved_expiries)
    within = (row >= 0) & (dates >= start) & (dates < np.datetime64(f"{last_year + 1}-01-01"))
    return _Schedule(dates[within], scheduled[within], monthly[within])


def _as_listed(dates: Days, monthly: BoolArray, moved: tuple[MovedExpiry, ...]) -> tuple[Days, BoolArray]:
    """The dates, and which of them are monthly, with what the exchange lists in place of ours."""
    listed, listed_monthly = dates.copy(), monthly.copy()
    for one in moved:
        here = dates == one.ours.to_datetime64()
        listed[here], listed_monthly[here] = one.listed.to_datetime64(), one.monthly
    return listed, listed_monthly


def _scheduled(days: Days, rules: tuple[ExpiryRule, ...]) -> tuple[Days, BoolArray, BoolArray]:
    """The days on which an expiry is scheduled, holidays apart, which are monthly, and which are moved to the next."""
    since = np.array([rule.since.to_datetime64() for rule in rules], dtype="datetime64[D]")
    rule = np.maximum(np.searchsorted(since, days, side="right") - 1, 0)
    since_monday = (days.astype(np.int64) + 3) % 7  # day 0 of datetime64 is Thursday, 1970-01-01
    month = days.astype("datetime64[M]")
    day_of_month = ((days - month.astype("datetime64[D]")) // _DAY + 1).astype(np.int64)
    is_last = (days + 7 * _DAY).astype("datetime64[M]") != month
    earliest = np.array([_FIRST_DAYS.get(one.monthly, 0) for one in rules])[rule]
    of_month = np.where(earliest == 0, is_last, (day_of_month >= earliest) & (day_of_month < earliest + 7))
    monthly = (since_monday == np.array([one.weekday for one in rules])[rule]) & of_month
    weekly = since_monday == np.array([-1 if one.weekly is None else one.weekly for one in rules])[rule]
    monday = days - since_monday.astype("timedelta64[D]")
    expires = monthly | (weekly & ~np.isin(monday, monday[monthly]))
    moved_on = np.array([one.holidays == "next" for one in rules])[rule]
    return days[expires].astype("datetime64[ns]"), monthly[expires], moved_on[expires]
