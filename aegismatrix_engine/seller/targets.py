"""The events a seller fears, defined once for training, walk-forward and record."""

import numpy as np

from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.outcomes import exceeds, realised_variance_ahead

TRAP_HORIZONS = (5, 10)
STRESS_MULTIPLE = 1.25

# Frequencies on NIFTY 50, 2009 to 2022, held until a market's own are known; they weigh as much as one session.
TRAP_PRIOR = 0.20
STRESS_PRIOR = 0.25


def trap_sprung(series: DailySeries, horizon: int) -> FloatArray:
    """1.0 where mean squared close-to-close return over t+1..t+horizon exceeds the implied daily variance at t.

    The seller was paid too little. 0.0 where not, NaN where the horizon or the volatility index is unknown. Shape (n,).
    """
    return exceeds(realised_variance_ahead(series, horizon), series.implied_sd**2)


def stress_distance(implied_sd: FloatArray, sessions_left: FloatArray | IntArray) -> FloatArray:
    """1.25 x the standard deviation of the time left that the volatility index implies, log points."""
    return session_stress_distance(implied_sd * np.sqrt(sessions_left))


def session_stress_distance(implied: FloatArray) -> FloatArray:
    """1.25 x the standard deviation implied from a moment of a session to a close, log points; of the same shape."""
    return STRESS_MULTIPLE * implied
