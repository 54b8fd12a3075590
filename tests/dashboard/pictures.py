"""Reads the charts of the page back as shapes and words, to compare where they stand with what was to be drawn."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

STEP = re.compile(r"([MLHVZ])(-?[\d.]+)?(?: (-?[\d.]+))?")

Point = tuple[float, float]


@dataclass(frozen=True)
class Drawn:
    """One element with the attributes that it has itself or from the groups around it."""

    name: str
    attributes: Mapping[str, str]
    text: str

    def __getitem__(self, key: str) -> float:
        return float(self.attributes[key])

    @property
    def fill(self) -> str:
        return colour(self.attributes.get("fill", ""))

    @property
    def stroke(self) -> str:
        return colour(self.attributes.get("stroke", ""))

    @property
    def dashed(self) -> bool:
        return "stroke-dasharray" in self.attributes

    @property
    def lines(self) -> list[list[Point]]:
        """The corners of each line of a path."""
        found: list[list[Point]] = []
        for step, one, other in STEP.findall(self.attributes["d"]):
            if step == "M":
                found.append([(float(one), float(other))])
            elif step != "Z":
                x, y = found[-1][-1]
                corners = {"L": (one, other), "H": (one, y), "V": (x, one)}
                right, down = corners[step]
                found[-1].append((float(right), float(down)))
        return found


def colour(value: str) -> str:
    return value.removeprefix("var(--").removesuffix(")")


def shapes(svg: str, name: str = "") -> list[Drawn]:
    """The elements in painting order; only those called ``name`` when it is given."""
    root = ElementTree.fromstring(svg)
    return [found for found in _walked(root, {}) if not name or found.name == name]


def _walked(parent: ElementTree.Element, inherited: dict[str, str]) -> Iterator[Drawn]:
    for element in parent:
        attributes = inherited | element.attrib
        if element.tag == "g":
            yield from _walked(element, attributes)
        else:
            yield Drawn(element.tag, attributes, element.text or "")


def texts(svg: str) -> dict[str, Point]:
    return {found.text: (found["x"], found["y"]) for found in shapes(svg, "text")}


@dataclass(frozen=True)
class Ruler:
    """Reads a value off an axis: from two places whose values are known."""

    one: tuple[float, float]
    other: tuple[float, float]

    def place(self, value: float) -> float:
        (value_one, place_one), (value_other, place_other) = self.one, self.other
        return place_one + (value - value_one) * (place_other - place_one) / (value_other - value_one)


def level_of(text: str) -> float:
    """The number that a tick shows: "18,000", "+500", "20 %" as 0.2."""
    bare = text.replace(",", "").replace("\N{MINUS SIGN}", "-")
    return float(bare.removesuffix(" %")) / 100 if bare.endswith(" %") else float(bare)
