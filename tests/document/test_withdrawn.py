"""A withdrawn document: the same numbers under middle words, no time left, and every rule but three."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from document_sample import sample_content, sample_document
from pydantic import BaseModel
from test_document_rules import BROKEN, FROZEN_SPOT, REBUILT, UP_5, both, broken_out, built, in_session, put

from aegismatrix_engine.document import check_document, check_json, dump
from aegismatrix_engine.document.fields import middle_word, published_fields
from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.validate import violations
from aegismatrix_engine.document.withdrawal import REASONED, withdrawn
from aegismatrix_engine.errors import InvalidDocument

NOW = datetime(2022, 12, 31, 4, 30, 15, 999, tzinfo=UTC)
REASON = "the bars of 30 December were another index"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "document.md"

WAIVED = {
    "market.regime": ("regime beside its numbers", "regime beside its trend"),
    "next_due": ("next_due after valid_until",),
    "health.status": ("degraded in silence", "degraded without a signal", "frozen in silence"),
}
"""Field -> the cases of a broken rule that a withdrawn document may have: its word, its time and its status are set."""

ITS_OWN = {
    # What a withdrawal writes over, so that these cases cannot arise in the document that it makes.
    "live document already stale",
    "as_of after generated_at",
    "two labels for one session",
    "flag against its heads",
    "regime against its heads",
    "day against its heads",
    "environment against its heads",
    "points up under DOWN",
    "points down under UP",
    "call without a proven margin",
    "call that misses its margin",
}

MIDDLE_WORDS = {
    path.replace("[]", ".*"): middle_word(path) for path in published_fields() if middle_word(path) is not None
}
NO_DECISIONS = {
    "buyer.theta_edge.cost_basis",
    "seller.expiries.*.priced.kind",
    "market.previous_close_basis",
    "market.vix_basis",
    "market.events.kind",
    "direction.horizons.*.label",
    "direction.night.series",
    "seller.safe_range.kind",
    "seller.expiries.*.kind",
    "seller.trap.basis_10",
    "seller.expiries.*.ranges.*.kind",
    "buyer.breakout_levels.broken_out",
    "buyer.gamma_windows.*.state",
}
"""Words of the signal blocks that say what a number is, or what has happened."""


def taken_back(document: Document) -> Document:
    return withdrawn(document, REASON, NOW)


def broken_afterwards(name: str) -> list[str]:
    """The fields at fault where the withdrawn sample is changed as a case of a broken rule changes the sample."""
    content = json.loads(dump(taken_back(sample_document())))
    BROKEN[name][0](content)
    content["health"]["status"] = "withdrawn"
    return [found.path for found in violations(Document.model_validate_json(json.dumps(content)))]


def words(model: type[BaseModel], path: str) -> Iterator[str]:
    """Every field of a block, and of those within it, whose values are words."""
    for name, field in model.model_fields.items():
        at, kinds = f"{path}.{name}", [field.annotation, *get_args(field.annotation)]
        kinds += [inner for kind in kinds for inner in get_args(kind)]
        if name != "basis" and any(get_origin(kind) is Literal for kind in kinds):
            yield at
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from words(kind, f"{at}.*" if get_origin(field.annotation) is list else at)


def test_it_says_why_and_is_over_and_none_of_its_numbers_has_changed() -> None:
    before, after = sample_document(), taken_back(sample_document())
    assert (after.health.status, after.health.withdrawn) == ("withdrawn", REASON)
    assert after.generated_at == after.valid_until == "2022-12-31T10:00:15+05:30"
    assert (after.as_of, after.next_due, after.provenance.mode) == (before.as_of, before.next_due, "replay")
    were = {path: value for path, value in walk(before) if isinstance(value, str)}
    changed = {path for path, value in walk(after) if isinstance(value, str) and were.get(path) != value}
    numbers = [
        [(path, value) for path, value in walk(one) if isinstance(value, int | float)] for one in (before, after)
    ]
    assert numbers[0] == numbers[1]
    own = {"generated_at", "valid_until", "health.status", "health.withdrawn", "provenance.mode"}
    assert {path for path in changed if middle_word(path) is None and not path.startswith(REASONED)} <= own
    assert after.seller.seller_flag.reasons == after.buyer.buyer_environment.reasons == [f"withdrawn: {REASON}"]


def test_every_word_that_a_reader_decides_by_is_the_middle_one() -> None:
    blocks = {
        name: Document.model_fields[name].annotation for name in ("market", "direction", "seller", "buyer", "forecast")
    }
    found = {
        re.sub(r"\.t\d+\.", ".*.", path)
        for name, model in blocks.items()
        if isinstance(model, type)
        for path in words(model, name)
    }
    assert found - NO_DECISIONS == set(MIDDLE_WORDS), "each new word of a signal block is one or the other"
    assert found >= NO_DECISIONS
    shown = {path: value for path, value in walk(taken_back(built(UP_5))) if middle_word(path) is not None}
    assert all(value == middle_word(path) for path, value in shown.items())
    assert len(shown) == len(MIDDLE_WORDS) + 5 + 4 + 4, "six horizons, five sessions with label and word"


@pytest.mark.parametrize("name", sorted(set(BROKEN) - ITS_OWN))
def test_every_rule_holds_but_for_the_three_that_are_waived(name: str) -> None:
    path = BROKEN[name][1]
    if name in WAIVED.get(path, ()):
        assert path not in broken_afterwards(name)
    else:
        assert path in broken_afterwards(name)


@pytest.mark.parametrize("path", ["market.regime", "buyer.theta_edge.label", "direction.horizons.t40.direction"])
def test_another_word_breaks_a_rule_of_its_own(path: str) -> None:
    content = json.loads(dump(taken_back(built(UP_5))))
    other = {"market.regime": "SIDEWAYS", "buyer.theta_edge.label": "DONT_WASTE_PREMIUM"}.get(path, "UP")
    put(**{path.replace(".", "__"): other})(content)
    found = violations(Document.model_validate_json(json.dumps(content)))
    assert [one.path for one in found if "must be the middle word" in one.rule] == [path]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (put(health__status="ok"), "health.withdrawn"),
        (put(provenance__mode="live"), "provenance.mode"),
        (put(valid_until="2023-01-02T10:15:00+05:30"), "valid_until"),
    ],
)
def test_a_withdrawn_document_is_whole_or_none(change: Any, path: str) -> None:
    content = json.loads(dump(taken_back(sample_document())))
    change(content)
    assert path in [found.path for found in violations(Document.model_validate_json(json.dumps(content)))]


def test_a_status_without_a_reason_is_refused() -> None:
    content = sample_content()
    content["health"]["status"] = "withdrawn"
    found = [one.path for one in violations(Document.model_validate_json(json.dumps(content)))]
    assert "health.withdrawn" in found


@pytest.mark.parametrize(
    "document",
    [
        built(UP_5),
        built(REBUILT),
        built(in_session),
        built(broken_out("up", buyer__breakout_levels__lower=17870.5, buyer__breakout_levels__upper=18100.0)),
        built(both(put(health__status="degraded", health__frozen=[FROZEN_SPOT]))),
    ],
    ids=["a call", "a rebuilt close", "in session", "broken out", "frozen"],
)
def test_whatever_a_document_says_it_can_be_withdrawn_and_so_again(document: Document) -> None:
    once = taken_back(document)
    check_document(withdrawn(once, "another reason", NOW))
    assert check_json(dump(once)) == once


def test_what_is_not_over_yet_cannot_be_withdrawn() -> None:
    with pytest.raises(InvalidDocument, match="at valid_until"):
        withdrawn(sample_document(), REASON, datetime.fromisoformat(sample_document().as_of))


def test_the_page_lists_each_middle_word() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("## A document that was withdrawn")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([a-z_.*]+)` \| ([A-Z_]+) \|", table, flags=re.MULTILINE)
    assert dict(listed) == dict(MIDDLE_WORDS)
