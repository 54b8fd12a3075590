"""The one place that calls lets-plot: layers over two axes in, SVG text out, and nothing on standard output."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final

from aegismatrix_engine.dashboard.palette import PALETTE
from aegismatrix_engine.dashboard.scales import Axis, text_width
from aegismatrix_engine.dashboard.svg import TEXT_SIZE, compact
from aegismatrix_engine.errors import ConfigurationError

WIDTH: Final = 344

BESIDE_LEVELS: Final = (WIDTH - 70) / TEXT_SIZE
"""Length of a horizontal axis beside index levels or dates, in units of the font size."""

BESIDE_NAMES: Final = (WIDTH - 110) / TEXT_SIZE
"""The same beside names of twelve characters."""

# The library accepts no CSS variable: each colour is drawn as a number of its own, and named afterwards.
_INKS: Final = {name: f"#0000{place:02x}" for place, name in enumerate(PALETTE, start=1)}
_NAMED: Final = {ink: f"var(--{name})" for name, ink in _INKS.items()}

# The library's unit of line width and of point size, in pixels.
_PIXEL: Final = 1 / 2.2
_TEXT_PIXEL: Final = 1 / 2.0

Layer = Any
"""A layer of lets-plot, which has no types."""

Columns = Mapping[str, Sequence[float] | Sequence[str]]


@dataclass(frozen=True)
class Frame:
    """What a chart has around its layers.

    Attributes:
        x: horizontal axis.
        y: vertical axis.
        height: of the whole picture in pixels at a width of ``WIDTH``.
        x_title: below the horizontal axis; empty for none.
        y_title: above the vertical axis; empty for none.
        grid: axes, of "x" and "y", whose ticks run through the picture as faint lines.
    """

    x: Axis
    y: Axis
    height: int
    x_title: str = ""
    y_title: str = ""
    grid: str = "xy"


def drawn(layers: Sequence[Layer], frame: Frame, *, label: str) -> str:
    """The layers, first at the bottom, as SVG for the page; empty without layers.

    Args:
        layers: from the functions of this module; every value lies within the limits of the axes.
        frame: axes, titles and size.
        label: what the picture shows, for readers who do not see it.

    Raises:
        ConfigurationError: lets-plot is missing, or is a version that draws otherwise.
    """
    if not layers:
        return ""
    lets_plot = library()
    plot = lets_plot.ggplot()
    for layer in layers:
        plot += layer
    for scale, axis in ((lets_plot.scale_x_continuous, frame.x), (lets_plot.scale_y_continuous, frame.y)):
        breaks, labels = [at for at, _ in axis.ticks], [text for _, text in axis.ticks]
        # The library leaves out a tick that rounding moves past the very end.
        beyond = (axis.high - axis.low) * 1e-6
        plot += scale(limits=[axis.low - beyond, axis.high + beyond], expand=[0, 0], breaks=breaks, labels=labels)
    plot += lets_plot.scale_size_identity()
    plot += lets_plot.labs(x=frame.x_title, y="", subtitle=frame.y_title)
    plot += lets_plot.ggsize(WIDTH, frame.height) + _theme(frame)
    with _standard_output_kept_clean():
        svg = plot.to_svg()
    if "generateSvg() - Exception" in svg:
        raise ConfigurationError("lets-plot could not draw a chart: install the version that requirements.lock names")
    return compact(svg, _NAMED, label=label)


def bars(
    left: Sequence[float],
    right: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    fill: str,
    outline: str | None = None,
) -> Layer:
    """Rectangles from ``left`` to ``right`` and from ``low`` to ``high``, in the units of the axes."""
    lets_plot = library()
    data = {"left": list(left), "right": list(right), "low": list(low), "high": list(high)}
    mapped = lets_plot.aes(xmin="left", xmax="right", ymin="low", ymax="high")
    edge = {"size": 0} if outline is None else {"size": 1.5 * _PIXEL, "color": _INKS[outline]}
    return lets_plot.geom_rect(mapped, data=data, fill=_INKS[fill], tooltips="none", **edge)


def band(x: Sequence[float], lower: Sequence[float], upper: Sequence[float], fill: str) -> Layer:
    """The area between two lines over at least two values of ``x``."""
    lets_plot = library()
    data = {"x": list(x), "lower": list(lower), "upper": list(upper)}
    mapped = lets_plot.aes(x="x", ymin="lower", ymax="upper")
    return lets_plot.geom_ribbon(mapped, data=data, fill=_INKS[fill], size=0, tooltips="none")


def line(x: Sequence[float], y: Sequence[float], colour: str, *, width: float = 2.0, dashes: str = "solid") -> Layer:
    """A line through at least two points; ``width`` in pixels."""
    lets_plot = library()
    look = {"color": _INKS[colour], "size": width * _PIXEL, "linetype": dashes}
    return lets_plot.geom_path(lets_plot.aes("x", "y"), data={"x": list(x), "y": list(y)}, tooltips="none", **look)


def strokes(
    start: Sequence[tuple[float, float]], end: Sequence[tuple[float, float]], colour: str, *, width: float = 2.0
) -> Layer:
    """Straight strokes from each ``(x, y)`` of ``start`` to that of ``end``; ``width`` in pixels."""
    lets_plot = library()
    data = {
        "x": [point[0] for point in start],
        "y": [point[1] for point in start],
        "to_x": [point[0] for point in end],
        "to_y": [point[1] for point in end],
    }
    mapped = lets_plot.aes(x="x", y="y", xend="to_x", yend="to_y")
    return lets_plot.geom_segment(mapped, data=data, color=_INKS[colour], size=width * _PIXEL, tooltips="none")


def points(x: Sequence[float], y: Sequence[float], radius: Sequence[float], fill: str, outline: str) -> Layer:
    """Circles; ``radius`` in pixels, to the middle of an outline of 1.5 pixels."""
    lets_plot = library()
    stroke = 1.5 * _PIXEL
    # The library adds the stroke to the size.
    data = {"x": list(x), "y": list(y), "size": [2 * each * _PIXEL - stroke for each in radius]}
    look = {"shape": 21, "fill": _INKS[fill], "color": _INKS[outline], "stroke": stroke}
    return lets_plot.geom_point(lets_plot.aes("x", "y", size="size"), data=data, tooltips="none", **look)


def words(x: float, y: float, text: str, colour: str, *, anchor: str = "middle") -> Layer:
    """A few words at a place; ``anchor`` is left, middle or right."""
    lets_plot = library()
    data = {"x": [x], "y": [y], "text": [text]}
    look = {"color": _INKS[colour], "size": TEXT_SIZE * _TEXT_PIXEL, "hjust": anchor}
    return lets_plot.geom_text(lets_plot.aes("x", "y", label="text"), data=data, tooltips="none", **look)


@cache
def library() -> Any:
    """The module lets_plot, which only the page needs.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return import_module("lets_plot")
    except ImportError as error:
        message = "the page's charts need lets-plot: pip install 'aegismatrix-engine[dashboard]'"
        raise ConfigurationError(message) from error


def _theme(frame: Frame) -> Any:
    lets_plot = library()

    def grid(axis: str) -> Any:
        return lets_plot.element_line(color=_INKS["grid"], size=1) if axis in frame.grid else lets_plot.element_blank()

    def text(margin: list[int], **more: float) -> Any:
        return lets_plot.element_text(color=_INKS["muted"], size=TEXT_SIZE, margin=margin, **more)

    blank = lets_plot.element_blank()
    return lets_plot.theme_void() + lets_plot.theme(
        plot_background=blank,
        axis_text_x=text([6, 0, 0, 0], angle=0),
        axis_text_y=text([0, 5, 0, 0]),
        axis_title_x=text([4, 0, 0, 0]) if frame.x_title else blank,
        plot_subtitle=text([0, 0, 8, 0]) if frame.y_title else blank,
        plot_title_position="plot",
        panel_grid_major_x=grid("x"),
        panel_grid_major_y=grid("y"),
        axis_ticks_length=4,
        plot_margin=[4, _overhang(frame.x), 4, 4],
        plot_inset=0,
        legend_position="none",
    )


def _overhang(axis: Axis) -> float:
    """Pixels that the last tick's text reaches beyond the end of the axis."""
    if not axis.ticks or axis.high <= axis.low:
        return 4.0
    at, text = axis.ticks[-1]
    inside = (axis.high - at) / (axis.high - axis.low) * (WIDTH - 60)
    return max(4.0, 2.0 + text_width(text) * TEXT_SIZE / 2 - inside)


@contextmanager
def _standard_output_kept_clean() -> Iterator[None]:
    """Sends what native code prints to standard output to standard error: ``--json`` promises one JSON text there."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:
        yield  # Standard output is closed: nothing can reach it.
        return
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
