"""What a source does whose series are at hand: each is checked by the rules of its kind and put into a history."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_checks import checked_intraday, checked_spot, checked_vix, checked_vix_intraday
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.history.inputs import COMPANION_SERIES, Input, Series
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.history.us_series import US_CHECKS, up_to_fault
from aegismatrix_engine.markets import Market


class GivenSeries(ABC):
    """A source that gives the rows of each series, or has none of it; every method raises DataError for bad rows."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The source's name in documents."""

    @property
    def time_is_up(self) -> bool:
        """Never: the rows are at hand."""
        return False

    @abstractmethod
    def sourced(self, series: Series, market: Market) -> SourcedBars | None:
        """The rows of a series; None where the source has none, which of the spot's daily bars it must have."""

    def daily(self, market: Market) -> MarketHistory:
        """The daily bars of a market."""
        spot, vix = self.sourced("spot_daily", market), self.sourced("vix_daily", market)
        assert spot is not None
        notes: tuple[Repair, ...] = ()
        if vix is not None and market.volatility_index is None:
            notes, vix = (Repair(f"vix_daily was left out: {market.id} has no volatility index by its entry."),), None
        bars, closes = (
            checked_spot(spot, market.calendar, market.largest_daily_change),
            checked_vix(vix) if vix else None,
        )
        inputs = self._inputs({"spot_daily": spot, "vix_daily": vix})
        return self._with_companion(MarketHistory.from_bars(market, bars, closes, notes, inputs))

    def with_intraday(self, history: MarketHistory) -> MarketHistory:
        """The history with the intraday bars, where the source has any."""
        market = history.market
        spot = self.sourced("spot_intraday", market)
        if spot is None:
            return history
        vix = None if market.volatility_index is None else self.sourced("vix_intraday", market)
        bars = checked_intraday(spot, market.calendar, market.largest_daily_change)
        closes = checked_vix_intraday(vix, market.calendar) if vix else None
        return history.with_intraday(bars, closes, self._inputs({"spot_intraday": spot, "vix_intraday": vix}))

    def with_us_series(self, history: MarketHistory) -> MarketHistory:
        """The history with those US series that the source has and the market uses.

        One that cannot be used is left out, and a wrong row with all that follow it; a note says so.
        """
        for series, check in US_CHECKS.items():
            if series not in history.market.us_symbols:
                continue
            try:
                given = self.sourced(series, history.market)
                if given is not None:
                    history = history.with_us(series, up_to_fault(given, check), self._inputs({series: given}))
            except DataError as error:
                history = history.with_notes(Repair(f"{series} was left out: {error}."))
        return history

    def _with_companion(self, history: MarketHistory) -> MarketHistory:
        """The history with the companion index that the market's entry names, where the source has it."""
        market = history.market
        try:
            given = self.sourced(COMPANION_SERIES, market)
            if given is None:
                return history
            if market.companion is None:
                return history.with_notes(
                    Repair(f"{COMPANION_SERIES} was left out: {market.id} has no companion_index.")
                )
            return history.with_companion(up_to_fault(given, checked_vix), self._inputs({COMPANION_SERIES: given}))
        except DataError as error:
            return history.with_notes(Repair(f"{COMPANION_SERIES} was left out: {error}."))

    def _inputs(self, given: Mapping[Series, SourcedBars | None]) -> tuple[Input, ...]:
        return tuple(Input(series, None, self.name) for series, bars in given.items() if bars is not None)
