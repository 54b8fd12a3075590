"""What is wrong with the legs of a file: for each leg the first rule that it breaks, in plain words."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray

LARGEST_NUMBER: Final = 1e12

MISSING: Final = object()
"""In place of a value whose key a leg does not have."""


class Flaws:
    """The first rule that each leg of a file breaks.

    Attributes:
        rule: (n,) int64, which of ``words`` each leg breaks; 0 for none.
        words: the rules in plain words; the first is empty.
        details: leg -> what was found instead, in words.
    """

    def __init__(self, legs: int) -> None:
        """No flaw in any of so many legs."""
        self.rule: IntArray = np.zeros(legs, dtype=np.int64)
        self.words: list[str] = [""]
        self.details: dict[int, str] = {}

    @property
    def flawed(self) -> BoolArray:
        """Which legs break a rule."""
        flawed: BoolArray = self.rule > 0
        return flawed

    def mark(self, wrong: BoolArray, words: str) -> None:
        """Say which legs break a rule; those that break another one already keep that."""
        new = wrong & (self.rule == 0)
        if not new.any():
            return
        if words not in self.words:
            self.words.append(words)
        self.rule[new] = self.words.index(words)

    def mark_one(self, leg: int, words: str, found: str = "") -> None:
        """Say that one leg breaks a rule, and what was found."""
        one = np.zeros(len(self.rule), dtype=np.bool_)
        one[leg] = True
        if self.rule[leg] == 0 and found:
            self.details[leg] = found
        self.mark(one, words)

    def described(self, leg: int) -> str:
        """The rule that a leg breaks, and what was found instead."""
        found = self.details.get(leg)
        return self.words[int(self.rule[leg])] + (f" ({found})" if found else "")


def numbers(values: Sequence[object], label: str, flaws: Flaws) -> FloatArray:
    """Values of one key as numbers, (n,); legs whose value is not a finite number of 0 or more are marked, with 0."""
    found = _plain_numbers(values)
    if found is None:
        found = np.array([_number(value, label, leg, flaws) for leg, value in enumerate(values)], dtype=np.float64)
    flaws.mark(~np.isfinite(found), f"{label} is not a finite number")
    flaws.mark(found < 0, f"{label} is negative")
    flaws.mark(found > LARGEST_NUMBER, f"{label} is above {LARGEST_NUMBER:.0e}, larger than any such number")
    return np.where(np.isfinite(found) & (found >= 0) & (found <= LARGEST_NUMBER), found, 0.0)


def _plain_numbers(values: Sequence[object]) -> FloatArray | None:
    if not set(map(type, values)) <= {int, float}:
        return None
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        return None


def _number(value: object, label: str, leg: int, flaws: Flaws) -> float:
    if type(value) in (int, float):
        try:
            return float(value)  # type: ignore[arg-type]
        except OverflowError:
            return float("inf")
    if value is MISSING:
        flaws.mark_one(leg, f"{label} is missing")
    elif value is None:
        flaws.mark_one(leg, f"{label} is null")
    else:
        flaws.mark_one(
            leg, f"{label} is not a number", shown(value) if isinstance(value, str) else type(value).__name__
        )
    return 0.0
