"""What a source does whose series are at hand: each is checked by the rules of its kind and put into a history."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_checks import checked_intraday, checked_spot, checked_vix, checked_vix_intraday
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.history.inputs import Input, Series
from aegismatrix_engine.markets import Market


class GivenSeries(ABC):
    """A source that gives the rows of each series, or has none of it; every method raises DataError for bad rows."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The source's name in documents."""

    @abstractmethod
    def sourced(self, series: Series, market: Market) -> SourcedBars | None:
        """The rows of a series; None where the source has none, which of the spot's daily bars it must have."""

    def daily(self, market: Market) -> MarketHistory:
        """The daily bars of a market."""
        spot, vix = self.sourced("spot_daily", market), self.sourced("vix_daily", market)
        assert spot is not None
        bars, closes = checked_spot(spot, market.calendar), checked_vix(vix) if vix else None
        return MarketHistory.from_bars(
            market, bars, closes, inputs=self._inputs({"spot_daily": spot, "vix_daily": vix})
        )

    def with_intraday(self, history: MarketHistory) -> MarketHistory:
        """The history with the intraday bars, where the source has any."""
        market = history.market
        spot = self.sourced("spot_intraday", market)
        if spot is None:
            return history
        vix = self.sourced("vix_intraday", market)
        bars = checked_intraday(spot, market.calendar)
        closes = checked_vix_intraday(vix, market.calendar) if vix else None
        return history.with_intraday(bars, closes, self._inputs({"spot_intraday": spot, "vix_intraday": vix}))

    def with_us_vix(self, history: MarketHistory) -> MarketHistory:
        """The history with the US VIX, where the source has it and the market uses it."""
        closes = self.sourced("us_vix_daily", history.market) if history.market.us_vix_symbol else None
        if closes is None:
            return history
        return history.with_us_vix(checked_vix(closes), self._inputs({"us_vix_daily": closes}))

    def _inputs(self, given: Mapping[Series, SourcedBars | None]) -> tuple[Input, ...]:
        return tuple(Input(series, None, self.name) for series, bars in given.items() if bars is not None)
