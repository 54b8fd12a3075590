"""``aegis check-models``: what is wrong is named, in a table and for machines, and the exit code says whether it is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CSV, NOW, Ended, aegis, assert_refused, contents, on_terminal
from unhealthy import EVERY_MODEL, TRAP_ALONE, corrupt, edit_manifest, read_manifest, trained_at, unskilled

from aegismatrix_engine.forecasting.models import MODEL_NAMES

Call = Callable[..., Ended]


def checked(call: Call, now: str = NOW, code: int = 0) -> dict[str, Any]:
    ended = call("check-models", "--json", now=now)
    assert (ended.code, ended.err) == (code, "")
    found: dict[str, Any] = json.loads(ended.out)
    assert found["healthy"] == (code == 0)
    assert bool(found["failures"]) == (code == 11)
    return found


def statuses(found: dict[str, Any]) -> dict[str, str]:
    return {one["model"]: one["status"] for one in found["models"]}


def test_a_healthy_set_is_shown_as_a_table_and_changes_nothing(call: Call, place: Path) -> None:
    before = contents(place)
    ended = call("check-models")
    assert (ended.code, ended.err) == (0, "")
    shown = ended.out.decode()
    manifest = read_manifest(place)
    assert shown.startswith(f"Model set {manifest['set_version']} for nifty50, trained 2026-06-30T18:00:00+05:30 on ")
    assert ", 0 days old\n" in shown
    for name in MODEL_NAMES:
        assert f" {name} " in shown
    assert shown.endswith("Healthy.\n")
    assert contents(place) == before


def test_json_holds_models_set_environment_calendar_and_what_is_frozen(call: Call, place: Path) -> None:
    found, manifest = checked(call), read_manifest(place)
    assert statuses(found) == dict.fromkeys(MODEL_NAMES, "ok")
    for one in found["models"]:
        assert one["reason"] == ""
        assert one["probe_error"] == 0
    trap = next(one for one in found["models"] if one["model"] == "trap")
    assert trap["skill"].keys() == {
        score["signal"] for score in manifest["training"]["skill"] if "trap" in score["signal"]
    }
    expected = {name: manifest["training"][name] for name in ("trained_at", "first", "last", "rows", "vix_rows")}
    assert expected.items() <= found["set"].items()
    assert found["set"]["version"] == manifest["set_version"]
    assert found["set"]["data_hash"] == manifest["training"]["data_hash"]
    assert found["set"]["environment"] == manifest["environment"]
    assert (found["set"]["changes"], found["set"]["forced"], found["set"]["age_days"]) == ([], False, 0)
    assert found["calendar"] == {"valid_through": "2026-12-31"}
    assert (found["frozen"], found["failures"], found["warnings"]) == ([], [], [])


def test_quiet_leaves_the_exit_code_alone_to_speak(call: Call, place: Path) -> None:
    assert call("check-models", "--quiet") == Ended(0, b"", "")
    corrupt(place)
    assert call("check-models", "--quiet") == Ended(11, b"", "")


def test_a_process_of_its_own_finds_the_same_and_styles_it_on_a_terminal(place: Path) -> None:
    corrupt(place)
    plain = aegis("check-models", at=place)
    assert (plain.code, plain.err) == (11, "")
    assert b"\x1b" not in plain.out
    assert b"Unhealthy: trap: corrupt, trap-" in plain.out
    ended, shown = on_terminal("check-models", at=place)
    assert ended.code == 11
    assert b"\x1b[1;31mcorrupt" in shown


@pytest.mark.parametrize(("status", "damage"), TRAP_ALONE.items(), ids=TRAP_ALONE)
def test_one_unhealthy_model_is_named_with_its_status_and_the_others_stay_ok(
    call: Call, place: Path, status: str, damage: Callable[[Path], None]
) -> None:
    damage(place)
    found = checked(call, code=11)
    assert statuses(found) == {**dict.fromkeys(MODEL_NAMES, "ok"), "trap": status}
    assert len(found["failures"]) == 1
    assert found["failures"][0].startswith(f"trap: {status}, ")
    ended = call("check-models")
    assert ended.code == 11
    assert found["failures"][0] in ended.out.decode()
    assert "run `aegis train`" in ended.out.decode()


@pytest.mark.parametrize(("status", "damage"), EVERY_MODEL.values(), ids=EVERY_MODEL)
def test_what_is_wrong_with_the_whole_set_is_wrong_with_every_model(
    call: Call, place: Path, status: str, damage: Callable[[Path], None]
) -> None:
    damage(place)
    found = checked(call, code=11)
    assert statuses(found) == dict.fromkeys(MODEL_NAMES, status)
    assert call("check-models").code == 11


@pytest.mark.parametrize(
    ("now", "warned", "code"),
    [
        ("2026-08-04T17:59+05:30", False, 0),
        ("2026-08-04T18:01+05:30", True, 0),
        ("2026-10-08T17:59+05:30", True, 0),
        ("2026-10-08T18:01+05:30", True, 11),
    ],
    ids=["35 days", "more than 35", "100 days", "more than 100"],
)
def test_a_set_is_warned_of_after_35_days_and_fails_after_100(call: Call, now: str, warned: bool, code: int) -> None:
    found = checked(call, now, code)
    assert any(" days old; train again" in warning for warning in found["warnings"]) == warned
    assert (set(statuses(found).values()) == {"expired"}) == (code == 11)


@pytest.mark.parametrize(
    ("now", "warned", "code"),
    [
        ("2026-09-01T16:00+05:30", False, 0),
        ("2026-11-23T16:00+05:30", True, 0),
        ("2026-12-23T16:00+05:30", True, 0),
        ("2026-12-29T16:00+05:30", False, 11),
        ("2028-03-01T16:00+05:30", False, 11),
    ],
)
def test_the_end_of_the_announced_calendar_is_warned_of_and_fails_five_sessions_before(
    call: Call, place: Path, now: str, warned: bool, code: int
) -> None:
    trained_at(place, now)
    found = checked(call, now, code)
    assert any("announced calendar ends 2026-12-31" in warning for warning in found["warnings"]) == warned
    assert any("announced calendar ends 2026-12-31" in failure for failure in found["failures"]) == (code == 11)
    assert set(statuses(found).values()) == {"ok"}


def test_another_environment_whose_probes_agree_is_a_warning(call: Call, place: Path) -> None:
    edit_manifest(place, lambda content: content["environment"].update(numpy="1.0.0"))
    found = checked(call)
    assert found["set"]["environment"]["numpy"] == "1.0.0"
    [change] = found["set"]["changes"]
    assert change.startswith("numpy ")
    assert change.endswith(", trained with 1.0.0")
    assert found["warnings"] == [f"another environment than in training: {change}"]


def test_a_forced_set_is_warned_of(call: Call, place: Path) -> None:
    unskilled(place, forced=True)
    found = checked(call)
    assert found["set"]["forced"]
    assert found["warnings"] == ["the set forecasts worse than climatology and was put in place with --force"]


def test_a_set_of_another_market_cannot_be_checked_for_this_one(call: Call) -> None:
    assert_refused(call("check-models", "--market", "sp500"), 78, "trained for nifty50, not for sp500")


@pytest.mark.parametrize("now", ["soon", "2026-06-30", "2026-06-30T18:00", "NaT", "2026-13-01T00:00+00:00"])
@pytest.mark.parametrize(
    "command", [("check-models",), ("infer", *CSV), ("train", *CSV), ("demo",)], ids=lambda c: c[0]
)
def test_a_moment_that_is_none_is_misuse(call: Call, place: Path, command: tuple[str, ...], now: str) -> None:
    before = contents(place)
    assert_refused(
        call(*command, env={"AEGIS_NOW": now}), 2, f"invalid AEGIS_NOW {now!r}: expected a timestamp with a zone"
    )
    assert contents(place) == before


def test_without_the_variable_the_clock_is_read(call: Call, place: Path) -> None:
    trained_at(place, "2020-01-01T00:00:00+00:00")
    ended = call("check-models", "--json", env={"AEGIS_NOW": ""})
    assert ended.code == 11
    assert set(statuses(json.loads(ended.out)).values()) == {"expired"}
