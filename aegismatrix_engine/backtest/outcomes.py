"""What came of forecasts from closes, many at once, by the rules of ``record.resolution``.

Where the bars miss a session that a forecast depends on, or cast doubt on one, that module itself decides.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.record.resolution import SPAN_BEFORE
from aegismatrix_engine.record.rows import Event
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, realised_variance_ahead
from aegismatrix_engine.volatility.realised_variance import true_range

MOST_ROWS_AHEAD = 2 * MAX_HORIZON
"""Rows of bars, those of special sessions too, within which every forecast ends."""


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

    def decided(self, until: np.ndarray) -> tuple[BoolArray, BoolArray]:
        """Which forecasts that end with these sessions, (m,), are due, and of which all sessions are beyond doubt."""
        due = until <= self.bars.last
        first = self.origins - SPAN_BEFORE.to_timedelta64()
        doubted = np.searchsorted(self.bars.doubted, until, side="right") > np.searchsorted(self.bars.doubted, first)
        return due, due & ~doubted & (first >= self.bars.first)

    def came(self, event: Event, steps: IntArray, until: np.ndarray, which: BoolArray) -> FloatArray:
        """``came`` of ``decision`` at the origins ``which``, NaN at the others."""
        result = np.full(len(self.rows), np.nan)
        ends = np.searchsorted(self.bars.dates, until[which])
        if event == "breakout":
            result[which] = self.bars.true_range[self.rows[which] + steps[which]]
        elif event == "trap":
            result[which] = self.bars.realised(int(steps[0]))[self.rows[which]]
        else:
            result[which] = self.bars.close[ends]
        if event == "touch":
            column = ends - self._starts[which]
            moved = np.abs(result[which] - self.spot[which])
            above, below = self._highest[which, column], self._lowest[which, column]
            result[which] = np.maximum.reduce([moved, above - self.spot[which], self.spot[which] - below])
        return result

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
        self._series = DailySeries.from_frame(history.daily())
        self._variances: dict[int, FloatArray] = {}

    def after(self, rows: IntArray, spot: FloatArray) -> Paths:
        """The paths after these rows of the regular sessions, from spots as published."""
        return Paths(self, self._series.dates.to_numpy()[rows], rows, spot)

    @cached_property
    def true_range(self) -> FloatArray:
        """(n,) of each regular session, log points."""
        return true_range(self._series)

    def realised(self, sessions: int) -> FloatArray:
        """(n,) realised variance of so many sessions after each regular one."""
        if sessions not in self._variances:
            self._variances[sessions] = realised_variance_ahead(self._series, sessions)
        return self._variances[sessions]
