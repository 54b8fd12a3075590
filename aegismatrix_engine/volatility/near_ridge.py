"""The third ridge of the scale, to five sessions: what the next sessions hold explains of what the first two left over.

There is one for each set of blocks that may be known: the S&P 500 and the scheduled events may each be missing, and a
row is answered by what was learnt for just what it knows. Highs come from the bars themselves.
"""

import numpy as np

from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.near_sessions import (
    EVENT_FEATURES,
    HIGH_FEATURES,
    NEAR_TARGETS,
    SPILLOVER_FEATURES,
)

NEAR_PENALTY = 1e-2
NEAR_FEATURES = (*HIGH_FEATURES, *SPILLOVER_FEATURES, *EVENT_FEATURES)
MINIMUM_NEAR_ROWS = 750
KNOWN_BLOCKS = ((True, True), (False, True), (True, False), (False, False))
"""Whether the S&P 500 and the events are known, in the order of the weights."""

_HIGHS = len(HIGH_FEATURES)
_WIDTH = len(NEAR_FEATURES)


def near_adjustment(weights: FloatArray, features: DailyFeatures) -> FloatArray:
    """What the ridges add to the log variance, shape (n, 10): horizons 1..5, then single sessions 1..5.

    weights: (4, 10, 8), of ``fit_near_ridges``. 0 where highs are not known.
    """
    columns, known = near_columns(features), _block_set(features)
    own = weights[known]
    total: FloatArray = own[:, :, 0]
    for j in range(_WIDTH):
        total = total + own[:, :, j + 1] * columns[:, :, j]
    return np.asarray(np.where(features.has_highs[:, None], total, 0.0))


def fit_near_ridges(features: DailyFeatures, left_over: FloatArray, usable: BoolArray) -> FloatArray:
    """Weights on the raw columns by set of known blocks, target and column, (4, 10, 8), the intercept first.

    A missing block has weights of 0, and so has all of a set that fewer than 750 rows know.

    Args:
        features: the rows.
        left_over: (n, 10) log variance less what the first ridges forecast, NaN where it has not come.
        usable: (n,) rows to learn from.
    """
    columns = near_columns(features)
    weights = np.zeros((len(KNOWN_BLOCKS), NEAR_TARGETS, 1 + _WIDTH))
    has_us, has_events = features.has_spillover, features.has_events
    for i, (with_us, with_events) in enumerate(KNOWN_BLOCKS):
        rows = usable & features.has_highs
        rows = rows & has_us if with_us else rows
        rows = rows & has_events if with_events else rows
        if int(np.isfinite(left_over[rows]).all(axis=1).sum()) < MINIMUM_NEAR_ROWS:
            continue
        chosen = _chosen(with_us, with_events)
        learnt = _ridges(columns[rows][:, :, chosen], left_over[rows])
        weights[i][:, np.concatenate([[0], 1 + chosen])] = learnt
    return weights


def near_columns(features: DailyFeatures) -> FloatArray:
    """NEAR_FEATURES of every row and target, shape (n, 10, 7); 0 where unknown."""
    shared = np.column_stack([features.high_block, features.spillover_block])
    repeated = np.broadcast_to(shared[:, None, :], (len(features), NEAR_TARGETS, shared.shape[1]))
    return np.asarray(np.nan_to_num(np.concatenate([repeated, features.event_block], axis=2)))


def _chosen(with_us: bool, with_events: bool) -> IntArray:
    """Columns of a set of blocks."""
    first_event = _WIDTH - len(EVENT_FEATURES)
    us = range(_HIGHS, first_event) if with_us else ()
    events = range(first_event, _WIDTH) if with_events else ()
    return np.array([*range(_HIGHS), *us, *events])


def _ridges(columns: FloatArray, target: FloatArray) -> FloatArray:
    """One ridge per target as ``fit_ridge`` has it, all at once: (n, m, p) and (n, m) to (m, 1 + p).

    A row counts for the targets that it knows.
    """
    known = np.isfinite(target)
    count = known.sum(axis=0)[:, None]
    inside = known.T[:, :, None]
    by_target = np.where(inside, columns.transpose(1, 0, 2), 0.0)
    values = np.where(known, target, 0.0).T
    mean, centre = by_target.sum(axis=1) / count, values.sum(axis=1) / count[:, 0]
    sd = np.sqrt((np.where(inside, by_target - mean[:, None], 0.0) ** 2).sum(axis=1) / count)
    usable = sd > 1e-12
    scale = np.where(usable, sd, 1.0)
    standard = np.where(inside & usable[:, None], (by_target - mean[:, None]) / scale[:, None], 0.0)
    gram = standard.transpose(0, 2, 1) @ standard + NEAR_PENALTY * count[:, :, None] * np.eye(columns.shape[2])
    moment = (standard * np.where(known.T, values - centre[:, None], 0.0)[:, :, None]).sum(axis=1)
    weights: FloatArray = np.linalg.solve(gram, moment[:, :, None])[:, :, 0] / scale
    return np.column_stack([centre - (mean * weights).sum(axis=1), weights])


def _block_set(features: DailyFeatures) -> IntArray:
    """(n,) position in KNOWN_BLOCKS of what each row knows."""
    return np.asarray(1 - features.has_spillover.astype(int) + 2 * (1 - features.has_events.astype(int)))
