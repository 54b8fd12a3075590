"""Bars from a folder of csv files that the user keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_rules import SourcedBars, prices_of
from aegismatrix_engine.history.inputs import Series
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.csv_table import read_text, sourced_bars
from aegismatrix_engine.sources.given_series import GivenSeries


@dataclass(frozen=True)
class CsvFolder(GivenSeries):
    """A folder with ``spot_daily.csv`` and optionally ``vix_daily.csv``, ``spot_intraday.csv``, ``vix_intraday.csv``,
    ``us_vix_daily.csv``, ``us_spot_daily.csv`` (the S&P 500), ``inda_daily.csv`` (these three with US session dates),
    ``companion_daily.csv`` (with session dates of the companion's market).

    Daily files have a column ``date`` (YYYY-MM-DD), intraday ones ``timestamp`` (bar start in exchange time). Spot
    files have open, high, low and close, daily rows the close at least; of the volatility indices and of INDA only
    ``close`` is read.
    Further columns are ignored.
    """

    folder: Path
    name: str = "csv"

    def sourced(self, series: Series, market: Market) -> SourcedBars | None:
        """The rows of the file of a series; DataError names file, line, column, value and rule."""
        file = f"{series}.csv"
        if series == "spot_daily":
            if not self._answer(self.folder.is_dir):
                raise DataError(f"the data folder {self.folder} is not there; name a folder that holds spot_daily.csv")
        elif not self._answer((self.folder / file).exists):
            return None
        return sourced_bars(
            file,
            read_text(self.folder / file),
            moment="date" if series.endswith("daily") else "timestamp",
            prices=prices_of(series),
            may_lack=("open", "high", "low") if series.endswith("spot_daily") else (),
        )

    def _answer(self, question: Callable[[], bool]) -> bool:
        try:
            return question()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise DataError(
                f"the data folder {self.folder} cannot be read ({reason}); give this user the right to read it"
            ) from None
