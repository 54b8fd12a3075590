"""The outcomes of forecasts that have come due, from the bars; an unknown outcome is never guessed.

The events are those of ``record.rows.Event``; true range and realised variance are the engine's own definitions.
"""

import math
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.intraday.open_session import bars_of
from aegismatrix_engine.markets import BAR
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, number, parsed
from aegismatrix_engine.typing import BoolArray, FloatArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.outcomes import realised_variance_ahead
from aegismatrix_engine.volatility.realised_variance import true_range

SPAN_BEFORE = pd.Timedelta(days=30)
"""In so many days there are at least two sessions."""

_REMEMBERED = 128
"""Distinct numbers of each kind that are kept at hand: the forecasts of a moment, and of the next, share most."""


@dataclass(frozen=True)
class Open:
    """A forecast that is due and cannot be decided, and why."""

    row: ForecastRow
    reason: str


class Undecided(Exception):
    """The bars do not decide a forecast; the message says what is missing."""


class Resolver:
    """Decides forecasts from one history, whose last official close bounds what has come due."""

    def __init__(self, history: MarketHistory) -> None:
        self._history = history
        self._calendar = history.market.calendar
        self._doubts = {doubt.session: doubt.reason for doubt in history.doubts if doubt.of_close}
        self._close, self._true_range = lru_cache(_REMEMBERED)(self._close_of), lru_cache(_REMEMBERED)(self._range_of)
        self._furthest = lru_cache(_REMEMBERED)(self._furthest_between)
        self._known_at = lru_cache(_REMEMBERED)(lambda until: self._calendar.closes_at(pd.Timestamp(until)).isoformat())
        self._unseen = pd.DatetimeIndex([doubt.session for doubt in history.doubts if not doubt.of_close])

    def due(self, row: ForecastRow) -> bool:
        """Whether the session that decides the forecast lies in the history's past."""
        return pd.Timestamp(row.until) <= self._history.last_session

    def resolve(self, rows: Iterable[ForecastRow], resolved_at: pd.Timestamp) -> Iterator[ResolutionRow | Open]:
        """The outcome of every forecast that is due, or why it stays open."""
        for row in rows:
            if not self.due(row):
                continue
            try:
                self._refuse_misdated(row)
                outcome, observed = self._decide(row)
                if not math.isfinite(observed):
                    raise Undecided(f"the number that decides is {observed}, expected a finite one")
            except Undecided as why:
                yield Open(row, str(why))
                continue
            zone = self._history.market.zone
            yield ResolutionRow(
                forecast=row.key,
                as_of=row.as_of,
                resolved_at=resolved_at.tz_convert(zone).floor("s").isoformat(),
                known_at=self._known_at(row.until),
                market=row.market,
                signal=row.signal,
                event=row.event,
                until=row.until,
                outcome=str(int(outcome)),
                observed=number(observed, 9),
            )

    def _refuse_misdated(self, row: ForecastRow) -> None:
        """Raises Undecided where a forecast does not end with a session, or its dates are out of order.

        Its end may have been a session when it was made, and become a holiday since.
        """
        as_of = pd.Timestamp(row.as_of).tz_convert(self._history.market.zone)
        origin, until = pd.Timestamp(row.origin), pd.Timestamp(row.until)
        if origin - SPAN_BEFORE < self._calendar.first_date:
            raise Undecided(
                f"its origin {row.origin} is less than 30 days after the first date of the calendar, or before it"
            )
        if not self._calendar.is_session(until):
            raise Undecided(f"{row.until} is not a session of the calendar")
        if not origin <= as_of.tz_localize(None) < until + pd.Timedelta(days=1) or origin >= until:
            raise Undecided(f"its moment {row.as_of} is not between {row.origin} and {row.until}")

    def _decide(self, row: ForecastRow) -> tuple[bool, float]:
        """Whether the event happened, and the number that decided."""
        spot = parsed(row.spot)
        if row.event == "breakout":
            came = self._true_range(row.until)
        elif row.event == "trap":
            came = self._realised(pd.Timestamp(row.origin), int(row.sessions), row.until)
        else:
            came = self._close(row.until)
            if row.event == "touch":
                came = max(abs(came - spot), self._furthest(row.as_of, row.origin, row.until, spot))
        limits = (np.array([parsed(cell)]) for cell in (row.threshold, row.lower, row.upper))
        found = decision(row.event, np.array([came]), np.array([spot]), *limits)
        if found is None:
            raise Undecided(f"unknown event {row.event[:20]!r}")
        return bool(found[0][0]), float(found[1][0])

    def _close_of(self, until: str) -> float:
        session = pd.Timestamp(until)
        self._official(pd.DatetimeIndex([session]))
        return float(self._history.spot["close"].loc[session])

    def _official(self, sessions: pd.DatetimeIndex, *, with_range: bool = False) -> None:
        """Raises Undecided unless every one of the sessions has a row, and an official one, with a range if asked."""
        for session in sessions:
            if session not in self._held:
                raise Undecided(f"the session of {session:%Y-%m-%d} is missing in the bars")
        for session in sessions:
            if session in self._history.provisional_closes:
                raise Undecided(f"the official close of {session:%Y-%m-%d} is missing; its row was rebuilt from bars")
            if session in self._doubts:
                raise Undecided(self._doubts[session])
            if with_range and session in self._history.closes_alone:
                raise Undecided(f"the row of {session:%Y-%m-%d} has a close and no range")

    def _furthest_between(self, moment: str, known: str, end: str, spot: float) -> float:
        """The furthest any price from a forecast's moment to its end was from spot, index points.

        known: date of the last official close before the moment.
        """
        origin, until = pd.Timestamp(known), pd.Timestamp(end)
        as_of = pd.Timestamp(moment).tz_convert(self._history.market.zone)
        first = origin + pd.Timedelta(days=1)
        opened = self._opened_before(as_of, origin)
        reached = 0.0
        if opened is not None:
            reached = self._furthest_bar(opened, as_of, spot)
            first = opened + pd.Timedelta(days=1)
        held = self._calendar.regular(first, until).union(self._calendar.special(first, until))
        # A special session that no series has may have had the furthest price.
        unseen = self._unseen[(self._unseen >= first) & (self._unseen <= until)]
        self._official(held.union(unseen), with_range=True)
        days = self._history.spot.loc[first:until]
        if len(days):
            reached = max(reached, float(days["high"].max()) - spot, spot - float(days["low"].min()))
        return reached

    def _opened_before(self, as_of: pd.Timestamp, origin: pd.Timestamp) -> pd.Timestamp | None:
        """The session in which the forecast was made, or None where it was made outside one."""
        day = as_of.tz_localize(None).normalize()
        if day <= origin or not self._calendar.is_session(day) or as_of <= self._calendar.opens_at(day):
            return None
        return day

    def _furthest_bar(self, day: pd.Timestamp, as_of: pd.Timestamp, spot: float) -> float:
        """The same over the bars of the session in progress that began at the forecast's moment or later."""
        start = as_of.tz_localize(None)
        hours = self._calendar.hours(day)
        left = bars_of(hours) - int((as_of - hours.opens) // BAR)
        if left <= 0:
            return 0.0
        bars = self._history.bars
        own = None if bars is None else bars.loc[(bars.index >= start) & (bars.index < day + pd.Timedelta(days=1))]
        if own is None or len(own) < left:
            there = 0 if own is None else len(own)
            raise Undecided(f"{left - there} of the {left} bars of {day:%Y-%m-%d} after {start:%H:%M} are missing")
        return max(float(own["high"].max()) - spot, spot - float(own["low"].min()))

    @cached_property
    def _held(self) -> frozenset[pd.Timestamp]:
        """Sessions that have a row."""
        return frozenset(pd.DatetimeIndex(self._history.spot.index))

    @cached_property
    def _series(self) -> DailySeries:
        return DailySeries.from_frame(self._history.daily(), self._history.market.sessions_per_year)

    @cached_property
    def _ranges(self) -> "pd.Series[float]":
        return pd.Series(true_range(self._series), index=self._series.dates)

    def _range_of(self, until: str) -> float:
        session = pd.Timestamp(until)
        self._official(self._calendar.regular(session - SPAN_BEFORE, session)[-2:], with_range=True)
        return float(self._ranges.loc[session])

    def _realised(self, origin: pd.Timestamp, sessions: int, until: str) -> float:
        # From a special session's close the sessions counted are those after the regular one before it.
        start = self._calendar.regular(origin - SPAN_BEFORE, origin)[-1]
        span = self._calendar.regular(start, pd.Timestamp(until))
        self._official(span, with_range=True)
        if len(span) != sessions + 1:
            raise Undecided(f"{len(span) - 1} sessions lie between {start:%Y-%m-%d} and {until}, not {sessions}")
        row = int(self._series.dates.searchsorted(start))
        return float(realised_variance_ahead(self._series.rows(slice(row, row + sessions + 1)), sessions)[0])


def decision(
    event: str, came: FloatArray, spot: FloatArray, threshold: FloatArray, lower: FloatArray, upper: FloatArray
) -> tuple[BoolArray, FloatArray] | None:
    """Whether an event happened to each of n forecasts, and the number that decided; arrays (n,).

    Args:
        event: as in ``record.rows.Event``; None is returned for any other.
        came: the true range of a breakout, the realised variance of a trap, the furthest distance from spot of a
            touch (index points), else the close that decides (index points).
        spot: index points.
        threshold: in the event's own unit.
        lower: of a range (index level).
        upper: likewise.
    """
    if event in ("breakout", "touch"):
        return came > threshold, came
    if event == "trap":
        return came > threshold**2, np.sqrt(came)
    if event == "range":
        return (came >= lower) & (came <= upper), came
    if event == "close_beyond":
        return np.abs(came - spot) > threshold, np.abs(came - spot)
    move = np.log(came / spot)
    happened = {"up": move > threshold, "down": move < -threshold, "straddle": np.abs(move) > threshold}
    return (happened[event], move) if event in happened else None


def waiting(rows: Iterable[ForecastRow], resolved: Container[str]) -> list[ForecastRow]:
    """The forecasts whose key is not among the resolved ones."""
    return [row for row in rows if row.key not in resolved]
