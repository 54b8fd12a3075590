"""Buyer: five sessions in order, levels in order, sides that sum to 1, windows that follow each other."""

from aegismatrix_engine.document.rules.violation import POINT_ROUNDING, ROUNDING, Violation, Violations, off
from aegismatrix_engine.document.schema.buyer import Buyer, GammaWindow
from aegismatrix_engine.document.schema.document import Document


def buyer_violations(document: Document) -> Violations:
    """Rules of the buyer block."""
    buyer = document.buyer
    yield from _breakouts(buyer)
    yield from _levels(document)
    bias = buyer.spike_direction_bias
    if off(bias.up_prob + bias.down_prob, 1.0, 0.0):
        yield Violation(
            "buyer.spike_direction_bias.down_prob", f"up_prob + down_prob must be 1, is {bias.up_prob + bias.down_prob}"
        )
    yield from _windows(buyer.gamma_windows)
    if buyer.historical_spike_rate != document.track_record.breakout_calls.pooled:
        rate = document.track_record.breakout_calls.pooled
        yield Violation(
            "buyer.historical_spike_rate",
            f"must equal track_record.breakout_calls.pooled {rate}, is {buyer.historical_spike_rate}",
        )


def _breakouts(buyer: Buyer) -> Violations:
    for index, forecast in enumerate(buyer.breakout_next):
        if forecast.day_offset != index + 1:
            yield Violation(f"buyer.breakout_next.{index}.day_offset", f"must be {index + 1}, is {forecast.day_offset}")
    today, first = buyer.breakout_today, buyer.breakout_next[0]
    if today.session == first.session and (today.score, today.label) != (first.score, first.label):
        yield Violation(
            "buyer.breakout_today.score",
            f"must equal breakout_next.0, which speaks of the same session: {today.score} {today.label} against "
            f"{first.score} {first.label}",
        )


def _levels(document: Document) -> Violations:
    """Levels in order, and whether they were crossed as spot, the session and the probability have it."""
    levels, today, spot = document.buyer.breakout_levels, document.buyer.breakout_today, document.market.spot
    path = "buyer.breakout_levels"
    if levels.lower >= levels.upper:
        yield Violation(f"{path}.lower", f"must be below upper {levels.upper}, is {levels.lower}")
    for word, beyond in (("up", spot - levels.upper), ("down", levels.lower - spot)):
        if beyond > POINT_ROUNDING and levels.broken_out not in (word, "both"):
            rule = f"must be {word} or both with spot {spot} beyond the level, is {levels.broken_out}"
            yield Violation(f"{path}.broken_out", rule)
    if levels.broken_out == "none":
        return
    if document.forecast.session is None:
        yield Violation(f"{path}.broken_out", f"must be none outside a session, is {levels.broken_out}")
    if today.score < 1:
        yield Violation(
            "buyer.breakout_today.score",
            f"must be 1 once a level is crossed ({path}.broken_out is {levels.broken_out}), is {today.score}",
        )


def _windows(windows: list[GammaWindow]) -> Violations:
    closed = ""
    for index, window in enumerate(windows):
        start, end = window.window.split("-")
        if start >= end or start < closed:
            yield Violation(
                f"buyer.gamma_windows.{index}.window",
                f"must start before its end and after the one before, is {window.window}",
            )
        closed = end
    total = sum(window.share for window in windows)
    if off(total, 1.0, len(windows) * ROUNDING / 3):
        yield Violation("buyer.gamma_windows.0.share", f"shares of all windows must sum to 1, sum to {total:.4f}")
