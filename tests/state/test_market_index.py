"""The index of several markets: what it says, and what is not taken for one."""

import json
from pathlib import PurePosixPath
from typing import Any

import pytest

from aegismatrix_engine.state.market_index import IndexedMarket, indexed, indexed_ids, parsed_index, rendered

FIRST = IndexedMarket("nifty50", "2026-07-15T11:00:00+05:30", "ok", "aegismatrix.json")
OTHER = IndexedMarket("sensex", "2026-07-15T11:00:00+05:30", "degraded", "sensex/aegismatrix.json")


def test_an_index_is_read_as_it_was_written() -> None:
    assert parsed_index(rendered([FIRST, OTHER])) == (FIRST, OTHER)
    assert indexed_ids(rendered([FIRST, OTHER])) == ("nifty50", "sensex")


def test_a_first_market_without_a_document_leaves_its_place_empty() -> None:
    assert indexed_ids(rendered([OTHER])) == ("", "sensex")


def changed(**fields: Any) -> bytes:
    content = json.loads(rendered([FIRST, OTHER]))
    content["markets"][1] |= fields
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b'{"format": "aegis-index-1"}',
        rendered([FIRST, OTHER]).replace(b"aegis-index-1", b"another"),
        rendered([FIRST, FIRST]),
        changed(id="../up"),
        changed(id="Sensex"),
        changed(id=7),
        changed(path="../sensex/aegismatrix.json"),
        changed(path="elsewhere/aegismatrix.json"),
        changed(path="aegismatrix.json"),
        changed(path=None),
        changed(more=1),
    ],
)
def test_what_is_none_of_ours_names_no_market(content: bytes) -> None:
    assert parsed_index(content) == ()
    assert indexed_ids(content) == ()


def test_a_document_says_of_itself_what_the_index_says() -> None:
    content = json.dumps({"market_id": "sensex", "as_of": OTHER.as_of, "health": {"status": "degraded"}}).encode()
    at = PurePosixPath("sensex/aegismatrix.json")
    assert indexed(content, "sensex", at) == OTHER
    assert indexed(content, None, at) == OTHER
    assert indexed(content, "nifty50", at) is None
    assert indexed(b"{}", None, at) is None
