"""Sessions in progress: one out of its bars, whole, and what the intraday model asks of one or of many."""

import math
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import pandas as pd

from aegismatrix_engine.intraday.sessions import RECENT_MOMENTS, IntradaySessions, bar_variance, moment_of, steady_vix
from aegismatrix_engine.markets.market import SESSIONS_PER_YEAR
from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.daily_series import DailySeries


@dataclass(frozen=True)
class SessionState:
    """What is known of n sessions in progress; every array (n,) in log points unless it says otherwise.

    moment: 1..25, see ``intraday.sessions``. so_far: variance from the close before to now, squared log points. recent:
    variance of the bars that ended within the last four moments, squared log points. gap: open less the close before.
    move: now less the close before. implied_sd: of one session by the volatility index now; implied_before: by its
    close before; NaN where not known. averaged: whether today's official close is an
    average of the last half hour, as those were that the model learnt from.
    """

    moment: int
    so_far: FloatArray
    recent: FloatArray
    gap: FloatArray
    move: FloatArray
    implied_sd: FloatArray
    implied_before: FloatArray
    averaged: bool = True

    def without_index(self) -> "SessionState":
        """The same as where no volatility index is known."""
        unknown = np.full_like(self.implied_sd, np.nan)
        return replace(self, implied_sd=unknown, implied_before=unknown)


@dataclass(frozen=True)
class SessionSoFar:
    """One session up to the end of its newest complete bar.

    finished: bars that have ended, of ``bars`` that the session has; missing: how many of those the source lacks.
    level, high, low: log price now, highest and lowest so far, the close before counted in (the true range so far).
    bar_variance: (finished - missing,) variance of each bar that is there, squared log points; bar: (same,) int64,
    its number from 0. gap, move: open and now less the close before, log points. vix: median of the last three bars,
    vol points, NaN where there is none. vix_before: its close before. span: bars from the open to the official close,
    a closing auction counted in; averaged: see ``SessionState``. path: log prices in the order in which they are taken
    to have come: the close before, then of every bar its open and its extremes, the low first in a bar that closes no
    lower than it opened, the high first in others. sessions_per_year: of the market.
    """

    finished: int
    bars: int
    level: float
    high: float
    low: float
    bar_variance: FloatArray
    bar: IntArray
    gap: float
    move: float
    vix: float
    vix_before: float
    span: int = 0
    averaged: bool = True
    path: FloatArray = field(default_factory=lambda: np.empty(0))
    sessions_per_year: int = SESSIONS_PER_YEAR

    @classmethod
    def from_bars(
        cls, own: pd.DataFrame, opens: pd.Timestamp, bars: int, length: pd.Timedelta, series: DailySeries
    ) -> Self:
        """From the session's own complete bars, at least one, and the daily series up to the close before.

        own: index bar start, columns open, high, low, close (points), vix. opens: start of the first bar. bars: how
        many of ``length`` the session has.
        """
        number = np.asarray((pd.DatetimeIndex(own.index) - opens) // length, dtype=np.int64)
        before = float(series.close[-1])
        high, low = own["high"].to_numpy(dtype=np.float64), own["low"].to_numpy(dtype=np.float64)
        level = math.log(float(own["close"].iloc[-1]))
        path = np.array([before, *(math.log(price) for price in _prices(own))])
        vix = own["vix"].to_numpy(dtype=np.float64)
        return cls(
            finished=min(int(number[-1]) + 1, bars),
            bars=bars,
            level=level,
            high=float(path.max()),
            low=float(path.min()),
            bar_variance=bar_variance(high, low),
            bar=number,
            gap=math.log(float(own["open"].iloc[0])) - before,
            move=level - before,
            vix=float(steady_vix(vix[None, :])[0, -1]),
            vix_before=float(series.vix[-1]),
            path=path,
            sessions_per_year=series.sessions_per_year,
        )

    @property
    def missing(self) -> int:
        """Bars that should be there and are not."""
        return self.finished - len(self.bar)

    @property
    def moment(self) -> int:
        """The moment 1..25 on the grid of ``intraday.sessions``."""
        return moment_of(self.finished, max(self.span, self.bars))

    @property
    def within(self) -> float:
        """Variance of the bars so far, squared log points; missing ones are taken to be like those that are there."""
        return float(self.bar_variance.sum()) * self.finished / len(self.bar)

    @property
    def so_far(self) -> float:
        """Variance from the close before to now, the night included, squared log points."""
        return self.within + self.gap**2

    @property
    def recent(self) -> float:
        """Variance of the bars that ended within the last four moments, squared log points.

        Early in a session these are all its bars. Missing ones are taken to be like those that are there.
        """
        last, whole = self.moment - RECENT_MOMENTS, max(self.span, self.bars)
        there = np.array([moment_of(int(bar) + 1, whole) > last for bar in self.bar])
        due = sum(moment_of(ended, whole) > last for ended in range(1, self.finished + 1))
        return float(self.bar_variance[there].sum()) * due / int(there.sum())

    @property
    def state(self) -> SessionState:
        """What the intraday model needs; a volatility index that is not live is taken from the close before."""
        live = self.vix if math.isfinite(self.vix) else self.vix_before
        unit = 100 * math.sqrt(self.sessions_per_year)
        return SessionState(
            moment=self.moment,
            so_far=np.array([self.so_far]),
            recent=np.array([self.recent]),
            gap=np.array([self.gap]),
            move=np.array([self.move]),
            implied_sd=np.array([live / unit]),
            implied_before=np.array([self.vix_before / unit]),
            averaged=self.averaged,
        )


def states(sessions: IntradaySessions, series: DailySeries, moment: int, *, averaged: bool = True) -> SessionState:
    """The states of past sessions at a moment, of which those of other numbers of bars may lack some: NaN there."""
    before = sessions.rows - 1
    return SessionState(
        moment=moment,
        so_far=sessions.so_far[:, moment - 1],
        recent=sessions.recent[:, moment - 1],
        gap=sessions.gap,
        move=sessions.level[:, moment - 1] - series.close[before],
        implied_sd=sessions.vix[:, moment - 1] / (100 * math.sqrt(series.sessions_per_year)),
        implied_before=series.implied_sd[before],
        averaged=averaged,
    )


def _prices(own: pd.DataFrame) -> FloatArray:
    """Open and both extremes of every bar in the order of ``SessionSoFar.path``, index points, shape (3 bars,)."""
    first, high, low, last = (own[name].to_numpy(dtype=np.float64) for name in ("open", "high", "low", "close"))
    rising = last >= first
    return np.column_stack([first, np.where(rising, low, high), np.where(rising, high, low)]).ravel()
