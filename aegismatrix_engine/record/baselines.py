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
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import horizon_outcomes

CloseBeyond = Callable[[float, float], tuple[float, float]]
"""Distances above and below the document's spot, index points -> the chance of a close beyond each level.

It is the one that option prices imply; NaN where usable strikes do not reach so far.
"""

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


class Climatology:
    """Frequencies in the past of daily features, none of them later than the origin; each session counts once."""

    def __init__(self, features: DailyFeatures) -> None:
        self._series = features.series
        self._outcomes = horizon_outcomes(features.series)
        self._breakouts = breakout_happened(features.series)

    def beyond(self, time: float, up: float, down: float) -> float:
        """Share of past returns over ``time`` sessions above ``up`` or below -``down`` (log points), or infinite."""
        moves = self._moves(self._outcomes.close, time)
        return _share((moves > up) | (moves < -down))

    def touch(self, time: float, up: float, down: float) -> float:
        """Share of past spans of ``time`` sessions on which either level was touched."""
        ups, downs = self._moves(self._outcomes.up, time), self._moves(self._outcomes.down, time)
        return _share((ups > up) | (downs > down))

    def trap(self, sessions: int) -> float | None:
        """Share of past sessions after which realised variance exceeded implied; None where never known."""
        return _known_share(trap_sprung(self._series, sessions))

    def breakout(self, offset: int) -> float | None:
        """Share of past breakouts ``offset`` sessions ahead; None where never known."""
        return _known_share(self._breakouts[:, offset - 1])

    def _moves(self, outcomes: FloatArray, time: float) -> FloatArray:
        """Known outcomes over the whole number of sessions nearest to ``time``, stretched to it by its square root."""
        h = min(max(round(time), 1), outcomes.shape[1])
        column = outcomes[:, h - 1]
        return np.asarray(column[np.isfinite(column)] * math.sqrt(time / h))


def _share(happened: np.ndarray) -> float:
    """Frequency with half an observation added on each side, so that what was never seen does not get 0."""
    return float((happened.sum() + 0.5) / (len(happened) + 1))


def _known_share(happened: FloatArray) -> float | None:
    known = happened[np.isfinite(happened)]
    return float(known.mean()) if len(known) else None
