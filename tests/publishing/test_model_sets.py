"""Which model set is published: one that passes the audit here, then the one trained later; never one of the future."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from aegismatrix_engine.state.precedence import SetChoice, set_choice

NOW = datetime(2026, 7, 13, 9, tzinfo=UTC)


def manifest(moment: str | datetime) -> bytes:
    return json.dumps({"training": {"trained_at": str(moment)}}).encode()


EARLY, LATE = manifest("2026-07-12T04:00:00+05:30"), manifest("2026-07-12T00:00:00+00:00")
UNCLEAR = [b"", b"{}", b"[1]", b'{"training": {"trained_at": 3}}', manifest("2026-07-12")]


def chosen(
    ours: bytes | None, theirs: bytes | None, faults: tuple[str, str] = ("", ""), *, with_document: bool = False
) -> SetChoice:
    return set_choice(ours, theirs, NOW, lambda: faults, with_document=with_document)


def test_the_later_training_wins_in_whatever_zone_it_is_told() -> None:
    assert chosen(LATE, EARLY) == SetChoice(ours=True)
    assert chosen(EARLY, LATE) == SetChoice(
        ours=False, why="it was trained at 2026-07-12T00:00:00+00:00, ours at 2026-07-12T04:00:00+05:30"
    )
    assert not chosen(EARLY, EARLY).ours


def test_a_set_that_passes_the_audit_goes_before_one_trained_later_that_does_not() -> None:
    found = chosen(EARLY, LATE, ("", "trap: corrupt, its bytes are others"))
    assert found.ours
    assert found.why == "it does not pass the audit here: trap: corrupt, its bytes are others; it was replaced"
    kept = chosen(LATE, EARLY, ("trap: corrupt", ""))
    assert kept == SetChoice(ours=False, why="ours does not pass the audit: trap: corrupt")


def test_of_two_that_pass_no_audit_the_later_goes() -> None:
    assert chosen(LATE, EARLY, ("trap: corrupt", "trap: corrupt")).ours


@pytest.mark.parametrize("faults", [("", ""), ("trap: corrupt", "")])
def test_one_dated_ahead_loses_whatever_else_is_said_of_it(faults: tuple[str, str]) -> None:
    ahead = manifest(NOW + timedelta(days=1, seconds=1))
    found = chosen(EARLY, ahead, faults)
    assert (found.ours, found.dated_ahead) == (True, True)
    assert (
        found.why
        == "trained_at 2026-07-14T09:00:01+00:00 is later than now, 2026-07-13T09:00:00+00:00; it was replaced"
    )
    assert not chosen(EARLY, manifest(NOW + timedelta(days=1))).dated_ahead, "a day ahead is a matter of zones"


@pytest.mark.parametrize("unclear", UNCLEAR)
@pytest.mark.parametrize("with_document", [True, False])
def test_what_does_not_tell_goes_with_its_document(unclear: bytes, with_document: bool) -> None:
    assert chosen(unclear, EARLY, with_document=with_document).ours == with_document
    assert chosen(EARLY, unclear, with_document=with_document).ours == with_document


def test_without_a_published_set_ours_is_the_one() -> None:
    assert chosen(EARLY, None) == SetChoice(ours=True)
