"""The last values of every moving number, and those that stand still although they should not.

``recent.json`` lies beside the document. It holds, for every number that should move, its last value and over how
many of its own periods it has not moved while spot did. A session is a period of a number that moves with every
session, a document's moment one of a number that moves with every document.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aegismatrix_engine.document.fields import SATURATED, PublishedField, field_at, signal_numbers
from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.block import Signal
from aegismatrix_engine.document.schema.document import Document

FROZEN_AFTER = 8
"""Periods without a move, while spot moved, after which a number counts as frozen."""

LAST_VALUES_VERSION = 1


@dataclass(frozen=True)
class LastValue:
    """A number's last value, and over how many of its own periods it has stood still while spot moved."""

    value: float
    periods: int = 0


@dataclass(frozen=True)
class LastValues:
    """What was published last: market, moment, primary expiry, spot, and every moving number by its path."""

    market_id: str
    as_of: str
    expiry: str
    spot: float
    numbers: Mapping[str, LastValue]

    def frozen(self) -> dict[str, LastValue]:
        """The numbers that have stood still over at least 8 of their own periods, by path."""
        return {path: one for path, one in self.numbers.items() if one.periods >= FROZEN_AFTER}


def updated(before: LastValues | None, document: Document) -> LastValues:
    """The last values after a document.

    The same document twice changes nothing: no period counts within a moment, though a number that is another now, as
    after a training, starts anew. A document of an earlier moment, a replay of the past, leaves ``before`` as it is.
    One of another market starts anew.
    """
    known = before if before is not None and before.market_id == document.market_id else None
    if known is not None and document.as_of < known.as_of:
        return known
    excused = _may_stand(document)
    numbers = {}
    for path, value in signal_numbers(document):
        entry = field_at(path)
        if entry is not None and entry.updates in ("document", "session", "expiry"):
            if known is None or path.startswith(excused):
                numbers[path] = LastValue(value)
            else:
                numbers[path] = _after(known, path, value, entry, document)
    return LastValues(
        document.market_id, document.as_of, document.seller.safe_range.expiry, document.market.spot, numbers
    )


def _may_stand(document: Document) -> tuple[str, ...]:
    """Beginnings of the paths whose numbers may stand still: what a prior says, and an index not known or not live."""
    found = [f"{path}." for path, block in walk(document) if isinstance(block, Signal) and block.basis == "prior"]
    if document.direction.risk.basis == "prior":
        found.append("direction.risk_score")
    if document.market.vix_basis == "estimator":
        found.append("market.vix_change")
    elif document.market.vix_as_of != document.as_of:
        found.append("market.vix")
    return tuple(found)


def _after(known: LastValues, path: str, value: float, entry: PublishedField, document: Document) -> LastValue:
    was = known.numbers.get(path)
    if was is None or value != was.value:
        return LastValue(value)
    saturated = entry.saturates and not SATURATED < value < 1 - SATURATED
    counts = _new_period(known, entry, document) and document.market.spot != known.spot and not saturated
    return LastValue(value, was.periods + counts)


def _new_period(known: LastValues, entry: PublishedField, document: Document) -> bool:
    """Whether a period of the number's own has begun since the last document."""
    if document.as_of == known.as_of:
        return False
    if entry.updates == "session":
        return document.as_of[:10] != known.as_of[:10]
    return entry.updates == "document" or document.seller.safe_range.expiry != known.expiry


def render(last_values: LastValues) -> str:
    """As JSON, one number a line, so that git sees what moved: its value, or [value, periods] where it stood still."""
    lines = [
        f" {json.dumps(path)}: {json.dumps([one.value, one.periods] if one.periods else one.value)}"
        for path, one in sorted(last_values.numbers.items())
    ]
    head = {
        "version": LAST_VALUES_VERSION,
        "market_id": last_values.market_id,
        "as_of": last_values.as_of,
        "expiry": last_values.expiry,
        "spot": last_values.spot,
    }
    return json.dumps(head)[:-1] + ', "numbers": {\n' + ",\n".join(lines) + "\n}}\n"
