"""The baselines of a recorded forecast: the long-run frequency alone, the volatility index alone, option prices.

Climatology is the frequency in the market's own past up to the origin. The volatility index gives a normal distribution
without drift; touches follow by the reflection principle, and the range of a session by Feller's (1951) distribution of
the range of Brownian motion.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.buyer.targets import breakout_happened
from aegismatrix_engine.seller.targets import trap_sprung
from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import horizon_outcomes

CloseBeyond = Callable[[float, float], tuple[float, float]]
"""Distances above and below, index points -> the chance of a close beyond each that option prices imply.

NaN where usable strikes do not reach so far.
"""

SEARCHED_ORIGINS = 8
"""From so many origins on it is cheaper to sort past returns once than to look through them for each."""

FELLER_TERMS = 30
CERTAIN_RANGE = 0.4
"""Standard deviations that a range exceeds but for one case in 10^11; the series needs more terms below."""


def _normal_tail(z: float) -> float:
    """P(Z > z) of the standard normal."""
    return math.erfc(z / math.sqrt(2)) / 2


@dataclass(frozen=True)
class IndexAlone:
    """The volatility index's own distribution to a close ``sd`` (log points) away."""

    sd: float

    def beyond(self, up: float, down: float) -> float:
        """P(the return lies above ``up`` or below -``down``); one side alone where the other is infinite."""
        return _normal_tail(up / self.sd) + _normal_tail(down / self.sd)

    def touch(self, up: float, down: float) -> float:
        """P(a touch of either level), each by the reflection principle; never above 1."""
        return min(2 * self.beyond(up, down), 1.0)

    def range_above(self, width: float) -> float:
        """P(the range over the time exceeds ``width``): Feller (1951), The asymptotic distribution of the range."""
        z = width / self.sd
        if z < CERTAIN_RANGE:
            return 1.0
        total: float = sum((-1) ** (k - 1) * k * _normal_tail(k * z) for k in range(1, FELLER_TERMS + 1))
        return min(max(8 * total, 0.0), 1.0)

    @staticmethod
    def mean_square_above(sessions: int) -> float:
        """P(the mean of ``sessions`` squared returns exceeds the implied variance): a chi-square above its mean."""
        # The regularised upper gamma function of half a whole number, which is a finite sum: scipy's is slow to import.
        half, odd = sessions / 2, sessions % 2
        powers = (k + odd / 2 for k in range(sessions // 2))
        total = math.fsum(math.pow(half, power) / math.gamma(power + 1) for power in powers)
        return odd * math.erfc(math.sqrt(half)) + math.exp(-half) * total


class PastFrequencies:
    """Frequencies before each of m origins, from outcomes that had come by then; each session counts once.

    Every argument is an array (m,), one number an origin, and so is every answer.
    """

    def __init__(self, features: DailyFeatures, origins: IntArray) -> None:
        """Take the rows ``origins``, rising, of daily features; later rows do not influence an origin's answers."""
        self._series, self._origins = features.series, origins
        self._outcomes = horizon_outcomes(features.series)
        self._breakouts = breakout_happened(features.series)
        self._by_horizon: dict[int, tuple[int, FloatArray, IntArray]] = {}

    def beyond(self, time: FloatArray, up: FloatArray, down: FloatArray) -> FloatArray:
        """Share of past returns over ``time`` sessions above ``up`` or below -``down`` (log points), or infinite.

        The two do not overlap: ``up`` is at least -``down``.
        """
        close = self._outcomes.close
        if len(self._origins) < SEARCHED_ORIGINS or not np.array_equal(time, np.round(time)):
            return self._shares(time, close, up, -close, down)
        result = np.empty(len(self._origins))
        for h in np.unique(time).astype(np.int64):
            of = np.flatnonzero(time == h)
            came = np.maximum(self._origins[of] - h + 1, 0)
            # What every origin knows is sorted once; what only later ones know is looked through.
            shared, known, total = self._sorted(int(h))
            newer = close[shared : int(came.max()), h - 1]
            happened = (newer > up[of, None]) | (newer < -down[of, None])
            happened &= np.arange(len(newer)) < (came - shared)[:, None]
            above = len(known) - np.searchsorted(known, up[of], side="right")
            count = above + np.searchsorted(known, -down[of], side="left") + np.count_nonzero(happened, axis=1)
            result[of] = (count + 0.5) / (total[came] + 1)
        return result

    def touch(self, time: FloatArray, up: FloatArray, down: FloatArray) -> FloatArray:
        """Share of past spans of ``time`` sessions on which either level was touched."""
        return self._shares(time, self._outcomes.up, up, self._outcomes.down, down)

    def trap(self, sessions: int) -> FloatArray:
        """Share of past sessions after which realised variance exceeded implied; NaN where never known."""
        return self._known_shares(trap_sprung(self._series, sessions), sessions)

    def breakout(self, offset: int) -> FloatArray:
        """Share of past breakouts ``offset`` sessions ahead; NaN where never known."""
        return self._known_shares(self._breakouts[:, offset - 1], offset)

    def _sorted(self, h: int) -> tuple[int, FloatArray, IntArray]:
        """How many first rows' returns over h sessions every origin knows, these returns in order, and the number of
        known ones among the first 0..n rows.
        """
        if h not in self._by_horizon:
            column = self._outcomes.close[:, h - 1]
            shared, known = max(int(self._origins[0]) - h + 1, 0), np.isfinite(column)
            total = np.concatenate([[0], np.cumsum(known)])
            self._by_horizon[h] = shared, np.sort(column[:shared][known[:shared]]), total
        return self._by_horizon[h]

    def _shares(
        self, time: FloatArray, rises: FloatArray, up: FloatArray, falls: FloatArray, down: FloatArray
    ) -> FloatArray:
        """Frequency of rises above ``up`` or falls beyond ``down``.

        Outcomes are those over the whole number of sessions nearest to ``time``, stretched to it by its square root.
        Half an observation is added on each side, so that what was never seen does not get 0.
        """
        horizon = np.clip(np.round(time), 1, rises.shape[1]).astype(np.int64)
        result = np.empty(len(self._origins))
        for h in np.unique(horizon):
            of = np.flatnonzero(horizon == h)
            came = np.maximum(self._origins[of] - h + 1, 0)
            end, stretch = int(came.max()), np.sqrt(time[of] / h)[:, None]
            rise, fall = rises[:end, h - 1], falls[:end, h - 1]
            happened = (rise * stretch > up[of, None]) | (fall * stretch > down[of, None])
            happened &= np.arange(end) < came[:, None]
            known = np.concatenate([[0], np.cumsum(np.isfinite(rise))])[came]
            result[of] = (np.count_nonzero(happened, axis=1) + 0.5) / (known + 1)
        return result

    def _known_shares(self, happened: FloatArray, sessions: int) -> FloatArray:
        """Mean of the known ones that came within so many sessions."""
        known = np.isfinite(happened)
        came = np.maximum(self._origins - sessions + 1, 0)
        total, count = (
            np.concatenate([[0.0], np.cumsum(values)])[came] for values in (np.where(known, happened, 0.0), known)
        )
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


class Climatology:
    """The same before the last session of daily features alone."""

    def __init__(self, features: DailyFeatures) -> None:
        self._past = PastFrequencies(features, np.array([len(features) - 1]))

    def beyond(self, time: float, up: float, down: float) -> float:
        """Share of past returns over ``time`` sessions above ``up`` or below -``down`` (log points), or infinite."""
        return float(self._past.beyond(*np.array([[time], [up], [down]]))[0])

    def touch(self, time: float, up: float, down: float) -> float:
        """Share of past spans of ``time`` sessions on which either level was touched."""
        return float(self._past.touch(*np.array([[time], [up], [down]]))[0])

    def trap(self, sessions: int) -> float | None:
        """Share of past sessions after which realised variance exceeded implied; None where never known."""
        return _known(self._past.trap(sessions))

    def breakout(self, offset: int) -> float | None:
        """Share of past breakouts ``offset`` sessions ahead; None where never known."""
        return _known(self._past.breakout(offset))


def _known(share: FloatArray) -> float | None:
    return float(share[0]) if math.isfinite(share[0]) else None
