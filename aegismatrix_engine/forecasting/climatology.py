"""The climatology prior: what replaces a model that is not healthy, made from the history alone.

It knows how often and how far, not when: one scale for every session, the shape of past moves, base rates of events.
It has the same classes as the models, so that the signals have one path; it is never published as a model's forecast.
"""

import numpy as np

from aegismatrix_engine.buyer.model import (
    STATES,
    BreakoutForecaster,
    BreakoutModel,
    GammaModel,
    SpikeSide,
    StraddleForecaster,
    ThetaModel,
    fit_spike_side,
    payoff_errors,
)
from aegismatrix_engine.buyer.targets import (
    BREAKOUT_OFFSETS,
    BREAKOUT_PRIOR,
    STRADDLE_HORIZONS,
    STRADDLE_PRIOR,
    breakout_happened,
    straddle_pays,
)
from aegismatrix_engine.direction.model import DirectionModel, shares_by_index
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.intraday.prior import shipped_session
from aegismatrix_engine.intraday.profile import PRIOR_SHARES
from aegismatrix_engine.scores import measured_rate
from aegismatrix_engine.seller.model import BreachModel, StressModel, TrapForecaster, TrapModel, fit_stress
from aegismatrix_engine.seller.range_width import no_widths
from aegismatrix_engine.seller.targets import TRAP_HORIZONS, TRAP_PRIOR, trap_sprung
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.conformal import COVERAGES, nominal_miss
from aegismatrix_engine.volatility.distribution import DistributionModel, ReturnDistribution, Shapes
from aegismatrix_engine.volatility.event_head import base_rate_head
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.label_cuts import ASSUMED_CUTS
from aegismatrix_engine.volatility.log_har import constant_log_har
from aegismatrix_engine.volatility.night import silent_night
from aegismatrix_engine.volatility.outcomes import horizon_outcomes, true_range_ahead
from aegismatrix_engine.volatility.shape import fit_shape
from aegismatrix_engine.volatility.shape_sample import ShapeSample


def climatology(features: DailyFeatures) -> Models:
    """A prior in place of every model, from all rows of the features."""
    log_har = constant_log_har(features)
    sample = ShapeSample.of(features, features.has_range)
    shapes = Shapes(*sample.shapes(log_har.scales(features, with_vix=False).horizon))
    distribution = DistributionModel(log_har, with_vix=shapes, without_vix=shapes)
    scales = distribution.scales(features)
    trap_heads = tuple(base_rate_head(trap_sprung(features.series, k), TRAP_PRIOR) for k in TRAP_HORIZONS)
    straddle_heads = tuple(base_rate_head(straddle_pays(features.series, h), STRADDLE_PRIOR) for h in STRADDLE_HORIZONS)
    happened = breakout_happened(features.series)
    breakout_heads = tuple(base_rate_head(happened[:, i], BREAKOUT_PRIOR) for i in range(len(BREAKOUT_OFFSETS)))
    ranges = fit_shape(true_range_ahead(features.series) / scales.session_blended)
    side = fit_spike_side(features)
    unmeasured = measured_rate(np.empty(0), 0, COVERAGES[0], [])
    return Models(
        distribution=distribution,
        direction=DirectionModel(*shares_by_index(features, distribution), np.full(6, np.inf), np.full(6, np.inf)),
        trap=TrapModel(TrapForecaster(trap_heads, fit_shape(np.full((1, len(TRAP_HORIZONS)), np.nan))), ASSUMED_CUTS),
        stress=StressModel(fit_stress(features), ASSUMED_CUTS),
        breach=BreachModel(
            nominal_miss(), f"{features.series.dates[-1]:%Y-%m-%d}", unmeasured, unmeasured, no_widths()
        ),
        breakout=BreakoutModel(
            BreakoutForecaster(breakout_heads, ranges, ranges),
            (ASSUMED_CUTS,) * len(BREAKOUT_OFFSETS),
            measured_rate(np.empty(0), 0, breakout_heads[0].base_rate, []),
        ),
        spike=SpikeSide(side.base_up, np.full(len(STATES), side.base_up), side.breakouts),
        theta=ThetaModel(
            StraddleForecaster(straddle_heads), _payoff_errors(features, ReturnDistribution(scales.horizon, shapes))
        ),
        gamma=GammaModel(np.array(PRIOR_SHARES), 0),
        session=shipped_session(),
        night=silent_night(),
    )


def _payoff_errors(features: DailyFeatures, distribution: ReturnDistribution) -> FloatArray:
    """Relative errors of the long-run mean pay-off as the forecast of a day."""
    expected = np.column_stack([distribution.mean_absolute_return(h) for h in STRADDLE_HORIZONS])
    return payoff_errors(np.abs(horizon_outcomes(features.series, len(STRADDLE_HORIZONS)).close), expected)
