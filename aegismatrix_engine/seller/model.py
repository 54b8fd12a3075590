"""The models of the seller's signals beside the return distribution, volatility trap and expiry stress among them."""

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from aegismatrix_engine.scores import MeasuredRate
from aegismatrix_engine.seller.range_width import WidthRecord
from aegismatrix_engine.seller.targets import STRESS_PRIOR, TRAP_HORIZONS, TRAP_PRIOR, stress_distance, trap_sprung
from aegismatrix_engine.typing import LENGTH, FloatArray, IntArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.event_head import EventHead, fit_event_head, head_columns, share_of_own
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.label_cuts import LabelCuts
from aegismatrix_engine.volatility.log_har import Scales
from aegismatrix_engine.volatility.outcomes import (
    MAX_HORIZON,
    exceeds,
    horizon_outcomes,
    known_by,
    realised_variance_ahead,
)
from aegismatrix_engine.volatility.shape import Shape, fit_shape


@dataclass(frozen=True)
class StressBase:
    """base_rate: (45,) past share of sessions from which the index touched the stress distance within h sessions.

    sessions: how many it rests on at the shortest horizon.
    """

    base_rate: FloatArray
    sessions: int


def stress_touched(features: DailyFeatures) -> FloatArray:
    """1.0 where a high or low of t+1..t+h lies beyond the stress distance at t, shape (n, 45); NaN where unknown."""
    steps = np.arange(1.0, MAX_HORIZON + 1)
    distance = stress_distance(features.implied_sd[:, None], steps)
    return exceeds(horizon_outcomes(features.series).either, distance)


@dataclass(frozen=True, eq=False)
class StressCounts:
    """Counts over the first 0..n rows of a history, (n + 1, 45): outcomes that are known in the end, and touches."""

    known: IntArray
    touched: IntArray

    @classmethod
    def of(cls, features: DailyFeatures) -> Self:
        """Count over all rows."""
        touched = stress_touched(features)
        both = np.isfinite(touched), touched == 1
        return cls(*(np.pad(np.cumsum(found, axis=0), ((1, 0), (0, 0))) for found in both))

    def base(self, n: int) -> StressBase:
        """Base rates as of the first n rows, from outcomes that had come by the last of them."""
        at = np.maximum(n - np.arange(1, MAX_HORIZON + 1), 0), np.arange(MAX_HORIZON)
        known, touched = self.known[at], self.touched[at]
        return StressBase((touched + STRESS_PRIOR) / (known + 1), int(known[0]))


def fit_stress(features: DailyFeatures) -> StressBase:
    """Base rates on the rows with a volatility index; the prior everywhere without any."""
    return StressCounts.of(features).base(len(features))


def stress_probability(origins: DailyFeatures, distribution: ReturnDistribution, horizons: IntArray) -> FloatArray:
    """P(touch beyond the stress distance within each origin's own horizon), shape (n,); NaN without the index.

    horizons: (n,) sessions left to the nearest expiry of each origin.
    """
    distance = stress_distance(origins.implied_sd, horizons)
    result = np.full(len(origins), np.nan)
    for h in np.unique(horizons):
        rows = np.flatnonzero((horizons == h) & np.isfinite(distance))
        if len(rows):
            part = ReturnDistribution(distribution.scale[rows], distribution.shapes)
            result[rows] = part.breaches(int(h), distance[rows, None]).touch[:, 0]
    return result


TRAP_SHARE = 0.5
"""Own share of the trap's logit, see ``share_of_own``."""


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


@dataclass(frozen=True, eq=False)
class TrapOutcomes:
    """What came after n rows, (n, 2) by TRAP_HORIZONS: whether the trap sprang, and the realised standard deviation."""

    sprung: FloatArray
    realised: FloatArray

    @classmethod
    def of(cls, features: DailyFeatures) -> Self:
        """After every row."""
        variance = [realised_variance_ahead(features.series, k) for k in TRAP_HORIZONS]
        sprung = [trap_sprung(features.series, k) for k in TRAP_HORIZONS]
        return cls(np.column_stack(sprung), np.sqrt(np.column_stack(variance)))

    def until(self, n: int) -> Self:
        """Those of the first n rows that had come by the last of them."""
        return replace(self, **{name: known_by(found, n, TRAP_HORIZONS) for name, found in vars(self).items()})


def fit_trap(features: DailyFeatures, scales: Scales, outcomes: TrapOutcomes | None = None) -> TrapForecaster:
    """Fit on all rows; ``scales`` are those of the distribution model on the same rows.

    outcomes: after these rows, where the caller has them.
    """
    came = outcomes or TrapOutcomes.of(features)
    heads, columns = [], [k - 1 for k in TRAP_HORIZONS]
    for i, column in enumerate(columns):
        known = head_columns(features, features.implied_sd, scales.har[:, column])
        own_share = share_of_own(int(features.has_vix.sum()), TRAP_SHARE)
        heads.append(fit_event_head(known, came.sprung[:, i], TRAP_PRIOR, own_share))
    standardised = (came.realised / scales.blended[:, columns])[features.has_vix]
    return TrapForecaster(tuple(heads), fit_shape(standardised))


@dataclass(frozen=True)
class TrapModel:
    """The trap's forecaster and the cuts of its label."""

    forecaster: TrapForecaster
    cuts: LabelCuts


@dataclass(frozen=True)
class StressModel:
    """Past share of sessions followed by a touch of the stress distance, and the cuts of the label."""

    base: StressBase
    cuts: LabelCuts


@dataclass(frozen=True)
class BreachModel:
    """What steers and measures the safe range.

    Attributes:
        miss: (3, 45) miss rates that the intervals of conformal.COVERAGES aim at.
        known_until: 'YYYY-MM-DD' of the last session whose outcomes they know.
        record: share of past safe ranges that held at their expiry.
        nearest_record: the same of the nearest expiry's range, where that is another expiry.
        widths: what the index did after ranges of each grade of width.
    """

    miss: FloatArray
    known_until: str
    record: MeasuredRate
    nearest_record: MeasuredRate
    widths: WidthRecord
