"""Bars from a folder of csv files that the user keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_checks import checked_intraday, checked_spot, checked_vix, checked_vix_intraday
from aegismatrix_engine.history.bar_rules import PRICES, SourcedBars
from aegismatrix_engine.history.inputs import Input
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.csv_table import read_text, sourced_bars


@dataclass(frozen=True)
class CsvFolder:
    """A folder with ``spot_daily.csv`` and optionally ``vix_daily.csv``, ``spot_intraday.csv``, ``vix_intraday.csv``,
    ``us_vix_daily.csv`` (US session dates).

    Daily files have a column ``date`` (YYYY-MM-DD), intraday ones ``timestamp`` (bar start in exchange time). Spot
    files have open, high, low and close, daily rows the close at least; of the volatility index only ``close`` is read.
    Further columns are ignored.
    """

    folder: Path
    name: str = "csv"

    def daily(self, market: Market) -> MarketHistory:
        """The daily bars of the folder; raises DataError naming file, line, column, value and rule."""
        if not self._asked(self.folder.is_dir):
            raise DataError(f"the data folder {self.folder} is not there; name a folder that holds spot_daily.csv")
        spot = self._read("spot_daily.csv", "date", PRICES, may_lack=("open", "high", "low"))
        vix = self._read("vix_daily.csv", "date", ("close",)) if self._holds("vix_daily.csv") else None
        inputs = (Input("spot_daily", None, self.name), *((Input("vix_daily", None, self.name),) if vix else ()))
        rows, closes = checked_spot(spot, market.calendar), checked_vix(vix) if vix else None
        return MarketHistory.from_bars(market, rows, closes, inputs=inputs)

    def with_intraday(self, history: MarketHistory) -> MarketHistory:
        """The history with the folder's intraday bars, where it has ``spot_intraday.csv``; raises DataError."""
        if not self._holds("spot_intraday.csv"):
            return history
        spot = self._read("spot_intraday.csv", "timestamp", PRICES)
        vix = self._read("vix_intraday.csv", "timestamp", ("close",)) if self._holds("vix_intraday.csv") else None
        inputs = (Input("spot_intraday", None, self.name), *((Input("vix_intraday", None, self.name),) if vix else ()))
        calendar = history.market.calendar
        bars = checked_intraday(spot, calendar)
        return history.with_intraday(bars, checked_vix_intraday(vix, calendar) if vix else None, inputs)

    def with_us_vix(self, history: MarketHistory) -> MarketHistory:
        """The history with the folder's ``us_vix_daily.csv``, where it has one and the market uses it; DataError."""
        if history.market.us_vix_symbol is None or not self._holds("us_vix_daily.csv"):
            return history
        closes = self._read("us_vix_daily.csv", "date", ("close",))
        return history.with_us_vix(checked_vix(closes), (Input("us_vix_daily", None, self.name),))

    def _holds(self, file: str) -> bool:
        return self._asked((self.folder / file).exists)

    def _asked(self, question: Callable[[], bool]) -> bool:
        try:
            return question()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise DataError(
                f"the data folder {self.folder} cannot be read ({reason}); give this user the right to read it"
            ) from None

    def _read(self, file: str, moment: str, prices: tuple[str, ...], may_lack: tuple[str, ...] = ()) -> SourcedBars:
        return sourced_bars(file, read_text(self.folder / file), moment=moment, prices=prices, may_lack=may_lack)
