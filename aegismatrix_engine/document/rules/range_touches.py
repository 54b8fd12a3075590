"""The chance that a range of the close is left on the way: there for such ranges, and as the breach curve has it."""

from collections.abc import Iterable
from typing import Final

from aegismatrix_engine.document.rules.violation import (
    POINT_ROUNDING,
    ROUNDING,
    Violation,
    Violations,
    is_since,
    related,
)
from aegismatrix_engine.document.schema.expiries import BreachCurvePoint, Expiry, ExpiryRange

RANGE_TOUCH_SINCE: Final = "2.3.0"
"""Version from which on every range of the close has it."""


def range_touch_violations(path: str, expiry: Expiry, spot: float, schema_version: str) -> Violations:
    """Rules of ``touch_probability`` of one expiry's ranges; ``path`` is the expiry's."""
    narrower: float | None = None
    for index, band in sorted(enumerate(expiry.ranges), key=lambda item: item[1].coverage):
        name, touch = f"{path}.ranges.{index}.touch_probability", band.touch_probability
        if band.kind != "close_at_expiry":
            if touch is not None:
                yield Violation(name, f"must be absent for kind {band.kind}, is {touch}")
        elif touch is not None:
            yield from related(name, touch, "<=", narrower, "that of the range inside it,")
            yield from _as_the_curve(name, touch, band, expiry.breach_curve, spot)
            narrower = touch
        elif is_since(schema_version, RANGE_TOUCH_SINCE):
            yield Violation(name, f"must be there from schema_version {RANGE_TOUCH_SINCE} on, is absent")


def _as_the_curve(name: str, touch: float, band: ExpiryRange, curve: list[BreachCurvePoint], spot: float) -> Violations:
    """Not rarer than what leaves the range for certain, not likelier than what comes before it is left.

    A move beyond a distance farther out than a bound leaves the range, on either side, and so does a close; before it
    is left on a side, the nearer distances of that side are touched.
    """
    up, down = band.upper - spot, spot - band.lower
    upper, lower = (_first(curve, distance + POINT_ROUNDING) for distance in (up, down))
    closes = (upper.close_up if upper else 0.0) + (lower.close_down if lower else 0.0)
    least = max(upper.touch_up if upper else 0.0, lower.touch_down if lower else 0.0, round(closes - ROUNDING, 4))
    yield from related(name, touch, ">=", least, "what the breach curve has beyond its bounds,")
    upper, lower = (_last(curve, distance - POINT_ROUNDING) for distance in (up, down))
    if upper and lower:
        most = round(upper.touch_up + lower.touch_down + ROUNDING, 4)
        yield from related(name, touch, "<=", most, "what the breach curve has inside its bounds,")


def _first(curve: Iterable[BreachCurvePoint], distance: float) -> BreachCurvePoint | None:
    """The nearest point of the curve at a distance or beyond it."""
    return min((point for point in curve if point.distance >= distance), key=_distance, default=None)


def _last(curve: Iterable[BreachCurvePoint], distance: float) -> BreachCurvePoint | None:
    """The farthest point of the curve up to a distance."""
    return max((point for point in curve if point.distance <= distance), key=_distance, default=None)


def _distance(point: BreachCurvePoint) -> int:
    return point.distance
