"""The pictures' numbers: every mark of a chart stands where the chart's own axes say that its value is."""

import math
import re
from importlib.resources import files
from itertools import pairwise

import pytest
from chart_samples import BINS, BREACH, DIRECTIONS, LADDER, PAST, SPOT, STEPS, WALK, WINDOWS, rupees, sample_charts
from pictures import Drawn, Ruler, level_of, shapes, texts

from aegismatrix_engine.dashboard.chart_data import BreachPoint, FanStep, Interval, LadderRow, ReliabilityBin
from aegismatrix_engine.dashboard.charts import (
    breach_curves,
    direction_bars,
    fan,
    range_ladder,
    reliability,
    window_shares,
)

HALF_A_PIXEL = 0.5


def near(place: float) -> object:
    """Coordinates are written to a tenth of a pixel; rulers are read off such coordinates."""
    return pytest.approx(place, abs=HALF_A_PIXEL)


def across(svg: str, *ticks: str) -> Ruler:
    one, other = ((level_of(text), texts(svg)[text][0]) for text in ticks)
    return Ruler(one, other)


def upwards(svg: str, *ticks: str) -> Ruler:
    """The vertical axis, read off its grid: a tick's text stands a little below its line."""
    lines = grid(svg, horizontal=True)

    def place(text: str) -> float:
        baseline = texts(svg)[text][1]
        return min(lines, key=lambda line: abs(line - baseline + 4.5))

    one, other = ((level_of(text), place(text)) for text in ticks)
    return Ruler(one, other)


def grid(svg: str, *, horizontal: bool) -> list[float]:
    lines = [line for shape in shapes(svg, "path") if shape.stroke == "grid" for line in shape.lines]
    return [line[0][horizontal] for line in lines if (line[0][1] == line[1][1]) is horizontal]


def stroked(svg: str, colour: str) -> list[list[tuple[float, float]]]:
    return [line for shape in shapes(svg, "path") if shape.stroke == colour for line in shape.lines]


def filled(svg: str, colour: str, name: str = "rect") -> list[Drawn]:
    return [shape for shape in shapes(svg, name) if shape.fill == colour]


@pytest.fixture(scope="module")
def ladder() -> str:
    return range_ladder(LADDER, SPOT, label="Ranges", level=rupees)


@pytest.fixture(scope="module")
def breach() -> str:
    return breach_curves(BREACH, label="Breach", distance=rupees)


@pytest.fixture(scope="module")
def windows() -> str:
    return window_shares(WINDOWS, label="Windows")


@pytest.fixture(scope="module")
def bands() -> str:
    return fan(PAST, SPOT, STEPS, label="Fan", level=rupees)


@pytest.fixture(scope="module")
def directions() -> str:
    return direction_bars(DIRECTIONS, label="Direction")


@pytest.fixture(scope="module")
def diagram() -> str:
    return reliability(BINS, label="Reliability", walk=WALK)


def test_each_range_of_the_ladder_spans_its_levels_in_the_row_of_its_date(ladder: str) -> None:
    ruler = across(ladder, "17,000", "19,000")
    for coverage, colour in ((0.95, "band-95"), (0.9, "band-90"), (0.8, "band-80")):
        for row, bar in zip(LADDER, filled(ladder, colour), strict=True):
            interval = next(one for one in row.intervals if one.coverage == coverage)
            assert bar["x"] == near(ruler.place(interval.lower))
            assert bar["x"] + bar["width"] == near(ruler.place(interval.upper))
            assert bar["y"] < texts(ladder)[row.label][1] < bar["y"] + bar["height"]


def test_rows_of_the_ladder_run_from_the_top_down_and_wider_ranges_lie_below(ladder: str) -> None:
    tops = [texts(ladder)[row.label][1] for row in LADDER]
    assert tops == sorted(tops)
    colours = [shape.fill for shape in shapes(ladder, "rect")]
    assert colours == ["band-95"] * 5 + ["band-90"] * 5 + ["band-80"] * 5


def test_the_line_of_the_ladder_is_at_spot_and_runs_past_every_bar(ladder: str) -> None:
    (line,) = stroked(ladder, "ink")
    assert [x for x, _ in line] == [near(across(ladder, "17,000", "19,000").place(SPOT))] * 2
    bars = shapes(ladder, "rect")
    assert max(y for _, y in line) > max(bar["y"] + bar["height"] for bar in bars)
    assert min(y for _, y in line) < min(bar["y"] for bar in bars)


def test_a_range_without_width_is_still_seen() -> None:
    row = LadderRow("today", (Interval(0.8, SPOT, SPOT),))
    (bar,) = shapes(range_ladder([row], SPOT, label="Ranges", level=rupees), "rect")
    assert bar["width"] >= 1


@pytest.mark.parametrize(("colour", "kind"), [("series-1", "touch"), ("series-2", "close")])
def test_breach_curves_pass_through_their_probabilities_below_and_above_spot(
    breach: str, colour: str, kind: str
) -> None:
    x, y = across(breach, "\N{MINUS SIGN}500", "+500"), upwards(breach, "0 %", "80 %")
    down, up = stroked(breach, colour)
    for line, sign, side in ((down, -1, "down"), (up, 1, "up")):
        expected = [(x.place(sign * one.distance), y.place(getattr(one, f"{kind}_{side}"))) for one in BREACH]
        for found, point in zip(line, expected, strict=True):
            assert found == (near(point[0]), near(point[1]))


def test_breach_curves_end_where_nothing_is_left_to_see() -> None:
    rare = [BreachPoint(distance, 0.001, 0.001, 0.0, 0.0) for distance in (900, 1200, 1500)]
    short = breach_curves([*BREACH[:-1], *rare], label="Breach", distance=rupees)
    down, up = stroked(short, "series-1")
    assert len(down) == len(up) == len(BREACH)
    assert stroked(breach_curves(rare, label="Breach", distance=rupees), "series-1")


def test_points_past_spots_and_steps_may_come_in_any_order(breach: str, bands: str) -> None:
    assert breach_curves(BREACH[::-1], label="Breach", distance=rupees) == breach
    assert fan(PAST[::-1], SPOT, STEPS[::-1], label="Fan", level=rupees) == bands


def test_touch_and_close_differ_by_more_than_colour(breach: str) -> None:
    curves = {shape.stroke: shape for shape in shapes(breach, "path") if shape.stroke.startswith("series")}
    assert not curves["series-1"].dashed
    assert curves["series-2"].dashed
    assert {shape.fill for shape in shapes(breach, "circle")} == {"series-1"}


def test_no_line_joins_the_two_sides_of_the_breach_curves(breach: str) -> None:
    spot = texts(breach)["spot"][0]
    for colour in ("series-1", "series-2"):
        for line in stroked(breach, colour):
            assert len({x < spot for x, _ in line}) == 1


def test_bars_of_windows_are_as_high_as_their_shares_and_stand_over_their_times(windows: str) -> None:
    y, bars = upwards(windows, "0 %", "20 %"), shapes(windows, "rect")
    for window, bar in zip(WINDOWS, bars, strict=True):
        assert bar["y"] == near(y.place(window.share))
        assert bar["y"] + bar["height"] == near(y.place(0.0))
        assert bar["x"] + bar["width"] / 2 == near(texts(windows)[window.label][0])


def test_the_usual_share_is_a_tick_across_the_bar_and_missing_where_there_is_none(windows: str) -> None:
    y, ticks = upwards(windows, "0 %", "20 %"), stroked(windows, "ink")
    usual = [window.usual for window in WINDOWS if window.usual is not None]
    assert [line[0][1] for line in ticks] == [near(y.place(share)) for share in usual]
    for line, bar in zip(ticks, shapes(windows, "rect"), strict=False):
        assert line[0][0] < bar["x"] < bar["x"] + bar["width"] < line[1][0]


def test_windows_past_running_and_ahead_differ_by_more_than_colour(windows: str) -> None:
    past, _, running, ahead, *_ = shapes(windows, "rect")
    assert past.fill == "tile"
    assert running.stroke == "ink"
    assert ahead.stroke == ahead.fill != "tile"


def test_bands_of_the_fan_open_from_spot_now_and_pass_through_their_levels(bands: str) -> None:
    x, y = Ruler((0, texts(bands)["now"][0]), (40, texts(bands)["+40"][0])), upwards(bands, "17,000", "20,000")
    for coverage, colour in ((0.95, "band-95"), (0.8, "band-80"), (0.5, "band-50")):
        (shape,) = filled(bands, colour, "path")
        (outline,) = shape.lines
        assert outline[0] == (near(x.place(0)), near(y.place(SPOT)))
        for step in STEPS:
            interval = next(one for one in step.intervals if one.coverage == coverage)
            for level in (interval.lower, interval.upper):
                place = x.place(step.session), y.place(level)
                assert min(math.dist(place, corner) for corner in outline) < HALF_A_PIXEL


def test_wider_bands_lie_below_and_no_lone_line_runs_through_them(bands: str) -> None:
    painted = [shape.fill for shape in shapes(bands, "path") if shape.fill.startswith("band")]
    assert painted == ["band-95", "band-80", "band-50"]
    now = texts(bands)["now"][0]
    lines = [line for shape in shapes(bands, "path") if shape.stroke not in ("", "grid") for line in shape.lines]
    assert max(x for line in lines for x, _ in line) == near(now)


def test_past_spots_are_in_their_order_of_time_and_end_at_spot(bands: str) -> None:
    x, y = Ruler((0, texts(bands)["now"][0]), (40, texts(bands)["+40"][0])), upwards(bands, "17,000", "20,000")
    (line,) = stroked(bands, "ink")
    expected = sorted((one.session, one.spot) for one in PAST)
    for found, (session, spot) in zip(line, expected, strict=True):
        assert found == (near(x.place(session)), near(y.place(spot)))


def test_a_fan_without_a_past_or_without_bands_is_drawn() -> None:
    ahead = fan([], SPOT, STEPS, label="Fan", level=rupees)
    assert not stroked(ahead, "ink")
    assert filled(ahead, "band-95", "path")
    before = fan(PAST, SPOT, [], label="Fan", level=rupees)
    assert stroked(before, "ink")
    one = fan(PAST[:2], SPOT, [FanStep(1, (Interval(0.95, 18000.0, 18200.0),))], label="Fan", level=rupees)
    assert [len(line) for line in stroked(one, "ink")] == [2]


def test_bars_of_direction_are_as_long_as_their_probabilities(directions: str) -> None:
    down, up = filled(directions, "down"), filled(directions, "up")
    centre = texts(directions)["0 %"][0]
    (right,) = {bar["x"] for bar in up}
    assert right == near(centre)
    lengths = [bar["width"] for bar in down + up]
    shares = [row.p_down for row in DIRECTIONS] + [row.p_up for row in DIRECTIONS]
    for length, share in zip(lengths, shares, strict=True):
        assert length / lengths[0] == pytest.approx(share / shares[0], abs=0.005)
    for bar, row in zip(down, DIRECTIONS, strict=True):
        assert bar["x"] + bar["width"] == near(centre)
        assert bar["y"] < texts(directions)[row.label][1] < bar["y"] + bar["height"]


def test_ticks_of_direction_are_at_the_base_rates(directions: str) -> None:
    scale = filled(directions, "up")[0]["width"] / DIRECTIONS[0].p_up
    centre = texts(directions)["0 %"][0]
    expected = [centre + scale * base for row in DIRECTIONS for base in (-row.base_down, row.base_up)]
    assert [line[0][0] for line in stroked(directions, "ink")] == [near(place) for place in expected]


def test_up_and_down_are_named_by_words_and_arrows(directions: str) -> None:
    words = texts(directions)
    assert words["▼ down"][0] < words["0 %"][0] < words["▲ up"][0]


def test_points_of_reliability_stand_at_forecast_and_share_with_their_intervals(diagram: str) -> None:
    # Both axes have the same tick texts: their grids are read instead.
    rightwards, downwards = sorted(grid(diagram, horizontal=False)), sorted(grid(diagram, horizontal=True))
    x, y = Ruler((0.0, rightwards[0]), (1.0, rightwards[-1])), Ruler((0.0, downwards[-1]), (1.0, downwards[0]))
    for bins, colour in ((BINS, "series-1"), (WALK, "past")):
        points = [shape for shape in shapes(diagram, "circle") if shape.stroke == colour]
        for one, point, line in zip(bins, points, stroked(diagram, colour), strict=True):
            assert point["cx"] == near(x.place(one.mean_probability))
            assert point["cy"] == near(y.place(one.share))
            assert sorted(end for _, end in line) == [near(y.place(one.high)), near(y.place(one.low))]


def test_the_area_of_a_point_grows_with_its_events(diagram: str) -> None:
    radii = [shape["r"] for shape in shapes(diagram, "circle") if shape.stroke == "series-1"]
    for (larger, smaller), (more, fewer) in zip(pairwise(radii), pairwise(BINS), strict=True):
        assert (larger / smaller) ** 2 == pytest.approx(more.events / fewer.events, rel=0.05)


def test_the_walk_through_the_past_is_hollow_and_below_the_live_forecasts(diagram: str) -> None:
    circles = shapes(diagram, "circle")
    assert [shape.fill for shape in circles] == ["tile"] * 3 + ["series-1"] * 3
    assert [shape.stroke for shape in circles] == ["past"] * 3 + ["series-1"] * 3


def test_the_diagonal_is_where_forecasts_come_true_as_often_as_said(diagram: str) -> None:
    (line,) = stroked(diagram, "nominal")
    across_ends, up_ends = sorted(grid(diagram, horizontal=False)), sorted(grid(diagram, horizontal=True))
    assert line == [(near(across_ends[0]), near(up_ends[-1])), (near(across_ends[-1]), near(up_ends[0]))]


def test_bins_without_events_are_not_drawn() -> None:
    assert reliability([ReliabilityBin(0.5, 0.5, 0.0, 1.0, 0)], label="Reliability") == ""


def test_nothing_to_draw_gives_no_picture() -> None:
    assert range_ladder([], SPOT, label="Ranges", level=rupees) == ""
    assert breach_curves([], label="Breach", distance=rupees) == ""
    assert window_shares([], label="Windows") == ""
    assert fan([], SPOT, [], label="Fan", level=rupees) == ""
    assert fan(PAST[:1], SPOT, [], label="Fan", level=rupees) == ""
    assert direction_bars([], label="Direction") == ""
    assert reliability([], label="Reliability") == ""


LEGEND = re.compile(r'legend\("(\w+)", "([\w-]+)"\)')
DRAWN_AS = {
    "bar": lambda shape, colour: shape.fill == colour,
    "hollow": lambda shape, colour: shape.name == "rect" and shape.fill == "tile" and shape.stroke == colour,
    "outlined": lambda shape, colour: shape.name == "rect" and shape.fill == colour and shape.stroke == "ink",
    "line": lambda shape, colour: shape.name == "path" and shape.stroke == colour and not shape.dashed,
    "dashes": lambda shape, colour: shape.name == "path" and shape.stroke == colour and shape.dashed,
    "tick": lambda shape, colour: shape.name == "path" and shape.stroke == colour and not shape.dashed,
}


@pytest.mark.parametrize(
    ("template", "chart", "name"),
    [
        ("sellers", "ladder", "range_ladder"),
        ("sellers", "breach", "breach_curves"),
        ("buyers", "windows", "window_shares"),
        ("direction", "direction", "direction_bars"),
        ("direction", "fan", "fan"),
    ],
)
def test_the_legend_below_a_chart_shows_marks_that_are_in_it(template: str, chart: str, name: str) -> None:
    text = files("aegismatrix_engine.dashboard").joinpath(f"templates/{template}.html.j2").read_text(encoding="utf-8")
    _, below = text.split(f"charts.{chart} }}}}")
    marks = LEGEND.findall(below.partition("</p>")[0])
    assert marks
    for mark, colour in marks:
        assert any(DRAWN_AS[mark](shape, colour) for shape in shapes(sample_charts()[name])), (mark, colour)
