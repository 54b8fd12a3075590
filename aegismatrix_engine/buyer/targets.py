"""The events a buyer waits for, defined once for training, walk-forward and record."""

import math

import numpy as np

from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.outcomes import ahead, exceeds, true_range_ahead
from aegismatrix_engine.volatility.realised_variance import average_true_range

BREAKOUT_OFFSETS = (1, 2, 3, 4, 5)
BREAKOUT_MULTIPLE = 1.25
STRADDLE_HORIZONS = (1, 2, 3, 4, 5)
STRADDLE_WIDTH = 0.8

# Frequencies on NIFTY 50, 2009 to 2022, held until a market's own are known; they weigh as much as one session.
BREAKOUT_PRIOR = 0.24
STRADDLE_PRIOR = 0.34


def breakout_happened(series: DailySeries) -> FloatArray:
    """1.0 where the true range of session t+k exceeds 1.25 x ATR14 of t, k = 1..5. Shape (n, 5), NaN where unknown."""
    threshold = BREAKOUT_MULTIPLE * average_true_range(series)
    return exceeds(true_range_ahead(series), threshold[:, None])


def straddle_cost(implied_sd: FloatArray, horizon: int) -> FloatArray:
    """Cost of the at-the-money straddle that the volatility index implies, log points: 0.8 x sd x sqrt(horizon).

    0.8 stands for sqrt(2 / pi): Brenner and Subrahmanyam (1988), A simple formula to compute the implied standard
    deviation. ``implied_sd``: (n,) of one session.
    """
    return session_straddle_cost(implied_sd * math.sqrt(horizon))


def session_straddle_cost(implied: FloatArray) -> FloatArray:
    """The same from a moment of a session: 0.8 x the standard deviation implied to the close; of the same shape."""
    return STRADDLE_WIDTH * implied


def straddle_pays(series: DailySeries, horizon: int) -> FloatArray:
    """1.0 where |C[t+h] - C[t]| exceeds the straddle's cost at t. Shape (n,), NaN where unknown."""
    move = np.abs(ahead(series.close, horizon) - series.close)
    return exceeds(move, straddle_cost(series.implied_sd, horizon))
