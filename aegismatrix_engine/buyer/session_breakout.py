"""The breakout of a session in progress: what of the range is still missing, and how likely it is to come."""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.buyer.targets import BREAKOUT_MULTIPLE
from aegismatrix_engine.intraday.model import IntradayModel
from aegismatrix_engine.intraday.sessions import MOMENTS, IntradaySessions
from aegismatrix_engine.intraday.state import states
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.event_head import expit, logit
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.realised_variance import true_range

LONGEST_OFFSET = 2.0
SMALLEST_MOVE = 1e-9
NEWTON_STEPS = 25
MINIMUM_OPEN = 250


@dataclass(frozen=True)
class BreakoutRange:
    """The two levels at which a session becomes a breakout, and which of them it has gone beyond.

    lower, upper: log prices, lower < upper. down, up: whether the session has been below the one, above the other.
    """

    lower: float
    upper: float
    down: bool = False
    up: bool = False


def breakout_range(path: FloatArray, distance: float) -> BreakoutRange:
    """The levels of a session in progress, as they are or, once it is a breakout, as they were just before.

    A level follows the opposite extreme: a new low brings ``upper`` down with it. Without an end to this the levels
    would cross each other in a wide session; they stay where they are once one of them is crossed, and lie at least
    ``distance`` apart, since the range before was no wider than that.

    Args:
        path: (n,) log prices in order, the close before first; see ``SessionSoFar.path``.
        distance: true range that makes a breakout, log points, above 0.

    Returns:
        The levels; one of ``down`` and ``up`` at least is true exactly where the range exceeds ``distance``.
    """
    high, low = np.maximum.accumulate(path), np.minimum.accumulate(path)
    complete = np.flatnonzero(high - low > distance)
    before = int(complete[0]) - 1 if len(complete) else len(path) - 1
    return BreakoutRange(
        lower=float(high[before] - distance),
        upper=float(low[before] + distance),
        down=bool(high[before] - low[-1] > distance),
        up=bool(high[-1] - low[before] > distance),
    )


def breakout_probability(
    distribution: ReturnDistribution,
    threshold: FloatArray,
    level: FloatArray,
    high: FloatArray,
    low: FloatArray,
    offset: float,
) -> FloatArray:
    """P(the session's true range exceeds ``threshold``), shape (n,); 1 where it already has.

    distribution: returns from now, today's close its first step. threshold: 1.25 x ATR14 of the close before. level,
    high, low: log price now and its extremes so far, the close before counted in. The probability is that of a touch
    of one of the two levels that would complete the range; new extremes on both sides that only together complete it
    are what ``offset``, in log odds, makes good on average.
    """
    up = np.maximum(low + threshold - level, SMALLEST_MOVE)[:, None]
    down = np.maximum(level - high + threshold, SMALLEST_MOVE)[:, None]
    touch = distribution.breaches(1, up, down).touch[:, 0]
    return np.where(high - low > threshold, 1.0, expit(logit(touch) + offset))


def fit_breakout_offsets(
    features: DailyFeatures, sessions: IntradaySessions, model: IntradayModel, daily: ReturnDistribution
) -> FloatArray:
    """The offset of each of the 25 moments: mean probability equals frequency where the range was not yet complete.

    daily: returns from every row of the features. Zero where fewer than 250 sessions were open at the moment.
    """
    before = sessions.rows - 1
    threshold = BREAKOUT_MULTIPLE * features.average_true_range[before]
    happened = true_range(features.series)[sessions.rows] > threshold
    offsets = np.zeros(MOMENTS)
    for moment in range(1, MOMENTS + 1):
        tables = (sessions.level, sessions.high_so_far, sessions.low_so_far)
        level, high, low = (table[:, moment - 1] for table in tables)
        ahead = model.distribution(daily.scale[before], daily.shapes, states(sessions, features.series, moment))
        raw = breakout_probability(ahead, threshold, level, high, low, 0.0)
        waiting = np.isfinite(raw) & (raw < 1)
        if int(waiting.sum()) >= MINIMUM_OPEN:
            offsets[moment - 1] = _offset(logit(raw[waiting]), float(happened[waiting].mean()))
    return offsets


def _offset(score: FloatArray, frequency: float) -> float:
    """The c for which the mean of expit(score + c) is ``frequency``, at most 2 in size: Newton's method from 0."""
    c = 0.0
    for _ in range(NEWTON_STEPS):
        p = expit(score + c)
        step = (frequency - p.mean()) / max(float((p * (1 - p)).mean()), 1e-6)
        c = float(np.clip(c + step, -LONGEST_OFFSET, LONGEST_OFFSET))
    return c
