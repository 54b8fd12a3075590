"""Direction: shares that sum to 1, signs that agree, labels that have earned themselves."""

from aegismatrix_engine.document.rules.violation import ROUNDING, Violation, Violations, near, related
from aegismatrix_engine.document.schema.direction import HORIZONS, DirectionCall, DirectionHorizon
from aegismatrix_engine.document.schema.document import Document


def direction_violations(document: Document) -> Violations:
    """Rules of the direction block."""
    direction = document.direction
    yield from _call("direction.today", direction.today)
    for name, horizon in direction.by_horizon.items():
        path = f"direction.horizons.{name}"
        sessions, label = HORIZONS[name]
        yield from related(f"{path}.label", horizon.label, "==", label, f"{name}'s")
        yield from related(f"{path}.sessions", horizon.sessions, "==", sessions, f"{name}'s")
        yield from _margin(path, horizon)
        yield from _call(path, horizon)
    yield from related("direction.risk_score", direction.risk_score, "==", direction.risk.score, "risk.score")


def _margin(path: str, horizon: DirectionHorizon) -> Violations:
    if (horizon.margin is not None) != horizon.margin_proven:
        state = "there" if horizon.margin is not None else "absent"
        yield Violation(f"{path}.margin", f"must be there exactly where margin_proven is true, is {state}")
    if horizon.direction == "NEUTRAL":
        return
    if horizon.margin is None:
        yield Violation(f"{path}.direction", f"must be NEUTRAL where no margin is proven, is {horizon.direction}")
        return
    up = horizon.direction == "UP"
    p, base = (horizon.p_up, horizon.base_up) if up else (horizon.p_down, horizon.base_down)
    if p < base + horizon.margin - ROUNDING:
        rule = f"must be NEUTRAL unless {p} is above its base rate {base} by {horizon.margin}, is {horizon.direction}"
        yield Violation(f"{path}.direction", rule)


def _call(path: str, call: DirectionCall) -> Violations:
    total = call.p_up + call.p_down + call.p_neutral
    yield from near(f"{path}.p_neutral", total, 1.0, ROUNDING, "p_up + p_down + p_neutral")
    if call.base_up + call.base_down > 1.0 + ROUNDING:
        rule = f"base_up + base_down must be at most 1, is {call.base_up + call.base_down:.4f}"
        yield Violation(f"{path}.base_up", rule)
    points = call.expected_move_points
    if (call.direction == "UP" and points < 0) or (call.direction == "DOWN" and points > 0):
        sign = "negative" if call.direction == "UP" else "positive"
        yield Violation(f"{path}.expected_move_points", f"must not be {sign} under {call.direction}, is {points}")
