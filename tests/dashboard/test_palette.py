"""The page's colours: contrast by WCAG 2, and what is left of their differences for red-green blind readers."""

import re
from importlib.resources import files
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from aegismatrix_engine.dashboard.palette import PALETTE, custom_properties

THEMES = (0, 1)
TEXT = ("ink", "muted", "link", "amber", "up", "down")
SHAPES = ("series-1", "series-2", "past", "nominal", "band-95", "band-90", "band-80", "band-50")
TOLD_APART = (
    ("up", "down"),
    ("series-1", "series-2"),
    ("series-1", "past"),
    ("series-1", "nominal"),
    ("past", "nominal"),
    ("up", "nominal"),
    ("down", "nominal"),
)
BANDS = ("band-95", "band-90", "band-80", "band-50")

NORMAL = np.eye(3)
# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
VISIONS = {"normal": NORMAL, "protanopia": PROTANOPIA, "deuteranopia": DEUTERANOPIA}

Colour = npt.NDArray[np.float64]


def linear(name: str, theme: int) -> Colour:
    """The colour as linear RGB."""
    value = PALETTE[name][theme]
    channels = np.array([int(value[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str, theme: int) -> float:
    """WCAG 2.2, "contrast ratio"."""
    darker, lighter = sorted(float(linear(name, theme) @ [0.2126, 0.7152, 0.0722]) for name in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb: Colour) -> Colour:
    """CIELAB under D65, of linear RGB."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    x, y, z = np.cbrt(to_xyz @ np.clip(rgb, 0.0, 1.0) / np.array([0.95047, 1.0, 1.08883]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: str, other: str, theme: int, vision: Colour) -> float:
    """CIE76: 2.3 is just noticeable side by side."""
    return float(np.linalg.norm(lab(vision @ linear(one, theme)) - lab(vision @ linear(other, theme))))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("background", ["page", "tile"])
def test_text_is_readable_and_shapes_are_seen_on_page_and_tile(background: str, theme: int) -> None:
    assert {name: contrast(name, background, theme) for name in TEXT if contrast(name, background, theme) < 4.5} == {}
    assert {name: contrast(name, background, theme) for name in SHAPES if contrast(name, background, theme) < 3} == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("pair", TOLD_APART, ids="-".join)
def test_what_must_be_told_apart_is_so_with_red_green_blindness(pair: tuple[str, str], vision: str, theme: int) -> None:
    assert difference(*pair, theme, VISIONS[vision]) >= 20


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISIONS)
def test_bands_are_the_stronger_the_less_they_cover(vision: str, theme: int) -> None:
    outstanding = [contrast(band, "tile", theme) for band in BANDS]
    assert outstanding == sorted(outstanding)
    for outer, inner in pairwise(BANDS):
        assert difference(outer, inner, theme, VISIONS[vision]) >= 10


def test_every_colour_becomes_a_custom_property_of_each_theme() -> None:
    for theme in THEMES:
        found = dict(re.findall(r"--([a-z0-9-]+):(#[0-9a-f]{6});", custom_properties(theme)))
        assert found == {name: values[theme] for name, values in PALETTE.items()}


def test_the_style_sheet_names_no_colour_that_the_palette_lacks() -> None:
    sheet = files("aegismatrix_engine.dashboard").joinpath("templates/page.css").read_text(encoding="utf-8")
    named = set(re.findall(r"var\(--([a-z0-9-]+)\)", sheet))
    assert named
    assert named <= set(PALETTE)
