"""Heads: a word only where the head speaks, its reason and the base rate where it does not."""

from collections.abc import Iterator
from typing import Final

from aegismatrix_engine.document.fields import middle_word
from aegismatrix_engine.document.rules.violation import Violation, Violations, is_since, related
from aegismatrix_engine.document.rules.withdrawn import is_withdrawn
from aegismatrix_engine.document.schema.breakout import Breakout
from aegismatrix_engine.document.schema.buyer import ThetaEdge
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.seller import ExpiryStress, Trap

HEADS_SINCE: Final = "2.2.0"


def head_violations(document: Document) -> Violations:
    """Rules of every head; documents before 2.2.0 have labels without a word."""
    if not is_since(document.schema_version, HEADS_SINCE):
        return
    bias, trap = document.buyer.spike_direction_bias, document.seller.trap
    for path, head in _worded(document):
        yield from _word(path, head)
        if head.basis == "base_rate":
            yield from related(f"{path}.score", head.score, "==", head.base_rate, "base_rate under that basis,")
    if trap.basis_10 == "base_rate":
        rule = "base_rate_10 under that basis,"
        yield from related("seller.trap.score_10", trap.score_10, "==", trap.base_rate_10, rule)
    yield from _silence("seller.trap.reason_10", trap.reason_10, silent=trap.basis_10 != "model")
    yield from _silence("buyer.spike_direction_bias.reason", bias.reason, silent=bias.basis != "model")
    if bias.basis == "base_rate":
        rule = "base_up under basis base_rate,"
        yield from related("buyer.spike_direction_bias.up_prob", bias.up_prob, "==", bias.base_up, rule)
    if is_withdrawn(document):
        return
    for path, head in _worded(document):
        if head.word is None:
            yield from related(f"{path}.label", head.label, "==", middle_word(f"{path}.label"), "without a word")


def _worded(document: Document) -> Iterator[tuple[str, Trap | ExpiryStress | ThetaEdge | Breakout]]:
    seller, buyer = document.seller, document.buyer
    yield "seller.trap", seller.trap
    yield "seller.expiry_stress", seller.expiry_stress
    yield "buyer.theta_edge", buyer.theta_edge
    yield "buyer.breakout_today", buyer.breakout_today
    for index, breakout in enumerate(buyer.breakout_next):
        yield f"buyer.breakout_next.{index}", breakout


def _word(path: str, head: Trap | ExpiryStress | ThetaEdge | Breakout) -> Violations:
    """A word that is the label, or a reason for its absence; none without a forecast."""
    yield from _silence(f"{path}.reason", head.reason, silent=head.word is None)
    if head.word is not None:
        yield from related(f"{path}.word", head.word, "==", head.label, "label")
        if head.basis == "base_rate":
            yield Violation(f"{path}.word", f"must be absent under basis base_rate, is {head.word}")


def _silence(path: str, reason: str | None, *, silent: bool) -> Violations:
    if silent != (reason is not None):
        state = "absent" if reason is None else "there"
        yield Violation(path, f"must be there exactly where the head is silent, is {state}")
