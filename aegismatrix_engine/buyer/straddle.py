"""The price of time: how likely a move is to pay for the at-the-money straddle, and what it pays on average."""

from dataclasses import dataclass, field

import numpy as np

from aegismatrix_engine.buyer.targets import STRADDLE_HORIZONS, STRADDLE_PRIOR, straddle_cost, straddle_pays
from aegismatrix_engine.scores import block_starts
from aegismatrix_engine.typing import LENGTH, FloatArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.event_head import EventHead, fit_event_head, head_columns
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import Scales
from aegismatrix_engine.volatility.outcomes import ahead


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
    """Fit on all rows; ``scales`` are those of the distribution model on the same rows."""
    heads = []
    for h in STRADDLE_HORIZONS:
        columns = head_columns(features, straddle_cost(features.implied_sd, h), scales.har[:, h - 1] * np.sqrt(h))
        heads.append(fit_event_head(columns, straddle_pays(features.series, h), STRADDLE_PRIOR))
    return StraddleForecaster(tuple(heads))


REPLICATIONS = 400
BLOCK_SESSIONS = 66


def payoff_errors(features: DailyFeatures, scales: Scales) -> FloatArray:
    """Relative standard error of the mean of |return| in units of its scale, for horizons 1..5. Shape (5,).

    Moving-block bootstrap, blocks of 66 sessions: volatility that was forecast too low stays so for a
    while. One where fewer than two blocks of outcomes are known: nothing is known about the mean then.
    """
    errors = []
    for h in STRADDLE_HORIZONS:
        move = np.abs(ahead(features.series.close, h) - features.series.close) / scales.horizon[:, h - 1]
        errors.append(_relative_error(move[np.isfinite(move)]))
    return np.array(errors)


def mean_payoff_ratio(series: DailySeries, horizon: int) -> float | None:
    """Mean of |return| over the straddle's implied cost of past sessions; None where the index was never known."""
    ratio = np.abs(ahead(series.close, horizon) - series.close) / straddle_cost(series.implied_sd, horizon)
    known = ratio[np.isfinite(ratio)]
    return float(known.mean()) if len(known) else None


def _relative_error(values: FloatArray) -> float:
    blocks = len(values) // BLOCK_SESSIONS
    if blocks < 2:
        return 1.0
    block_means = np.lib.stride_tricks.sliding_window_view(values, BLOCK_SESSIONS).mean(axis=1)
    drawn = block_starts(len(values), BLOCK_SESSIONS, blocks, REPLICATIONS)
    return float(block_means[drawn].mean(axis=1).std(ddof=1) / values.mean())
