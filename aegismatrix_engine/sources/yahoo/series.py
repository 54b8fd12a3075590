"""One live series at a time: fetched and checked, then stored, or taken from the store where that fails."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from aegismatrix_engine.errors import AegisError, DataError, OutputUnwritable, SourceUnavailable
from aegismatrix_engine.history.bar_checks import CheckedBars
from aegismatrix_engine.history.bar_rules import SourcedBars, prices_of
from aegismatrix_engine.history.bar_spans import US_ZONE
from aegismatrix_engine.history.inputs import COMPANION_SERIES, Input, Series
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.market import LARGEST_DAILY_CHANGE
from aegismatrix_engine.sources.bar_store import BarStore, StoredBars
from aegismatrix_engine.sources.yahoo.chart import Chart, Charts
from aegismatrix_engine.sources.yahoo.close import official_rows, us_official_rows
from aegismatrix_engine.sources.yahoo.frame import repeated_rows, sourced_daily, sourced_intraday
from aegismatrix_engine.sources.yahoo.http_budget import Patience
from aegismatrix_engine.state.time_policy import dated_ahead

Check = Callable[[SourcedBars], CheckedBars]
"""Raises DataError for bars that break a rule."""

Filling = Callable[[SourcedBars], tuple[SourcedBars, frozenset[pd.Timestamp]]]
"""Bars with sessions added that were missing, and which these are."""

US_ZONES: dict[str, str] = {"us_vix_daily": "America/Chicago", "us_spot_daily": US_ZONE, "inda_daily": US_ZONE}
"""Yahoo's, Cboe's for ^VIX; midnight of a session date is the same date in all of them."""

SoFar = tuple[pd.DataFrame, pd.Timestamp]
"""The row of a session in progress, and the instant of its newest price."""

Kept = tuple[StoredBars, CheckedBars]


@dataclass(frozen=True)
class Served:
    """A series that passed every check.

    Attributes:
        checked: its bars.
        repairs: what was repaired, and other notes.
        input: who served it.
        filled: sessions that were missing and filled in.
        so_far: of daily bars fetched now, today's row while its close is not known, and the instant of its price.
    """

    checked: CheckedBars
    repairs: tuple[Repair, ...]
    input: Input
    filled: frozenset[pd.Timestamp] = frozenset()
    so_far: SoFar | None = None


class LiveSeries:
    """The series of a run at ``now``, within one ``patience``, with a store beside them where there is a folder."""

    def __init__(self, store: Path | None, now: pd.Timestamp | None, patience: Patience) -> None:
        self._store = None if store is None else BarStore(store)
        self._now = now
        self._charts = Charts(patience)
        self._shared_charts: dict[str, Chart | AegisError] = {}

    @property
    def time_is_up(self) -> bool:
        """Whether the seconds of ``patience`` are used up."""
        return self._charts.time_is_up

    def serve(self, market: Market, series: Series, check: Check, fill: Filling | None = None) -> Served:
        """The series from Yahoo, or the stored one, with a note, where Yahoo's fails, breaks a rule or ends earlier.

        Bars that break a rule are checked once more after ``fill``; filled ones are never stored.

        Raises:
            SourceUnavailable, DataError: what kept Yahoo's series away, where none is stored.
        """
        kept, reported = self._stored(market, series, check)
        try:
            fetched = self._fetched(market, series, check, fill)
        except (SourceUnavailable, DataError) as error:
            if kept is None:
                raise
            return self._from_store(series, *kept, reported, f"{error}")
        sourced = fetched.checked.given
        if kept is not None and pd.Timestamp(sourced.rows.index[-1]) < kept[0].last:
            ends = f"{sourced.name} ends at {sourced.rows.index[-1]}, before the stored bars"
            return self._from_store(series, *kept, reported, ends)
        if not fetched.filled and (kept is None or kept[0].yields_to(sourced, series)):
            reported += self._keep(market, series, sourced)
        return replace(fetched, repairs=reported + fetched.repairs)

    def optional(self, market: Market, series: Series, check: Check) -> tuple[Served | None, tuple[Repair, ...]]:
        """A series that a history can be without, and the notes about it."""
        try:
            served = self.serve(market, series, check)
        except (SourceUnavailable, DataError) as error:
            return None, (left_out(market, series, error),)
        return served, served.repairs

    def _fetched(self, market: Market, series: Series, check: Check, fill: Filling | None) -> Served:
        sourced, repairs, so_far = self._sourced(market, series)
        by = Input(series, symbol_of(market, series), "yahoo", self._now)
        try:
            return Served(check(sourced), repairs, by, so_far=so_far)
        except DataError:
            if fill is None:
                raise
        sourced, filled = fill(sourced)
        return Served(check(sourced), repairs, by, filled, so_far)

    def _sourced(self, market: Market, series: Series) -> tuple[SourcedBars, tuple[Repair, ...], SoFar | None]:
        """The bars, the notes about them, and today's row while its close is not known."""
        symbol = symbol_of(market, series)
        prices = prices_of(series)
        companion = market.companion.market if series == COMPANION_SERIES and market.companion else None
        zone = US_ZONES.get(series, market.zone) if companion is None else companion.zone
        daily = series.endswith("daily")
        largest = market.largest_daily_change if series.startswith("spot") else LARGEST_DAILY_CHANGE
        shared = series in US_ZONES or companion is not None
        chart = self._shared_chart(symbol, zone) if shared else self._read(symbol, zone, daily=daily)
        repeated = repeated_rows(chart.answer, zone, daily=daily)
        reported = repeated.reported(f"Yahoo {symbol}", of_intraday=not daily)
        so_far: SoFar | None = None
        if not daily:
            sourced, repairs = sourced_intraday(symbol, chart.frame, prices, market.calendar, self._now, largest)
            return repeated.without_unlike(sourced), reported + repairs, so_far
        frame = chart.frame
        if self._now is not None and series in US_ZONES and isinstance(frame.index, pd.DatetimeIndex):
            frame = us_official_rows(frame, self._now)
        index = (companion or market).volatility_index if series in ("vix_daily", COMPANION_SERIES) else None
        of_fund = series == "inda_daily"
        sourced, repairs = sourced_daily(symbol, frame, prices, of_fund=of_fund, index=index, largest_change=largest)
        if self._now is not None and series not in US_ZONES:
            rows = official_rows(companion or market, sourced, self._now, chart.market_time)
            sourced = rows.official
            if companion is None and len(rows.so_far) and chart.market_time is not None:
                so_far = rows.so_far, chart.market_time.tz_convert(market.zone)
        if sourced.rows.empty:
            raise SourceUnavailable(f"Yahoo has no official close for {symbol} yet; try again after the session")
        return repeated.without_unlike(sourced), reported + repairs, so_far

    def _read(self, symbol: str, zone: str, *, daily: bool) -> Chart:
        return self._charts.read(symbol, zone, "1d" if daily else "15m")

    def _shared_chart(self, symbol: str, zone: str) -> Chart:
        """The daily chart of a series that several markets use: requested once, whether or not it can be had."""
        if symbol not in self._shared_charts:
            try:
                self._shared_charts[symbol] = self._read(symbol, zone, daily=True)
            except AegisError as error:
                self._shared_charts[symbol] = error
        found = self._shared_charts[symbol]
        if isinstance(found, AegisError):
            raise found
        return found

    def _stored(self, market: Market, series: Series, check: Check) -> tuple[Kept | None, tuple[Repair, ...]]:
        """What is stored and passes the same checks, and a note where something is there that does not."""
        if self._store is None or self._now is None:
            return None, ()
        try:
            stored = self._store.read(market.id, series)
            if stored is None:
                return None, ()
            dated = {"fetched_at": stored.fetched_at, "its last bar": stored.last.tz_localize(market.zone)}
            ahead = dated_ahead(self._now, dated)
            if ahead is not None:
                return None, (Repair(f"The stored bars of {stored.symbol} {series} were ignored: {ahead}."),)
            return (stored, check(stored.sourced)), ()
        except DataError as error:
            return None, (Repair(f"{error}."),)

    def _keep(self, market: Market, series: Series, sourced: SourcedBars) -> tuple[Repair, ...]:
        if self._store is None or self._now is None:
            return ()
        try:
            self._store.keep(market.id, series, symbol_of(market, series), sourced, self._now)
        except OutputUnwritable as error:
            return (Repair(f"The bars of {symbol_of(market, series)} could not be stored: {error}."),)
        return ()

    def _from_store(
        self, series: Series, stored: StoredBars, checked: CheckedBars, reported: tuple[Repair, ...], reason: str
    ) -> Served:
        age = "" if self._now is None else f", {(self._now - stored.fetched_at) / pd.Timedelta(hours=1):.1f} hours ago"
        kept = f"{stored.symbol} {series.replace('_', ' ')} is taken from the store"
        repair = Repair(f"{kept}, as fetched at {stored.fetched_at:%Y-%m-%d %H:%M %Z}{age}: {reason}.")
        return Served(checked, (*reported, repair), Input(series, stored.symbol, "store", stored.fetched_at))


def symbol_of(market: Market, series: Series) -> str:
    """Yahoo's symbol of a series."""
    if series in US_ZONES:
        return market.us_symbols.get(series, "")
    if series == COMPANION_SERIES:
        return "" if market.companion is None else market.companion.market.vix_symbol
    return market.spot_symbol if series.startswith("spot") else market.vix_symbol


def left_out(market: Market, series: Series, error: AegisError) -> Repair:
    """The note that a history does without a series, and why."""
    bars = "intraday bars" if series.endswith("intraday") else "daily bars"
    return Repair(f"The {bars} of {symbol_of(market, series)} were left out: {error}.")
