"""Axes of charts: limits around the values, and a few round ticks whose texts have room."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

CHARACTER: Final = 0.64
"""Width of a digit in units of the font size, in the widest of the usual system fonts (DejaVu Sans: 0.636)."""

FormatNumber = Callable[[float], str]

_MANTISSAS: Final = (1.0, 2.0, 2.5, 5.0)


@dataclass(frozen=True)
class Axis:
    """Limits of an axis, and its ticks as ``(value, text)`` in rising order, all within the limits."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def held(self, value: float) -> float:
        """``value``, or the limit that it lies beyond."""
        return min(max(value, self.low), self.high)


def axis_around(values: Iterable[float], text: FormatNumber, *, most: int, margin: float = 0.04) -> Axis:
    """An axis a little wider than its values; equal values stand in its middle.

    Args:
        values: at least one, all finite.
        text: how a tick is written.
        most: number of ticks at most.
        margin: on each side, as a share of the span.
    """
    found = list(values)
    low, high = min(found), max(found)
    # A span near the resolution of floats, or of the texts of ticks, is no span.
    least = max(abs(low), abs(high), 1.0) * 1e-3
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least, middle + least
    beyond = (high - low) * margin
    return axis_from(low - beyond, high + beyond, text, most=most)


def axis_from(low: float, high: float, text: FormatNumber, *, most: int) -> Axis:
    """An axis of given limits, with round ticks of which no two have the same text."""
    ticks: list[tuple[float, str]] = []
    for value in round_values(low, high, most):
        written = text(value)
        if not ticks or written != ticks[-1][1]:
            ticks.append((value, written))
    return Axis(low, high, tuple(ticks))


def round_values(low: float, high: float, most: int) -> list[float]:
    """Multiples of 1, 2, 2.5 or 5 times a power of ten from ``low`` to ``high``: as many as ``most`` allows."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = (mantissa * power * scale for scale in (1.0, 10.0, 100.0) for mantissa in _MANTISSAS)
    for step in steps:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [place * step for place in range(first, last + 1)]
    return []


def percent(share: float) -> str:
    """A tick of a scale of probabilities or shares: 0.2 as "20 %"."""
    return f"{100 * share:.0f} %"
