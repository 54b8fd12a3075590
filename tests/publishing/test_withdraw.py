"""``aegis publish --withdraw``: the document of the branch is taken back, whatever lies in the clone."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from publishing import published, refused
from repositories import DOCUMENT, RECENT, Clone, Origin, document

from aegismatrix_engine.document import check_json
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION
from aegismatrix_engine.jobs.due import published_close
from aegismatrix_engine.markets import document_due, get_market
from aegismatrix_engine.state.precedence import ours_wins
from aegismatrix_engine.state.work_due import document_work

REASON = "the bars of 30 December were another index"
WITHDRAW = ("--withdraw", REASON)


@pytest.fixture
def withdrawn(clone: Clone, origin: Origin) -> bytes:
    """The document of the branch, withdrawn."""
    assert published(clone).code == 0
    assert published(clone, *WITHDRAW).code == 0
    return origin.read(DOCUMENT)


def test_the_published_document_is_taken_back_and_nothing_else_changes(clone: Clone, origin: Origin) -> None:
    assert published(clone).code == 0
    clone.write(document=600, rows=["a,1", "a,2", "mine,3"], models={"manifest.json": b"mine"})
    local = (clone.path / DOCUMENT).read_bytes()
    names, rows, recent = origin.files(), origin.rows(), origin.read(RECENT)
    ended = published(clone, *WITHDRAW)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("withdrew the document as of 2022-12-30T15:30:00+05:30 on origin/main in ")
    found = check_json(origin.read(DOCUMENT))
    assert (found.health.status, found.health.withdrawn) == ("withdrawn", REASON)
    assert found.as_of == "2022-12-30T15:30:00+05:30", "what the branch holds, not what lies here"
    assert found.valid_until == found.generated_at
    assert abs(datetime.now(UTC) - datetime.fromisoformat(found.generated_at)).total_seconds() < 600
    assert (origin.files(), origin.rows(), origin.read(RECENT)) == (names, rows, recent)
    assert origin.read("models/manifest.json") == b"{}"
    assert (clone.path / DOCUMENT).read_bytes() == local
    clone.untouched()


def test_for_the_same_reason_it_is_withdrawn_once(clone: Clone, origin: Origin, withdrawn: bytes) -> None:
    tip = origin.tip()
    assert published(clone, *WITHDRAW).out.startswith("nothing to do: the document as of 2022-12-30T15:30:00+05:30")
    assert origin.tip() == tip
    assert published(clone, "--withdraw", "worse").code == 0
    assert check_json(origin.read(DOCUMENT)).health.withdrawn == "worse"


def test_no_document_of_the_same_moment_replaces_it_and_one_of_a_later_does(
    clone: Clone, origin: Origin, withdrawn: bytes
) -> None:
    clone.write(document=document(0, made=120), rows=["a,1", "a,2", "a,3"])
    ended = published(clone)
    assert ended.code == 0
    assert ended.out.endswith("; the document published there was withdrawn and stays until one of a later moment\n")
    assert origin.read(DOCUMENT) == withdrawn
    assert origin.rows() == ["a,1", "a,2", "a,3"]
    clone.write(document=document(1, degraded=True))
    assert published(clone).code == 0
    assert check_json(origin.read(DOCUMENT)).health.status == "degraded"


def test_a_training_is_published_beside_a_withdrawn_document(clone: Clone, origin: Origin, withdrawn: bytes) -> None:
    """As in the weekly job: what is restored is withdrawn, and no replay that somebody wants to publish."""
    clone.write(document=withdrawn, models={"manifest.json": b'{"new": 1}'})
    ended = published(clone)
    assert ended.code == 0, ended
    assert origin.read(DOCUMENT) == withdrawn
    assert origin.read("models/manifest.json") == b'{"new": 1}'


def former(content: bytes) -> bytes:
    told = json.loads(content)
    told["schema_version"] = "2.0.0"
    for block, name in ((told, "next_due"), (told["provenance"], "clock_source"), (told["provenance"], "trained_by")):
        del block[name]
    return json.dumps(told).encode()


UNFIT: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "of 2.0.0": (former, "found schema_version 2.0.0, expected 2.1.0 or later; have `aegis run` replace it"),
    "of 1.0.0": (
        lambda content: content.replace(f'"{SCHEMA_VERSION}"'.encode(), b'"1.0.0"'),
        "document has schema_version 1.0.0",
    ),
    "damaged": (lambda content: content[:-400], "must be strict JSON in UTF-8"),
    "empty": (lambda _: b"", "must be strict JSON in UTF-8"),
    "still to come": (
        lambda content: (
            content.replace(b'"as_of": "2022', b'"as_of": "2122')
            .replace(b'"generated_at": "2022', b'"generated_at": "2122')
            .replace(b'"valid_until": "2023', b'"valid_until": "2123')
            .replace(b'"next_due": "2023', b'"next_due": "2123')
        ),
        " cannot be withdrawn: ",
    ),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_cannot_be_withdrawn_is_refused_with_the_remedy(clone: Clone, origin: Origin, name: str) -> None:
    assert published(clone).code == 0
    damage, told = UNFIT[name]
    somebody = Clone.of(origin, clone.path.parent / "somebody")
    somebody.write(document=damage(origin.read(DOCUMENT)))
    somebody.commit_all("another engine, or none")
    tip = origin.tip()
    refused(published(clone, *WITHDRAW), 65, f"{DOCUMENT} on origin/main cannot be withdrawn: ", told)
    assert origin.tip() == tip


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--withdraw", ""), 2, "invalid --withdraw '': expected one line of 1 to 200 characters"),
        (("--withdraw", "one\ntwo"), 2, "expected one line of 1 to 200 characters"),
        ((*WITHDRAW, "--branch", "nowhere"), 65, "there is no branch origin/nowhere yet"),
        (
            (*WITHDRAW, "--output", "site/aegismatrix.json"),
            65,
            "origin/main holds no document at site/aegismatrix.json",
        ),
    ],
)
def test_a_withdrawal_of_nothing_is_refused(
    clone: Clone, origin: Origin, arguments: tuple[str, ...], code: int, told: str
) -> None:
    tip = origin.tip()
    refused(published(clone, *arguments), code, told)
    assert origin.tip() == tip


def test_a_clock_set_by_hand_withdraws_nothing(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AEGIS_NOW", "2026-06-30T18:00+05:30")
    refused(published(clone, *WITHDRAW), 2, "AEGIS_NOW is set")


def test_the_commit_is_an_output_of_the_step(clone: Clone, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    assert published(clone).code == 0
    told = clone.path.parent / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(told))
    assert published(clone, *WITHDRAW).code == 0
    assert told.read_text() == f"commit={origin.tip()}\n"


def test_runs_neither_make_a_document_of_its_moment_again_nor_skip_the_next(withdrawn: bytes, tmp_path: Path) -> None:
    """It was withdrawn long after; what is due goes by the moment that it speaks from."""
    content = json.loads(withdrawn)
    content["generated_at"] = content["valid_until"] = "2023-01-02T07:50:00+05:30"
    (tmp_path / DOCUMENT).write_text(json.dumps(content))
    market = get_market("nifty50")
    known = published_close((tmp_path / DOCUMENT).read_bytes(), market)
    assert known is not None
    evening, morning = (pd.Timestamp(text) for text in ("2023-01-01T18:00+05:30", "2023-01-02T08:01+05:30"))
    assert not document_due(market, evening, known).due
    assert document_due(market, morning, known).due, "that of the night is still missing"
    for moment, due in ((evening, False), (morning, True)):
        content["generated_at"] = content["valid_until"] = (moment - pd.Timedelta(minutes=11)).isoformat()
        content["next_due"] = "2023-01-02T07:40:00+05:30"
        assert document_work(json.dumps(content).encode(), moment.to_pydatetime()).due is due


def test_of_two_withdrawn_ones_the_later_withdrawal_stands(clone: Clone, origin: Origin, withdrawn: bytes) -> None:
    now = datetime.now(UTC)
    earlier = json.loads(withdrawn)
    earlier["generated_at"] = earlier["valid_until"] = "2022-12-30T16:30:00+05:30"
    assert ours_wins(withdrawn, json.dumps(earlier).encode(), now)
    assert not ours_wins(json.dumps(earlier).encode(), withdrawn, now)
    assert ours_wins(withdrawn, document(0, made=9), now)
    assert not ours_wins(document(0, made=9), withdrawn, now)
