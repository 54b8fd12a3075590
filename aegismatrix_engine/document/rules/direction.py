"""Direction: shares that sum to 1, signs that agree, labels that have earned themselves."""

from aegismatrix_engine.document.rules.violation import ROUNDING, Violation, Violations, off
from aegismatrix_engine.document.schema.direction import HORIZONS, DirectionCall, DirectionHorizon
from aegismatrix_engine.document.schema.document import Document


def direction_violations(document: Document) -> Violations:
    """Rules of the direction block."""
    direction = document.direction
    yield from _call("direction.today", direction.today)
    for name, horizon in direction.by_horizon.items():
        path = f"direction.horizons.{name}"
        sessions, label = HORIZONS[name]
        if horizon.label != label:
            yield Violation(f"{path}.label", f"must be {label!r}, is {horizon.label!r}")
        if horizon.sessions != sessions:
            yield Violation(f"{path}.sessions", f"must be {sessions}, is {horizon.sessions}")
        yield from _margin(path, horizon)
        yield from _call(path, horizon)
    if direction.risk_score != direction.risk.score:
        yield Violation(
            "direction.risk_score", f"must equal direction.risk.score {direction.risk.score}, is {direction.risk_score}"
        )


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
        rule = f"must be NEUTRAL unless {p} beats its base rate {base} by {horizon.margin}, is {horizon.direction}"
        yield Violation(f"{path}.direction", rule)


def _call(path: str, call: DirectionCall) -> Violations:
    total = call.p_up + call.p_down + call.p_neutral
    if off(total, 1.0, ROUNDING):
        yield Violation(f"{path}.p_neutral", f"p_up + p_down + p_neutral must be 1, is {total:.4f}")
    if call.base_up + call.base_down > 1.0 + ROUNDING:
        total = call.base_up + call.base_down
        yield Violation(f"{path}.base_up", f"base_up + base_down must not be above 1, is {total:.4f}")
    points = call.expected_move_points
    if (call.direction == "UP" and points < 0) or (call.direction == "DOWN" and points > 0):
        sign = "negative" if call.direction == "UP" else "positive"
        yield Violation(f"{path}.expected_move_points", f"must not be {sign} under {call.direction}, is {points}")
