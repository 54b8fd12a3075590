"""The direction part of the document, from the return distribution and the direction model."""

import math
from typing import Any

import numpy as np

from aegismatrix_engine.direction.model import DirectionModel
from aegismatrix_engine.direction.targets import HORIZONS, dead_zone
from aegismatrix_engine.document.schema import direction as schema
from aegismatrix_engine.document.schema.block import Basis, timestamp
from aegismatrix_engine.document.schema.quantities import three_way
from aegismatrix_engine.forecasting.origin import AfterNight, InSession, Origin
from aegismatrix_engine.signals.opening_gap import about_the_gap, opening_gap_block
from aegismatrix_engine.volatility.daily_series import percentile_of_last
from aegismatrix_engine.volatility.realised_variance import true_range

MODELS = ["direction", "distribution"]


def direction_block(origin: Origin, model: DirectionModel, volatility_score: float | None) -> schema.Direction:
    """Six horizons, today's call (the next session's, from a close) and the risk score.

    volatility_score: percentile of the session in progress among its past, None where that is not known or at a close:
    the last whole session's true range is scored then.
    """
    margins = {key: _margin(origin, model, key) for key in HORIZONS}
    night = opening_gap_block(origin) if isinstance(origin, AfterNight) else None
    note = None if night is None else about_the_gap(night)
    horizons = {
        key: schema.DirectionHorizon(
            **_call(origin, model, key, origin.step(sessions)),
            label=schema.HORIZONS[key][1],
            sessions=sessions,
            until=origin.date_ahead(origin.step(sessions)),
            margin=margins[key] if math.isfinite(margins[key]) else None,
            margin_proven=math.isfinite(margins[key]),
            note=note,
        )
        for key, sessions in HORIZONS.items()
    }
    risk = schema.Risk(
        score=origin.risk_percentile,
        sigma_5_pct=float(origin.forecast.scales.horizon[0, 4]),
        percentile_years=int(np.isfinite(origin.week_scales).sum()) / origin.market.sessions_per_year,
        basis=origin.basis("distribution"),
        models=["distribution"],
    )
    if volatility_score is None:
        volatility_score = percentile_of_last(true_range(origin.features.series), origin.market.sessions_per_year)
    return schema.Direction(
        today=schema.DirectionToday(
            **_call(origin, model, "t1", 1, own_basis=origin.today_basis),
            intraday_volatility_score=volatility_score,
            last_update=timestamp(origin.as_of),
            session=origin.date_ahead(1),
            note=note,
        ),
        horizons=schema.DirectionHorizons(**horizons),
        night=night,
        risk_score=risk.score,
        risk=risk,
    )


def _call(origin: Origin, model: DirectionModel, key: str, step: int, own_basis: Basis = "model") -> dict[str, Any]:
    """The fields that a call at any horizon has."""
    horizon, models = HORIZONS[key], origin.named(*MODELS)
    known = origin.forecast.with_index
    probabilities = model.probabilities(origin.forecast.distribution, key, step, with_index=known)
    margin = _margin(origin, model, key)
    direction = ("NEUTRAL", "UP", "DOWN")[int(probabilities.calls(margin)[0])]
    median = origin.level(float(origin.forecast.distribution.quantile(step, np.array([0.5]))[0, 0])) - origin.spot
    up, down, neutral = three_way(float(probabilities.up[0]), float(probabilities.down[0]))
    return {
        "direction": direction,
        "expected_move_points": _agreeing(median, direction),
        "conviction": float(probabilities.conviction[0]),
        "p_up": up,
        "p_down": down,
        "p_neutral": neutral,
        "base_up": float(probabilities.base_up[0]),
        "base_down": float(probabilities.base_down[0]),
        "dead_zone_pct": dead_zone(horizon),
        "basis": origin.basis(*models, healthy=own_basis),
        "models": models,
    }


def _agreeing(points: float, direction: str) -> float:
    """The median move; 0 where its sign contradicts the call, which would look like a mistake."""
    if direction == "UP":
        return max(points, 0.0)
    return min(points, 0.0) if direction == "DOWN" else points


def _margin(origin: Origin, model: DirectionModel, key: str) -> float:
    """The margin a call made at this moment must have; inside a session none has been measured."""
    if isinstance(origin, InSession):
        return math.inf
    return model.proven_margin(key, night=isinstance(origin, AfterNight))
