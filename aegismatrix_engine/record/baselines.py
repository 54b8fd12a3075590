"""The baselines of a recorded forecast: the long-run frequency alone, the volatility index alone, option prices.

Climatology is the frequency in the market's own past up to the origin. The volatility index gives a normal distribution
without drift; touches follow by the reflection principle, and the range of a session by Feller's (1951) distribution of
the range of Brownian motion.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.record.past_frequencies import PastFrequencies, PastOutcomes
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.features import DailyFeatures

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


def _normal_tails(z: FloatArray) -> FloatArray:
    """The same of an array."""
    return np.array([math.erfc(one) for one in (z / math.sqrt(2)).ravel().tolist()]).reshape(z.shape) / 2


def index_beyond(sd: FloatArray, up: FloatArray, down: FloatArray) -> FloatArray:
    """P(the return lies above ``up`` or below -``down``) by the volatility index alone, (m, D).

    Args:
        sd: (m,) standard deviation that it implies to the close, log points.
        up: (m, D) log points, or infinite.
        down: (m, D) likewise.
    """
    return np.asarray(_normal_tails(up / sd[:, None]) + _normal_tails(down / sd[:, None]))


def index_touch(sd: FloatArray, up: FloatArray, down: FloatArray) -> FloatArray:
    """P(a touch of either level) likewise, each by the reflection principle; never above 1."""
    return np.minimum(2 * index_beyond(sd, up, down), 1.0)


@dataclass(frozen=True)
class IndexAlone:
    """The volatility index's own distribution to a close ``sd`` (log points) away."""

    sd: float

    def beyond(self, up: float, down: float) -> float:
        """P(the return lies above ``up`` or below -``down``); one side alone where the other is infinite."""
        return float(index_beyond(np.array([self.sd]), np.array([[up]]), np.array([[down]]))[0, 0])

    def touch(self, up: float, down: float) -> float:
        """P(a touch of either level), each by the reflection principle; never above 1."""
        return float(index_touch(np.array([self.sd]), np.array([[up]]), np.array([[down]]))[0, 0])

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
    """The same before the last session of daily features alone."""

    def __init__(self, features: DailyFeatures) -> None:
        self._past = PastFrequencies(PastOutcomes.of(features), np.array([len(features) - 1]))

    def beyond(self, time: float, up: float, down: float) -> float:
        """Share of past returns over ``time`` sessions above ``up`` or below -``down`` (log points), or infinite."""
        return float(self._past.beyond(np.array([time]), np.array([[up]]), np.array([[down]]))[0, 0])

    def touch(self, time: float, up: float, down: float) -> float:
        """Share of past spans of ``time`` sessions on which either level was touched."""
        return float(self._past.touch(np.array([time]), np.array([[up]]), np.array([[down]]))[0, 0])

    def trap(self, sessions: int) -> float | None:
        """Share of past sessions after which realised variance exceeded implied; None where never known."""
        return _known(self._past.trap(sessions))

    def breakout(self, offset: int) -> float | None:
        """Share of past breakouts ``offset`` sessions ahead; None where never known."""
        return _known(self._past.breakout(offset))


def _known(share: FloatArray) -> float | None:
    return float(share[0]) if math.isfinite(share[0]) else None
