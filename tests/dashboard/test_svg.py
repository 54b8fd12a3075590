"""What every chart may hold so that a strict page can carry several of them, and what the chart library may not do."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from chart_samples import sample_charts
from pictures import shapes, texts

from aegismatrix_engine.dashboard import drawing
from aegismatrix_engine.dashboard.chart_data import DirectionRow
from aegismatrix_engine.dashboard.charts import direction_bars
from aegismatrix_engine.dashboard.palette import PALETTE
from aegismatrix_engine.dashboard.scales import text_width
from aegismatrix_engine.dashboard.svg import TEXT_SIZE, compact, number
from aegismatrix_engine.errors import ConfigurationError

HERE = Path(__file__).parent
MOST_BYTES = 5 * 1024
ALLOWED = {
    "svg": {"viewBox", "width", "role", "aria-label", "font-size"},
    "g": {"fill", "stroke", "stroke-width", "stroke-dasharray", "text-anchor"},
    "path": {"d", "fill", "stroke", "stroke-width", "stroke-dasharray"},
    "rect": {"x", "y", "width", "height", "fill", "stroke", "stroke-width"},
    "circle": {"cx", "cy", "r", "fill", "stroke", "stroke-width"},
    "text": {"x", "y", "fill", "text-anchor"},
}
BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}
HOSTILE = '"><script>alert(1)</script>&<img src=x onerror=alert(1)>\u202e'

CHARTS = sample_charts()
every_chart = pytest.mark.parametrize("svg", CHARTS.values(), ids=CHARTS)


def run(code: str) -> subprocess.CompletedProcess[bytes]:
    search = f"import sys; sys.path[:0] = [{str(HERE)!r}]\n"
    return subprocess.run([sys.executable, "-c", search + code], capture_output=True, check=True, timeout=120)


@every_chart
def test_a_chart_has_no_style_id_link_or_script_and_nothing_to_focus(svg: str) -> None:
    for element in ElementTree.fromstring(svg).iter():
        assert set(element.attrib) <= ALLOWED[element.tag]


@every_chart
def test_colours_are_those_of_the_theme(svg: str) -> None:
    for element in ElementTree.fromstring(svg).iter():
        for key in ("fill", "stroke"):
            value = element.get(key, "none")
            assert value == "none" or value[6:-1] in PALETTE


@every_chart
def test_a_chart_is_an_image_with_a_name_as_wide_as_its_place(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert root.get("width") == "100%"
    assert root.get("viewBox", "").split()[:3] == ["0", "0", "344"]


@every_chart
def test_a_chart_is_small(svg: str) -> None:
    assert len(svg.encode()) <= MOST_BYTES


@every_chart
def test_text_is_large_enough_and_inside_the_picture(svg: str) -> None:
    right, bottom = (float(side) for side in ElementTree.fromstring(svg).get("viewBox", "").split()[2:])
    assert TEXT_SIZE >= 11
    for text in shapes(svg, "text"):
        width = text_width(text.text) * TEXT_SIZE
        start = text["x"] - width * BEFORE[text.attributes.get("text-anchor", "start")]
        assert start >= 0, text.text
        assert start + width <= right, text.text
        assert TEXT_SIZE <= text["y"] + 2 <= bottom, text.text


def test_the_same_numbers_give_the_same_bytes_in_every_process() -> None:
    code = "import json; from chart_samples import sample_charts; print(json.dumps(sample_charts()))"
    assert sample_charts() == CHARTS
    assert json.loads(run(code).stdout) == CHARTS


def test_names_and_labels_are_text_whatever_they_hold() -> None:
    svg = direction_bars([DirectionRow(HOSTILE, 0.4, 0.4, 0.4, 0.4)], label=HOSTILE)
    assert ElementTree.fromstring(svg).get("aria-label") == HOSTILE
    assert {element.tag for element in ElementTree.fromstring(svg).iter()} <= set(ALLOWED)
    assert "<script" not in svg
    assert "<img" not in svg


def test_the_chart_library_prints_to_standard_output_by_itself() -> None:
    """Otherwise the next test would show nothing."""
    code = (
        "from lets_plot import *; (ggplot({'x': [1], 'y': [1]}, aes('x', 'y')) + geom_line() + ggsize(99, 99)).to_svg()"
    )
    assert b"Removed 1 row" in run(code).stdout


def test_nothing_reaches_standard_output_while_charts_are_drawn() -> None:
    code = (
        "from chart_samples import sample_charts\n"
        "from aegismatrix_engine.dashboard import drawing\n"
        "from aegismatrix_engine.dashboard.scales import axis_from, percent\n"
        "axis = axis_from(0, 1, percent, most=3)\n"
        "print('before')\n"
        "sample_charts()\n"
        "drawing.drawn([drawing.line([0.5], [9.0], 'ink')], drawing.Frame(axis, axis, 99), label='one point')\n"
        "print('after')\n"
    )
    done = run(code)
    assert done.stdout == b"before\nafter\n"
    assert b"Removed 1 row" in done.stderr


@pytest.mark.parametrize("closed", ["1", "2", "1, 2"])
def test_charts_are_drawn_with_standard_streams_closed(closed: str, tmp_path: Path) -> None:
    target = tmp_path / "charts.json"
    code = (
        f"import os\nfor stream in ({closed},): os.close(stream)\n"
        "import json, pathlib\nfrom chart_samples import sample_charts\n"
        f"pathlib.Path({str(target)!r}).write_text(json.dumps(sample_charts()))\nos._exit(0)\n"
    )
    assert run(code).stdout == b""
    assert json.loads(target.read_text()) == CHARTS


def test_without_lets_plot_the_error_says_what_to_install() -> None:
    code = (
        "sys.modules['lets_plot'] = None\n"
        "from chart_samples import sample_charts\n"
        "from aegismatrix_engine.errors import ConfigurationError\n"
        "try: sample_charts()\n"
        "except ConfigurationError as error: print(error)\n"
    )
    assert run(code).stdout.decode().strip() == (
        "the page's charts need lets-plot: pip install 'aegismatrix-engine[dashboard]'"
    )


def test_importing_the_charts_does_not_import_lets_plot() -> None:
    code = "import aegismatrix_engine.dashboard.charts; print('lets_plot' in sys.modules)"
    assert run(code).stdout == b"False\n"


def raw(inside: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="344.0" height="20.0">{inside}</svg>'


@pytest.mark.parametrize(
    "inside",
    [
        '<image x="0" y="0" fill="#000001"/>',
        '<path d="M0 0 C1 1 2 2 3 3" fill="#000001"/>',
        '<path d="M0 0 L1 1" fill="#123456"/>',
        '<g transform="rotate(30.0 )"><path d="M0 0 L1 1" fill="#000001"/></g>',
    ],
)
def test_what_a_later_library_might_draw_otherwise_is_refused_not_left_out(inside: str) -> None:
    with pytest.raises(ConfigurationError, match=r"the chart library drew an unknown .*requirements\.lock"):
        compact(raw(inside), {"#000001": "var(--ink)"}, label="Picture")


def test_places_inside_moved_groups_are_added_up() -> None:
    inner = '<g transform="translate(1.0 1.0 )"><circle cx="1" cy="2" r="3" fill="#000001"/></g>'
    moved = raw(f'<g transform="translate(10.0 2.0 ) ">{inner}</g>')
    (circle,) = shapes(compact(moved, {"#000001": "var(--ink)"}, label="Picture"), "circle")
    assert (circle["cx"], circle["cy"]) == (12, 5)


def test_lines_painted_alike_become_one_path() -> None:
    lines = "".join(f'<line x1="0" y1="{y}.0" x2="9" y2="{y}.0" stroke="#000001"/>' for y in range(3))
    (path,) = shapes(compact(raw(lines), {"#000001": "var(--ink)"}, label="Picture"), "path")
    assert path.attributes["d"] == "M0 0H9M0 1H9M0 2H9"


def test_what_is_invisible_is_left_out() -> None:
    inside = (
        '<rect width="9" height="9" fill="#000001" fill-opacity="0.0" stroke="#000001" stroke-width="0.0"/>'
        '<path d="M0 0 L9 9" fill="none" stroke="#000001" stroke-opacity="0.0"/><text x="1" y="1"></text>'
    )
    assert shapes(compact(raw(inside), {"#000001": "var(--ink)"}, label="Picture")) == []


@pytest.mark.parametrize(
    ("value", "text"), [(12.0, "12"), (0.04, "0"), (-0.04, "0"), (-3.14, "-3.1"), (100.25, "100.2")]
)
def test_coordinates_are_written_to_a_tenth(value: float, text: str) -> None:
    assert number(value) == text


def test_every_tick_is_drawn() -> None:
    for name, expected in {
        "range_ladder": ("17,000", "18,000", "19,000", "20,000", "today", "23 Feb"),
        "breach_curves": ("\N{MINUS SIGN}500", "spot", "+500", "0 %", "100 %"),
        "window_shares": ("09:15", "15:00", "0 %", "20 %"),
        "fan": ("\N{MINUS SIGN}20", "now", "+20", "+40", "17,000", "20,000"),
        "direction_bars": ("50 %", "0 %", "today", "40 sessions"),
        "reliability": ("0 %", "20 %", "100 %"),
    }.items():
        assert set(expected) <= set(texts(CHARTS[name])), name


def test_every_colour_of_the_palette_can_be_drawn() -> None:
    axis = drawing.Axis(0.0, 1.0, ())
    for name in PALETTE:
        svg = drawing.drawn([drawing.line([0.0, 1.0], [0.0, 1.0], name)], drawing.Frame(axis, axis, 99), label="Line")
        assert [shape.stroke for shape in shapes(svg)] == [name]
