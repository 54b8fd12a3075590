"""The constants that the method names, each from the module it decides something in.

The imports are the table of names: a constant that moves or goes is an error of types, not a sentence that is wrong.
"""

# ruff: noqa: F401

from aegismatrix_engine.artifacts.head_proof import (
    ENTER_RECENT,
    ENTER_T,
    LEAVE_RECENT,
    LEAVE_T,
    MINIMUM_FORECASTS,
    RECENT_ORIGINS,
)
from aegismatrix_engine.buyer.model import BLOCK_SESSIONS as PAYOFF_BLOCK_SESSIONS
from aegismatrix_engine.buyer.model import MINIMUM_BREAKOUTS, STRADDLE_SHARE
from aegismatrix_engine.buyer.session_breakout import LONGEST_OFFSET, MINIMUM_OPEN
from aegismatrix_engine.buyer.targets import (
    BREAKOUT_MULTIPLE,
    BREAKOUT_OFFSETS,
    BREAKOUT_PRIOR,
    STRADDLE_HORIZONS,
    STRADDLE_PRIOR,
    STRADDLE_WIDTH,
)
from aegismatrix_engine.direction.model import MARGINS
from aegismatrix_engine.direction.targets import DEAD_ZONE, HORIZONS
from aegismatrix_engine.document.fields import SATURATED
from aegismatrix_engine.document.schema.direction import HORIZONS as NAMED_HORIZONS
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION
from aegismatrix_engine.document.schema.forecast import FORECAST_SESSIONS
from aegismatrix_engine.document.schema.market import EVENT_SESSIONS, HIGH_VOLATILITY, TREND_SIGMAS
from aegismatrix_engine.document.schema.quantities import FRACTION_DECIMALS, MOVE_DECIMALS, POINT_DECIMALS
from aegismatrix_engine.forecasting.find_origin import RISK_YEARS
from aegismatrix_engine.history import VIX_CARRIED_SESSIONS
from aegismatrix_engine.intraday.model import MINIMUM_INTRADAY_SESSIONS as INTRADAY_SESSIONS
from aegismatrix_engine.intraday.model import OWN_CLOSES
from aegismatrix_engine.intraday.open_session import MINIMUM_PAST
from aegismatrix_engine.intraday.prior import learnt_from
from aegismatrix_engine.intraday.profile import MINIMUM_PROFILE_SESSIONS as PROFILE_SESSIONS
from aegismatrix_engine.intraday.profile import PRIOR_SHARES, PROFILE_HALF_LIFE
from aegismatrix_engine.intraday.scale import FEATURES as SCALE_FEATURES
from aegismatrix_engine.intraday.scale import KNOTS, PLAIN_FEATURES
from aegismatrix_engine.intraday.scale import MINIMUM_SCALE_ROWS as SCALE_ROWS
from aegismatrix_engine.intraday.sessions import MINIMUM_BARS, MOMENTS, RECENT_MOMENTS, VIX_BARS
from aegismatrix_engine.intraday.spread import SPREAD_BOUNDS, SPREAD_MISS, SPREAD_RATE
from aegismatrix_engine.markets import BAR, PREOPEN_LEAD, PUBLISHING_INTERVAL, VALIDITY, get_market, known_markets
from aegismatrix_engine.markets.expiries import PRIMARY_DAYS, SESSIONS_BEFORE_WEEKLIES
from aegismatrix_engine.markets.market import SESSIONS_PER_YEAR
from aegismatrix_engine.markets.scheduled_events import SESSIONS_BEFORE as EVENT_SESSIONS_BEFORE
from aegismatrix_engine.options.forward import RATE, STRIKES_NEAR_MONEY
from aegismatrix_engine.options.max_pain import FEWEST_STRIKES, LEAST_REACH, WALLS, ZONE_EXCESS
from aegismatrix_engine.options.wing_range import DELTA, WING_RANGE
from aegismatrix_engine.scores import MINIMUM_EVENTS
from aegismatrix_engine.seller.model import TRAP_SHARE
from aegismatrix_engine.seller.range_width import (
    NARROW_BELOW,
    RECENT_RANGES,
    RECENT_T,
    TOLD_APART_T,
    WIDE_FROM,
    WIDTH_SESSIONS,
)
from aegismatrix_engine.seller.targets import STRESS_MULTIPLE, STRESS_PRIOR, TRAP_HORIZONS, TRAP_PRIOR
from aegismatrix_engine.signals.buyer import ERRORS_BEYOND, REGIME_LAG, REGIME_WINDOW, REGIME_Z
from aegismatrix_engine.signals.environment import PAYOFF_SESSIONS
from aegismatrix_engine.signals.forecast import BREACH_MOVES, QUANTILE_LEVELS
from aegismatrix_engine.signals.market import TREND_SESSIONS
from aegismatrix_engine.signals.opening_gap import OPEN_LEVELS
from aegismatrix_engine.signals.ranges import BAND_SIGMAS, BAND_STEPS, BREACH_SIGMAS, CURVE_SIGMAS, ZONE_LEVELS
from aegismatrix_engine.signals.seller import NORMAL_TAIL_SHARE, REALISED_SESSIONS, SKEW_SAMPLE, TAIL
from aegismatrix_engine.state.last_values import FROZEN_AFTER, TRAINING_DAYS
from aegismatrix_engine.training.measures import MINIMUM_CALLS, PROVEN_T
from aegismatrix_engine.training.train import MINIMUM_TRAINING_SESSIONS
from aegismatrix_engine.training.walk_forward import FIRST_ORIGIN, REFIT_INTERVAL
from aegismatrix_engine.volatility.companion import COMPANION_FEATURES
from aegismatrix_engine.volatility.conformal import (
    COVERAGES,
    LEARNING_RATE,
    MISS_BOUNDS,
    WIDENED_AT,
    WIDENED_FROM,
    WIDENING,
)
from aegismatrix_engine.volatility.event_head import HEAD_FEATURES, INVERSE_PENALTY, SHORT_HISTORY, SHORT_SHARE
from aegismatrix_engine.volatility.event_head import MINIMUM_HEAD_ROWS as HEAD_ROWS
from aegismatrix_engine.volatility.features import (
    BURN_IN,
    EWMA_DECAY,
    RANGE_FEATURES,
    RETURN_CLIP,
    VARIANCE_FLOOR,
    VIX_FEATURES,
)
from aegismatrix_engine.volatility.label_cuts import ASSUMED_CUTS, HIGH_SHARE, LOW_SHARE, MINIMUM_SCORES
from aegismatrix_engine.volatility.log_har import HAR_SHARE
from aegismatrix_engine.volatility.log_har import MINIMUM_VIX_ROWS as HAR_VIX_ROWS
from aegismatrix_engine.volatility.near_ridge import MINIMUM_NEAR_ROWS, NEAR_PENALTY
from aegismatrix_engine.volatility.near_sessions import (
    HIGH_WINDOWS,
    NEAR_HORIZONS,
    SPILLOVER_DAYS,
    SPILLOVER_WINDOWS,
)
from aegismatrix_engine.volatility.night import MINIMUM_NIGHTS, NIGHT_HORIZONS, NIGHT_PENALTY, SUBSETS
from aegismatrix_engine.volatility.night_moves import ADJUSTED, FADING, REMEMBERED, SIGMA_CLIP, VIX_CLIP
from aegismatrix_engine.volatility.opening_gap import GAP_DECAY
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, SINGLE_SESSIONS
from aegismatrix_engine.volatility.realised_variance import ATR_WINDOW, RANGE_VARIANCE_FLOOR
from aegismatrix_engine.volatility.ridge import HAR_PENALTY
from aegismatrix_engine.volatility.shape import LEVELS as SHAPE_LEVELS
from aegismatrix_engine.volatility.shape import MINIMUM_SHAPE_ROWS as SHAPE_VIX_ROWS

MARKETS = tuple(known_markets())
MARKET_RULES = tuple(map(get_market, MARKETS))
PRIOR_ORIGIN = learnt_from()

CONSTANTS: dict[str, object] = {name: value for name, value in vars().items() if name.isupper()}
"""Every constant that a text may name, by that name."""
