"""How much wider or narrower today's close is forecast than by the shape learnt in training: slow adaptation.

The 80 % range from each moment should miss one close in five. After every known close the logarithm of the factor on
the scale moves by 0.01 x (missed - 0.2): up by 0.008 where the range of its moment missed, else down by 0.002. After
the adaptive conformal inference of Gibbs and Candes (2021), on the scale instead of the miss rate, so that the whole
distribution follows. Not for later closes nor for the daily distribution, where it was measured to harm.
"""

import numpy as np

from aegismatrix_engine.intraday.sessions import MOMENTS
from aegismatrix_engine.typing import FloatArray

SPREAD_RATE = 0.01
SPREAD_MISS = 0.2
SPREAD_BOUNDS = (-0.5, 0.5)
"""Least and largest logarithm: no adaptation makes a range less than 0.6 or more than 1.65 times as wide."""


def no_spread() -> FloatArray:
    """The logarithms before anything was observed, zeros of shape (25,)."""
    return np.zeros(MOMENTS)


def adapt_spread(spread: FloatArray, outcomes: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """The logarithms after each session's close, in time order.

    Args:
        spread: (25,) to start from.
        outcomes: (S, 25) return from each moment to the official close, in units of the scale without the factor; NaN,
            where a session lacks the moment, changes nothing.
        lower: (25,) lower bounds of the 80 % range in the same units.
        upper: (25,) upper bounds.

    Returns:
        (S + 1, 25): entry s is what was known before session s, the last one what is known after all.
    """
    path = np.empty((len(outcomes) + 1, len(spread)))
    path[0] = spread
    known = np.isfinite(outcomes)
    for s, outcome in enumerate(outcomes):
        factor = np.exp(path[s])
        missed = (outcome < lower * factor) | (outcome > upper * factor)
        step = np.where(known[s], SPREAD_RATE * (missed - SPREAD_MISS), 0.0)
        path[s + 1] = np.clip(path[s] + step, *SPREAD_BOUNDS)
    return path
