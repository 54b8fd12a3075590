"""The table of golden computations: part of the document -> how its numbers are worked by hand."""

from collections.abc import Callable
from typing import Any

from material import Material

Computation = Callable[[Material], Any]

GOLDEN: dict[str, Computation] = {}
"""Dotted path of a block -> its numbers, shaped as the document shapes them; None where the document has none."""


def golden(path: str) -> Callable[[Computation], Computation]:
    """Enter a computation for the block at a path."""

    def enter(computation: Computation) -> Computation:
        assert path not in GOLDEN, f"{path} has a computation already"
        GOLDEN[path] = computation
        return computation

    return enter
