"""The direction part of the document, from the return distribution and the direction model."""

import math
from typing import Any

import numpy as np

from aegismatrix_engine.direction.model import DirectionModel
from aegismatrix_engine.direction.targets import HORIZONS, dead_zone
from aegismatrix_engine.document.schema import direction as schema
from aegismatrix_engine.document.schema.quantities import three_way
from aegismatrix_engine.origin import Origin
from aegismatrix_engine.volatility.percentile import SESSIONS_IN_YEAR, percentile_of_last
from aegismatrix_engine.volatility.realised_variance import true_range

MODELS = ["direction", "distribution"]


def direction_block(origin: Origin, model: DirectionModel, last_update: str) -> schema.Direction:
    """Six horizons, today's call (the next session's, from a close) and the risk score.

    last_update: timestamp of the newest complete bar.
    """
    horizons = {
        key: schema.DirectionHorizon(
            **_call(origin, model, key),
            label=schema.HORIZONS[key][1],
            sessions=sessions,
            until=origin.date_ahead(sessions),
            margin=_margin(model, key),
            margin_proven=math.isfinite(model.proven_margin(key)),
        )
        for key, sessions in HORIZONS.items()
    }
    risk = schema.Risk(
        score=origin.risk_percentile,
        sigma_5_pct=float(origin.said.distribution.scale[0, 4]),
        percentile_years=int(np.isfinite(origin.week_scales).sum()) / SESSIONS_IN_YEAR,
        basis=origin.basis("distribution"),
        models=["distribution"],
    )
    return schema.Direction(
        today=schema.DirectionToday(
            **_call(origin, model, "t1"),
            intraday_volatility_score=percentile_of_last(true_range(origin.panel.series), SESSIONS_IN_YEAR),
            last_update=last_update,
            session=origin.date_ahead(1),
        ),
        horizons=schema.DirectionHorizons(**horizons),
        risk_score=risk.score,
        risk=risk,
    )


def _call(origin: Origin, model: DirectionModel, key: str) -> dict[str, Any]:
    """The fields that a call at any horizon has."""
    horizon = HORIZONS[key]
    said = model.probabilities(origin.said.distribution, key)
    edge, margin = float(said.edge[0]), model.proven_margin(key)
    direction = "NEUTRAL" if abs(edge) < margin else "UP" if edge > 0 else "DOWN"
    median = origin.level(float(origin.said.distribution.quantile(horizon, np.array([0.5]))[0, 0])) - origin.spot
    up, down, neutral = three_way(float(said.up[0]), float(said.down[0]))
    return {
        "direction": direction,
        "expected_move_points": _agreeing(median, direction),
        "conviction": float(said.conviction[0]),
        "p_up": up,
        "p_down": down,
        "p_neutral": neutral,
        "base_up": float(said.base_up[0]),
        "base_down": float(said.base_down[0]),
        "dead_zone_pct": dead_zone(horizon),
        "basis": origin.basis(*MODELS),
        "models": MODELS,
    }


def _agreeing(points: float, direction: str) -> float:
    """The median move; 0 where its sign speaks against the call, whose reader would take it for a mistake."""
    if direction == "UP":
        return max(points, 0.0)
    return min(points, 0.0) if direction == "DOWN" else points


def _margin(model: DirectionModel, key: str) -> float | None:
    margin = model.proven_margin(key)
    return margin if math.isfinite(margin) else None
