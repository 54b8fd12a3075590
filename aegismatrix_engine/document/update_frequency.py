"""The numbers of the signal blocks, and how near to its bounds one may stay.

A number that does not move while it should is what a broken model looks like from outside. How often each should move
is a part of its meaning: ``PublishedField.updates``.
"""

from collections.abc import Iterator

from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.document import Document

SATURATED = 0.01
"""A fraction this near to 0 or 1 may stay there: the tail of a breach curve, a percentile in a crash."""

SIGNAL_BLOCKS = ("market", "direction", "seller", "buyer", "forecast")


def signal_numbers(document: Document) -> Iterator[tuple[str, float]]:
    """Every number of the signal blocks with its dotted path; items of lists by their index."""
    for path, value in walk(document):
        if path.split(".")[0] in SIGNAL_BLOCKS and isinstance(value, int | float) and not isinstance(value, bool):
            yield path, float(value)
