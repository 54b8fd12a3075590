"""A page's record: the same whether it is scored anew or its scores are taken from the file of an earlier page."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_record import BREAKOUT, DAYS, NEAREST, NEXT, ledger, made, many, written

from aegismatrix_engine import __version__
from aegismatrix_engine.record import kept_record as module
from aegismatrix_engine.record.kept_record import DECIDED_SESSIONS, FORECAST_SESSIONS, kept_record, read_record
from aegismatrix_engine.record.ledger import Ledger, read_ledger

ROWS = [*many(90, 70, **NEAREST), *many(90, 60, **NEXT), *many(40, 11, **BREAKOUT), made(-1, 3, None, **NEXT)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "record", ROWS)


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that a whole record is scored."""
    times: list[int] = []

    def counted(found: Ledger, market: str) -> object:
        times.append(len(found.forecasts))
        return kept_record(found, market)

    monkeypatch.setattr(module, "kept_record", counted)
    return times


def test_the_earlier_scores_of_the_same_bytes_give_the_same_record_without_scoring(
    folder: Path, scored: list[int]
) -> None:
    first = read_record(folder, "nifty50")
    assert first is not None
    again = read_record(folder, "nifty50", first.scores_file)
    assert again == first
    assert len(scored) == 1
    assert first.kept == kept_record(read_ledger(folder, "nifty50"), "nifty50")


def changes(folder: Path) -> Iterator[None]:
    """One change after another of a record on disk."""
    newest = max((folder / "nifty50" / "resolutions").rglob("*.csv"))
    content = newest.read_bytes()
    newest.write_bytes(content.replace(b",0,", b",1,"))
    yield
    newest.write_bytes(content)
    written(folder, [made(-1, 2, None, **BREAKOUT)])
    yield
    newest.rename(newest.with_name("2022-12-28x.csv"))
    yield


def test_scores_of_other_bytes_are_never_taken(folder: Path, scored: list[int]) -> None:
    first = read_record(folder, "nifty50")
    assert first is not None
    for done, _ in enumerate(changes(folder), start=2):
        again = read_record(folder, "nifty50", first.scores_file)
        assert again is not None
        assert len(scored) == done
        assert again.kept == kept_record(read_ledger(folder, "nifty50"), "nifty50")


@pytest.mark.parametrize(
    "change",
    [{"engine": f"{__version__}.1"}, {"market": "sp500"}, {"format": "aegis-scores-0"}, {"counts": {"live": 1.5}}],
)
def test_scores_of_another_engine_market_or_shape_are_never_taken(
    folder: Path, scored: list[int], change: dict[str, object]
) -> None:
    first = read_record(folder, "nifty50")
    assert first is not None
    spoilt = json.dumps(json.loads(first.scores_file) | change).encode()
    assert read_record(folder, "nifty50", spoilt) == first
    assert read_record(folder, "nifty50", b"not json") == first
    assert len(scored) == 3


def test_a_record_at_fault_is_always_read_as_a_whole(folder: Path, scored: list[int]) -> None:
    newest = max((folder / "nifty50" / "forecasts").rglob("*.csv"))
    newest.write_bytes(newest.read_bytes() + b"cut short")
    first = read_record(folder, "nifty50")
    assert first is not None
    assert first.kept.counts.faults == 1
    assert "was cut" in first.kept.counts.first_fault or "cells" in first.kept.counts.first_fault
    assert read_record(folder, "nifty50", first.scores_file) == first
    assert len(scored) == 2


def test_a_folder_without_files_of_the_market_is_no_record(folder: Path, tmp_path: Path) -> None:
    assert read_record(tmp_path / "nowhere", "nifty50") is None
    assert read_record(folder, "sp500") is None


def test_rows_of_the_last_sessions_are_kept_one_by_one_and_scores_are_of_all(folder: Path) -> None:
    found = read_record(folder, "nifty50")
    assert found is not None
    kept = found.kept
    assert {row.as_of[:10] for row in kept.forecasts.values()} == set(DAYS[-FORECAST_SESSIONS - 1 : -2]) | {DAYS[-1]}
    assert {row.until for row in kept.resolutions.values()} == set(DAYS[-DECIDED_SESSIONS - 1 : -1])
    assert {score.signal: score.events for score in kept.scores} == {
        NEAREST["signal"]: 90,
        NEXT["signal"]: 90,
        BREAKOUT["signal"]: 40,
    }
    assert (kept.counts.live, kept.counts.decided, kept.counts.next_decision) == (221, 220, "2023-01-04")


def test_of_many_model_sets_the_last_ones_are_kept() -> None:
    rows = [made(-60 + i, **{**NEXT, "model_set": f"{99 - i:012x}"}) for i in range(50)]
    (score,) = kept_record(ledger(rows), "nifty50").scores
    assert [part.name for part in score.by_model_set] == [f"{99 - i:012x}" for i in range(40, 50)]
