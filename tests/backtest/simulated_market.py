"""A market whose true variance is known: a GJR-GARCH with t shocks, on the exchange's real sessions, with days inside.

Every session is a night and 24 steps of one Gaussian walk, whose variance a draw of the session has scaled, so that
the return of the session is exactly a t variate, and high and low belong to it.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from aegismatrix_engine.backtest.garch import Gjr
from aegismatrix_engine.markets import get_market

MARKET = get_market("nifty50")
FIRST = pd.Timestamp("2009-01-01")
TRUE = Gjr(mu=0.03, omega=0.025, alpha=0.03, gamma=0.10, beta=0.90)
"""Of returns in percent; the variance of a session is 1.25 in the mean."""
FREEDOM = 6
STEPS, NIGHT_SHARE = 24, 0.25
INDEX_MARK_UP, INDEX_SESSIONS = 1.15, 21


@dataclass(frozen=True)
class SimulatedMarket:
    """Bars, and what no one knows of a real market.

    Attributes:
        frame: open, high, low, close (points) and vix (vol points), one row a regular session.
        variance: (n + 1,) true variance of each session's return, percent squared; known at the close before. The last
            is that of the session after the last row.
    """

    frame: pd.DataFrame
    variance: np.ndarray


@cache
def simulated(sessions: int, seed: int = 1) -> SimulatedMarket:
    """Deterministic; do not write into it."""
    dates = MARKET.calendar.following(FIRST, sessions).rename("date")
    draws = np.random.default_rng(seed)
    # A normal variate with such a variance is a t variate of variance 1.
    scaled = np.sqrt((FREEDOM - 2) / draws.chisquare(FREEDOM, sessions))
    walks = draws.standard_normal((sessions, STEPS + 1))
    walks *= np.sqrt(np.r_[NIGHT_SHARE, np.full(STEPS, (1 - NIGHT_SHARE) / STEPS)])
    premium = np.exp(0.03 * draws.standard_normal(sessions))
    variance, rows, implied = np.empty(sessions + 1), np.empty((sessions, 4)), np.empty(sessions)
    mean = TRUE.omega / (1 - persistence())
    variance[0], close = mean, np.log(8000.0)
    for t in range(sessions):
        path = np.cumsum(np.sqrt(variance[t]) * scaled[t] * walks[t]) / 100
        path = close + path + TRUE.mu / 100
        rows[t] = path[0], path.max(), path.min(), path[-1]
        shock = 100 * (path[-1] - close) - TRUE.mu
        variance[t + 1], close = float(TRUE.next_variance(variance[t], shock)), path[-1]
        ahead = mean + (variance[t + 1] - mean) * np.mean(persistence() ** np.arange(INDEX_SESSIONS))
        implied[t] = INDEX_MARK_UP * np.sqrt(252 * ahead) * premium[t]
    frame = pd.DataFrame(np.exp(rows), index=dates.as_unit("ns"), columns=["open", "high", "low", "close"])
    return SimulatedMarket(frame.assign(vix=implied), variance)


def persistence() -> float:
    """How much of a deviation of the variance from its mean is left a session later, in the mean."""
    return TRUE.alpha + TRUE.gamma / 2 + TRUE.beta
