"""Yahoo's frames as bars on the exchange's own dates or its grid of bars; what is left out is noted.

A single row that no market could have made is left out of the middle of a series, with a note. The last row is not: the
forecast is made from it, so a series whose last row is absurd breaks a rule of the bars and is refused as a whole.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError, SourceUnavailable
from aegismatrix_engine.history.bar_rules import (
    VIX_LEVELS,
    VIX_STEP_LIMIT,
    WITHIN_BAR_FACTOR,
    SourcedBars,
    crossed,
    shown_moment,
)
from aegismatrix_engine.history.bar_stamps import on_minutes
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets import BAR, SessionCalendar
from aegismatrix_engine.markets.market import LARGEST_DAILY_CHANGE, VolatilityIndex
from aegismatrix_engine.typing import BoolArray

Sourced = tuple[SourcedBars, tuple[Repair, ...]]

MOST_LEFT_OUT = 3
MOST_LEFT_OUT_SHARE = 0.005
"""The most rows left out of one series because no market made them, whichever is more; with more it is refused."""

_NONE = pd.DatetimeIndex([], dtype="datetime64[ns]")


def sourced_daily(
    symbol: str,
    frame: pd.DataFrame,
    prices: tuple[str, ...],
    *,
    of_fund: bool = False,
    index: VolatilityIndex | None = None,
    largest_change: float = LARGEST_DAILY_CHANGE,
) -> Sourced:
    """Daily bars on naive exchange dates (``date``, ns), and what was left out of them.

    Args:
        symbol: whose frame it is.
        frame: as ``Ticker.history`` returns it: capitalised columns, indexed by midnight of the exchange.
        prices: the columns to keep, in lower case.
        of_fund: whether a close alone is a fund's, in dollars, and not a volatility index.
        index: the volatility index whose frame it is, for the first date on which its rows are its publisher's.
        largest_change: of a close of spot or of a fund, in logarithms.

    Raises:
        SourceUnavailable: no rows, or not the columns and dates that bars need.
    """
    rows = _rows(symbol, frame, prices)
    rows.index = pd.DatetimeIndex(frame.index).tz_localize(None).normalize().as_unit("ns").rename("date")
    repairs: list[Repair] = []
    if index is not None and index.first_date is not None:
        early = np.asarray(rows.index < index.first_date)
        if early.any():
            whose = f"{index.publisher or 'its publisher'}'s"
            text = f"Yahoo's {symbol} before {index.first_date:%Y-%m-%d} is not {whose} series and was left out"
            repairs.append(Repair(f"{text} ({{dates}}).", tuple(rows.index[early].sort_values())))
            rows = rows[~early]
    return _priced(symbol, rows, repairs, largest_change, of_intraday=False, of_fund=of_fund)


def sourced_intraday(
    symbol: str,
    frame: pd.DataFrame,
    prices: tuple[str, ...],
    calendar: SessionCalendar,
    now: pd.Timestamp | None,
    largest_change: float = LARGEST_DAILY_CHANGE,
) -> Sourced:
    """The 15-minute bars that are whole, on naive starts in exchange time (``timestamp``, ns).

    Left out without a note, because Yahoo adds them to any answer: the bar in progress at ``now``, a last row that
    begins between the bars, and rows outside the hours of the session. Stamps a second off their minute are floored.

    Raises:
        SourceUnavailable: no bars, or not the columns and times that bars need.
    """
    rows = _rows(symbol, frame, prices)
    index = pd.DatetimeIndex(frame.index)
    if index.tz is None:
        raise SourceUnavailable(f"Yahoo's bars for {symbol} have no time zone; try again later")
    rows.index = index.tz_convert(calendar.zone).tz_localize(None).as_unit("ns").rename("timestamp")
    floored, late = on_minutes(SourcedBars(f"Yahoo {symbol}", rows))
    rows, starts = floored.rows, pd.DatetimeIndex(floored.rows.index)
    whole = np.asarray((starts == starts.floor(BAR)) & in_hours(starts, calendar))
    if now is not None:
        whole &= np.asarray(starts + BAR <= now.tz_convert(calendar.zone).tz_localize(None))
    # Only repairs of bars that are kept are reported.
    parts = (repair.without([date for date in repair.dates if date not in starts[whole]]) for repair in late)
    return _priced(symbol, rows[whole], [part for part in parts if part is not None], largest_change, of_intraday=True)


def in_hours(starts: pd.DatetimeIndex, calendar: SessionCalendar) -> BoolArray:
    """Which bars begin within the continuous hours of their session; on a day without one, all do.

    So do all of a special session whose bars do not fill its hours: those are announced late, and moved.
    """
    inside = np.ones(len(starts), dtype=bool)
    days = starts.normalize()
    for day in days.unique():
        if calendar.is_session(day):
            hours = calendar.hours(day)
            opens, closes = (at.tz_localize(None) for at in (hours.opens, hours.continuous_close))
            of_day = np.asarray(days == day)
            own = starts[of_day]
            held = np.asarray((own >= opens) & (own < closes))
            filled = (own == opens).any() and bool((held & np.asarray(own >= closes - BAR)).any())
            moved = not (filled or held.all()) and len(calendar.special(day, day)) > 0
            inside[of_day] = held | moved
    return inside


@dataclass(frozen=True)
class Repeated:
    """Moments (naive, ns, exchange time) that Yahoo gave more than one row for, with equal or with different closes."""

    equal: pd.DatetimeIndex
    unlike: pd.DatetimeIndex

    def reported(self, name: str, *, of_intraday: bool) -> tuple[Repair, ...]:
        """The notes about them."""
        texts = (
            (self.equal, f"{name}: repeated rows with equal closes were dropped ({{dates}})."),
            (self.unlike, f"{name}: {{dates}} are given more than once with different closes and were left out."),
        )
        return tuple(Repair(text, tuple(at), of_intraday=of_intraday) for at, text in texts if len(at))

    def without_unlike(self, sourced: SourcedBars) -> SourcedBars:
        """The bars without those of which one of two is wrong.

        Raises:
            DataError: the last bar, from which the forecast is made, is among them, or too many are.
        """
        rows = sourced.rows
        if not rows.index.isin(self.unlike).any():
            return sourced
        if self.unlike[-1] >= rows.index[-1] or len(self.unlike) > most_left_out(len(rows)):
            raise DataError(
                f"{sourced.name}: {shown_moment(self.unlike[-1])} is given more than once with different closes, and "
                "at most one is right; try again later, or use --source csv --data DIR"
            )
        return SourcedBars(sourced.name, rows[~rows.index.isin(self.unlike)])


def repeated_rows(answer: Any, zone: str, *, daily: bool) -> Repeated:
    """The moments that a chart endpoint's decoded answer has twice; yfinance keeps the first row of each, silently.

    The newest day is not examined: it may be there twice, as history and as the price of now.
    """
    try:
        result = answer["chart"]["result"][0]
        closes = np.array(result["indicators"]["quote"][0]["close"], dtype=np.float64)
        starts = pd.DatetimeIndex(pd.to_datetime(result["timestamp"], unit="s", utc=True)).as_unit("ns")
    except (LookupError, TypeError, ValueError):
        return Repeated(_NONE, _NONE)
    starts = starts.tz_convert(zone).tz_localize(None)
    moments = starts.normalize() if daily else starts
    given = pd.Series(closes, index=moments)[np.asarray(starts.normalize() < starts.max().normalize())].dropna()
    twice = given[given.index.duplicated(keep=False)]
    if twice.empty:
        return Repeated(_NONE, _NONE)
    found = twice.groupby(level=0).nunique()
    at, unlike = pd.DatetimeIndex(found.index), found.to_numpy() > 1
    return Repeated(at[~unlike], at[unlike])


def _rows(symbol: str, frame: pd.DataFrame, prices: tuple[str, ...]) -> pd.DataFrame:
    wanted = {price.capitalize(): price for price in prices}
    if not isinstance(frame.index, pd.DatetimeIndex) or frame.empty or not set(wanted) <= set(frame.columns):
        raise SourceUnavailable(f"Yahoo has no bars for {symbol}; try again later, or use --source csv --data DIR")
    rows: pd.DataFrame = frame[list(wanted)].rename(columns=wanted).apply(pd.to_numeric, errors="coerce")
    return rows.astype("float64")


def _priced(
    symbol: str,
    rows: pd.DataFrame,
    repairs: list[Repair],
    largest_change: float,
    *,
    of_intraday: bool,
    of_fund: bool = False,
) -> Sourced:
    # A daily row that has its close and lacks another price keeps its close.
    needed = rows if of_intraday else rows[["close"]]
    blank = np.asarray(needed.isna().any(axis=1))
    if blank.any():
        text = f"Yahoo has no prices for {symbol} on {{dates}}; those rows were left out."
        repairs.append(Repair(text, tuple(rows.index[blank].sort_values()), of_intraday=of_intraday))
        rows = rows[~blank]
    if rows.empty:
        raise SourceUnavailable(f"Yahoo has no prices for {symbol}; try again later, or use --source csv --data DIR")
    absurd = absurd_rows(rows, largest_change, of_fund=of_fund)
    if 0 < absurd.sum() <= most_left_out(len(rows)):
        text = f"Yahoo's prices for {symbol} on {{dates}} are impossible in a market; those rows were left out."
        # A spike is known as one by the row after it.
        known = tuple(rows.index[np.flatnonzero(absurd) + 1])
        repairs.append(Repair(text, tuple(rows.index[absurd]), known, of_intraday))
        rows = rows[~absurd]
    return SourcedBars(f"Yahoo {symbol}", rows.assign(line=0)), tuple(repairs)


def most_left_out(rows: int) -> int:
    """How many rows of so many may be left out because no market made them."""
    return max(MOST_LEFT_OUT, int(MOST_LEFT_OUT_SHARE * rows))


def absurd_rows(
    rows: pd.DataFrame, largest_change: float = LARGEST_DAILY_CHANGE, *, of_fund: bool = False
) -> BoolArray:
    """Which rows, the last never among them, break the rules of a single bar or stand alone far off both neighbours.

    rows: ascending bars, float64 open, high, low, close, or close alone, which is a fund's or a volatility index.
    """
    values = rows.to_numpy(dtype=np.float64)
    close = rows["close"].to_numpy(dtype=np.float64)
    # A price that is not given is not wrong: comparisons with NaN are false.
    bad: BoolArray = ~(np.isnan(values) | (np.isfinite(values) & (values > 0))).all(axis=1)
    if "high" in rows:
        open_, high, low = (rows[column].to_numpy(dtype=np.float64) for column in ("open", "high", "low"))
        bad |= np.logical_or(*crossed(open_, high, low, close))
        for price in (open_, high, low):
            bad |= (price > close * WITHIN_BAR_FACTOR) | (price * WITHIN_BAR_FACTOR < close)
        limit = largest_change
    elif of_fund:
        limit = largest_change
    else:
        bad |= (close <= VIX_LEVELS[0]) | (close >= VIX_LEVELS[1])
        limit = VIX_STEP_LIMIT
    fine = np.flatnonzero(~bad)
    if len(fine) > 2:
        steps = np.diff(np.log(close[fine]))
        alone = (np.abs(steps[:-1]) > limit) & (np.abs(steps[1:]) > limit) & (np.abs(steps[:-1] + steps[1:]) <= limit)
        bad[fine[1:-1][alone]] = True
    bad[-1] = False
    return bad
