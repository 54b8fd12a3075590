"""Gauges: marks in proportion to their numbers, small, and named or hidden."""

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import Drawn, shapes

from aegismatrix_engine.dashboard.gauges import interval_scale, legend_mark, progress, tick_scale
from aegismatrix_engine.dashboard.palette import PALETTE

WIDTH = 344
MOST_BYTES = 400

NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, math.nan, math.inf])


def stroked(svg: str, colour: str) -> Drawn:
    (found,) = [shape for shape in shapes(svg, "path") if shape.stroke == colour]
    return found


def span(svg: str, colour: str) -> tuple[float, float]:
    (line,) = stroked(svg, colour).lines
    return line[0][0], line[-1][0]


def test_a_value_is_a_bar_and_its_base_rate_a_tick_on_the_same_scale() -> None:
    svg = tick_scale(0.30, 0.26, 0.0, 0.6, label="30 %, usually 26 %")
    assert span(svg, "series-1") == (0, pytest.approx(WIDTH * 0.5, abs=0.1))
    assert span(svg, "ink")[0] == pytest.approx(WIDTH * 0.26 / 0.6, abs=0.1)


@pytest.mark.parametrize(("usual", "place"), [(0.0, 1.0), (0.6, WIDTH - 1.0)])
def test_a_tick_at_an_end_of_the_scale_is_drawn_whole(usual: float, place: float) -> None:
    assert span(tick_scale(0.3, usual, 0.0, 0.6, label="30 %"), "ink")[0] == place


def test_without_a_base_rate_there_is_no_tick() -> None:
    assert "ink" not in tick_scale(0.30, None, 0.0, 0.6, label="30 %")


def test_a_scale_grows_to_hold_what_lies_beyond_it() -> None:
    svg = tick_scale(0.8, 0.2, 0.0, 0.4, label="80 %, usually 20 %")
    assert span(svg, "series-1")[1] == WIDTH
    assert span(svg, "ink")[0] == pytest.approx(WIDTH / 4, abs=0.1)


def test_an_interval_its_value_and_its_reference_are_in_place() -> None:
    svg = interval_scale(0.88, 0.81, 0.96, reference=1.0, minimum=0.5, maximum=1.5, label="0.88")
    assert span(svg, "series-1") == (pytest.approx(WIDTH * 0.31, abs=0.1), pytest.approx(WIDTH * 0.46, abs=0.1))
    assert shapes(svg, "circle")[0]["cx"] == pytest.approx(WIDTH * 0.38, abs=0.1)
    assert span(svg, "ink")[0] == WIDTH / 2


@pytest.mark.parametrize(("done", "share"), [(12, 0.4), (30, 1.0), (45, 1.0)])
def test_progress_is_a_bar_in_proportion_and_full_at_most(done: float, share: float) -> None:
    assert span(progress(done, 30, label=f"{done} of 30"), "series-1") == (0, pytest.approx(WIDTH * share, abs=0.1))


def test_no_progress_is_an_empty_track() -> None:
    assert [shape.stroke for shape in shapes(progress(0, 30, label="0 of 30"))] == ["line"]


def test_a_gauge_has_a_name_or_is_hidden() -> None:
    named = ElementTree.fromstring(progress(1, 2, label='"half" & <more>'))
    assert (named.get("role"), named.get("aria-label")) == ("img", '"half" & <more>')
    hidden = ElementTree.fromstring(progress(1, 2, label=""))
    assert (hidden.get("role"), hidden.get("aria-hidden")) == (None, "true")


@given(NUMBERS, st.none() | NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_any_gauge_is_small_finite_and_inside_its_frame(
    value: float, usual: float | None, low: float, high: float, reference: float
) -> None:
    for svg in (
        tick_scale(value, usual, low, high, label="Value"),
        interval_scale(value, low, high, reference=reference, minimum=0.0, maximum=1.0, label="Value"),
        progress(value, high, label="Value"),
    ):
        if svg:
            assert len(svg) < MOST_BYTES
            assert "nan" not in svg
            assert "inf" not in svg
            for shape in shapes(svg, "path"):
                assert all(0 <= x <= WIDTH for line in shape.lines for x, _ in line)


@pytest.mark.parametrize("mark", ["bar", "hollow", "outlined", "line", "dashes", "tick", "point", "ring"])
def test_marks_of_legends_are_hidden_and_in_the_colours_of_the_theme(mark: str) -> None:
    svg = legend_mark(mark, "past")
    assert ElementTree.fromstring(svg).get("aria-hidden") == "true"
    assert {shape.fill or shape.stroke for shape in shapes(svg)} <= {"none", "past"}
    assert set(PALETTE) >= {"past"}
