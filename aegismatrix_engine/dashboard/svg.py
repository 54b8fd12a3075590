"""Rewriting the SVG of the chart library into what the page can carry.

The library's text has a style sheet, random ids, clip paths, sixteen digits a coordinate and one fixed colour for each
thing. The page allows no inline styles, holds several charts, follows the reader's theme, and has the same bytes for
the same numbers. ``compact`` keeps the shapes and their painting order, and writes everything else anew.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from aegismatrix_engine.errors import ConfigurationError

TEXT_SIZE: Final = 13
"""Font size in units of the view box, which are pixels where it is shown as wide as it was drawn."""

_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?"
_MOVE: Final = re.compile(rf"translate\(({_NUMBER}) ({_NUMBER}) ?\)")
_NO_TURN: Final = re.compile(r"rotate\(-?0\.0[ \d.-]*\)")
_STEP: Final = re.compile(rf"([MLZ])(?:({_NUMBER}) ({_NUMBER}))?")
_RULE: Final = re.compile(r"\.([\w-]+) \{([^}]*)\}")
_RGB: Final = re.compile(r"rgb\((\d+),(\d+),(\d+)\)")
_NOT_DRAWN: Final = frozenset({"style", "defs"})

Style = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shape:
    """One drawn element: how it is painted, where it is, and what it says.

    Attributes:
        name: of the element; straight lines are paths.
        style: painting attributes, which neighbours may share.
        place: coordinates, as they are written.
        text: of a text; empty for any other.
    """

    name: str
    style: Style
    place: tuple[tuple[str, str], ...]
    text: str = ""


def compact(drawn: str, colours: Mapping[str, str], *, label: str) -> str:
    """The same picture as short SVG for a page of HTML: attributes only, no style, no ids, nothing to focus.

    Args:
        drawn: the library's SVG.
        colours: colour in the drawing, as ``#rrggbb``, -> what is written in its place.
        label: what the picture shows, for readers who do not see it.

    Raises:
        ConfigurationError: the drawing holds an element or a colour that this version does not know.
    """
    root = ElementTree.fromstring(drawn)
    rules = {
        name: _properties(body) for style in root.iter(_tag("style")) for name, body in _RULE.findall(_said(style))
    }
    shapes = _Reader(colours, rules).shapes(root, 0.0, 0.0)
    size = " ".join(number(float(root.get(side, "0"))) for side in ("width", "height"))
    return picture(_written(shapes), f"0 0 {size}", label=label)


def picture(inside: str, view_box: str, *, label: str) -> str:
    """An image element around ``inside``, as wide as its place on the page; hidden from screen readers unlabelled."""
    named = f'role="img" aria-label={quoteattr(label)}' if label else 'aria-hidden="true"'
    size = f' font-size="{TEXT_SIZE}"' if "<text" in inside else ""
    return f'<svg viewBox="{view_box}" width="100%" {named}{size}>{inside}</svg>'


def number(value: float) -> str:
    """A coordinate to a tenth, without what says nothing: "12", "0.5", "-3.1"."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class _Reader:
    """Reads the elements of a drawing as shapes with absolute coordinates."""

    colours: Mapping[str, str]
    rules: Mapping[str, Mapping[str, str]]

    def shapes(self, parent: ElementTree.Element, x: float, y: float) -> Iterator[Shape]:
        for element in parent:
            name = element.tag.rpartition("}")[2]
            if name == "g":
                right, down = _moved(element.get("transform", ""))
                yield from self.shapes(element, x + right, y + down)
            elif name not in _NOT_DRAWN:
                shape = self._shape(name, element, x, y)
                if shape is not None:
                    yield shape

    def _shape(self, name: str, element: ElementTree.Element, x: float, y: float) -> Shape | None:
        if name == "text":
            return self._text(element, x, y)
        style = self._painted(element)
        if not style:
            return None
        if name == "line":
            one, other = ((_float(element, f"x{end}") + x, _float(element, f"y{end}") + y) for end in "12")
            return Shape("path", style, (("d", _path([("M", *one), ("L", *other)])),))
        if name == "path":
            return Shape("path", style, (("d", _path(_steps(element.get("d", ""), x, y))),))
        if name == "rect":
            place = {"x": _float(element, "x") + x, "y": _float(element, "y") + y}
            place |= {side: _float(element, side) for side in ("width", "height")}
        elif name == "circle":
            place = {"cx": _float(element, "cx") + x, "cy": _float(element, "cy") + y, "r": _float(element, "r")}
        else:
            raise ConfigurationError(_unknown(f"element <{name}>"))
        return Shape(name, style, tuple((key, number(value)) for key, value in place.items()))

    def _text(self, element: ElementTree.Element, x: float, y: float) -> Shape | None:
        text = "".join(element.itertext()).strip()
        if not text:
            return None
        rule = dict(self.rules.get(element.get("class", ""), {})) | _properties(element.get("style", ""))
        down = float(element.get("dy", "0em").removesuffix("em")) * TEXT_SIZE
        style = [("fill", self._colour(rule.get("fill", "")))]
        if anchor := element.get("text-anchor"):
            style.append(("text-anchor", anchor))
        place = ("x", number(x + _float(element, "x"))), ("y", number(y + _float(element, "y") + down))
        return Shape("text", tuple(style), place, text)

    def _painted(self, element: ElementTree.Element) -> Style:
        """Fill and stroke of an element; empty when it shows nothing."""
        fill, stroke = (element.get(key, "none") for key in ("fill", "stroke"))
        filled = fill != "none" and float(element.get("fill-opacity", "1")) > 0
        width = float(element.get("stroke-width", "1"))
        outlined = stroke != "none" and width > 0 and float(element.get("stroke-opacity", "1")) > 0
        if not filled and not outlined:
            return ()
        style = [("fill", self._colour(fill) if filled else "none")]
        if outlined:
            style.append(("stroke", self._colour(stroke)))
            if number(width) != "1":
                style.append(("stroke-width", number(width)))
            if dashes := element.get("stroke-dasharray"):
                style.append(("stroke-dasharray", " ".join(number(float(dash)) for dash in dashes.split(","))))
        return tuple(style)

    def _colour(self, value: str) -> str:
        if parts := _RGB.fullmatch(value):
            value = "#" + "".join(f"{int(part):02x}" for part in parts.groups())
        if value not in self.colours:
            raise ConfigurationError(_unknown(f"colour {value!r}"))
        return self.colours[value]


def _written(shapes: Iterable[Shape]) -> str:
    """The shapes as text: neighbours painted alike share their attributes, lines among them also one path."""
    parts = []
    for (name, style), group in groupby(shapes, lambda shape: (shape.name, shape.style)):
        same = list(group)
        if name == "path" and dict(style)["fill"] == "none":
            same = [Shape(name, style, (("d", "".join(dict(shape.place)["d"] for shape in same)),))]
        shared = _attributes(style)
        if len(same) == 1:
            parts.append(_element(same[0], shared))
        else:
            parts.append(f"<g{shared}>{''.join(_element(shape, '') for shape in same)}</g>")
    return "".join(parts)


def _element(shape: Shape, shared: str) -> str:
    start = f"<{shape.name}{_attributes(shape.place)}{shared}"
    return f"{start}>{escape(shape.text)}</{shape.name}>" if shape.text else f"{start}/>"


def _attributes(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f" {key}={quoteattr(value)}" for key, value in pairs)


def _path(steps: Iterable[tuple[str, float, float]]) -> str:
    """A path of straight lines; points that fall on the one before are left out."""
    written, last = [], ("", "")
    for step, right, down in steps:
        point = number(right), number(down)
        if step == "Z":
            written.append("Z")
        elif step == "M":
            written.append(f"M{point[0]} {point[1]}")
        elif point == last:
            continue
        elif point[0] == last[0]:
            written.append(f"V{point[1]}")
        elif point[1] == last[1]:
            written.append(f"H{point[0]}")
        else:
            written.append(f"L{point[0]} {point[1]}")
        last = point
    return "".join(written)


def _steps(path: str, x: float, y: float) -> list[tuple[str, float, float]]:
    if _STEP.sub("", path).strip():
        raise ConfigurationError(_unknown(f"path {path[:40]!r}"))
    return [(step, float(right or 0) + x, float(down or 0) + y) for step, right, down in _STEP.findall(path)]


def _moved(transform: str) -> tuple[float, float]:
    rest = _NO_TURN.sub("", transform).strip()
    if not rest:
        return 0.0, 0.0
    found = _MOVE.fullmatch(rest)
    if found is None:
        raise ConfigurationError(_unknown(f"transform {transform!r}"))
    return float(found[1]), float(found[2])


def _properties(body: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in body.split(";") if ":" in part)
    return {key.strip(): value.strip() for key, _, value in pairs}


def _float(element: ElementTree.Element, key: str) -> float:
    return float(element.get(key, "0"))


def _tag(name: str) -> str:
    return f"{{http://www.w3.org/2000/svg}}{name}"


def _said(style: ElementTree.Element) -> str:
    return style.text or ""


def _unknown(what: str) -> str:
    return f"the chart library drew an unknown {what}: install the version of lets-plot that requirements.lock names"
