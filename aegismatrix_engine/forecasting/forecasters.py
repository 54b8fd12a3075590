"""Everything that is learnt from a history and needed to forecast from its last close, fitted and asked in one place.

Training, walk-forward, inference and the referee's adapter all come through ``fit_forecasters`` and ``forecast``.
"""

from dataclasses import dataclass
from typing import Self

from aegismatrix_engine.buyer.model import (
    BreakoutForecaster,
    BreakoutOutcomes,
    StraddleForecaster,
    fit_breakout,
    fit_straddle,
    straddles_paid,
)
from aegismatrix_engine.buyer.targets import STRADDLE_HORIZONS
from aegismatrix_engine.seller.model import TrapForecaster, TrapOutcomes, fit_trap
from aegismatrix_engine.seller.targets import TRAP_HORIZONS
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import DistributionModel, DistributionSums, ReturnDistribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import Scales
from aegismatrix_engine.volatility.outcomes import known_by


@dataclass(frozen=True)
class Forecasters:
    """The fitted parts; each is kept in a model file of its own."""

    distribution: DistributionModel
    trap: TrapForecaster
    breakout: BreakoutForecaster
    straddle: StraddleForecaster


@dataclass(frozen=True)
class Forecast:
    """What is forecast at n origins.

    distribution: returns for 1..45 sessions. trap: horizon -> (n,). straddle: horizon -> (n,). breakout: (n, 5).
    Trap and straddle are NaN where the volatility index is not known. with_index: whether scale and shape know it.
    with_companion: whether the scale knows a companion index.
    """

    scales: Scales
    distribution: ReturnDistribution
    trap: dict[int, FloatArray]
    straddle: dict[int, FloatArray]
    breakout: FloatArray
    with_index: bool
    with_companion: bool = False


@dataclass(frozen=True, eq=False)
class ExpandingFits:
    """Fits on the first rows of a history, for as many n as are wanted.

    What no fit changes is made once: outcomes, and sums of products. A fit on n rows is the same, to the last bit, as
    that on a history which ends with them.
    """

    features: DailyFeatures
    sums: DistributionSums
    trap: TrapOutcomes
    breakout: BreakoutOutcomes
    straddle: FloatArray

    @classmethod
    def of(cls, features: DailyFeatures) -> Self:
        """Prepare fits on the rows of the features."""
        trap, breakout = TrapOutcomes.of(features), BreakoutOutcomes.of(features)
        return cls(features, DistributionSums.of(features), trap, breakout, straddles_paid(features))

    def fit(self, n: int, *, index_known: bool = False) -> tuple[Forecasters, Scales]:
        """Fit every part on the first n rows; with the scales of these rows, from the index where it is known.

        index_known: of ``DistributionSums.fit``.
        """
        known = self.features.head(n)
        fitted = self.sums.fit(known, index_known=index_known)
        scales = fitted.scales
        trap = fit_trap(known, scales, self.trap.until(n))
        breakout = fit_breakout(known, scales, fitted.plain_scales, self.breakout.until(n))
        straddle = fit_straddle(known, scales, known_by(self.straddle, n, STRADDLE_HORIZONS))
        return Forecasters(fitted.model, trap, breakout, straddle), scales


def fit_forecasters(features: DailyFeatures) -> Forecasters:
    """Fit every part on all rows, none of which may be later than the moment it is fitted for."""
    return ExpandingFits.of(features).fit(len(features))[0]


def forecast(forecasters: Forecasters, origins: DailyFeatures) -> Forecast:
    """Forecast from every row of ``origins``.

    Where any of them lacks the volatility index, all are forecast without it: scale and shape belong together.
    """
    use_vix = bool(origins.has_vix.all())
    scales = forecasters.distribution.scales(origins, use_vix=use_vix)
    distribution = ReturnDistribution(scales.horizon, forecasters.distribution.shapes(use_vix=use_vix))
    trap = {k: forecasters.trap.probability(origins, scales, k) for k in TRAP_HORIZONS}
    straddle = {h: forecasters.straddle.probability(origins, scales, distribution, h) for h in STRADDLE_HORIZONS}
    breakout = forecasters.breakout.probability(origins, scales)
    log_har = forecasters.distribution.log_har
    with_companion = log_har.companion is not None and not use_vix and bool(origins.has_companion.all())
    return Forecast(scales, distribution, trap, straddle, breakout, use_vix and log_har.knows_vix, with_companion)
