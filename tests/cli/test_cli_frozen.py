"""Numbers that stand still: counted from document to document beside it, and named after eight of their periods."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bars_folder import SESSIONS
from command_line import CSV, Ended
from synthetic import daily_frame

from aegismatrix_engine.document import check_json

Call = Callable[..., Ended]
Content = dict[str, Any]

STILL = "seller.expiry_stress.score"
DAYS = [f"{day:%Y-%m-%d}" for day in daily_frame(SESSIONS).index[-4:]]


def infer(call: Call, day: str, output: str = "aegismatrix.json", code: int = 0) -> Content:
    ended = call("infer", *CSV, "--as-of", day, "--output", output, "--json")
    assert (ended.code, ended.err) == (code, "")
    check_json(ended.out)
    content: Content = json.loads(ended.out)
    return content


def recent(place: Path) -> Content:
    content: Content = json.loads((place / "recent.json").read_text())
    return content


def doctored(place: Path, value: float, periods: int) -> None:
    content = recent(place)
    content["numbers"][STILL] = [value, periods]
    (place / "recent.json").write_text(json.dumps(content))


@pytest.fixture
def coming(call: Call, place: Path) -> float:
    """Documents of two sessions are published; the value that the number will have after the next."""
    for day in DAYS[:2]:
        infer(call, day)
    (place / "peek").mkdir()
    content = infer(call, DAYS[2], "peek/aegismatrix.json")
    value = content["seller"]["expiry_stress"]["score"]
    assert isinstance(value, float)
    return value


def test_numbers_that_move_are_never_named(call: Call, place: Path) -> None:
    for day in DAYS:
        assert infer(call, day)["health"]["frozen"] == []
    assert recent(place)["as_of"][:10] == DAYS[-1]
    assert call("check-models", "--quiet").code == 0


def test_the_eighth_period_without_a_move_is_told_by_document_exit_code_and_check(
    call: Call, place: Path, coming: float
) -> None:
    doctored(place, coming, 7)
    content = infer(call, DAYS[2], code=10)
    assert content["health"]["status"] == "degraded"
    assert content["health"]["frozen"] == [{"signal": STILL, "value": coming, "periods": 8}]
    assert content["health"]["degraded"] == []
    checked = call("check-models", "--json")
    assert checked.code == 11
    assert json.loads(checked.out)["frozen"] == content["health"]["frozen"]
    ended = call("check-models")
    assert ended.code == 11
    assert f"{STILL} is unchanged at {coming} for 8 of its periods" in ended.out.decode()
    summary = call("infer", *CSV, "--as-of", DAYS[2])
    assert summary.code == 10, "the same moment again says the same"
    assert f"Frozen: {STILL} is unchanged at {coming}" in summary.out.decode()
    assert infer(call, DAYS[3])["health"]["frozen"] == [], "it moved"
    assert call("check-models", "--quiet").code == 0


def test_the_seventh_is_not(call: Call, place: Path, coming: float) -> None:
    doctored(place, coming, 6)
    assert infer(call, DAYS[2])["health"]["frozen"] == []
    assert recent(place)["numbers"][STILL] == [coming, 7]
    assert call("check-models", "--quiet").code == 0


def test_another_value_is_a_move(call: Call, place: Path, coming: float) -> None:
    doctored(place, coming + 0.01, 7)
    assert infer(call, DAYS[2])["health"]["frozen"] == []
    assert recent(place)["numbers"][STILL] == coming


def test_a_document_of_the_past_leaves_the_count_as_it_is(call: Call, place: Path, coming: float) -> None:
    doctored(place, coming, 7)
    before = recent(place)
    assert infer(call, DAYS[0])["health"]["frozen"] == []
    assert recent(place) == before


@pytest.mark.parametrize("content", ["", "{ half", "[]", '{"version": 99}', "null"])
def test_last_values_that_cannot_be_read_are_begun_anew(call: Call, place: Path, content: str) -> None:
    (place / "recent.json").write_text(content)
    assert infer(call, DAYS[2])["health"]["frozen"] == []
    assert recent(place)["as_of"][:10] == DAYS[2]
