"""Bars that a program holds as pandas frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_checks import checked_intraday, checked_spot, checked_vix, checked_vix_intraday
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.history.inputs import Input, Series
from aegismatrix_engine.markets import Market

_PRICES: Final = ("open", "high", "low", "close")


@dataclass(frozen=True)
class BarFrames:
    """A source whose bars are at hand, checked by the same rules as those of a file.

    Attributes:
        spot_daily: open, high, low and close, in index points, indexed by session date.
        vix_daily: close of the volatility index, in vol points, likewise.
        spot_intraday: open, high, low and close, indexed by bar start: exchange time without a zone, or any zone.
        vix_intraday: close of the volatility index, likewise.
        us_vix_daily: close of the US VIX, indexed by US session date.
        name: what a document calls the source.
    """

    spot_daily: pd.DataFrame
    vix_daily: pd.DataFrame | None = None
    spot_intraday: pd.DataFrame | None = None
    vix_intraday: pd.DataFrame | None = None
    us_vix_daily: pd.DataFrame | None = None
    name: str = "frames"

    def daily(self, market: Market) -> MarketHistory:
        """The daily bars; raises DataError naming frame, row, column and rule."""
        spot = checked_spot(_sourced("spot_daily", self.spot_daily, _PRICES, market), market.calendar)
        given = self.vix_daily
        vix = None if given is None else checked_vix(_sourced("vix_daily", given, ("close",), market))
        return MarketHistory.from_bars(market, spot, vix, inputs=self._inputs("spot_daily", "vix_daily"))

    def with_intraday(self, history: MarketHistory) -> MarketHistory:
        """The history with the intraday bars, where there are any; raises DataError."""
        if self.spot_intraday is None:
            return history
        market, given = history.market, self.vix_intraday
        spot = checked_intraday(_sourced("spot_intraday", self.spot_intraday, _PRICES, market), market.calendar)
        vix = None
        if given is not None:
            vix = checked_vix_intraday(_sourced("vix_intraday", given, ("close",), market), market.calendar)
        return history.with_intraday(spot, vix, self._inputs("spot_intraday", "vix_intraday"))

    def with_us_vix(self, history: MarketHistory) -> MarketHistory:
        """The history with the US VIX, where it is there and the market uses it; raises DataError."""
        if self.us_vix_daily is None or history.market.us_vix_symbol is None:
            return history
        sourced = _sourced("us_vix_daily", self.us_vix_daily, ("close",), history.market)
        return history.with_us_vix(checked_vix(sourced), self._inputs("us_vix_daily"))

    def _inputs(self, *series: Series) -> tuple[Input, ...]:
        return tuple(Input(one, None, self.name) for one in series if getattr(self, one) is not None)


def _sourced(name: str, frame: pd.DataFrame, prices: Sequence[str], market: Market) -> SourcedBars:
    index = frame.index
    if not isinstance(index, pd.DatetimeIndex) or index.hasnans or not len(index):
        raise DataError(f"{name}: expected rows indexed by a DatetimeIndex without gaps; set_index to it")
    missing = [column for column in prices if column not in frame.columns]
    if missing:
        raise DataError(f"{name}: column {missing[0]} is missing; expected {', '.join(prices)}")
    if index.tz is not None:
        index = index.tz_convert(market.zone).tz_localize(None)
    try:
        rows = frame[list(prices)].astype("float64")
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: {error}; give prices as numbers") from error
    return SourcedBars(name, rows.set_axis(index.as_unit("ns"), axis=0).assign(line=0))
