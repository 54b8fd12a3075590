"""How far the index moves by the daily forecast, worked from the bars with the weights of the model file.

Corsi's log-HAR: the logarithm of the mean range variance ahead is linear in features of the past; two thirds of the
logarithm of the scale are the model's, one third the volatility index's.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from material import CALENDAR, Material


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
def near(m: Material) -> tuple[np.ndarray, ...]:
    """Rows of every session: distance below two highs, the S&P's variance over three spans, and events by target.

    Shapes (n, 2), (n, 3) and (n, 10, 2); NaN where they are not known.
    """
    close = m.log["close"]
    highs = np.column_stack([close - close.rolling(window).max() for window in (66, 252)])
    us = np.full((len(close), 3), np.nan)
    if len(m.us_spot):
        variance = range_variance(np.log(m.us_spot.dropna()))
        spans = pd.concat([np.log(variance.rolling(k).mean()) for k in (1, 5, 22)], axis=1)
        known, before = spans.to_numpy(), spans.index.searchsorted(close.index) - 1
        for row, (day, last) in enumerate(zip(close.index, before, strict=True)):
            if last >= 0 and (day - spans.index[last]).days <= 7:
                us[row] = known[last]
    return highs, us, _events(m)


def _events(m: Material) -> np.ndarray:
    sessions, n = list(m.daily.index.append(m.ahead)), len(m.daily)
    found = np.zeros((n, 10, 2))
    counted = [(table.kind, one) for table in m.events if table.column is not None for one in table.events]
    for kind, event in counted:
        # New York decides after the close of NSE.
        first_day = event.date + pd.Timedelta(days=int(kind == "fomc"))
        if not sessions[0] <= event.date or first_day > sessions[-1]:
            continue
        known = _known_from(kind, event.date)
        if event.announced is not None:
            known = event.announced + pd.Timedelta(days=1)
        shown = next(row for row, day in enumerate(sessions) if day >= first_day)
        for k in range(1, 6):
            row, column = shown - k, int(kind == "fomc")
            if 0 <= row < n and sessions[row] >= known:
                found[row, 4 + k, column] += 1
                for h in range(k, 6):
                    found[row, h - 1, column] += 1 / h
    return found


def _known_from(kind: str, day: pd.Timestamp) -> pd.Timestamp:
    if kind == "fomc":
        return pd.Timestamp(day.year, 1, 1)
    return CALENDAR.regular(day - pd.Timedelta(days=60), day - pd.Timedelta(days=1))[-20]


def _near_adjustment(m: Material, weights: np.ndarray) -> np.ndarray:
    """What the third ridge adds to the log variance of every row, (n, 10): five horizons, five single sessions."""
    highs, us, events = near(m)
    of_row = np.hstack([highs, np.nan_to_num(us)])[:, None]
    columns = np.concatenate([np.broadcast_to(of_row, (len(highs), 10, 5)), events], axis=2)
    own = weights[np.isnan(us).any(axis=1).astype(int)]
    added = own[:, :, 0] + (columns * own[:, :, 1:]).sum(axis=2)
    return np.where(np.isnan(highs).any(axis=1)[:, None], 0.0, added)


@cache
def _rows(m: Material) -> tuple[np.ndarray, np.ndarray]:
    """One-session standard deviations of every row by the model and blended, (n, 50): 45 horizons, 5 sessions."""
    found, weights = features(m), m.models.distribution.log_har
    gap = np.hstack([found.gap, found.single_gap])
    plain = weights.range_weights[:, 0] + weights.range_weights[:, 1] * gap
    plain = plain + found.ranges @ weights.range_weights[:, 2:].T
    near_targets = [*range(5), *range(45, 50)]
    alone = plain.copy()
    alone[:, near_targets] += _near_adjustment(m, weights.near_weights)
    model = np.exp(alone / 2)
    if not len(weights.residual_weights) or not m.knows_index:
        return model, model
    left = weights.residual_weights
    both = np.hstack([found.ranges, found.index])
    log_full = plain + left[:, 0] + left[:, 1] * gap + both @ left[:, 2:].T
    log_full[:, near_targets] += _near_adjustment(m, weights.near_residual_weights)
    full = np.exp(log_full / 2)
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
