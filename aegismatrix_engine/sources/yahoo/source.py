"""Live bars from Yahoo Finance: what each series of a market becomes in its history."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import ConfigurationError, DataError, SourceUnavailable
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_checks import checked_intraday, checked_spot, checked_vix, checked_vix_intraday
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.history.bar_spans import session_row
from aegismatrix_engine.history.inputs import COMPANION_SERIES, Series
from aegismatrix_engine.history.repairs import Repair, of_us
from aegismatrix_engine.history.us_series import US_CHECKS
from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.as_of import exchange_day
from aegismatrix_engine.sources.yahoo.close import whole_sessions
from aegismatrix_engine.sources.yahoo.http_budget import Patience
from aegismatrix_engine.sources.yahoo.series import Check, LiveSeries, Served, left_out


class Yahoo:
    """Spot, volatility index and series of the US under the symbols of each market, for one run.

    Several markets share it: its seconds are for all together, and the series of the US are requested once.
    Every series is checked by itself, so that one that cannot be used is taken from the store or left out, with a note,
    and the others are not. How old a stored series may be is for the caller to decide by ``MarketHistory.inputs``.
    """

    name = "yahoo"

    def __init__(
        self, cache: Path | None = None, now: pd.Timestamp | None = None, patience: Patience | None = None
    ) -> None:
        """Prepare a run; requests begin with the first series.

        Args:
            cache: the folder of the last good bars; nothing is stored without one.
            now: the moment of the run, with a zone. Without it no row is known to be partial: cut the history.
            patience: how long the run waits for Yahoo.

        Raises:
            ConfigurationError: a store without a moment, or a moment without a zone.
        """
        if (cache is not None and now is None) or (now is not None and now.tz is None):
            raise ConfigurationError("the store of bars needs the moment of the run with its zone; pass now")
        self._now = now
        self._series = LiveSeries(cache, now, patience or Patience())
        self._intraday: tuple[str, Served] | None = None

    @property
    def time_is_up(self) -> bool:
        """Whether the seconds for all markets of the run are used up."""
        return self._series.time_is_up

    def daily(self, market: Market) -> MarketHistory:
        """The daily bars whose closes are official.

        Today's is not until a quarter of an hour after the close, nor while Yahoo's last price is from before it.
        Sessions that are missing, against a rule, are filled from intraday bars where those are complete. A volatility
        index that cannot be read is left out, with a note.

        Raises:
            SourceBusy: Yahoo limits the rate or does not answer in time, and no spot bars are stored.
            SourceUnavailable: the spot bars cannot be had for another reason, and none are stored.
            DataError: the spot bars break a rule, and none are stored.
        """
        check = partial(checked_spot, calendar=market.calendar, largest_change=market.largest_daily_change)
        spot = self._series.serve(market, "spot_daily", check, partial(self._filled, market))
        vix, reported = self._index_series(market, "vix_daily", checked_vix)
        if spot.filled:
            text = "Daily rows of {dates} were missing and rebuilt from intraday bars; their closes are provisional."
            reported += (Repair(text, tuple(sorted(spot.filled))),)
        inputs = (spot.input, *((vix.input,) if vix else ()))
        closes, repairs = vix.checked if vix else None, spot.repairs + reported
        history = MarketHistory.from_bars(market, spot.checked, closes, repairs, inputs)
        history = self._with_companion(history)
        return replace(history, provisional_closes=history.provisional_closes | spot.filled, row_so_far=spot.so_far)

    def with_intraday(self, history: MarketHistory) -> MarketHistory:
        """The history with 15-minute bars of some 60 days; where they cannot be had, a note says why."""
        market = history.market
        try:
            spot = self._spot_intraday(market)
        except (SourceUnavailable, DataError) as error:
            return history.with_notes(left_out(market, "spot_intraday", error))
        check = partial(checked_vix_intraday, calendar=market.calendar)
        vix, reported = self._index_series(market, "vix_intraday", check)
        inputs = (spot.input, *((vix.input,) if vix else ()))
        history = history.with_notes(*spot.repairs, *reported)
        try:
            return history.with_intraday(spot.checked, vix.checked if vix else None, inputs)
        except DataError as error:
            return history.with_notes(left_out(market, "spot_intraday", error))

    def with_us_series(self, history: MarketHistory) -> MarketHistory:
        """The history with the US series that the market uses; a note where Yahoo fails."""
        for series, check in US_CHECKS.items():
            if series not in history.market.us_symbols:
                continue
            served, reported = self._series.optional(history.market, series, check)
            history = history.with_notes(*of_us(reported))
            if served is not None:
                history = history.with_us(series, served.checked, (served.input,))
        return history

    def _with_companion(self, history: MarketHistory) -> MarketHistory:
        """The history with the companion index of the market, where it has one; a note where Yahoo fails."""
        if history.market.companion is None:
            return history
        served, reported = self._series.optional(history.market, COMPANION_SERIES, checked_vix)
        history = history.with_notes(*of_us(reported))
        return history if served is None else history.with_companion(served.checked, (served.input,))

    def _index_series(self, market: Market, series: Series, check: Check) -> tuple[Served | None, tuple[Repair, ...]]:
        """A series of the volatility index, and the notes about it; nothing where the market has no index."""
        return (None, ()) if market.volatility_index is None else self._series.optional(market, series, check)

    def _spot_intraday(self, market: Market) -> Served:
        """The intraday bars, fetched once a run, also where a gap in the daily rows needs them first."""
        if self._intraday is None or self._intraday[0] != market.id:
            check = partial(checked_intraday, calendar=market.calendar, largest_change=market.largest_daily_change)
            self._intraday = (market.id, self._series.serve(market, "spot_intraday", check))
        return self._intraday[1]

    def _filled(self, market: Market, sourced: SourcedBars) -> tuple[SourcedBars, frozenset[pd.Timestamp]]:
        """Daily rows with those added that whole sessions of intraday bars make, and which these are."""
        try:
            bars = self._spot_intraday(market).checked.bars.assign(vix=np.nan)
        except (SourceUnavailable, DataError):
            return sourced, frozenset()
        dates = pd.DatetimeIndex(sourced.rows.index)
        today = pd.Timestamp(bars.index[-1]).normalize() if self._now is None else exchange_day(self._now, market)
        whole = whole_sessions(bars, market.calendar, today)
        missing = [session for session in whole if session not in dates]
        made = (session_row(bars, session, averaged=market.averages_close(session))[0] for session in missing)
        rows = pd.concat([sourced.rows, *(row.assign(line=0) for row in made)]).sort_index(kind="stable")
        return SourcedBars(sourced.name, rows), frozenset(missing)
