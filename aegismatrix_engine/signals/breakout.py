"""Breakouts of the sessions ahead, the side they may take, and the levels at which they begin."""

import math
from typing import Any, get_args

import numpy as np

from aegismatrix_engine.buyer.model import BreakoutModel, SpikeSide
from aegismatrix_engine.buyer.session_breakout import breakout_probability, breakout_range
from aegismatrix_engine.buyer.targets import BREAKOUT_MULTIPLE
from aegismatrix_engine.document.schema import breakout as breakout_schema
from aegismatrix_engine.document.schema.quantities import complementary
from aegismatrix_engine.forecasting.origin import InSession, Origin

SPIKE_HEAD = "buyer.spike_direction_bias"
SMALLEST_STEP = 0.01  # index points

LABELS: tuple[breakout_schema.BreakoutLabel, ...] = get_args(breakout_schema.BreakoutLabel)
BROKEN_OUT: dict[tuple[bool, bool], breakout_schema.BrokenOut] = {
    (False, False): "none",
    (False, True): "up",
    (True, False): "down",
    (True, True): "both",
}
"""Whether the session went below the lower level, above the upper one -> the word."""


def breakout_fields(origin: Origin, model: BreakoutModel, offset: int) -> dict[str, Any]:
    """The fields of a breakout signal that forecasts of any session have."""
    base, models = model.forecaster.heads[offset - 1].base_rate, ["breakout", "distribution"]
    head = f"buyer.breakout.{offset}"
    basis = origin.head_basis(head, *models)
    silence = origin.silence(head, basis)
    if isinstance(origin, InSession) and offset == 1:
        # No head's forecast: a touch probability of the distribution inside the session.
        score, models, replaced = _score_inside(origin), origin.named("breakout"), basis == "prior"
        basis = origin.basis(*models, healthy=origin.today_basis)
        score, silence = (base, silence) if replaced and score < 1 else (score, None)
    else:
        score = base if silence else float(origin.forecast.breakout[0, offset - 1])
    word = None if silence else LABELS[model.cuts[offset - 1].grade(score, base)]
    return {
        "score": score,
        "label": word or "MEDIUM",
        "word": word,
        "reason": silence,
        "session": origin.date_ahead(offset),
        "base_rate": base,
        "basis": basis,
        "models": models,
    }


def spike_side(origin: Origin, spike: SpikeSide) -> breakout_schema.SpikeDirectionBias:
    """The side of a breakout: the base rate where the head is not proven, or where its two states share one rate."""
    basis = origin.head_basis(SPIKE_HEAD, "spike")
    silence = origin.silence(SPIKE_HEAD, basis)
    if silence is None and np.ptp(spike.up) == 0:
        basis, silence = "base_rate", "breakouts after rising and after falling weeks do not differ beyond chance"
    up, down = complementary(spike.base_up if silence else float(spike.up_probability(origin.latest)[0]))
    return breakout_schema.SpikeDirectionBias(
        up_prob=up,
        down_prob=down,
        base_up=spike.base_up,
        evidence=spike.breakouts,
        reason=silence,
        basis=basis,
        models=["spike"],
    )


def _score_inside(origin: InSession) -> float:
    """P(today's true range completes a breakout), given how far it has come; 1 once it has."""
    so_far, threshold = origin.so_far, BREAKOUT_MULTIPLE * origin.latest.average_true_range
    offset = float(origin.session_model.breakout_offset[so_far.moment - 1])
    level, high, low = (np.array([value]) for value in (so_far.level, so_far.high, so_far.low))
    return float(breakout_probability(origin.forecast.distribution, threshold, level, high, low, offset)[0])


def breakout_levels(origin: Origin) -> breakout_schema.BreakoutLevels:
    """The event's own threshold for the session in progress or next, from the close before and the path so far."""
    average = float(origin.latest.average_true_range[0])
    inside = isinstance(origin, InSession)
    path = origin.so_far.path if isinstance(origin, InSession) else np.array([math.log(origin.spot)])
    # An index that has not moved for 14 sessions has no range; its two levels are still two.
    distance = max(BREAKOUT_MULTIPLE * average, SMALLEST_STEP / origin.spot)
    found = breakout_range(path, distance)
    return breakout_schema.BreakoutLevels(
        upper=math.exp(found.upper),
        lower=math.exp(found.lower),
        broken_out=BROKEN_OUT[found.down, found.up],
        atr_points=origin.spot * average,
        multiple=BREAKOUT_MULTIPLE,
        range_so_far=float(np.ptp(path)) / distance * BREAKOUT_MULTIPLE if inside else None,
        basis="estimator",
        models=[],
    )
