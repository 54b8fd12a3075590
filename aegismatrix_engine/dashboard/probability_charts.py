"""Charts over probabilities and shares: the windows of a session, the direction bars, and the reliability diagram."""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from aegismatrix_engine.dashboard import drawing
from aegismatrix_engine.dashboard.chart_data import DirectionRow, ReliabilityBin, WindowShare
from aegismatrix_engine.dashboard.drawing import BESIDE_NAMES, Frame, drawn
from aegismatrix_engine.dashboard.scales import Axis, axis_from, percent

_BAR: Final = 0.34
"""Half the width of a bar, in the distance from one bar to the next."""

_WINDOW_LOOKS: Final = {"past": ("tile", "series-1"), "running": ("series-2", "ink"), "ahead": ("series-1", "series-1")}
"""State of a window -> fill and outline of its bar: hollow once past, outlined while running."""

_LARGEST_POINT, _SMALLEST_POINT = 9.0, 2.5
"""Radius in pixels of the point of the bin with most events of its set, and of any at least."""


def window_shares(windows: Sequence[WindowShare], *, label: str) -> str:
    """Each window's share of a session's variance, with its usual share as a tick.

    Args:
        windows: in the order of the day.
        label: what the picture shows, for readers who do not see it.

    Returns:
        One SVG element; empty without windows. Windows that are past are hollow, the running one has an outline.
    """
    if not windows:
        return ""
    shown = [value for one in windows for value in (one.share, one.usual) if value is not None and math.isfinite(value)]
    y = axis_from(0.0, max([0.05, *shown]) * 1.08, percent, most=5)
    places = tuple((float(place), one.label) for place, one in enumerate(windows))
    x = Axis(-0.5, len(windows) - 0.5, places)
    layers = []
    drawable = [(place, one) for place, one in enumerate(windows) if math.isfinite(one.share)]
    for state, group in groupby(drawable, lambda pair: pair[1].state):
        found = list(group)
        fill, outline = _WINDOW_LOOKS[state]
        left, right = [place - _BAR for place, _ in found], [place + _BAR for place, _ in found]
        tops = [y.held(one.share) for _, one in found]
        layers.append(drawing.bars(left, right, [0.0] * len(found), tops, fill, outline))
    usual = [(place, one.usual) for place, one in enumerate(windows) if one.usual is not None]
    heights = [(place, y.held(share)) for place, share in usual if math.isfinite(share)]
    layers += _edged([(place - 0.46, up) for place, up in heights], [(place + 0.46, up) for place, up in heights])
    return drawn(layers, Frame(x, y, height=180, y_title="share of the variance", grid="y"), label=label)


def direction_bars(rows: Sequence[DirectionRow], *, label: str) -> str:
    """Probability of a move down to the left and up to the right, with the base rates as ticks.

    Args:
        rows: from the top down.
        label: what the picture shows, for readers who do not see it.

    Returns:
        One SVG element; empty without rows.
    """
    kept = [row for row in rows if all(map(math.isfinite, (row.p_up, row.p_down, row.base_up, row.base_down)))]
    if not kept:
        return ""
    furthest = max(0.2, *(max(row.p_up, row.p_down, row.base_up, row.base_down) for row in kept))
    side = min(1.0, math.ceil(furthest * 10 + 0.2) / 10)
    x = axis_from(-side, side, lambda value: percent(abs(value)), most=6, room=BESIDE_NAMES)
    y = Axis(-len(kept) + 0.5, 1.5, tuple((-float(place), row.label) for place, row in enumerate(kept))[::-1])
    places = [-float(place) for place in range(len(kept))]
    low, high = [place - _BAR for place in places], [place + _BAR for place in places]
    nothing = [0.0] * len(kept)
    layers = [
        drawing.bars([x.held(-row.p_down) for row in kept], nothing, low, high, "down"),
        drawing.bars(nothing, [x.held(row.p_up) for row in kept], low, high, "up"),
        drawing.strokes([(0.0, y.low)], [(0.0, 0.5)], "muted", width=1),
        *_edged(
            [(x.held(at), place - 0.46) for row, place in zip(kept, places, strict=True) for at in _bases(row)],
            [(x.held(at), place + 0.46) for row, place in zip(kept, places, strict=True) for at in _bases(row)],
        ),
        drawing.words(-side / 2, 0.85, "▼ down", "down"),
        drawing.words(side / 2, 0.85, "▲ up", "up"),
    ]
    return drawn(layers, Frame(x, y, height=26 * (len(kept) + 1) + 28, grid="x"), label=label)


def reliability(bins: Sequence[ReliabilityBin], *, label: str, walk: Sequence[ReliabilityBin] = ()) -> str:
    """How often forecasts came true, by the probability that was forecast.

    Args:
        bins: of live forecasts: filled points with their intervals.
        label: what the picture shows, for readers who do not see it.
        walk: of the walk through the past: hollow points in another colour, below the others.

    Returns:
        One SVG element with the diagonal on which forecasts and outcomes agree; empty without bins that have events.
    """
    shown = [(_drawable(walk), "past", "tile"), (_drawable(bins), "series-1", "series-1")]
    if not any(found for found, *_ in shown):
        return ""
    axis = axis_from(0.0, 1.0, percent, most=6)
    layers = [drawing.line([0.0, 1.0], [0.0, 1.0], "nominal", width=1.5, dashes="dashed")]
    for found, colour, fill in shown:
        if found:
            across = [axis.held(one.mean_probability) for one in found]
            low, high = [axis.held(one.low) for one in found], [axis.held(one.high) for one in found]
            ends = list(zip(across, low, strict=True)), list(zip(across, high, strict=True))
            most = max(one.events for one in found)
            sizes = [max(_SMALLEST_POINT, _LARGEST_POINT * math.sqrt(one.events / most)) for one in found]
            layers.append(drawing.strokes(*ends, colour))
            layers.append(drawing.points(across, [axis.held(one.share) for one in found], sizes, fill, colour))
    frame = Frame(axis, axis, height=310, x_title="forecast", y_title="came true")
    return drawn(layers, frame, label=label)


def _bases(row: DirectionRow) -> tuple[float, float]:
    return -row.base_down, row.base_up


def _drawable(bins: Sequence[ReliabilityBin]) -> list[ReliabilityBin]:
    values = ((one, (one.mean_probability, one.share, one.low, one.high, one.events)) for one in bins)
    return [one for one, numbers in values if one.events > 0 and all(map(math.isfinite, numbers))]


def _edged(start: list[tuple[float, float]], end: list[tuple[float, float]]) -> list[drawing.Layer]:
    """Ticks that are seen on bars of any colour: a stroke on a wider one in the colour of the tile."""
    if not start:
        return []
    return [drawing.strokes(start, end, colour, width=width) for colour, width in (("tile", 5.0), ("ink", 2.0))]
