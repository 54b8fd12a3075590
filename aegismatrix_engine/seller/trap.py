"""The volatility trap: how likely realised variance is to exceed what the volatility index pays for."""

from dataclasses import dataclass, field

import numpy as np

from aegismatrix_engine.seller.targets import TRAP_HORIZONS, TRAP_PRIOR, trap_sprung
from aegismatrix_engine.typing import LENGTH, FloatArray
from aegismatrix_engine.volatility.event_head import EventHead, fit_event_head, head_columns
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import Scales
from aegismatrix_engine.volatility.outcomes import realised_variance_ahead
from aegismatrix_engine.volatility.shape import Shape, fit_shape


@dataclass(frozen=True)
class TrapForecaster:
    """P(realised variance of the next 5, 10 sessions > implied), one head and one shape row per horizon."""

    heads: tuple[EventHead, ...] = field(metadata={LENGTH: len(TRAP_HORIZONS)})
    shape: Shape

    def probability(self, features: DailyFeatures, scales: Scales, horizon: int) -> FloatArray:
        """Probability at every row, shape (n,); NaN where the volatility index is not known."""
        i = TRAP_HORIZONS.index(horizon)
        empirical = self.shape.exceedance(i, features.implied_sd / scales.blended[:, horizon - 1])
        columns = head_columns(features, features.implied_sd, scales.har[:, horizon - 1])
        return self.heads[i].pooled(columns, empirical)


def fit_trap(features: DailyFeatures, scales: Scales) -> TrapForecaster:
    """Fit on the panel's rows; ``scales`` are those of the distribution model on the same rows."""
    heads, standardised = [], []
    for k in TRAP_HORIZONS:
        columns = head_columns(features, features.implied_sd, scales.har[:, k - 1])
        heads.append(fit_event_head(columns, trap_sprung(features.series, k), TRAP_PRIOR))
        ratio = np.sqrt(realised_variance_ahead(features.series, k)) / scales.blended[:, k - 1]
        standardised.append(np.where(features.has_vix, ratio, np.nan))
    return TrapForecaster(tuple(heads), fit_shape(np.column_stack(standardised)))
