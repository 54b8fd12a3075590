"""Small drawings beside single numbers, each one SVG text of a few hundred bytes, and the marks of legends.

An empty ``label`` hides a gauge from readers who do not see it: for where the words beside it say the same.
"""

import math
from collections.abc import Callable
from typing import Final, Literal

from aegismatrix_engine.dashboard.svg import number, picture

_WIDTH, _HEIGHT = 344, 16
_MIDDLE: Final = _HEIGHT // 2
_BAR: Final = 8

Mark = Literal["bar", "hollow", "outlined", "line", "dashes", "tick", "point", "ring"]


def tick_scale(value: float, usual: float | None, low: float, high: float, *, label: str) -> str:
    """A value as a bar, with its base rate as a tick.

    Args:
        value: where the bar ends.
        usual: where the tick is; None for no tick.
        low: start of the scale, where the bar begins.
        high: end of the scale, which moves outwards where a value lies beyond it.
        label: what the gauge shows.

    Returns:
        One SVG element; empty unless value and scale are finite.
    """
    shown = [value] if usual is None or not math.isfinite(usual) else [value, usual]
    if not all(map(math.isfinite, (*shown, low, high))):
        return ""
    place = _scale(min(low, high, *shown), max(low, high, *shown))
    drawn = _track() + _across(place(low), place(value), "series-1", _BAR)
    return _gauge(drawn + "".join(_tick(place(at)) for at in shown[1:]), label)


def interval_scale(
    value: float, low: float, high: float, *, reference: float, minimum: float, maximum: float, label: str
) -> str:
    """A value with its interval, and a line at what it is compared with.

    Args:
        value: where the point is.
        low: lower end of the interval.
        high: upper end of the interval.
        reference: where the line is, such as 1 for a pay-off or 0 for skill.
        minimum: start of the scale, which moves outwards where a value lies beyond it.
        maximum: end of the scale, which does the same.
        label: what the gauge shows.

    Returns:
        One SVG element; empty unless everything is finite.
    """
    shown = (value, low, high, reference, minimum, maximum)
    if not all(map(math.isfinite, shown)):
        return ""
    place = _scale(min(shown), max(shown))
    point = f'<circle cx="{number(place(value))}" cy="{_MIDDLE}" r="5" fill="var(--series-1)"/>'
    return _gauge(_track(1) + _tick(place(reference)) + _across(place(low), place(high), "series-1", 3) + point, label)


def progress(done: float, of: float, *, label: str) -> str:
    """How much of ``of`` is done, as a bar that is full from there on; empty unless ``of`` is above 0."""
    if not math.isfinite(done) or not math.isfinite(of) or of <= 0:
        return ""
    place = _scale(0.0, of)
    return _gauge(_track() + _across(place(0.0), place(min(max(done, 0.0), of)), "series-1", _BAR), label)


def legend_mark(mark: Mark, colour: str) -> str:
    """The mark of a legend in HTML, as the charts draw it, hidden from readers who do not see it.

    Args:
        mark: a bar (also of a band), a hollow or an outlined bar, a line, dashes, a tick, a point, or a ring.
        colour: of the palette.
    """
    paint = f'"var(--{colour})"'
    shapes = {
        "bar": f'<rect x="2" width="14" height="12" fill={paint}/>',
        "hollow": f'<rect x="3" y="1" width="12" height="10" fill="none" stroke={paint} stroke-width="1.5"/>',
        "outlined": f'<rect x="3" y="1" width="12" height="10" fill={paint} stroke="var(--ink)" stroke-width="1.5"/>',
        "line": f'<path d="M0 6H18" stroke={paint} stroke-width="2"/>',
        "dashes": f'<path d="M0 6H18" stroke={paint} stroke-width="2" stroke-dasharray="5 3"/>',
        "tick": f'<path d="M9 0V12" stroke={paint} stroke-width="2"/>',
        "point": f'<circle cx="9" cy="6" r="4" fill={paint}/>',
        "ring": f'<circle cx="9" cy="6" r="4" fill="none" stroke={paint} stroke-width="1.5"/>',
    }
    return f'<svg viewBox="0 0 18 12" width="18" height="12" aria-hidden="true">{shapes[mark]}</svg>'


def _scale(low: float, high: float) -> Callable[[float], float]:
    """Value -> its place in pixels; a scale of no length has everything at its start."""
    length = high - low
    return lambda value: _WIDTH * (value - low) / length if length > 0 else 0.0


def _track(width: int = _BAR) -> str:
    return _across(0, _WIDTH, "line", width)


def _across(start: float, end: float, colour: str, width: int) -> str:
    return (
        f'<path d="M{number(start)} {_MIDDLE}H{number(end)}" stroke="var(--{colour})" stroke-width="{width}"/>'
        if number(start) != number(end)
        else ""
    )


def _tick(at: float) -> str:
    """A tick that is seen on the bar too, by its edges; whole at both ends of the scale."""
    place = number(min(max(at, 1.0), _WIDTH - 1.0))
    stroke = '<path d="M{}V{}" stroke="var(--{})" stroke-width="{}"/>'
    return "".join(stroke.format(f"{place} 0", _HEIGHT, colour, width) for colour, width in (("tile", 5), ("ink", 2)))


def _gauge(drawn: str, label: str) -> str:
    return picture(drawn, f"0 0 {_WIDTH} {_HEIGHT}", label=label)
