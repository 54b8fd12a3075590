"""Charts over index levels: the ladder of ranges, the breach curves, and the fan of bands ahead."""

import math
from collections.abc import Sequence
from typing import Final

from aegismatrix_engine.dashboard import drawing
from aegismatrix_engine.dashboard.chart_data import BreachPoint, FanStep, Interval, LadderRow, PastSpot
from aegismatrix_engine.dashboard.drawing import BESIDE_LEVELS, WIDTH, Frame, drawn
from aegismatrix_engine.dashboard.scales import Axis, FormatNumber, axis_around, axis_from, percent

SPOT: Final = "spot"

_ROW, _BAR = 30, 0.36
"""Pixels of a row of the ladder, and half the height of its bar as a share of the row."""

_LEAST_ROWS: Final = 2

_LEAST_BAR: Final = 2.0
"""Pixels of a bar whose ends coincide: a range of no width is still a range."""


def range_ladder(rows: Sequence[LadderRow], spot: float, *, label: str, level: FormatNumber) -> str:
    """Nested ranges of the close, one row for each date, with a line at spot.

    Args:
        rows: from the top down. Each interval is a bar in the colour of its coverage, below those that cover less.
        spot: index level of the line.
        label: what the picture shows, for readers who do not see it.
        level: how the ticks write an index level.

    Returns:
        One SVG element; empty without rows, and where a level is not finite the bar is left out.
    """
    kept = [LadderRow(row.label, tuple(filter(_finite, row.intervals))) for row in rows]
    if not kept or not math.isfinite(spot):
        return ""
    ends = [end for row in kept for interval in row.intervals for end in (interval.lower, interval.upper)]
    x = axis_around([spot, *ends], level, most=4, room=BESIDE_LEVELS)
    # The library draws no lower picture than this.
    spare = max(0, _LEAST_ROWS - len(kept)) / 2
    y = Axis(
        -len(kept) + 0.5 - spare, 0.5 + spare, tuple((-float(place), row.label) for place, row in enumerate(kept))[::-1]
    )
    least = (x.high - x.low) * _LEAST_BAR / WIDTH
    layers = []
    for coverage in sorted({interval.coverage for row in kept for interval in row.intervals}, reverse=True):
        found = [
            (place, interval)
            for place, row in enumerate(kept)
            for interval in row.intervals
            if interval.coverage == coverage
        ]
        wider = [max(0.0, least - (interval.upper - interval.lower)) / 2 for _, interval in found]
        layers.append(
            drawing.bars(
                [interval.lower - more for (_, interval), more in zip(found, wider, strict=True)],
                [interval.upper + more for (_, interval), more in zip(found, wider, strict=True)],
                [-place - _BAR for place, _ in found],
                [-place + _BAR for place, _ in found],
                band_colour(coverage),
            )
        )
    # Seen on the bars by its edges, and beside them by itself.
    layers += [drawing.strokes([(spot, y.low)], [(spot, y.high)], colour, width=width) for colour, width in _SPOT_LINE]
    return drawn(layers, Frame(x, y, height=_ROW * max(_LEAST_ROWS, len(kept)) + 28, grid="x"), label=label)


_SPOT_LINE: Final = (("tile", 5.0), ("ink", 2.0))


_RARE: Final = 0.01


def breach_curves(points: Sequence[BreachPoint], *, label: str, distance: FormatNumber) -> str:
    """Probability of a touch and of a close beyond, by distance below and above spot.

    Args:
        points: by distance; drawn below spot to the left, above it to the right.
        label: what the picture shows, for readers who do not see it.
        distance: how the ticks write a positive number of points.

    Returns:
        One SVG element; empty without points. Touches are a solid line with points, closes a dashed one. Both end at
        the first distance from which on every probability is written as "under 1 %".
    """
    kept = _up_to_the_rare(sorted(filter(_placed, points), key=lambda point: point.distance))
    if not kept:
        return ""

    def signed(value: float) -> str:
        return SPOT if abs(value) < 1e-9 else f"{_sign(value)}{distance(abs(value))}"

    furthest = max(kept[-1].distance, 1.0) * 1.04
    x, y = axis_from(-furthest, furthest, signed, most=5, room=BESIDE_LEVELS), axis_from(0.0, 1.0, percent, most=6)
    touch = [[(-p.distance, p.touch_down) for p in kept], [(p.distance, p.touch_up) for p in kept]]
    close = [[(-p.distance, p.close_down) for p in kept], [(p.distance, p.close_up) for p in kept]]
    layers = [drawing.strokes([(0.0, 0.0)], [(0.0, 1.0)], "muted", width=1)]
    layers += [layer for side in close for layer in _curve(side, y, "series-2", "dashed")]
    layers += [layer for side in touch for layer in _curve(side, y, "series-1", "solid")]
    return drawn(layers, Frame(x, y, height=190, y_title="probability"), label=label)


def _placed(point: BreachPoint) -> bool:
    return math.isfinite(point.distance)


def _up_to_the_rare(points: Sequence[BreachPoint]) -> Sequence[BreachPoint]:
    """The points up to the first from which on nothing is likelier than ``_RARE``."""
    for place in range(len(points), 0, -1):
        one = points[place - 1]
        if max(one.touch_up, one.touch_down, one.close_up, one.close_down) >= _RARE:
            return points[: place + 1]
    return points


def _curve(curve: Sequence[tuple[float, float]], y: Axis, colour: str, dashes: str) -> list[drawing.Layer]:
    """One side of a breach curve; a point alone, which makes no line, is a dot in any case."""
    kept = [(at, y.held(probability)) for at, probability in curve if math.isfinite(probability)]
    across, up = [at for at, _ in kept], [probability for _, probability in kept]
    layers = []
    if len(kept) > 1:
        layers.append(drawing.line(across, up, colour, dashes=dashes))
    if dashes == "solid" or len(kept) == 1:
        layers.append(drawing.points(across, up, [2.0] * len(kept), colour, colour))
    return layers


def fan(past: Sequence[PastSpot], spot: float, steps: Sequence[FanStep], *, label: str, level: FormatNumber) -> str:
    """Bands of the close over the sessions ahead, after the spots of the sessions before.

    No line runs through the bands: a median alone would read as a forecast of the way.

    Args:
        past: of the record, in any order; sessions up to 0.
        spot: index level of now, at session 0, where the bands begin.
        steps: ahead, in any order; a band is drawn through the steps that have an interval of its coverage.
        label: what the picture shows, for readers who do not see it.
        level: how the ticks write an index level.

    Returns:
        One SVG element; empty when there are neither past spots nor steps.
    """
    before = sorted((one.session, one.spot) for one in past if one.session < 0 and math.isfinite(one.spot))
    bands: dict[float, list[tuple[int, float, float]]] = {}
    for step in sorted(steps, key=lambda step: step.session):
        for interval in filter(_finite, step.intervals):
            start = [(0, spot, spot)]
            bands.setdefault(interval.coverage, start).append((step.session, interval.lower, interval.upper))
    if not math.isfinite(spot) or not (before or bands):
        return ""
    levels = [spot, *(one for _, one in before)]
    levels += [end for band in bands.values() for _, *ends in band for end in ends]
    last = max([session for band in bands.values() for session, *_ in band], default=1)
    first = min([session for session, _ in before], default=0)
    x = axis_from(first - 0.02 * (last - first), last, _sessions, most=6, room=BESIDE_LEVELS)
    y = axis_around(levels, level, most=5)
    layers = []
    for coverage in sorted(bands, reverse=True):
        sessions, lower, upper = zip(*bands[coverage], strict=True)
        layers.append(drawing.band(sessions, lower, upper, band_colour(coverage)))
    if before:
        layers.append(drawing.line([at for at, _ in before] + [0], [one for _, one in before] + [spot], "ink"))
    layers.append(drawing.points([0], [spot], [3.0], "ink", "tile"))
    return drawn(layers, Frame(x, y, height=210, x_title="sessions", grid="y"), label=label)


def _sessions(value: float) -> str:
    """A tick of the fan: whole sessions, with their sign; none between two sessions."""
    whole = round(value)
    return "now" if whole == 0 else f"{_sign(whole)}{abs(whole)}"


def _sign(value: float) -> str:
    return "+" if value > 0 else "\N{MINUS SIGN}"


def band_colour(coverage: float) -> str:
    """The palette's colour of a band: each coverage has the same one in every chart."""
    nearest = min((50, 80, 90, 95), key=lambda percents: abs(percents - 100 * coverage))
    return f"band-{nearest}"


def _finite(interval: Interval) -> bool:
    return math.isfinite(interval.lower) and math.isfinite(interval.upper)
