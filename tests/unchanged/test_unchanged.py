"""A rebuilt engine says the same: documents, model files, the record and exit codes of ``before.json.xz``.

The engine that made that file stands in it under ``made_by``; make_before.py says how it is made. Only the versions of
engine and commit, and the words of ``health`` and ``reasons`` as words.py maps them, may be others.
"""

import copy
import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import words
from engine_process import HERE, run

Json = Any
BEFORE: dict[str, Json] = json.loads(lzma.decompress((HERE / "before.json.xz").read_bytes()))
VERSIONS = {"provenance.engine_version", "provenance.engine_commit", "provenance.trained_by"}
WORDED = re.compile(r"\.reasons?(\[\d+\])?$|^health\.notes\[\d+\]$")
SHOWN = 20

slow = [pytest.mark.slow, pytest.mark.xdist_group("unchanged")]


def differences(before: Json, now: Json, path: str = "") -> Iterator[str]:
    """Every place at which a document is another than it was, in a line each; 1 and 1.0 are not the same."""
    if path in VERSIONS:
        return
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            inner = f"{path}.{key}".lstrip(".")
            if key in before and key in now:
                yield from differences(before[key], now[key], inner)
            elif inner not in VERSIONS:
                yield f"{inner}: {'gone' if key in before else 'new'}"
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for n, (one, other) in enumerate(zip(before, now, strict=True)):
            yield from differences(one, other, f"{path}[{n}]")
    else:
        expected = words.said_now(before) if isinstance(before, str) and WORDED.search(path) else before
        if (type(expected), expected) != (type(now), now):
            yield f"{path}: {now!r} where there was {expected!r}"


def assert_same(before: Json, now: Json) -> None:
    found = list(differences(before, now))
    shown = "\n".join(found[:SHOWN])
    assert not found, f"{len(found)} differences from commit {BEFORE['made_by']['commit'][:12]}:\n{shown}"


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """What this engine makes of the same."""
    return run(Path(__file__).resolve().parents[2], tmp_path_factory.mktemp("unchanged") / "work")


def marked(names: dict[str, Json]) -> list[Any]:
    return [pytest.param(name, marks=slow) for name in names]


@pytest.mark.parametrize("name", marked(BEFORE["documents"]))
def test_the_document_of_a_moment_is_what_it_was(now: dict[str, Json], name: str) -> None:
    before, made = BEFORE["documents"][name], now["documents"][name]
    assert (made["code"], made["told"]) == (before["code"], before["told"])
    assert_same(before["document"], made["document"])


@pytest.mark.parametrize("name", marked(BEFORE["models"]))
def test_model_files_are_what_they_were_to_the_last_bit(now: dict[str, Json], name: str) -> None:
    assert now["models"][name] == BEFORE["models"][name], f"trained before with {BEFORE['made_by']}"


@pytest.mark.parametrize("name", marked(BEFORE["record"]))
def test_the_record_is_what_it_was_to_the_last_byte(now: dict[str, Json], name: str) -> None:
    assert_same(BEFORE["record"][name], now["record"][name])


@pytest.mark.parametrize("name", marked(BEFORE["runs"]))
def test_a_run_ends_as_it_did(now: dict[str, Json], name: str) -> None:
    assert now["runs"][name] == BEFORE["runs"][name]


@pytest.mark.parametrize("part", [pytest.param(part, marks=slow) for part in ("models", "documents", "runs")])
def test_nothing_is_left_out_of_what_was_made_before(now: dict[str, Json], part: str) -> None:
    assert now[part].keys() == BEFORE[part].keys()


def test_every_exit_code_and_every_kind_of_moment_is_there() -> None:
    codes = {one["code"] for part in ("documents", "runs") for one in BEFORE[part].values()}
    assert codes == {0, 2, 10, 11, 65, 69, 70, 71, 73, 75, 78, 130, 143}
    assert sum(one["document"] is not None for one in BEFORE["documents"].values()) >= 60
    made_of = [one["document"]["provenance"] for one in BEFORE["documents"].values() if one["document"]]
    assert {one["mode"] for one in made_of} == {"live", "replay"}
    assert {one["close"] for one in made_of} == {"official", "provisional", "in_session"}
    assert {one["clock"] for one in made_of} == {"before_open", "in_session", "after_close", "holiday"}


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> Json:
    monkeypatch.setattr(words, "WORDS", [])
    return copy.deepcopy(BEFORE["documents"]["degraded, no trap"]["document"])


def test_a_changed_number_a_lost_field_and_a_new_one_are_told(document: Json) -> None:
    other = copy.deepcopy(document)
    other["market"]["spot"] += 0.01
    del other["seller"]["trap"]["label"]
    other["buyer"]["more"] = 1
    found = list(differences(document, other))
    assert [line.partition(":")[0] for line in found] == ["buyer.more", "market.spot", "seller.trap.label"]


def test_only_what_is_mapped_may_be_said_otherwise(document: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    other = copy.deepcopy(document)
    entry = other["health"]["degraded"][0]
    entry["reason"] = entry["reason"].replace(
        "shows the historical average instead", "the average of the past stands in"
    )
    assert len(list(differences(document, other))) == 1
    monkeypatch.setattr(
        words, "WORDS", [("shows the historical average instead$", "the average of the past stands in")]
    )
    others = len(other["health"]["degraded"]) - 1
    assert len(list(differences(document, other))) == others, "it is to be said so everywhere"
    entry["signal"] = "seller.elsewhere"
    assert len(list(differences(document, other))) == others + 1


def test_the_versions_of_engine_and_commit_may_be_others(document: Json) -> None:
    other = copy.deepcopy(document)
    other["provenance"].update(engine_version="9.9.9", trained_by="9.9.9")
    other["provenance"].pop("engine_commit", None)
    assert list(differences(document, other)) == []
    other["provenance"]["model_set"] = "0" * 12
    assert len(list(differences(document, other))) == 1
