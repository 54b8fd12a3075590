"""Whose document stands, and ledger rows of both sides: the rules by themselves."""

import json
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import document

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.publishing.ledger_rows import united
from aegismatrix_engine.state.precedence import ours_wins

NOW = datetime(2023, 1, 2, tzinfo=UTC)
# From the least to the greatest: a later as_of beats health, health beats a later making.
ASCENDING = [
    document(0, degraded=True),
    document(0, degraded=True, made=9),
    document(0),
    document(0, made=9),
    document(1, degraded=True),
    document(1, made=-60),
]
ROWS = st.lists(st.sampled_from([f"row {n}" for n in range(12)]).map(str.encode), max_size=20)
WHERE = "record/one.csv"


def text(rows: list[bytes]) -> bytes:
    return b"".join(row + b"\n" for row in rows)


@pytest.mark.parametrize(("lesser", "greater"), list(pairwise(ASCENDING)))
def test_the_later_then_the_healthier_then_the_later_made_document_wins(lesser: bytes, greater: bytes) -> None:
    assert ours_wins(greater, lesser, NOW)
    assert not ours_wins(lesser, greater, NOW)


def test_moments_are_compared_and_not_their_spelling() -> None:
    content = json.loads(document(0))
    content["as_of"] = "2022-12-30T10:00:01Z"  # one second after 15:30 in India
    assert ours_wins(json.dumps(content).encode(), document(0), NOW)
    assert not ours_wins(document(0), json.dumps(content).encode(), NOW)


def test_of_two_that_compare_equal_the_published_one_stays_and_one_that_is_published_is_ours() -> None:
    assert ours_wins(document(0), document(0), NOW)
    assert not ours_wins(document(0), document(0).replace(b'"source": "csv"', b'"source": "xyz"'), NOW)


@pytest.mark.parametrize(
    "theirs",
    [None, b"", b"<<<<<<< HEAD", b"[]", b'{"as_of": 5}', document(9)[:-400], document(9).replace(b"+05:30", b"")],
    ids=["none", "empty", "conflict", "list", "number", "cut off", "without a zone"],
)
def test_what_is_no_document_loses_to_one(theirs: bytes | None) -> None:
    assert ours_wins(document(0), theirs, NOW)


def test_a_document_of_a_former_schema_is_compared_all_the_same() -> None:
    content = {key: json.loads(document(5))[key] for key in ("as_of", "generated_at", "health")}
    assert not ours_wins(document(0), json.dumps(content).encode(), NOW)
    assert ours_wins(document(6), json.dumps(content).encode(), NOW)


@given(theirs=ROWS, ours=ROWS)
def test_a_union_has_every_row_once_theirs_first_each_side_in_its_order(theirs: list[bytes], ours: list[bytes]) -> None:
    found, gained = united(text(theirs), text(ours), WHERE, header=False)
    rows = found.splitlines()
    assert text(rows) == found
    assert sorted(rows) == sorted(set(theirs) | set(ours))
    before = len(set(theirs))
    assert rows[:before] == sorted(set(theirs), key=theirs.index)
    new = set(ours) - set(theirs)
    assert rows[before:] == sorted(new, key=ours.index)
    assert gained == len(new)


@given(theirs=ROWS, ours=ROWS)
def test_a_union_again_changes_nothing(theirs: list[bytes], ours: list[bytes]) -> None:
    once, _ = united(text(theirs), text(ours), WHERE, header=False)
    assert united(once, text(ours), WHERE, header=False) == (once, 0)
    assert united(once, once, WHERE, header=False) == (once, 0)


def test_the_header_stands_first_and_is_no_row() -> None:
    assert united(b"", b"h\na\n", WHERE, header=True) == (b"h\na\n", 1)
    assert united(b"h\nb\n", b"h\na\n", WHERE, header=True) == (b"h\nb\na\n", 1)
    assert united(b"h\nb\n", b"", WHERE, header=True) == (b"h\nb\n", 0)


def test_an_unfinished_last_row_of_ours_is_left_out_and_one_of_theirs_is_kept() -> None:
    assert united(b"a\nb", b"a\nc\nhalf a r", WHERE, header=False) == (b"a\nb\nc\n", 1)


def test_another_header_is_refused_naming_both() -> None:
    with pytest.raises(DataError, match=r"record/one.csv line 1: the header 'a,c' differs from .* 'a,b'; move"):
        united(b"a,b\n1,2\n", b"a,c\n1,3\n", WHERE, header=True)


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"a\0b"])
def test_a_row_that_is_no_text_is_refused_with_its_line(damage: bytes) -> None:
    with pytest.raises(DataError, match=r"record/one.csv line 3 is not text in UTF-8; repair"):
        united(b"", b"h\na\n" + damage + b"\n", WHERE, header=True)


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"a\0b", b"h\0n\0"])
def test_a_published_row_that_is_no_text_keeps_no_row_of_ours_back(damage: bytes) -> None:
    theirs = b"h\na\n" + damage + b"\n"
    assert united(theirs, theirs + b"b\n", WHERE, header=True) == (theirs + b"b\n", 1)
    with pytest.raises(DataError, match=r"record/one.csv line 4 is not text in UTF-8"):
        united(theirs, theirs + damage + b"!\n", WHERE, header=True)
