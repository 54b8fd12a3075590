"""The scale of what is to come: ridge log-HAR variance with the volatility index, and its blend with the index.

After Corsi (2009), A simple approximate long-memory model of realized volatility, on logarithms: ln of the mean range
variance over t+1..t+h is linear in the features of session t. The range block learns from every session; where the
volatility index is known, a second ridge on all features learns what the first left over. To five sessions a third
learns what the next sessions hold, ``near_ridge``.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.companion import COMPANION_FEATURES
from aegismatrix_engine.volatility.companion_ridge import CompanionRidges, CompanionSums, companion_columns
from aegismatrix_engine.volatility.features import RANGE_FEATURES, VIX_FEATURES, DailyFeatures
from aegismatrix_engine.volatility.near_ridge import KNOWN_BLOCKS, NEAR_FEATURES, NearSums, near_adjustment
from aegismatrix_engine.volatility.near_sessions import NEAR_HORIZONS, NEAR_TARGETS
from aegismatrix_engine.volatility.outcomes import (
    MAX_HORIZON,
    SINGLE_SESSIONS,
    mean_range_variance_ahead,
    session_range_variance_ahead,
)
from aegismatrix_engine.volatility.ridge_sums import RidgeSums


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

REACH = np.r_[1 : MAX_HORIZON + 1, 1 : SINGLE_SESSIONS + 1]
"""Sessions after which the outcome of each of the 50 targets is known."""


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
    companion: what a companion index adds to the scale without VIX; None where there was too little to learn from.
    """

    range_weights: FloatArray
    residual_weights: FloatArray
    near_weights: FloatArray
    near_residual_weights: FloatArray
    companion: CompanionRidges | None = None

    @property
    def knows_vix(self) -> bool:
        """Whether the VIX block could be learnt."""
        return len(self.residual_weights) > 0

    def scales(self, features: DailyFeatures, *, with_vix: bool) -> Scales:
        """Scales at every row; NaN where the features asked for are not complete."""
        return self._scales(features, self._by_range(features), with_vix=with_vix)

    def both_scales(self, features: DailyFeatures) -> tuple[Scales, Scales]:
        """Scales at every row with the volatility index where it is known, and without it.

        They are alike where nothing was learnt of the index.
        """
        by_range = self._by_range(features)
        plain = self._scales(features, by_range, with_vix=False)
        if not self.knows_vix:
            return plain, plain
        full, unknown = self._scales(features, by_range, with_vix=True), np.flatnonzero(~features.has_vix)
        for with_index, without in zip(vars(full).values(), vars(plain).values(), strict=True):
            with_index[unknown] = without[unknown]
        return full, plain

    def _by_range(self, features: DailyFeatures) -> FloatArray:
        """(50, n) log variance by the range block alone."""
        return _linear(self.range_weights, features, features.range_block)

    def _scales(self, features: DailyFeatures, by_range: FloatArray, *, with_vix: bool) -> Scales:
        weights = self.residual_weights if with_vix else None
        block = np.hstack([features.range_block, features.vix_block])
        log_variance = by_range.copy() if weights is None else by_range + _linear(weights, features, block)
        log_variance[NEAR] += near_adjustment(self.near_residual_weights if with_vix else self.near_weights, features)
        if self.companion is not None and not with_vix:
            found = by_range + _linear(self.companion.weights, features, companion_columns(features))
            found[NEAR] += near_adjustment(self.companion.near_weights, features)
            log_variance = np.where(features.has_companion, found, log_variance)
        har = blended = np.exp(np.divide(log_variance, 2, out=log_variance))
        if with_vix:
            blended = har**HAR_SHARE * features.implied_sd ** (1 - HAR_SHARE)
        cut = (har[:MAX_HORIZON], blended[:MAX_HORIZON], har[MAX_HORIZON:], blended[MAX_HORIZON:])
        return Scales(*(part.T for part in cut))


@dataclass(frozen=True, eq=False)
class LogHarSums:
    """What the three ridges are fitted from on any first rows of a history, summed once.

    Attributes:
        with_vix: (n,) bool, rows with a volatility index.
        base, near: of the range block, and of the ridges to five sessions after it alone.
        residual, residual_near: of the rows with an index; None where there are too few of them.
        companion: of the rows with a companion index, likewise.
    """

    with_vix: BoolArray
    base: RidgeSums
    near: NearSums
    residual: RidgeSums | None
    residual_near: NearSums | None
    companion: CompanionSums | None

    @classmethod
    def of(cls, features: DailyFeatures) -> Self:
        """Sum over all rows."""
        variance = mean_range_variance_ahead(features.series), session_range_variance_ahead(features.series)
        gaps = np.hstack([features.gap, features.single_gap])
        own = np.stack([gaps, np.log(np.hstack(variance))], axis=2)
        every, with_vix = features.has_range, features.has_vix
        base = RidgeSums.of(features.range_block, own, every)
        near = NearSums.of(features, features.range_block, own[:, NEAR], every)
        companion = CompanionSums.of(features, own, own[:, NEAR]) if _enough_vix(features.has_companion) else None
        if not _enough_vix(with_vix):
            return cls(with_vix, base, near, None, None, companion)
        block = np.hstack([features.range_block, features.vix_block])
        residual = RidgeSums.of(block, own, with_vix)
        return cls(with_vix, base, near, residual, NearSums.of(features, block, own[:, NEAR], with_vix), companion)

    def fit(self, n: int) -> LogHar:
        """Fit on those of the first n rows whose outcome has come by the last of them: the purge equals the horizon."""
        ends = np.maximum(n - REACH, 0)
        range_weights = _fit(self.base, ends, np.zeros((len(REACH), 2 + len(RANGE_FEATURES))))
        near = self.near.fit(ends[NEAR], range_weights[NEAR])
        if self.residual is None or self.residual_near is None or not _enough_vix(self.with_vix[:n]):
            return LogHar(range_weights, _without_vix(), near, np.zeros_like(near), self._companion(n, range_weights))
        earlier = np.pad(range_weights, ((0, 0), (0, len(VIX_FEATURES))))
        residual_weights = _fit(self.residual, ends, earlier)
        residual_near = self.residual_near.fit(ends[NEAR], (earlier + residual_weights)[NEAR])
        return LogHar(range_weights, residual_weights, near, residual_near, self._companion(n, range_weights))

    def _companion(self, n: int, range_weights: FloatArray) -> CompanionRidges | None:
        if self.companion is None or not _enough_vix(self.companion.known[:n]):
            return None
        ends = np.maximum(n - REACH, 0)
        earlier = np.pad(range_weights, ((0, 0), (0, len(COMPANION_FEATURES))))
        weights = _fit(self.companion.ridge, ends, earlier)
        return CompanionRidges(weights, self.companion.near.fit(ends[NEAR], (earlier + weights)[NEAR]))


def fit_log_har(features: DailyFeatures) -> LogHar:
    """Fit on every row whose outcome is known by the last row."""
    return LogHarSums.of(features).fit(len(features))


def _enough_vix(with_vix: BoolArray) -> bool:
    """Whether an index, the market's own or its companion, is known at enough rows to learn from."""
    return int(with_vix.sum()) >= MINIMUM_VIX_ROWS + MAX_HORIZON


def _fit(sums: RidgeSums, ends: IntArray, earlier: FloatArray) -> FloatArray:
    """Ridges of each target on its gap and the p shared columns, of what an earlier forecast left over, (m, 2 + p).

    earlier: (m, 2 + p), its intercept, gap and shared columns.
    """
    shared = earlier.shape[1] - 2
    response = np.column_stack([-earlier[:, 2:], -earlier[:, 1], np.ones(len(earlier))])
    return sums.until(ends).ridge([shared, *range(shared)], response, -earlier[:, 0], HAR_PENALTY)


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


def _linear(weights: FloatArray, features: DailyFeatures, block: FloatArray) -> FloatArray:
    """Predictions of the 50 targets at every row from its gaps and the (n, p) block, shape (50, n).

    Summed column by column, so that a row's prediction does not depend on how many rows are predicted with it.
    """
    gaps = np.concatenate([features.gap.T, features.single_gap.T])
    total: FloatArray = weights[:, [0]] + np.multiply(weights[:, [1]], gaps, out=gaps)
    product = gaps
    for weight, column in zip(weights.T[2:], np.ascontiguousarray(block.T), strict=True):
        np.multiply(weight[:, None], column, out=product)
        total += product
    return total
