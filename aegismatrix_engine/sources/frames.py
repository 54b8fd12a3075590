"""Bars that a program holds as pandas frames."""

from dataclasses import dataclass

import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_rules import SourcedBars, prices_of
from aegismatrix_engine.history.inputs import COMPANION_SERIES, US_SERIES, Series
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.given_series import GivenSeries


@dataclass(frozen=True)
class BarFrames(GivenSeries):
    """A source whose bars are at hand, checked by the same rules as those of a file.

    Attributes:
        spot_daily: open, high, low and close, in index points, indexed by session date.
        vix_daily: close of the volatility index, in vol points, likewise.
        spot_intraday: open, high, low and close, indexed by bar start: exchange time without a zone, or any zone.
        vix_intraday: close of the volatility index, likewise.
        us_vix_daily: close of the US VIX, indexed by US session date.
        us_spot_daily: open, high, low and close of the S&P 500, in points, likewise; all but the close may be NaN.
        inda_daily: close of INDA, in dollars and unadjusted, likewise.
        companion_daily: close of the companion index, in vol points, indexed by session date of its own market.
        name: what a document calls the source.
    """

    spot_daily: pd.DataFrame
    vix_daily: pd.DataFrame | None = None
    spot_intraday: pd.DataFrame | None = None
    vix_intraday: pd.DataFrame | None = None
    us_vix_daily: pd.DataFrame | None = None
    us_spot_daily: pd.DataFrame | None = None
    inda_daily: pd.DataFrame | None = None
    companion_daily: pd.DataFrame | None = None
    name: str = "frames"

    def sourced(self, series: Series, market: Market) -> SourcedBars | None:
        """The rows of the frame of a series; DataError names frame, row, column and rule."""
        frame: pd.DataFrame | None = getattr(self, series)
        return None if frame is None else _sourced(series, frame, market)


def _sourced(name: Series, frame: pd.DataFrame, market: Market) -> SourcedBars:
    index, prices = frame.index, prices_of(name)
    if not isinstance(index, pd.DatetimeIndex) or index.hasnans or not len(index):
        raise DataError(f"{name}: expected rows indexed by a DatetimeIndex without NaT; use DataFrame.set_index")
    missing = [column for column in prices if column not in frame.columns]
    if missing:
        raise DataError(f"{name}: column {missing[0]} is missing: expected {', '.join(prices)}")
    if index.tz is not None and (name in US_SERIES or name == COMPANION_SERIES):
        index = index.tz_localize(None).normalize()
    elif index.tz is not None:
        index = index.tz_convert(market.zone).tz_localize(None)
    try:
        rows = frame[list(prices)].astype("float64")
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: {error}; give prices as numbers") from error
    return SourcedBars(name, rows.set_axis(index.as_unit("ns"), axis=0).assign(line=0))
