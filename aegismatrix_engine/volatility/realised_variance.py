"""The variance and the range of a session, from its bars; everything here looks back only."""

import math

import numpy as np

from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import DailySeries

RANGE_VARIANCE_FLOOR = 1e-6
ATR_WINDOW = 14


def range_variance(series: DailySeries) -> FloatArray:
    """Variance of each session, the night before it included. Shape (n,), squared log points.

    max((ln H/L)^2 / (4 ln 2), 1e-6) + (ln O_t / C_{t-1})^2: the estimator of Parkinson (1980), The extreme value method
    for estimating the variance of the rate of return, with the squared overnight return added. The floor keeps the
    logarithm of a session without movement finite.
    """
    session = (series.high - series.low) ** 2 / (4 * math.log(2))
    overnight = np.nan_to_num(series.open - series.previous_close)
    return np.maximum(session, RANGE_VARIANCE_FLOOR) + overnight**2


def true_range(series: DailySeries) -> FloatArray:
    """max(H, C_prev) - min(L, C_prev) in log points; the first row, without a previous close, is H - L. Shape (n,)."""
    previous = series.previous_close
    return np.fmax(series.high, previous) - np.fmin(series.low, previous)


def average_true_range(series: DailySeries) -> FloatArray:
    """Simple mean of the last 14 true ranges, in log points, NaN before there are 14. Shape (n,)."""
    return trailing_mean(true_range(series), ATR_WINDOW)


def trailing_mean(values: FloatArray, window: int) -> FloatArray:
    """Mean of the last ``window`` values up to and including each row, NaN before there are enough. Shape (n,)."""
    result = np.full(len(values), np.nan)
    if len(values) >= window:
        result[window - 1 :] = np.lib.stride_tricks.sliding_window_view(values, window).mean(axis=1)
    return result
