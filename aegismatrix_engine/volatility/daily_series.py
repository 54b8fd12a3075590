"""Daily bars as arrays of logarithms: what every feature, outcome and model is computed from."""

import math
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import pandas as pd

from aegismatrix_engine.markets.market import SESSIONS_PER_YEAR
from aegismatrix_engine.typing import FloatArray


@dataclass(frozen=True)
class DailySeries:
    """Bars of regular sessions, oldest first.

    dates: (n,) session dates. open, high, low, close: (n,) float64, natural logarithms of index points.
    vix: (n,) float64, close of the volatility index in vol points, NaN where it is not known.
    sessions_per_year: of the market, what yearly figures are counted in.
    """

    dates: pd.DatetimeIndex
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    vix: FloatArray
    sessions_per_year: int = SESSIONS_PER_YEAR

    @classmethod
    def from_frame(cls, daily: pd.DataFrame, sessions_per_year: int = SESSIONS_PER_YEAR) -> Self:
        """From a frame with columns open, high, low, close (points) and vix (vol points), one row a session.

        High and low are widened to contain open and close, which sources violate by rounding.
        """
        open_, high, low, close = np.log(daily[["open", "high", "low", "close"]].to_numpy(dtype=np.float64)).T
        return cls(
            dates=pd.DatetimeIndex(daily.index).as_unit("ns"),
            open=open_,
            high=np.maximum.reduce([open_, high, low, close]),
            low=np.minimum.reduce([open_, high, low, close]),
            close=close,
            vix=daily["vix"].to_numpy(dtype=np.float64, copy=True),
            sessions_per_year=sessions_per_year,
        )

    def __len__(self) -> int:
        return len(self.close)

    def rows(self, wanted: slice) -> "DailySeries":
        """Some consecutive sessions."""
        columns = [field.name for field in fields(self) if field.name != "sessions_per_year"]
        return replace(self, **{name: getattr(self, name)[wanted] for name in columns})

    @property
    def previous_close(self) -> FloatArray:
        """(n,) log close of the session before, NaN in the first row."""
        return np.concatenate([[np.nan], self.close[:-1]])

    @property
    def log_return(self) -> FloatArray:
        """(n,) close-to-close log return, 0 in the first row."""
        return np.nan_to_num(self.close - self.previous_close)

    @property
    def implied_sd(self) -> FloatArray:
        """(n,) one-session standard deviation in log points that the volatility index implies, NaN without one.

        VIX / 100 / sqrt(sessions of a year), 252 unless the market's entry says otherwise.
        """
        return self.vix / (100 * math.sqrt(self.sessions_per_year))


def percentile_of_last(values: FloatArray, window: int) -> float:
    """Share of the last ``window`` known values below the last one, ties counting half; it counts itself so. 0..1.

    values: (n,), NaN are left out; the last one must be known.
    """
    known = values[np.isfinite(values)][-window:]
    last = known[-1]
    return float(((known < last).sum() + 0.5 * (known == last).sum()) / len(known))
