"""Ranges and breach curves for an expiry, read off the return distribution."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from aegismatrix_engine.document.schema import expiries as schema
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.markets import Expiry
from aegismatrix_engine.seller.model import BreachModel
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.conformal import COVERAGES, adapt, central_interval, probability_integral_transform
from aegismatrix_engine.volatility.distribution import DistributionModel, ReturnDistribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, horizon_outcomes

BREACH_SIGMAS = (0.5, 1.0, 1.5, 2.0)
CURVE_SIGMAS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
ZONE_LEVELS = np.array([0.35, 0.5, 0.65])
BAND_STEPS = 400
BAND_SIGMAS = 8.0
RANGE_MODELS = ["breach", "distribution"]

Bounds = tuple[float, float]
"""Lower and upper bound of a range, log returns from spot."""

ExpiryBounds = dict[tuple[schema.RangeKind, float], Bounds]
"""The bounds of every range of one expiry by kind and coverage."""


def current_miss(model: BreachModel, distribution: DistributionModel, features: DailyFeatures) -> FloatArray:
    """The model's miss rates after the outcomes that have come since it was trained, shape (3, 45)."""
    known = int(features.series.dates.searchsorted(pd.Timestamp(model.known_until), side="right")) - 1
    return model.miss if known >= len(features) - 1 else miss_since(known, model.miss, distribution, features)[-1]


def miss_since(known: int, miss: FloatArray, distribution: DistributionModel, features: DailyFeatures) -> FloatArray:
    """Miss rates at the session of row ``known``, which are ``miss``, and at each one after it, (k, 3, 45).

    Those of a session rest on the outcomes that had come by its close.
    """
    first = max(known - MAX_HORIZON + 1, 0)
    rows = features.rows(slice(first, len(features)))
    scale, returns = distribution.scales(rows).horizon, horizon_outcomes(rows.series).close
    pit = np.full(returns.shape, np.nan)
    for use_vix in (False, True):
        alike = rows.has_vix == use_vix
        past = ReturnDistribution(scale[alike], distribution.shapes(use_vix=use_vix))
        pit[alike] = probability_integral_transform(past, returns[alike])
    # Each session brings one outcome a horizon: that of the origin so many sessions before it.
    steps = np.arange(1, MAX_HORIZON + 1)
    origins = np.arange(known + 1 - first, len(rows))[:, None] - steps
    came = np.where(origins >= 0, pit[np.maximum(origins, 0), steps - 1], np.nan)
    return adapt(miss, came)


def range_ladder(origin: Origin, expiries: Sequence[Expiry], miss: FloatArray) -> list[ExpiryBounds]:
    """The bounds of every range of each expiry.

    Each horizon has a shape and a miss rate of its own, so a range could be narrower than one of fewer sessions. No
    bound is: where its own would be nearer to spot, an expiry has that of the one before it, at the same kind and
    coverage.

    Args:
        origin: the moment of the forecast.
        expiries: in order of date.
        miss: (3, 45) miss rates, see ``current_miss``.
    """
    ladder: list[ExpiryBounds] = []
    for expiry in expiries:
        sessions = origin.sessions_to(expiry)
        own = _close_bounds(origin, sessions, miss) | _band_bounds(origin, sessions)
        before = ladder[-1] if ladder else own
        ladder.append({name: _holding(bounds, before[name]) for name, bounds in own.items()})
    return ladder


def safe_range(origin: Origin, bounds: ExpiryBounds, miss: FloatArray) -> schema.SafeRange:
    """Central 80 % interval of the close at the primary expiry, with the chance that it is left on the way."""
    expiry, sessions = origin.primary, origin.sessions_to(origin.primary)
    lower, upper = bounds["close_at_expiry", COVERAGES[0]]
    tail = float(miss[0, sessions - 1]) / 2
    return schema.SafeRange(
        lower=origin.level(lower),
        upper=origin.level(upper),
        horizon_days=(expiry.date - origin.day).days,
        coverage=COVERAGES[0],
        kind="close_at_expiry",
        touch_probability=left_on_the_way(origin, sessions, bounds)[COVERAGES[0]],
        expiry=f"{expiry.date:%Y-%m-%d}",
        sessions_left=sessions,
        lower_level=tail,
        upper_level=1 - tail,
        basis=origin.basis(*origin.named(*RANGE_MODELS)),
        models=origin.named(*RANGE_MODELS),
    )


def left_on_the_way(origin: Origin, sessions: int, bounds: ExpiryBounds) -> dict[float, float]:
    """Coverage of each range of the close -> the chance that it is left on the way to the expiry."""
    lower, upper = np.array([bounds["close_at_expiry", coverage] for coverage in COVERAGES]).T
    touch = origin.forecast.distribution.breaches(sessions, upper, below=-lower).touch[0]
    return dict(zip(COVERAGES, touch.tolist(), strict=True))


def breach_points(origin: Origin) -> list[schema.BreachPoint]:
    """Four distances near 0.5, 1, 1.5 and 2 sigma to the primary expiry."""
    sessions = origin.sessions_to(origin.primary)
    distances = strike_distances(origin, sessions, BREACH_SIGMAS)
    found = _breaches(origin, sessions, distances)
    return [
        schema.BreachPoint(distance=distance, probability=at.pop("touch"), close_beyond=at.pop("close"), **at)
        for distance, at in zip(distances, found, strict=True)
    ]


def expiry_block(origin: Origin, expiry: Expiry, bounds: ExpiryBounds) -> schema.Expiry:
    """Everything about one expiry: ranges of the close and bands not left, breach curve, expected zone."""
    sessions = origin.sessions_to(expiry)
    distances = strike_distances(origin, sessions, CURVE_SIGMAS)
    found = _breaches(origin, sessions, distances)
    left = left_on_the_way(origin, sessions, bounds)
    return schema.Expiry(
        expiry=f"{expiry.date:%Y-%m-%d}",
        kind=expiry.kind,
        provisional=expiry.provisional,
        sessions_left=sessions,
        horizon_days=(expiry.date - origin.day).days,
        ranges=[
            schema.ExpiryRange(
                coverage=coverage,
                lower=origin.level(lower),
                upper=origin.level(upper),
                kind=kind,
                touch_probability=left[coverage] if kind == "close_at_expiry" else None,
            )
            for (kind, coverage), (lower, upper) in bounds.items()
        ],
        breach_curve=[schema.BreachCurvePoint(distance=d, **at) for d, at in zip(distances, found, strict=True)],
        max_pain=expected_zone(origin, sessions),
        basis=origin.basis(*origin.named(*RANGE_MODELS)),
        models=origin.named(*RANGE_MODELS),
    )


def expected_zone(origin: Origin, sessions: int) -> schema.ExpiryMaxPain:
    """Strikes round the median of the close at the expiry: those that just hold its middle 30 %."""
    step = origin.market.strike_step
    low, middle, high = (
        origin.level(float(q)) for q in origin.forecast.distribution.quantile(sessions, ZONE_LEVELS)[0]
    )
    strike = round(middle / step) * step
    lower = min(np.floor(low / step) * step, strike - step)
    upper = max(np.ceil(high / step) * step, strike + step)
    inside = origin.forecast.distribution.cumulative(sessions, np.log(np.array([lower, upper]) / origin.spot))[0]
    return schema.ExpiryMaxPain(
        strike=float(strike),
        lower=float(lower),
        upper=float(upper),
        confidence=float(inside[1] - inside[0]),
        basis=origin.basis(*origin.distribution_models, healthy="estimator"),
    )


def strike_distances(origin: Origin, sessions: int, sigmas: tuple[float, ...]) -> list[int]:
    """Rising multiples of the strike step near the given numbers of sigmas, in index points, at least one step each."""
    sigma = origin.spot * float(origin.forecast.distribution.scale[0, sessions - 1])
    return distances_near(sigma, origin.market.strike_step, sigmas)


def distances_near(sigma: float, step: int, sigmas: tuple[float, ...]) -> list[int]:
    """The same for a sigma and a strike step, both in index points."""
    distances: list[int] = []
    for multiple in sigmas:
        nearest = round(multiple * sigma / step) * step
        distances.append(max(nearest, (distances[-1] if distances else 0) + step))
    return distances


def _breaches(origin: Origin, sessions: int, distances: list[int]) -> list[dict[str, float]]:
    """For each distance in index points, the fields of ``Breaches``."""
    above, below = origin.log_distances(np.array(distances, dtype=np.float64))
    found = origin.forecast.distribution.breaches(sessions, above, below)
    return [found.at(i) for i in range(len(distances))]


def _close_bounds(origin: Origin, sessions: int, miss: FloatArray) -> ExpiryBounds:
    """Central intervals of the close; each coverage adapts by itself, a wider one still holds the narrower one."""
    found: ExpiryBounds = {}
    held: Bounds | None = None
    for i, coverage in enumerate(COVERAGES):
        interval = central_interval(origin.forecast.distribution, 0, sessions, float(miss[i, sessions - 1]))
        own = interval.lower, interval.upper
        held = own if held is None else _holding(own, held)
        found["close_at_expiry", coverage] = held
    return found


def _band_bounds(origin: Origin, sessions: int) -> ExpiryBounds:
    """Bands of equal log distance on both sides that are not left on the way with the given probability."""
    sigma = float(origin.forecast.distribution.scale[0, sessions - 1])
    grid = np.linspace(0.0, BAND_SIGMAS * sigma, BAND_STEPS + 1)[1:]
    touch = origin.forecast.distribution.breaches(sessions, grid).touch[0]
    distances = ((coverage, float(np.interp(-(1 - coverage), -touch, grid))) for coverage in COVERAGES)
    return {("band_not_left", coverage): (-distance, distance) for coverage, distance in distances}


def _holding(bounds: Bounds, inner: Bounds) -> Bounds:
    """The bounds, each at least as far from spot as that of ``inner``."""
    return min(bounds[0], inner[0]), max(bounds[1], inner[1])
