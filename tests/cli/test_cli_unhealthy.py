"""Models that are not healthy: refused by default, named in the document where asked for, replaced where asked for."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bars_folder import SESSIONS, write_data
from command_line import CSV, EARLY, FORMER, NOW, Ended, aegis, assert_refused, contents
from inverted_market import inverted_frame
from synthetic import daily_frame
from unhealthy import EVERY_MODEL, TRAP_ALONE, corrupt, expired, model_file, no_set, read_manifest, unskilled

from aegismatrix_engine.document import check_json
from aegismatrix_engine.forecasting.models import MODEL_NAMES

Call = Callable[..., Ended]
Content = dict[str, Any]


def signal_blocks(content: object, path: str = "") -> Iterator[tuple[str, Content]]:
    """Every block that says which models it depends on, with its dotted path."""
    if isinstance(content, dict):
        if {"basis", "models"} <= content.keys():
            yield path, content
        for name, value in content.items():
            yield from signal_blocks(value, f"{path}.{name}".strip("."))
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from signal_blocks(value, f"{path}.{index}")


def published(call: Call, *options: str, code: int) -> Content:
    ended = call("infer", *CSV, "--json", *options)
    assert (ended.code, ended.err) == (code, "")
    check_json(ended.out)
    content: Content = json.loads(ended.out)
    return content


@pytest.mark.parametrize(("status", "damage"), TRAP_ALONE.items(), ids=TRAP_ALONE)
def test_one_unhealthy_model_makes_no_document_and_is_named(
    call: Call, place: Path, status: str, damage: Callable[[Path], None]
) -> None:
    damage(place)
    before = contents(place)
    ended = call("infer", *CSV)
    assert_refused(ended, 78, f"models: trap is {status}, ", "; run `aegis train`", "publish without them with --allow")
    assert contents(place) == before


@pytest.mark.parametrize("damage", [damage for _, damage in EVERY_MODEL.values()], ids=EVERY_MODEL)
def test_an_unhealthy_set_makes_no_document(call: Call, place: Path, damage: Callable[[Path], None]) -> None:
    damage(place)
    before = contents(place)
    assert_refused(call("infer", *CSV), 78, "; run `aegis train`")
    assert contents(place) == before


def test_a_set_is_refused_when_it_has_grown_too_old_and_not_before(call: Call) -> None:
    assert call("infer", *CSV, "--quiet", now="2026-10-08T17:59+05:30").code == 0
    ended = call("infer", *CSV, "--quiet", now="2026-10-08T18:01+05:30")
    assert_refused(ended, 78, "trap is expired, was trained 100 days ago, at most 100 are allowed")


@pytest.mark.parametrize(
    "lost",
    [
        *(pytest.param((name,), marks=pytest.mark.slow) for name in MODEL_NAMES),
        ("trap", "theta"),
        MODEL_NAMES,
    ],
    ids=",".join,
)
def test_allow_degraded_puts_the_prior_in_place_of_lost_models_and_touches_nothing_else(
    call: Call, place: Path, lost: tuple[str, ...]
) -> None:
    healthy = dict(signal_blocks(published(call, code=0)))
    for name in lost:
        model_file(place, name).unlink()
    # At a close nothing speaks by the models of sessions and of nights.
    needed = set(lost) - {"session", "night"}
    content = published(call, "--allow-degraded", code=10 if needed else 0)
    told = {entry["signal"]: entry for entry in content["health"]["degraded"]}
    assert content["health"]["status"] == ("degraded" if needed else "ok")
    affected = 0
    for path, block in signal_blocks(content):
        if set(lost) & set(block["models"]):
            affected += 1
            assert block["basis"] == "prior", path
            assert told[path]["basis"] == "prior"
            missing = [name for name in block["models"] if name in lost]
            for name in missing:
                assert f"the {name} model is missing, {name}-" in told[path]["reason"]
        else:
            assert json.dumps(block) == json.dumps(healthy[path]), path
            assert path not in told
    assert bool(affected) == bool(needed)
    assert read_manifest(place)["set_version"] == content["provenance"]["model_set"]


@pytest.mark.parametrize("options", [("--json",), ()], ids=["json", "summary"])
def test_with_no_models_at_all_every_signal_that_has_a_model_is_the_prior(
    call: Call, place: Path, options: tuple[str, ...]
) -> None:
    no_set(place)
    ended = call("infer", *CSV, "--allow-degraded", *options)
    assert (ended.code, ended.err) == (10, "")
    content = json.loads((place / "aegismatrix.json").read_bytes())
    check_json((place / "aegismatrix.json").read_bytes())
    for path, block in signal_blocks(content):
        assert block["basis"] == ("prior" if block["models"] else "estimator"), path
    assert content["track_record"]["skill"] == []
    assert not options or ended.out == (place / "aegismatrix.json").read_bytes()
    assert options or b"Degraded: " in ended.out


def test_allow_degraded_as_a_process_of_its_own_and_by_the_environment(place: Path) -> None:
    expired(place)
    assert aegis("infer", *CSV, "--quiet", at=place, env={"AEGIS_ALLOW_DEGRADED": "1"}) == Ended(10, b"", "")
    reasons = [one["reason"] for one in json.loads((place / "aegismatrix.json").read_text())["health"]["degraded"]]
    assert all("expired, was trained 101 days ago" in reason for reason in reasons if "model is" in reason)


def test_both_options_change_nothing_where_the_set_is_healthy(call: Call, place: Path) -> None:
    plain = call("infer", *CSV, "--json")
    before = contents(place)
    assert call("infer", *CSV, "--json", "--allow-degraded", "--retrain-if-unhealthy") == plain
    assert contents(place) == before


def test_retrain_if_unhealthy_trains_first_and_the_document_says_so(call: Call, place: Path) -> None:
    corrupt(place)
    broken = model_file(place, "trap").read_bytes()
    content = published(call, "--retrain-if-unhealthy", code=0)
    version = read_manifest(place)["set_version"]
    assert content["provenance"]["model_set"] == version
    assert content["health"]["notes"][0] == (
        f"the model set was not healthy (trap corrupt); set {version} was trained before this document"
    )
    assert model_file(place, "trap").read_bytes() != broken
    assert call("check-models", "--quiet").code == 0
    assert "was trained before" not in json.dumps(published(call, code=0))


def test_retraining_makes_a_set_where_there_was_none(call: Call, place: Path) -> None:
    no_set(place)
    content = published(call, "--retrain-if-unhealthy", "--as-of", EARLY, code=10)
    assert "trap missing" in content["health"]["notes"][0]
    assert content["provenance"]["training_end"] == EARLY
    assert not content["provenance"]["in_sample"]


def test_a_note_tells_of_another_environment_and_of_a_forced_set(call: Call, place: Path) -> None:
    unskilled(place, forced=True)
    content = published(call, code=0)
    assert content["health"]["notes"][0] == (
        "the model set forecasts worse than climatology and was put in place with --force"
    )


def test_training_refuses_a_set_worse_than_climatology_until_it_is_forced(call: Call, place: Path) -> None:
    write_data(place / "data", inverted_frame())
    before = contents(place)
    ended = call("train", *CSV)
    assert_refused(
        ended, 11, "the new models forecast worse than climatology (buyer.breakout.", "the old set is kept", "--force"
    )
    assert contents(place) == before
    no_set(place)
    assert_refused(call("infer", *CSV, "--retrain-if-unhealthy"), 11, "the new models forecast worse than climatology")
    content = published(call, "--retrain-if-unhealthy", "--allow-degraded", code=10)
    assert any(note.startswith("a new set could not be trained (the new models") for note in content["health"]["notes"])
    (place / "aegismatrix.json").write_bytes(FORMER)
    assert call("train", *CSV, "--force", "--quiet") == Ended(0, b"", "")
    assert read_manifest(place)["forced"]
    ended = call("check-models")
    assert ended.code == 0
    assert b"Warning: the set forecasts worse than climatology and was put in place with --force" in ended.out
    assert (place / "aegismatrix.json").read_bytes() == FORMER
    content = published(call, code=10)  # the history is too short for a record of the past
    assert any("--force" in note for note in content["health"]["notes"])


def test_a_skilled_set_is_not_called_forced_because_it_was_allowed_to_be_worse(call: Call, place: Path) -> None:
    assert call("train", *CSV, "--force", "--quiet", "--as-of", EARLY).code == 0
    assert not read_manifest(place)["forced"]


@pytest.mark.parametrize("output", ["recent.json", "./recent.json"])
@pytest.mark.parametrize("command", [("infer", *CSV), ("check-models",)], ids=["infer", "check-models"])
def test_the_document_cannot_take_the_name_of_the_last_values(
    call: Call, place: Path, command: tuple[str, ...], output: str
) -> None:
    before = contents(place)
    assert_refused(
        call(*command, "--output", output), 2, "recent.json: the file of that name holds the last published values"
    )
    assert contents(place) == before


def test_an_output_without_a_name_is_a_folder(call: Call, place: Path) -> None:
    before = contents(place)
    assert_refused(call("infer", *CSV, "--output", "."), 73, "it is a folder; name a file in it")
    assert contents(place) == before


def test_the_clock_of_a_document_is_the_one_it_was_given(call: Call) -> None:
    assert published(call, code=0)["generated_at"] == "2026-06-30T18:00:00+05:30"
    assert NOW == "2026-06-30T18:00+05:30"


@pytest.mark.parametrize(("rows", "code"), [(499, 65), (500, 10)])
def test_a_history_too_short_to_train_on_is_too_short_for_the_prior(
    call: Call, place: Path, rows: int, code: int
) -> None:
    no_set(place)
    write_data(place / "data", daily_frame(SESSIONS).iloc[:rows])
    ended = call("infer", *CSV, "--allow-degraded", "--quiet")
    assert (ended.code, ended.out) == (code, b"")
    assert ("499 regular sessions" in ended.err) == (code == 65)
