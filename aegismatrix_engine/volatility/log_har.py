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
from aegismatrix_engine.volatility.ridge import HAR_PENALTY
from aegismatrix_engine.volatility.ridge_sums import RidgeSums
from aegismatrix_engine.volatility.scale_columns import ScaleColumns

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

    def fill(self, rows: BoolArray, other: "Scales") -> None:
        """Take those of some rows, (n,) bool, from another one's, in place."""
        at = np.flatnonzero(rows)
        for own, others in zip(vars(self).values(), vars(other).values(), strict=True):
            own[at] = others[at]


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

    @property
    def index_weights(self) -> FloatArray:
        """(50, 13) intercept, gap, range block and VIX block, of both ridges together."""
        return _padded(self.range_weights) + self.residual_weights

    @property
    def companion_weights(self) -> FloatArray:
        """(50, 13) likewise with the companion block; 0 for that where none was learnt."""
        learnt = 0.0 if self.companion is None else self.companion.weights
        return _padded(self.range_weights) + learnt

    def scales(self, features: DailyFeatures, *, with_vix: bool) -> Scales:
        """Scales at every row; NaN where the features asked for are not complete."""
        weights, near, block = self.range_weights, self.near_weights, features.range_block
        if with_vix:
            weights, near = self.index_weights, self.near_residual_weights
            block = np.hstack([block, features.vix_block])
        log_variance = _linear(weights, features, block)
        log_variance[NEAR] += near_adjustment(near, features)
        if self.companion is not None and not with_vix:
            found = _linear(self.companion_weights, features, companion_columns(features))
            found[NEAR] += near_adjustment(self.companion.near_weights, features)
            np.copyto(log_variance, found, where=features.has_companion)
        return _scales(log_variance, features.implied_sd if with_vix else None)

    def best_scales(self, features: DailyFeatures) -> Scales:
        """Scales at every row: with the volatility index where it is known and was learnt from, else without it."""
        if not self.knows_vix:
            return self.scales(features, with_vix=False)
        found = self.scales(features, with_vix=True)
        if not features.has_vix.all():
            found.fill(~features.has_vix, self.scales(features, with_vix=False))
        return found


def _scales(log_variance: FloatArray, implied_sd: FloatArray | None) -> Scales:
    """Scales from the log variance of the 50 targets, (50, n), and the index, (n,), if that is to be blended in."""
    har = blended = np.exp(np.divide(log_variance, 2, out=log_variance))
    if implied_sd is not None:
        blended = har**HAR_SHARE * implied_sd ** (1 - HAR_SHARE)
    cut = (har[:MAX_HORIZON], blended[:MAX_HORIZON], har[MAX_HORIZON:], blended[MAX_HORIZON:])
    return Scales(*(part.T for part in cut))


@dataclass(frozen=True, eq=False)
class LogHarSums:
    """What the three ridges are fitted from on any first rows of a history, summed once.

    Attributes:
        columns: of every row.
        implied_sd: (n,) of the features.
        with_vix: (n,) bool, rows with a volatility index.
        base, near: of the range block, and of the ridges to five sessions after it alone.
        residual, residual_near: of the rows with an index; None where there are too few of them.
        companion: of the rows with a companion index, likewise.
    """

    columns: ScaleColumns
    implied_sd: FloatArray
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
        rows = ScaleColumns.of(features, features.vix_block), features.implied_sd, with_vix
        base = RidgeSums.of(features.range_block, own, every)
        near = NearSums.of(features, features.range_block, own[:, NEAR], every)
        companion = CompanionSums.of(features, own, own[:, NEAR]) if _enough(features.has_companion) else None
        if not _enough(with_vix):
            return cls(*rows, base, near, None, None, companion)
        block = np.hstack([features.range_block, features.vix_block])
        residual = RidgeSums.of(block, own, with_vix)
        return cls(*rows, base, near, residual, NearSums.of(features, block, own[:, NEAR], with_vix), companion)

    def fit(self, n: int) -> LogHar:
        """Fit on those of the first n rows whose outcome has come by the last of them: the purge equals the horizon."""
        ends = np.maximum(n - REACH, 0)
        range_weights = _fit(self.base, ends, np.zeros((len(REACH), 2 + len(RANGE_FEATURES))))
        near = self.near.fit(ends[NEAR], range_weights[NEAR])
        if self.residual is None or self.residual_near is None or not _enough(self.with_vix[:n]):
            companion = self._fit_companion(n, range_weights)
            return LogHar(range_weights, _without_vix(), near, np.zeros_like(near), companion)
        earlier = _padded(range_weights)
        residual_weights = _fit(self.residual, ends, earlier)
        residual_near = self.residual_near.fit(ends[NEAR], (earlier + residual_weights)[NEAR])
        return LogHar(range_weights, residual_weights, near, residual_near, self._fit_companion(n, range_weights))

    def _fit_companion(self, n: int, range_weights: FloatArray) -> CompanionRidges | None:
        if self.companion is None or not _enough(self.companion.known[:n]):
            return None
        ends = np.maximum(n - REACH, 0)
        earlier = _padded(range_weights)
        weights = _fit(self.companion.ridge, ends, earlier)
        return CompanionRidges(weights, self.companion.near.fit(ends[NEAR], (earlier + weights)[NEAR]))

    def scales(self, fitted: LogHar, n: int) -> tuple[Scales, Scales]:
        """Scales at the first n rows: ``best_scales``, and those without the index; alike where it was not learnt."""
        log_variance = self.columns.log_variance(n, fitted.range_weights, fitted.near_weights, NEAR)
        if self.companion is not None and fitted.companion is not None:
            near = fitted.companion.near_weights
            found = self.companion.columns.log_variance(n, fitted.companion_weights, near, NEAR)
            np.copyto(log_variance, found, where=self.companion.known[:n])
        plain = _scales(log_variance, None)
        if not fitted.knows_vix:
            return plain, plain
        log_variance = self.columns.log_variance(n, fitted.index_weights, fitted.near_residual_weights, NEAR)
        best = _scales(log_variance, self.implied_sd[:n])
        best.fill(~self.with_vix[:n], plain)
        return best, plain


def fit_log_har(features: DailyFeatures) -> LogHar:
    """Fit on every row whose outcome is known by the last row."""
    return LogHarSums.of(features).fit(len(features))


def _enough(known: BoolArray) -> bool:
    """Whether an index, the market's own or its companion, is known at enough rows to learn from."""
    return int(known.sum()) >= MINIMUM_VIX_ROWS + MAX_HORIZON


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


def _padded(range_weights: FloatArray) -> FloatArray:
    """The same with weights of 0 for the block of an index, (50, 13)."""
    return np.pad(range_weights, ((0, 0), (0, len(VIX_FEATURES))))


def _without_vix() -> FloatArray:
    return np.empty((0, 2 + len(RANGE_FEATURES) + len(VIX_FEATURES)))


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
