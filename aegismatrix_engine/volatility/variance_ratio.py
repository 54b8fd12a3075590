"""Whether returns trend or revert: Lo and MacKinlay (1988), Stock market prices do not follow random walks."""

import math

import numpy as np

from aegismatrix_engine.typing import FloatArray


def variance_ratio(log_return: FloatArray, lag: int) -> tuple[float, float]:
    """The ratio of lag-session to one-session variance, and its z statistic under heteroskedastic random walk.

    log_return: (n,), n well above lag. Above 1 returns trend, below they revert; z is standard normal if they do
    neither. One and zero where nothing moved.
    """
    n = len(log_return)
    centred = log_return - log_return.mean()
    variance = float(centred @ centred) / (n - 1)
    if variance == 0:
        return 1.0, 0.0
    sums = np.convolve(log_return, np.ones(lag), mode="valid") - lag * log_return.mean()
    scale = lag * (n - lag + 1) * (1 - lag / n)
    ratio = float(sums @ sums) / scale / variance
    squared = centred**2
    total = float(squared.sum()) ** 2
    theta = 0.0
    for k in range(1, lag):
        delta = float(squared[k:] @ squared[:-k]) / total
        theta += (2 * (lag - k) / lag) ** 2 * delta
    return ratio, (ratio - 1) / math.sqrt(theta)
