"""What came of forecasts from closes, many at once, by the rules of ``record.resolution``.

Where the bars miss a session that a forecast depends on, or cast doubt on one, that module itself decides.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.record.resolution import SPAN_BEFORE
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, realised_variance_ahead
from aegismatrix_engine.volatility.realised_variance import true_range

MOST_ROWS_AHEAD = 2 * MAX_HORIZON
"""Rows of bars, those of special sessions too, within which every forecast ends."""

ALONG_THE_WAY = frozenset({"breakout", "touch", "trap"})
"""Events that depend on more than the close at their end."""


@dataclass(frozen=True, eq=False)
class Paths:
    """What the bars say of the sessions after m closes.

    Attributes:
        origins: (m,) datetime64[ns], their sessions.
        rows: (m,) of the origins among the regular sessions.
        spot: (m,) index points, as published.
    """

    bars: "KnownOutcomes"
    origins: np.ndarray
    rows: IntArray
    spot: FloatArray

    def due(self, until: np.ndarray) -> BoolArray:
        """(k,) forecasts to the sessions ``until`` that are due."""
        return np.asarray(until <= self.bars.last)

    def clear(self, event: str, at: IntArray, until: np.ndarray) -> BoolArray:
        """(k,) forecasts of an event whose sessions are all beyond doubt; for the arguments see ``came``.

        A close decides most events alone; the others depend on every session since the origin.
        """
        first = self.origins[at] if event in ALONG_THE_WAY else until
        doubted = np.searchsorted(self.bars.doubted, until, side="right") > np.searchsorted(self.bars.doubted, first)
        return ~doubted & ((self.origins - SPAN_BEFORE.to_timedelta64())[at] >= self.bars.first)

    def came(self, event: str, at: IntArray, steps: IntArray, until: np.ndarray) -> FloatArray:
        """``came`` of ``record.resolution.decision`` for forecasts of an event that are beyond doubt, (k,).

        Args:
            event: as in ``record.rows.Event``.
            at: (k,) the origin of each forecast.
            steps: (k,) sessions ahead.
            until: (k,) the session that decides.
        """
        if event == "breakout":
            return np.asarray(self.bars.true_range[self.rows[at] + steps])
        if event == "trap":
            return self.bars.realised(self.rows[at], steps)
        ends = np.searchsorted(self.bars.dates, until)
        close = self.bars.close[ends]
        if event != "touch":
            return np.asarray(close)
        spot, column = self.spot[at], ends - self._starts[at]
        above, below = self._highest[at, column] - spot, spot - self._lowest[at, column]
        return np.asarray(np.maximum.reduce([np.abs(close - spot), above, below]))

    @cached_property
    def _starts(self) -> IntArray:
        """The row of bars after each origin."""
        return np.searchsorted(self.bars.dates, self.origins) + 1

    @cached_property
    def _highest(self) -> FloatArray:
        return np.asarray(np.fmax.accumulate(self._ahead(self.bars.high), axis=1))

    @cached_property
    def _lowest(self) -> FloatArray:
        return np.asarray(np.fmin.accumulate(self._ahead(self.bars.low), axis=1))

    def _ahead(self, values: FloatArray) -> FloatArray:
        padded = np.concatenate([values, np.full(MOST_ROWS_AHEAD, np.nan)])
        return np.asarray(padded[self._starts[:, None] + np.arange(MOST_ROWS_AHEAD)])


class KnownOutcomes:
    """The bars of a history, as far as they decide forecasts."""

    def __init__(self, history: MarketHistory) -> None:
        spot, calendar = history.spot, history.market.calendar
        self.dates = pd.DatetimeIndex(spot.index).as_unit("ns").to_numpy()
        self.close, self.high, self.low = (spot[name].to_numpy(dtype=np.float64) for name in ("close", "high", "low"))
        self.last, self.first = self.dates[-1], calendar.first_date.to_datetime64()
        first, last = pd.Timestamp(self.dates[0]), pd.Timestamp(self.dates[-1])
        held = calendar.regular(first, last).union(calendar.special(first, last))
        doubts = [doubt.session for doubt in history.doubts]
        doubted = {
            *held.difference(pd.DatetimeIndex(spot.index)),
            *history.provisional_closes,
            *history.closes_alone,
            *doubts,
        }
        self.doubted = np.sort(np.array([date.to_datetime64() for date in doubted], dtype="datetime64[ns]"))
        self._series = DailySeries.from_frame(history.daily(), history.market.sessions_per_year)
        self._variances: dict[int, FloatArray] = {}

    def after(self, rows: IntArray, spot: FloatArray) -> Paths:
        """The paths after these rows of the regular sessions, from spots as published."""
        return Paths(self, self._series.dates.to_numpy()[rows], rows, spot)

    @cached_property
    def true_range(self) -> FloatArray:
        """(n,) of each regular session, log points."""
        return true_range(self._series)

    def realised(self, rows: IntArray, sessions: IntArray) -> FloatArray:
        """Realised variance of so many sessions after regular ones, (k,) each."""
        result = np.empty(len(rows))
        for k in np.unique(sessions).tolist():
            if k not in self._variances:
                self._variances[k] = realised_variance_ahead(self._series, k)
            of = sessions == k
            result[of] = self._variances[k][rows[of]]
        return result
