"""Buyer: five sessions in order, levels in order, sides that sum to 1, windows that follow each other."""

from typing import Final

from aegismatrix_engine.document.rules.violation import (
    POINT_ROUNDING,
    ROUNDING,
    Violation,
    Violations,
    is_since,
    near,
    related,
)
from aegismatrix_engine.document.rules.withdrawn import is_withdrawn
from aegismatrix_engine.document.schema.buyer import Buyer, GammaWindow
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.situation import environment_word

RANGE_SO_FAR_SINCE: Final = "2.3.0"
"""Version from which on the levels of a session in progress have its true range so far."""


def buyer_violations(document: Document) -> Violations:
    """Rules of the buyer block."""
    buyer, bias = document.buyer, document.buyer.spike_direction_bias
    yield from _breakouts(buyer)
    yield from _levels(document)
    yield from _range_so_far(document)
    total = bias.up_prob + bias.down_prob
    yield from near("buyer.spike_direction_bias.down_prob", total, 1.0, 0.0, "up_prob + down_prob")
    yield from _windows(buyer.gamma_windows)
    yield from _environment(document)
    pooled = document.track_record.breakout_calls.pooled
    name = "track_record.breakout_calls.pooled"
    yield from related("buyer.historical_spike_rate", buyer.historical_spike_rate, "==", pooled, name)


def _breakouts(buyer: Buyer) -> Violations:
    for index, forecast in enumerate(buyer.breakout_next):
        path = f"buyer.breakout_next.{index}.day_offset"
        yield from related(path, forecast.day_offset, "==", index + 1, "its place in the list,")
    today, first = buyer.breakout_today, buyer.breakout_next[0]
    if today.session == first.session and (today.score, today.label) != (first.score, first.label):
        same = f"must equal breakout_next.0, which is about the same session: {first.score} {first.label}"
        yield Violation("buyer.breakout_today.score", f"{same}, is {today.score} {today.label}")


def _environment(document: Document) -> Violations:
    """The situation in words follows from the heads' and from the range's width, in documents that have the latter."""
    buyer, width = document.buyer, document.seller.range_width
    if width is None or is_withdrawn(document):
        return
    word = environment_word(buyer.breakout_today.word, buyer.theta_edge.word, width.grade)
    name = "that by the words of breakout_today and theta_edge and the grade of seller.range_width,"
    yield from related("buyer.buyer_environment.label", buyer.buyer_environment.label, "==", word, name)


def _levels(document: Document) -> Violations:
    """Levels in order, and whether they were crossed as spot, the session and the probability have it."""
    levels, today, spot = document.buyer.breakout_levels, document.buyer.breakout_today, document.market.spot
    path = "buyer.breakout_levels"
    yield from related(f"{path}.lower", levels.lower, "<", levels.upper, "upper")
    for word, beyond in (("up", spot - levels.upper), ("down", levels.lower - spot)):
        if beyond > POINT_ROUNDING and levels.broken_out not in (word, "both"):
            rule = f"must be {word} or both with spot {spot} beyond the level, is {levels.broken_out}"
            yield Violation(f"{path}.broken_out", rule)
    if levels.broken_out == "none":
        return
    if document.forecast.session is None:
        yield Violation(f"{path}.broken_out", f"must be none outside a session, is {levels.broken_out}")
    if today.score < 1:
        rule = f"must be 1 once a level is crossed ({path}.broken_out is {levels.broken_out}), is {today.score}"
        yield Violation("buyer.breakout_today.score", rule)


def _range_so_far(document: Document) -> Violations:
    """There inside a session alone, and above the multiple exactly where a level was crossed."""
    levels, path = document.buyer.breakout_levels, "buyer.breakout_levels.range_so_far"
    found, inside = levels.range_so_far, document.forecast.session is not None
    if found is None:
        if inside and is_since(document.schema_version, RANGE_SO_FAR_SINCE):
            rule = f"must be there inside a session from schema_version {RANGE_SO_FAR_SINCE} on, is absent"
            yield Violation(path, rule)
        return
    if not inside:
        yield Violation(path, f"must be absent outside a session, is {found}")
    # Rounding may bring a range just above the multiple down to it.
    relation = "<=" if levels.broken_out == "none" else ">="
    yield from related(path, found, relation, levels.multiple, f"multiple (broken_out is {levels.broken_out}),")


def _windows(windows: list[GammaWindow]) -> Violations:
    closed = ""
    for index, window in enumerate(windows):
        start, end = window.window.split("-")
        if start >= end or start < closed:
            rule = f"must start before its end and after the one before, is {window.window}"
            yield Violation(f"buyer.gamma_windows.{index}.window", rule)
        closed = end
    total = sum(window.share for window in windows)
    yield from near("buyer.gamma_windows.0.share", total, 1.0, len(windows) * ROUNDING / 3, "the sum of all shares")
