"""Breakouts: how likely each of the next five sessions is to range wider than 1.25 x ATR14."""

from dataclasses import dataclass, field

import numpy as np

from aegismatrix_engine.buyer.targets import BREAKOUT_MULTIPLE, BREAKOUT_OFFSETS, BREAKOUT_PRIOR, breakout_happened
from aegismatrix_engine.typing import LENGTH, FloatArray
from aegismatrix_engine.volatility.event_head import EventHead, fit_event_head, head_columns
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import Scales
from aegismatrix_engine.volatility.outcomes import true_range_ahead
from aegismatrix_engine.volatility.shape import Shape, fit_shape, with_vix_rows


@dataclass(frozen=True)
class BreakoutForecaster:
    """One head and one shape row per offset 1..5: five models, not one scaled five times.

    shape and plain_shape: true range in units of the session's scale with and without the volatility index.
    """

    heads: tuple[EventHead, ...] = field(metadata={LENGTH: len(BREAKOUT_OFFSETS)})
    shape: Shape
    plain_shape: Shape

    def probability(self, features: DailyFeatures, scales: Scales) -> FloatArray:
        """P(breakout in session t+k), shape (n, 5); from the shape alone where the volatility index is not known."""
        threshold = BREAKOUT_MULTIPLE * features.average_true_range
        result = np.empty((len(features), len(BREAKOUT_OFFSETS)))
        for i, head in enumerate(self.heads):
            plain = self.plain_shape.exceedance(i, threshold / scales.session_blended[:, i])
            empirical = self.shape.exceedance(i, threshold / scales.session_blended[:, i])
            pooled = head.pooled(head_columns(features, threshold, scales.session_har[:, i]), empirical)
            result[:, i] = np.where(np.isfinite(pooled), pooled, plain)
        return result


def fit_breakout(features: DailyFeatures, scales: Scales, plain_scales: Scales) -> BreakoutForecaster:
    """Fit on all rows; the scales are those of the distribution model there, with the index and without."""
    happened = breakout_happened(features.series)
    threshold = BREAKOUT_MULTIPLE * features.average_true_range
    heads = tuple(
        fit_event_head(head_columns(features, threshold, scales.session_har[:, i]), happened[:, i], BREAKOUT_PRIOR)
        for i in range(len(BREAKOUT_OFFSETS))
    )
    ranges = true_range_ahead(features.series)
    return BreakoutForecaster(
        heads,
        shape=fit_shape(with_vix_rows(ranges / scales.session_blended, features.has_vix)),
        plain_shape=fit_shape(ranges / plain_scales.session_blended),
    )
