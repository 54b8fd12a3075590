"""Which model set is published: the one trained later, whoever's document stands."""

import json

import pytest

from aegismatrix_engine.state.precedence import trained_later


def manifest(moment: str) -> bytes:
    return json.dumps({"training": {"trained_at": moment}}).encode()


EARLY, LATE = manifest("2026-07-12T04:00:00+05:30"), manifest("2026-07-12T00:00:00+00:00")


def test_the_later_training_wins_in_whatever_zone_it_is_told() -> None:
    assert trained_later(LATE, EARLY) is True
    assert trained_later(EARLY, LATE) is False
    assert trained_later(EARLY, EARLY) is False


@pytest.mark.parametrize(
    "unclear", [None, b"", b"{}", b"[1]", b'{"training": {"trained_at": 3}}', manifest("2026-07-12")]
)
def test_what_does_not_tell_decides_nothing(unclear: bytes | None) -> None:
    assert trained_later(unclear, EARLY) is None
    assert trained_later(EARLY, unclear) is None
