"""Models that were rolled back are not trained anew, whatever the options, and all that is made with them says so."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CSV, Ended, assert_refused, contents
from unhealthy import corrupt, model_file, no_set, read_manifest

from aegismatrix_engine.document import check_json
from aegismatrix_engine.state.beside import ROLLBACK_NAME

Call = Callable[..., Ended]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
LIFT = "lift it with `aegis rollback --lift`"


def rolled_back(place: Path, **other: Any) -> str:
    """Put a rollback to the set of the place beside its document; the set's version."""
    version: str = read_manifest(place)["set_version"]
    told = {"format": "aegis-rollback-1", "commit": COMMIT, "set_version": version, "at": "2026-06-20T09:00:00+05:30"}
    (place / ROLLBACK_NAME).write_text(json.dumps(told | {"reason": "Saturday's is wrong"} | other))
    return version


def notes(call: Call, *options: str, code: int) -> list[str]:
    ended = call("infer", *CSV, "--json", *options)
    assert (ended.code, ended.err) == (code, ""), ended
    check_json(ended.out)
    found: list[str] = json.loads(ended.out)["health"]["notes"]
    return found


def test_a_document_says_that_its_models_were_rolled_back(call: Call, place: Path) -> None:
    version = rolled_back(place)
    told = f"rolled back to commit 0123456789 on 2026-06-20 (Saturday's is wrong); {LIFT}"
    assert f"the models are those of set {version}, {told}" in notes(call, code=0)
    (place / ROLLBACK_NAME).unlink()
    assert not any("rolled back" in note for note in notes(call, code=0))


@pytest.mark.parametrize("options", [(), ("--allow-degraded",)], ids=["alone", "with --allow-degraded"])
def test_an_unhealthy_one_is_stood_in_for_and_not_trained_anew(
    call: Call, place: Path, options: tuple[str, ...]
) -> None:
    rolled_back(place)
    corrupt(place)
    before = {path.name: path.read_bytes() for path in (place / "models").iterdir()}
    ended = call("infer", *CSV, "--json", "--retrain-if-unhealthy", *options)
    assert (ended.code, ended.err) == (10, "")
    content = json.loads(ended.out)
    (reason,) = {one["reason"] for one in content["health"]["degraded"] if one["signal"] == "seller.trap"}
    assert reason.startswith("the trap model is corrupt, ")
    assert any(note.startswith("the models are those of set ") for note in content["health"]["notes"])
    assert {path.name: path.read_bytes() for path in (place / "models").iterdir()} == before


def test_without_any_option_an_unhealthy_one_makes_no_document_as_ever(call: Call, place: Path) -> None:
    rolled_back(place)
    corrupt(place)
    before = contents(place)
    assert_refused(call("infer", *CSV), 78, "trap is corrupt")
    assert contents(place) == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "rollback.json cannot be read (invalid json"),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n",
            "rollback.json cannot be read (it is a Git LFS pointer",
        ),
        ('{"format": "aegis-rollback-1",\n "commit": 5}', "rollback.json cannot be read (line 2, commit: "),
        ("", "rollback.json cannot be read ("),
    ],
)
def test_a_damaged_one_holds_the_models_and_says_so(call: Call, place: Path, content: str, told: str) -> None:
    (place / ROLLBACK_NAME).write_text(content)
    no_set(place)
    found = notes(call, "--retrain-if-unhealthy", code=10)
    assert any(
        note.startswith(f"the published models are not replaced: {told}")
        and f"which counts as a rollback: {LIFT}" in note
        for note in found
    ), found
    assert not list((place / "models").glob("*.joblib"))


@pytest.mark.parametrize(
    "other",
    [
        {"commit": "main"},
        {"at": "2026-06-20T09:00:00"},
        {"at": "2026-13-45T09:00:00+05:30"},
        {"at": "2027-06-20T09:00:00+05:30"},
        {"set_version": "x" * 81},
        {"reason": "two\nlines"},
        {"reason": "x" * 201},
        {"format": "aegis-rollback-2"},
        {"more": 1},
        {"at": 5},
    ],
    ids=str,
)
def test_each_field_has_its_range(call: Call, place: Path, other: dict[str, Any]) -> None:
    rolled_back(place, **other)
    assert any(note.startswith("the published models are not replaced: rollback.json") for note in notes(call, code=0))


def test_what_is_no_file_holds_them_too(call: Call, place: Path) -> None:
    (place / ROLLBACK_NAME).symlink_to(place / "nowhere")
    assert any("rollback.json is a link, not a plain file" in note for note in notes(call, code=0))
    (place / ROLLBACK_NAME).unlink()
    (place / ROLLBACK_NAME).mkdir()
    assert any("rollback.json is a folder, not a plain file" in note for note in notes(call, code=0))


def test_models_of_ours_are_not_said_to_be_the_ones_rolled_back_to(call: Call, place: Path) -> None:
    version = rolled_back(place, set_version="abc")
    (told,) = [note for note in notes(call, code=0) if "rolled back" in note]
    assert told.startswith(
        f"the models are those of set {version}, while the published ones were rolled back to set abc, "
    )


def test_a_document_of_the_past_is_the_same_with_and_without(call: Call, place: Path) -> None:
    past = ("infer", *CSV, "--json", "--as-of", "2018-03-01")
    plain = call(*past)
    rolled_back(place)
    assert call(*past) == plain


def test_the_check_warns_and_finds_nothing_unhealthy_in_it(call: Call, place: Path) -> None:
    version = rolled_back(place)
    ended = call("check-models", "--json")
    assert ended.code == 0
    assert any(
        warning.startswith(f"the models are those of set {version}, rolled back to commit 0123456789")
        for warning in json.loads(ended.out)["warnings"]
    )
    corrupt(place)
    assert call("check-models", "--quiet").code == 11


def test_a_training_says_that_its_set_will_not_be_published(call: Call, place: Path) -> None:
    rolled_back(place)
    before = model_file(place, "trap").name
    ended = call("train", *CSV, "--quiet", "--as-of", "2017-03-01")
    assert ended.code == 0
    assert ended.err == (
        "aegis: warning: this set does not replace the published one: it was rolled back to commit 0123456789 on "
        f"2026-06-20 (Saturday's is wrong); {LIFT}\n"
    )
    assert model_file(place, "trap").name != before, "here it is in place: it is the publishing that leaves it"


@pytest.mark.parametrize("command", [("infer", *CSV), ("check-models",), ("train", *CSV)])
def test_the_document_cannot_take_its_name(call: Call, place: Path, command: tuple[str, ...]) -> None:
    before = contents(place)
    assert_refused(call(*command, "--output", ROLLBACK_NAME), 2, "the file of that name holds a rollback")
    assert contents(place) == before
