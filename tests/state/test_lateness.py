"""When a published document is out of date: half an hour past what it says of itself."""

import json
from datetime import datetime, timedelta

import pytest

from aegismatrix_engine.cli import aegis
from aegismatrix_engine.state.lateness import OUT_OF_DATE_AFTER, out_of_date, span

UNTIL = datetime.fromisoformat("2026-07-15T12:00:00+05:30")
DOCUMENT = {"as_of": "2026-07-15T11:00:00+05:30", "valid_until": UNTIL.isoformat()}


@pytest.mark.parametrize("minutes", [-60, 0, 29, 30])
def test_a_document_is_in_time_until_half_an_hour_after_its_validity(minutes: int) -> None:
    assert out_of_date(json.dumps(DOCUMENT).encode(), UNTIL + timedelta(minutes=minutes)) is None


def test_after_that_it_is_told_with_its_age_and_the_state_does_not_change_by_getting_older() -> None:
    found = [out_of_date(json.dumps(DOCUMENT).encode(), UNTIL + timedelta(minutes=m)) for m in (31, 95, 3 * 1440)]
    assert [one.what.rpartition(", ")[2] for one in found if one] == ["0 h 31 min ago", "1 h 35 min ago", "3 d 0 h ago"]
    assert {one.state for one in found if one} == {DOCUMENT["as_of"]}


def test_one_that_was_withdrawn_is_said_to_be() -> None:
    document = DOCUMENT | {"health": {"status": "withdrawn"}}
    found = out_of_date(json.dumps(document).encode(), UNTIL + timedelta(minutes=40))
    assert found is not None
    assert found.what == f"is as of {DOCUMENT['as_of']} and was withdrawn at {UNTIL.isoformat()}, 0 h 40 min ago"
    assert found.state != DOCUMENT["as_of"], "that it was withdrawn is worth another comment"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b"[" * 100_000, b"{}", b'{"as_of": 1, "valid_until": 2}']
    + [json.dumps(DOCUMENT | {"valid_until": text}).encode() for text in ("soon", "2026-07-15T12:00:00", "")],
)
def test_a_document_that_cannot_be_read_helps_no_reader(content: bytes) -> None:
    found = out_of_date(content, UNTIL)
    assert found is not None
    assert (found.what, found.state) == ("cannot be read", "unreadable")


def test_the_span_is_that_of_the_check() -> None:
    (option,) = [one for one in aegis.commands["check-published"].params if one.name == "max_age"]
    assert option.default == OUT_OF_DATE_AFTER / timedelta(minutes=1) == 30


def test_a_span_is_said_as_a_person_says_it() -> None:
    assert span(timedelta(minutes=51)) == "0 h 51 min"
    assert span(timedelta(hours=51)) == "2 d 3 h"
