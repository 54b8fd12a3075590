"""The models of the buyer's signals beside the return distribution; each class is one model file."""

import math
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from aegismatrix_engine.buyer.targets import (
    BREAKOUT_MULTIPLE,
    BREAKOUT_OFFSETS,
    BREAKOUT_PRIOR,
    STRADDLE_HORIZONS,
    STRADDLE_PRIOR,
    breakout_happened,
    straddle_cost,
    straddle_pays,
)
from aegismatrix_engine.scores import MeasuredRate, standard_error
from aegismatrix_engine.typing import LENGTH, FloatArray, IntArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.event_head import EventHead, fit_event_head, head_columns, share_of_own
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.label_cuts import LabelCuts
from aegismatrix_engine.volatility.log_har import Scales
from aegismatrix_engine.volatility.outcomes import ahead, known_by, true_range_ahead
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


@dataclass(frozen=True, eq=False)
class BreakoutOutcomes:
    """What came after n rows, (n, 5) by BREAKOUT_OFFSETS: whether there was a breakout, and the true range."""

    happened: FloatArray
    ranges: FloatArray

    @classmethod
    def of(cls, features: DailyFeatures) -> Self:
        """After every row."""
        return cls(breakout_happened(features.series), true_range_ahead(features.series))

    def until(self, n: int) -> Self:
        """Those of the first n rows that had come by the last of them."""
        return replace(self, **{name: known_by(found, n, BREAKOUT_OFFSETS) for name, found in vars(self).items()})


def fit_breakout(
    features: DailyFeatures, scales: Scales, plain_scales: Scales, outcomes: BreakoutOutcomes | None = None
) -> BreakoutForecaster:
    """Fit on all rows; the scales are those of the distribution model there, with the index and without.

    outcomes: after the same rows, where the caller has them.
    """
    came = outcomes or BreakoutOutcomes.of(features)
    threshold = BREAKOUT_MULTIPLE * features.average_true_range
    # Never drawn to the base rate, on a short history either: that was measured to cost 2 to 5 % of the score.
    heads = tuple(
        fit_event_head(head_columns(features, threshold, scales.session_har[:, i]), came.happened[:, i], BREAKOUT_PRIOR)
        for i in range(len(BREAKOUT_OFFSETS))
    )
    return BreakoutForecaster(
        heads,
        shape=fit_shape(with_vix_rows(came.ranges / scales.session_blended, features.has_vix)),
        plain_shape=fit_shape(came.ranges / plain_scales.session_blended),
    )


STRADDLE_SHARE = 0.7
"""Own share of the straddle's logit beyond one session, see ``share_of_own``."""


@dataclass(frozen=True)
class StraddleForecaster:
    """P(|return| > straddle cost), one head per horizon 1..5."""

    heads: tuple[EventHead, ...] = field(metadata={LENGTH: len(STRADDLE_HORIZONS)})

    def probability(
        self, features: DailyFeatures, scales: Scales, distribution: ReturnDistribution, horizon: int
    ) -> FloatArray:
        """Probability at every row, shape (n,); NaN where the volatility index is not known."""
        cost = straddle_cost(features.implied_sd, horizon)
        above, below = distribution.beyond(horizon, cost[:, None])
        empirical = (above + below)[:, 0]
        columns = head_columns(features, cost, scales.har[:, horizon - 1] * np.sqrt(horizon))
        return self.heads[horizon - 1].pooled(columns, empirical)


def straddles_paid(features: DailyFeatures) -> FloatArray:
    """``straddle_pays`` after every row, (n, 5) by STRADDLE_HORIZONS."""
    return np.column_stack([straddle_pays(features.series, h) for h in STRADDLE_HORIZONS])


def fit_straddle(features: DailyFeatures, scales: Scales, paid: FloatArray | None = None) -> StraddleForecaster:
    """Fit on all rows; ``scales`` are those of the distribution model on the same rows.

    paid: of ``straddles_paid`` on the same rows, where the caller has it.
    """
    heads, happened = [], straddles_paid(features) if paid is None else paid
    for h in STRADDLE_HORIZONS:
        columns = head_columns(features, straddle_cost(features.implied_sd, h), scales.har[:, h - 1] * np.sqrt(h))
        own_share = share_of_own(int(features.has_vix.sum()), 1.0 if h == 1 else STRADDLE_SHARE)
        heads.append(fit_event_head(columns, happened[:, h - 1], STRADDLE_PRIOR, own_share))
    return StraddleForecaster(tuple(heads))


BLOCK_SESSIONS = 66
UNKNOWN_ERROR = 1.0


def payoff_errors(move: FloatArray, expected: FloatArray) -> FloatArray:
    """Relative standard error of one day's expected pay-off, for horizons 1..5. Shape (5,).

    How far the true mean of |return| lies from the forecast one, by the means of |return| / forecast over blocks of 66
    sessions that follow one another: their variance less what sampling within a block explains, plus that of the mean
    of all. An error of the mean alone would be about five times smaller: it says nothing about the quarter at hand. One
    where fewer than two blocks of outcomes are known.

    Args:
        move: (n, 5) absolute returns that came, NaN where not yet known.
        expected: (n, 5) what was forecast of their mean, from earlier sessions only.
    """
    columns = zip(move.T, expected.T, STRADDLE_HORIZONS, strict=True)
    return np.array([_relative_error(came / forecast, h) for came, forecast, h in columns])


def mean_payoff_ratio(series: DailySeries, horizon: int) -> float | None:
    """Mean of |return| over the straddle's implied cost of past sessions; None where the index was never known."""
    ratio = np.abs(ahead(series.close, horizon) - series.close) / straddle_cost(series.implied_sd, horizon)
    known = ratio[np.isfinite(ratio)]
    return float(known.mean()) if len(known) else None


def _relative_error(ratio: FloatArray, horizon: int) -> float:
    known = ratio[np.isfinite(ratio)]
    count = len(known) // BLOCK_SESSIONS
    if count < 2:
        return UNKNOWN_ERROR
    blocks = known[-count * BLOCK_SESSIONS :].reshape(count, BLOCK_SESSIONS)
    between = float(blocks.mean(axis=1).var(ddof=1))
    sampling = float(np.mean([standard_error(block, horizon) ** 2 for block in blocks]))
    return math.sqrt(max(between - sampling, 0.0) + between / count)


MINIMUM_BREAKOUTS = 30
STATES = ("falling week", "rising week")


@dataclass(frozen=True)
class SpikeSide:
    """base_up: share of breakout sessions that closed up, of all ``breakouts``.

    up: (2,) the same after a falling and after a rising week, shrunk to base_up by its evidence.
    """

    base_up: float
    up: FloatArray
    breakouts: int

    def up_probability(self, origins: DailyFeatures) -> FloatArray:
        """P(the session closes up | it is a breakout) at every row, shape (n,)."""
        return self.up[week_state(origins)]


def week_state(features: DailyFeatures) -> IntArray:
    """Index into STATES of every row: 0 where the last five sessions together fell, else 1. Shape (n,)."""
    return (features.range_column("neg5") >= 0).astype(np.int64)


def spike_went_up(features: DailyFeatures) -> FloatArray:
    """1.0 where session t+1 is a breakout that closes up, 0.0 where it closes down, NaN elsewhere. Shape (n,)."""
    series = features.series
    happened = breakout_happened(series)[:, 0] == 1
    return np.where(happened, (ahead(series.close, 1) - series.close > 0).astype(np.float64), np.nan)


def fit_spike_side(features: DailyFeatures) -> SpikeSide:
    """Empirical-Bayes shares (beta-binomial, moments): the less the states differ, the more they share one rate."""
    outcome = np.where(features.has_range, spike_went_up(features), np.nan)
    happened, rose, state = np.isfinite(outcome), outcome == 1, week_state(features)
    n = np.array([float((happened & (state == s)).sum()) for s in range(len(STATES))])
    ups = np.array([float((happened & rose & (state == s)).sum()) for s in range(len(STATES))])
    base = float((ups.sum() + 1) / (n.sum() + 2))
    if n.min() < MINIMUM_BREAKOUTS:
        return SpikeSide(base, np.full(len(STATES), base), int(n.sum()))
    sampling = base * (1 - base) / n
    between = max(float(np.mean((ups / n - base) ** 2 - sampling)), 0.0)
    weight = between / (between + sampling)
    return SpikeSide(base, weight * ups / n + (1 - weight) * base, int(n.sum()))


@dataclass(frozen=True)
class BreakoutModel:
    """The five breakout forecasters, the cuts of their labels by offset, and how past calls fared.

    Attributes:
        record: share of sessions whose score was above the median of those before, that were followed by a breakout.
    """

    forecaster: BreakoutForecaster
    cuts: tuple[LabelCuts, ...] = field(metadata={LENGTH: len(BREAKOUT_OFFSETS)})
    record: MeasuredRate


@dataclass(frozen=True)
class ThetaModel:
    """The straddle's forecaster, and the relative standard error of a day's expected pay-off by horizon, (5,)."""

    forecaster: StraddleForecaster
    payoff_error: FloatArray


@dataclass(frozen=True)
class GammaModel:
    """shares: (6,) of a session's variance by window. sessions: how many they were measured on, 0 for the prior."""

    shares: FloatArray
    sessions: int
