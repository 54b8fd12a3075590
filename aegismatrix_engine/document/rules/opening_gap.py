"""The open that a US night points to: there with the night, inside its own range, and named by every call."""

from aegismatrix_engine.document.rules.violation import POINT_ROUNDING, Violation, Violations, near, related
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.opening_gap import OpeningGap

PATH = "direction.night"
GAP_SINCE = (2, 2, 0)
"""The version since which a document says where the next session is expected to open."""


def opening_gap_violations(document: Document) -> Violations:
    """It is there exactly where a night moved the forecast, with the same sessions, and each call has a note of it."""
    night, applied = document.direction.night, document.provenance.us_night
    since = tuple(map(int, document.schema_version.split("."))) >= GAP_SINCE
    if (night is not None) != (applied is not None) and (since or applied is None):
        state = "absent" if night is None else "there"
        yield Violation(PATH, f"must be there exactly where provenance.us_night is, is {state}")
    direction = document.direction
    calls = {"today": direction.today} | {f"horizons.{name}": one for name, one in direction.by_horizon.items()}
    for name, call in calls.items():
        if (call.note is not None) != (night is not None):
            state = "absent" if call.note is None else "there"
            yield Violation(f"direction.{name}.note", f"must be there exactly where {PATH} is, is {state}")
    if night is None or applied is None:
        return
    yield from related(f"{PATH}.us_session", night.us_session, "==", applied.last_bar, "provenance.us_night.last_bar")
    used = [one.series for one in applied.used or []]
    if used:
        yield from related(f"{PATH}.series", night.series, "==", used, "those of provenance.us_night.used,")
    yield from related(f"{PATH}.session", night.session, ">", document.provenance.last_bar, "provenance.last_bar")
    yield from related(f"{PATH}.session", night.session, "<=", direction.today.session, "direction.today.session")
    yield from _numbers(night, document.market.spot)


def _numbers(night: OpeningGap, spot: float) -> Violations:
    points = night.expected_open - spot
    yield from near(f"{PATH}.expected_points", night.expected_points, points, POINT_ROUNDING, "expected_open - spot")
    yield from related(f"{PATH}.lower", night.lower, "<=", night.expected_open, "expected_open")
    yield from related(f"{PATH}.upper", night.upper, ">=", night.expected_open, "expected_open")
    for name in ("after_open_points", "after_open_correlation", "after_open_t"):
        there = getattr(night, name) is not None
        if there != (night.after_open_nights > 0):
            rule = f"must be there exactly where after_open_nights is above 0, is {'there' if there else 'absent'}"
            yield Violation(f"{PATH}.{name}", rule)
