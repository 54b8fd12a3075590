"""How far the index moves by the daily forecast, worked from the bars with the weights of the model file.

Corsi's log-HAR: the logarithm of the mean range variance ahead is linear in features of the past; two thirds of the
logarithm of the scale are the model's, one third the volatility index's.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from material import Material


@dataclass(frozen=True)
class Features:
    """Rows of every session: the eight features of range, the three of the index, log gaps to closes ahead."""

    ranges: np.ndarray
    index: np.ndarray
    gap: np.ndarray
    single_gap: np.ndarray
    implied: np.ndarray


@dataclass(frozen=True)
class Scale:
    """At the last close: one-session standard deviations over h sessions, and of single sessions, log points."""

    model: np.ndarray
    blended: np.ndarray
    session_model: np.ndarray
    session_blended: np.ndarray

    @property
    def horizon(self) -> np.ndarray:
        return self.blended * np.array([math.sqrt(h) for h in range(1, 46)])


def range_variance(log: pd.DataFrame) -> "pd.Series[float]":
    """Parkinson's variance of each session, at least one in a million, and the squared night before it."""
    night = (log["open"] - log["close"].shift(1)).fillna(0.0)
    return ((log["high"] - log["low"]) ** 2 / (4 * math.log(2))).clip(lower=1e-6) + night**2


@cache
def features(m: Material) -> Features:
    log, variance = m.log, range_variance(m.log)
    close, unit = log["close"], range_variance(m.log).rolling(22).mean() ** 0.5
    returns = close.diff().fillna(0.0)
    weights = 0.94 ** np.arange(len(returns))
    squares = (returns**2).to_numpy()
    smooth = [float(weights[: t + 1][::-1] @ squares[: t + 1] / weights[: t + 1].sum()) for t in range(len(returns))]
    week, month = ((close.diff(k) / unit).clip(-4, 4) for k in (5, 22))
    columns = [
        np.log(variance),
        *(np.log(variance.rolling(k).mean()) for k in (5, 22, 66)),
        (returns / unit).clip(upper=0),
        week.clip(upper=0),
        month,
        pd.Series(np.log(np.maximum(smooth, 1e-8)), index=close.index),
    ]
    ranges = np.column_stack(columns)
    ranges[:65] = np.nan
    implied = m.daily["vix"] / 100 / math.sqrt(252)
    level = np.log(implied**2)
    index = np.column_stack([level, level - level.rolling(5).mean(), level - level.rolling(22).mean()])
    days = pd.Series(m.daily.index.append(m.ahead))
    gap = np.column_stack([(days.shift(-h) - days).dt.days / h for h in range(1, 46)])[: len(close)]
    single = np.column_stack([(days.shift(-k) - days.shift(1 - k)).dt.days for k in range(1, 6)])[: len(close)]
    return Features(ranges, index, np.log(gap), np.log(single), implied.to_numpy())


@cache
def _rows(m: Material) -> tuple[np.ndarray, np.ndarray]:
    """One-session standard deviations of every row by the model and blended, (n, 50): 45 horizons, 5 sessions."""
    found, weights = features(m), m.models.distribution.log_har
    gap = np.hstack([found.gap, found.single_gap])
    plain = weights.range_weights[:, 0] + weights.range_weights[:, 1] * gap
    plain = plain + found.ranges @ weights.range_weights[:, 2:].T
    model = np.exp(plain / 2)
    if not len(weights.residual_weights) or not m.knows_index:
        return model, model
    left = weights.residual_weights
    both = np.hstack([found.ranges, found.index])
    full = np.exp((plain + left[:, 0] + left[:, 1] * gap + both @ left[:, 2:].T) / 2)
    known = np.isfinite(both).all(axis=1)[:, None]
    blended = np.exp((2 * np.log(full) + np.log(found.implied)[:, None]) / 3)
    return np.where(known, full, model), np.where(known, blended, model)


def scale(m: Material) -> Scale:
    model, blended = (rows[-1] for rows in _rows(m))
    return Scale(model[:45], blended[:45], model[45:], blended[45:])


def week_scales(m: Material) -> np.ndarray:
    """The five-session forecast at each close of the last five years, by today's model."""
    return _rows(m)[1][-5 * 252 :, 4]


def horizon_rows(m: Material) -> np.ndarray:
    """Standard deviation of the h-session return at every row, (n, 45)."""
    return _rows(m)[1][:, :45] * np.sqrt(np.arange(1, 46))


def percentile(values: np.ndarray, window: int) -> float:
    """Share of the last known values below the last of all, ties counting half."""
    known = [value for value in values if math.isfinite(value)][-window:]
    below, equal = (sum(test(value) for value in known) for test in (known[-1].__gt__, known[-1].__eq__))
    return (below + equal / 2) / len(known)


def true_ranges(log: pd.DataFrame) -> "pd.Series[float]":
    before = log["close"].shift(1)
    return pd.concat([log["high"], before], axis=1).max(axis=1) - pd.concat([log["low"], before], axis=1).min(axis=1)
