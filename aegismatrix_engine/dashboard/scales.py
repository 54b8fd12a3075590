"""Axes of charts: limits around the values, and a few round ticks whose texts have room."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_NARROW, _WIDE = 0.40, 0.98
_WIDTHS: Final = {
    **dict.fromkeys(",.:;-'il ", _NARROW),
    **dict.fromkeys("%mwMW", _WIDE),
    **dict.fromkeys("+\N{MINUS SIGN}", 0.84),
    "▲": 0.77,
    "▼": 0.77,
}
_OTHER_WIDTH: Final = 0.64
"""Widths of characters in units of the font size, in the widest of the usual system fonts (DejaVu Sans)."""

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


def axis_around(
    values: Iterable[float], text: FormatNumber, *, most: int, margin: float = 0.04, room: float = math.inf
) -> Axis:
    """An axis a little wider than its values; equal values stand in its middle.

    Args:
        values: at least one, all finite.
        text: how a tick is written.
        most: number of ticks at most.
        margin: on each side, as a share of the span.
        room: length of a horizontal axis in units of the font size.
    """
    found = list(values)
    low, high = min(found), max(found)
    # A span near the resolution of floats, or of the texts of ticks, is no span.
    least = max(abs(low), abs(high), 1.0) * 1e-3
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least, middle + least
    beyond = (high - low) * margin
    return axis_from(low - beyond, high + beyond, text, most=most, room=room)


def axis_from(low: float, high: float, text: FormatNumber, *, most: int, room: float = math.inf) -> Axis:
    """An axis of given limits with as many round ticks as ``most`` and ``room`` allow, no two with the same text."""
    for few in range(most, 1, -1):
        ticks = _told_apart([(value, text(value)) for value in round_values(low, high, few)])
        if _have_room(ticks, room / (high - low)):
            return Axis(low, high, ticks)
    return Axis(low, high, ticks[:1])


def _told_apart(ticks: list[tuple[float, str]]) -> tuple[tuple[float, str], ...]:
    return tuple(tick for place, tick in enumerate(ticks) if place == 0 or tick[1] != ticks[place - 1][1])


def _have_room(ticks: tuple[tuple[float, str], ...], scale: float) -> bool:
    """Whether the texts of ticks stand apart by a digit at least, on an axis of ``scale`` a unit."""
    return all(
        (after - before) * scale > (text_width(one) + text_width(other)) / 2 + _OTHER_WIDTH
        for (before, one), (after, other) in pairwise(ticks)
    )


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


def text_width(text: str) -> float:
    """Width of a text in units of the font size: what it takes at most in the usual system fonts."""
    return sum(_WIDTHS.get(character, _OTHER_WIDTH) for character in text)
