"""The scale of what is to come: ridge log-HAR variance with the volatility index, and its blend with the index.

After Corsi (2009), A simple approximate long-memory model of realized volatility, on logarithms: ln of the mean range
variance over t+1..t+h is linear in the features of session t. The range block learns from every session; where the
volatility index is known, a second ridge on all features learns what the first left over. To five sessions a third
learns what the next sessions hold, ``near_ridge``.
"""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.features import RANGE_FEATURES, VIX_FEATURES, DailyFeatures
from aegismatrix_engine.volatility.near_ridge import KNOWN_BLOCKS, NEAR_FEATURES, fit_near_ridges, near_adjustment
from aegismatrix_engine.volatility.near_sessions import NEAR_HORIZONS, NEAR_TARGETS
from aegismatrix_engine.volatility.outcomes import (
    MAX_HORIZON,
    SINGLE_SESSIONS,
    mean_range_variance_ahead,
    session_range_variance_ahead,
)


def fit_ridge(columns: FloatArray, target: FloatArray, relative_penalty: float) -> FloatArray:
    """Intercept and weights on the raw columns, shape (1 + p,): prediction = row[0] + columns @ row[1:].

    Least squares with penalty relative_penalty * n on the squared weights of the standardised columns. columns: (n, p),
    target: (n,), both finite. The intercept is not penalised; a constant column gets weight 0.
    """
    mean, sd = columns.mean(axis=0), columns.std(axis=0)
    usable = sd > 1e-12
    scale = np.where(usable, sd, 1.0)
    standardised = np.where(usable, (columns - mean) / scale, 0.0)
    centre = target.mean()
    gram = standardised.T @ standardised
    gram[np.diag_indices_from(gram)] += max(relative_penalty * len(target), 1e-12)
    weights = np.linalg.solve(gram, standardised.T @ (target - centre)) / scale
    return np.concatenate([[centre - mean @ weights], weights])


HAR_PENALTY = 1e-3
HAR_SHARE = 2 / 3
MINIMUM_VIX_ROWS = 250
NEAR = np.r_[:NEAR_HORIZONS, MAX_HORIZON : MAX_HORIZON + SINGLE_SESSIONS]
"""Columns of the 50 targets that the third ridge knows."""


@dataclass(frozen=True)
class Scales:
    """One-session standard deviations in log points for n origins; multiply by sqrt(h) for a horizon.

    har: (n, 45) of the log-HAR model per session over t+1..t+h. blended: (n, 45) its blend with the volatility index.
    session_har, session_blended: (n, 5) of the single session t+k. Without the index blended equals har.
    """

    har: FloatArray
    blended: FloatArray
    session_har: FloatArray
    session_blended: FloatArray

    @property
    def horizon(self) -> FloatArray:
        """(n, 45) standard deviation of the h-session return: blended * sqrt(h), log points."""
        return self.blended * np.sqrt(np.arange(1, MAX_HORIZON + 1))


@dataclass(frozen=True)
class LogHar:
    """Coefficients per target: 45 horizons, then 5 single sessions.

    range_weights: (50, 10) intercept, gap and range block. residual_weights: (50, 13) intercept, gap, range block and
    VIX block, of what the range block left over; empty (0, 13) where there was too little VIX to learn from.
    near_weights, near_residual_weights: (4, 10, 8) of ``near_ridge``, on what these leave over without and with VIX.
    """

    range_weights: FloatArray
    residual_weights: FloatArray
    near_weights: FloatArray
    near_residual_weights: FloatArray

    @property
    def knows_vix(self) -> bool:
        """Whether the VIX block could be learnt."""
        return len(self.residual_weights) > 0

    def scales(self, features: DailyFeatures, *, with_vix: bool) -> Scales:
        """Scales at every row; NaN where the features asked for are not complete."""
        gaps = np.hstack([features.gap, features.single_gap])
        log_variance = _linear(self.range_weights, gaps, features.range_block)
        if with_vix:
            block = np.column_stack([features.range_block, features.vix_block])
            log_variance = log_variance + _linear(self.residual_weights, gaps, block)
        weights = self.near_residual_weights if with_vix else self.near_weights
        log_variance[:, NEAR] += near_adjustment(weights, features)
        har = blended = np.exp(log_variance / 2)
        if with_vix:
            blended = har**HAR_SHARE * features.implied_sd[:, None] ** (1 - HAR_SHARE)
        return Scales(har[:, :MAX_HORIZON], blended[:, :MAX_HORIZON], har[:, MAX_HORIZON:], blended[:, MAX_HORIZON:])


def fit_log_har(features: DailyFeatures) -> LogHar:
    """Fit on every row whose outcome is known by the last row (the purge equals the horizon)."""
    variance = np.hstack([mean_range_variance_ahead(features.series), session_range_variance_ahead(features.series)])
    target = np.log(variance)
    gaps = np.hstack([features.gap, features.single_gap])
    range_weights = fit_ridges(target, gaps, features.range_block)
    left_over = target - _linear(range_weights, gaps, features.range_block)
    near = fit_near_ridges(features, left_over[:, NEAR], features.has_range)
    if int(features.has_vix.sum()) < MINIMUM_VIX_ROWS + MAX_HORIZON:
        return LogHar(range_weights, _without_vix(), near, np.zeros_like(near))
    block = np.column_stack([features.range_block, features.vix_block])
    residual_weights = fit_ridges(left_over, gaps, block)
    left_over = left_over - _linear(residual_weights, gaps, block)
    return LogHar(
        range_weights, residual_weights, near, fit_near_ridges(features, left_over[:, NEAR], features.has_vix)
    )


def constant_log_har(features: DailyFeatures) -> LogHar:
    """A scale that is the same for every session: the mean log variance of the past per target, no feature's weight."""
    variance = np.hstack([mean_range_variance_ahead(features.series), session_range_variance_ahead(features.series)])
    weights = np.zeros((variance.shape[1], 2 + len(RANGE_FEATURES)))
    weights[:, 0] = np.nanmean(np.log(variance), axis=0)
    nothing = np.zeros((len(KNOWN_BLOCKS), NEAR_TARGETS, 1 + len(NEAR_FEATURES)))
    return LogHar(weights, _without_vix(), nothing, nothing)


def _without_vix() -> FloatArray:
    return np.empty((0, 2 + len(RANGE_FEATURES) + len(VIX_FEATURES)))


def fit_ridges(target: FloatArray, own: FloatArray, block: FloatArray, minimum: int = 0) -> FloatArray:
    """One ridge per column of (n, m) target on its column of ``own`` and the shared block, shape (m, 2 + p).

    Rows of intercept, own and block; where fewer than ``minimum`` rows are known, the column of ``own`` alone counts.
    """
    complete = np.isfinite(block).all(axis=1)
    rows = []
    for i in range(target.shape[1]):
        known = complete & np.isfinite(own[:, i]) & np.isfinite(target[:, i])
        columns = np.column_stack([own[known, i], block[known]])
        enough = int(known.sum()) >= minimum
        rows.append(fit_ridge(columns, target[known, i], HAR_PENALTY) if enough else np.eye(2 + block.shape[1])[1])
    return np.array(rows)


def _linear(weights: FloatArray, gaps: FloatArray, block: FloatArray) -> FloatArray:
    """Predictions for all m targets, shape (n, m).

    Summed column by column, so that a row's prediction does not depend on how many rows are predicted with it.
    """
    total = weights[:, 0] + weights[:, 1] * gaps
    for j in range(block.shape[1]):
        total = total + block[:, [j]] * weights[:, j + 2]
    return total
