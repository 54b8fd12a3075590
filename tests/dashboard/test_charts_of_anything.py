"""Charts of numbers that are few, equal, close together, at their bounds, or not finite at all."""

import math
import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from chart_samples import rupees
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictures import Drawn, shapes

from aegismatrix_engine.dashboard import drawing
from aegismatrix_engine.dashboard.chart_data import (
    BreachPoint,
    DirectionRow,
    FanStep,
    Interval,
    LadderRow,
    PastSpot,
    ReliabilityBin,
    WindowShare,
)
from aegismatrix_engine.dashboard.charts import (
    breach_curves,
    direction_bars,
    fan,
    range_ladder,
    reliability,
    window_shares,
)
from aegismatrix_engine.dashboard.scales import Axis, axis_around, axis_from, round_values, text_width
from aegismatrix_engine.dashboard.svg import TEXT_SIZE

quickly = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

LEVELS = st.floats(1.0, 1e7) | st.sampled_from([24000.0, 24000.0 + 1e-9, math.nan, math.inf])
SHARES = st.floats(0.0, 1.0) | st.sampled_from([0.0, 1.0, 0.5, 1e-12, math.nan, math.inf, -math.inf])
COVERAGES = (0.5, 0.8, 0.9, 0.95)

INTERVALS = st.builds(
    lambda coverage, ends: Interval(coverage, *sorted(ends)), st.sampled_from(COVERAGES), st.tuples(LEVELS, LEVELS)
)
LADDERS = st.lists(
    st.builds(LadderRow, st.sampled_from(["today", "25 Aug", "1 Sep"]), st.lists(INTERVALS, max_size=4).map(tuple)),
    max_size=6,
)
BREACHES = st.lists(st.builds(BreachPoint, st.floats(1.0, 1e5), SHARES, SHARES, SHARES, SHARES), max_size=9)
WINDOWS = st.lists(
    st.builds(WindowShare, st.just("09:15"), SHARES, st.none() | SHARES, st.sampled_from(["past", "running", "ahead"])),
    max_size=6,
)
STEPS = st.lists(st.builds(FanStep, st.integers(1, 40), st.lists(INTERVALS, max_size=3).map(tuple)), max_size=8)
PASTS = st.lists(st.builds(PastSpot, st.integers(-250, 0), LEVELS), max_size=40)
DIRECTIONS = st.lists(st.builds(DirectionRow, st.just("40 sessions"), SHARES, SHARES, SHARES, SHARES), max_size=7)
BINS = st.lists(st.builds(ReliabilityBin, SHARES, SHARES, SHARES, SHARES, st.floats(0, 1e4)), max_size=10)


def assert_sound(svg: str, printed: pytest.CaptureFixture[str]) -> None:
    """Either no picture, or one with finite numbers, inside its frame, with no two words on each other.

    The library prints which values it has left out; there are none, for all of them lie within the axes.
    """
    assert printed.readouterr() == ("", "")
    if not svg:
        return
    assert not re.search(r"\b(nan|inf|infinity|undefined|None)\b", svg)
    right, bottom = (float(side) for side in ElementTree.fromstring(svg).get("viewBox", "").split()[2:])
    for shape in shapes(svg):
        if shape.name == "path":
            corners = [corner for line in shape.lines for corner in line]
        elif shape.name == "rect":
            corners = [(shape["x"], shape["y"]), (shape["x"] + shape["width"], shape["y"] + shape["height"])]
        else:
            corners = [
                (shape[key], shape[other]) for key, other in (("cx", "cy"), ("x", "y")) if key in shape.attributes
            ]
        for x, y in corners:
            assert -0.1 <= x <= right + 0.1
            assert -0.1 <= y <= bottom + 0.1
    for one, other in combinations([box(text) for text in shapes(svg, "text")], 2):
        assert not overlap(one, other), (one, other)


def box(text: Drawn) -> tuple[str, float, float, float]:
    """The words, where they begin and end, and their baseline."""
    width = text_width(text.text) * TEXT_SIZE
    before = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.attributes.get("text-anchor", "start")]
    return text.text, text["x"] - before * width, text["x"] + (1 - before) * width, text["y"]


def overlap(one: tuple[str, float, float, float], other: tuple[str, float, float, float]) -> bool:
    return one[1] < other[2] and other[1] < one[2] and abs(one[3] - other[3]) < 0.75 * TEXT_SIZE


@quickly
@given(LADDERS, LEVELS)
def test_any_ladder(capfd: pytest.CaptureFixture[str], rows: list[LadderRow], spot: float) -> None:
    assert_sound(range_ladder(rows, spot, label="Ranges", level=rupees), capfd)


@quickly
@given(BREACHES)
def test_any_breach_curves(capfd: pytest.CaptureFixture[str], points: list[BreachPoint]) -> None:
    assert_sound(breach_curves(points, label="Breach", distance=rupees), capfd)


@quickly
@given(WINDOWS)
def test_any_windows(capfd: pytest.CaptureFixture[str], windows: list[WindowShare]) -> None:
    assert_sound(window_shares(windows, label="Windows"), capfd)


@quickly
@given(PASTS, LEVELS, STEPS)
def test_any_fan(capfd: pytest.CaptureFixture[str], past: list[PastSpot], spot: float, steps: list[FanStep]) -> None:
    assert_sound(fan(past, spot, steps, label="Fan", level=rupees), capfd)


@quickly
@given(DIRECTIONS)
def test_any_direction_bars(capfd: pytest.CaptureFixture[str], rows: list[DirectionRow]) -> None:
    assert_sound(direction_bars(rows, label="Direction"), capfd)


@quickly
@given(BINS, BINS)
def test_any_reliability_diagram(
    capfd: pytest.CaptureFixture[str], bins: list[ReliabilityBin], walk: list[ReliabilityBin]
) -> None:
    assert_sound(reliability(bins, label="Reliability", walk=walk), capfd)


def test_expiries_on_one_day_and_on_the_next_keep_their_rows() -> None:
    rows = [LadderRow(label, (Interval(0.8, 23990.0, 24010.0),)) for label in ("today", "25 Aug", "26 Aug", "26 Aug")]
    tops = [bar["y"] for bar in shapes(range_ladder(rows, 24000.0, label="Ranges", level=rupees), "rect")]
    assert tops == sorted(tops)
    assert len(set(tops)) == 4


def test_charts_of_bounds_and_single_values_leave_nothing_out(capfd: pytest.CaptureFixture[str]) -> None:
    near, same = Interval(0.8, 24000.0, 24000.0), Interval(0.95, 24000.0, 24000.0)
    range_ladder([LadderRow("today", (near, same))], 24000.0, label="Ranges", level=rupees)
    breach_curves([BreachPoint(50, 1.0, 0.0, 0.0, 1.0)], label="Breach", distance=rupees)
    window_shares([WindowShare("09:15", 0.0, 1.0, "ahead")], label="Windows")
    fan([PastSpot(-1, 24000.0)], 24000.0, [FanStep(1, (near,))], label="Fan", level=rupees)
    direction_bars([DirectionRow("today", 0.0, 1.0, 1.0, 0.0)], label="Direction")
    reliability([ReliabilityBin(0.0, 0.0, 0.0, 1.0, 1)], label="Reliability")
    assert capfd.readouterr() == ("", "")


@given(st.floats(-1e7, 1e7), st.floats(0.1, 1e6), st.integers(2, 8))
def test_ticks_are_round_even_and_few(low: float, span: float, most: int) -> None:
    ticks = round_values(low, low + span, most)
    assert 1 <= len(ticks) <= most
    steps = [after - before for before, after in pairwise(ticks)]
    assert steps == pytest.approx([steps[0]] * len(steps)) if steps else True
    assert all(low - span * 1e-6 <= tick <= low + span * (1 + 1e-6) for tick in ticks)


@given(st.lists(st.floats(1.0, 1e7), min_size=1, max_size=5))
def test_an_axis_holds_its_values_and_no_two_ticks_read_alike(values: list[float]) -> None:
    axis = axis_around(values, rupees, most=5)
    assert axis.low < min(values) <= max(values) < axis.high
    written = [text for _, text in axis.ticks]
    assert len(written) == len(set(written))


@quickly
@given(st.floats(-1e6, 1e6), st.floats(0.1, 1e6), st.integers(2, 7))
def test_every_tick_of_an_axis_is_drawn(low: float, span: float, most: int) -> None:
    axis = axis_from(low, low + span, "{:.5g}".format, most=most, room=drawing.BESIDE_LEVELS)
    plain = Axis(0.0, 1.0, ())
    for x, y in ((axis, plain), (plain, axis)):
        layer = drawing.line([x.low, x.high], [y.low, y.high], "ink")
        svg = drawing.drawn([layer], drawing.Frame(x, y, height=300), label="Line")
        assert sorted(text.text for text in shapes(svg, "text")) == sorted(text for _, text in axis.ticks)
