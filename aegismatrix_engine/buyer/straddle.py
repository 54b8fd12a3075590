"""The price of time: how likely a move is to pay for the at-the-money straddle, and what it pays on average."""

from dataclasses import dataclass, field

import numpy as np

from aegismatrix_engine.buyer.targets import STRADDLE_HORIZONS, STRADDLE_PRIOR, straddle_cost, straddle_pays
from aegismatrix_engine.typing import LENGTH, FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.event_head import EventHead, fit_event_head, head_columns
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import Scales


@dataclass(frozen=True)
class StraddleForecaster:
    """P(|return| > straddle cost), one head per horizon 1..5."""

    heads: tuple[EventHead, ...] = field(metadata={LENGTH: len(STRADDLE_HORIZONS)})

    def probability(
        self, features: DailyFeatures, scales: Scales, distribution: ReturnDistribution, horizon: int
    ) -> FloatArray:
        """Probability at every row, shape (n,); NaN where the volatility index is not known."""
        cost = straddle_cost(features.implied_sd, horizon)
        empirical = distribution.breaches(horizon, cost[:, None]).close[:, 0]
        columns = head_columns(features, cost, scales.har[:, horizon - 1] * np.sqrt(horizon))
        return self.heads[horizon - 1].pooled(columns, empirical)


def fit_straddle(features: DailyFeatures, scales: Scales) -> StraddleForecaster:
    """Fit on the panel's rows; ``scales`` are those of the distribution model on the same rows."""
    heads = []
    for h in STRADDLE_HORIZONS:
        columns = head_columns(features, straddle_cost(features.implied_sd, h), scales.har[:, h - 1] * np.sqrt(h))
        heads.append(fit_event_head(columns, straddle_pays(features.series, h), STRADDLE_PRIOR))
    return StraddleForecaster(tuple(heads))
