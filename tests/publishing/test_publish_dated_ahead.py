"""What is published with a date later than now is never believed: it is replaced, told, and the run ends with 10."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from publishing import published, refused
from repositories import DOCUMENT, Clone, Origin, document

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
SOUND = FIXTURES / "ours-numpy2.0-sklearn1.5"
NOW = datetime.now(UTC).replace(microsecond=0)
AHEAD = int((NOW + timedelta(days=364) - datetime.fromisoformat("2022-12-30T15:30+05:30")).total_seconds())
LATER, EARLIER = ((NOW - timedelta(days=days)).isoformat() for days in (2, 3))


def dated_ahead(step: int) -> bytes:
    """A document that keeps its contract and speaks from ``step`` seconds after the sample's moment."""
    content = json.loads(document(0))
    for name in ("as_of", "generated_at", "valid_until"):
        content[name] = (datetime.fromisoformat(content[name]) + timedelta(seconds=step)).isoformat()
    return json.dumps(content).encode()


def set_of(folder: Path, **training: str) -> dict[str, bytes]:
    """A model set as it lies on disk, its training told otherwise."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    manifest = json.loads(files["manifest.json"])
    manifest["training"] |= training
    return files | {"manifest.json": json.dumps(manifest).encode()}


@pytest.fixture
def from_the_future(clone: Clone, origin: Origin) -> Origin:
    """A branch whose document and model set are dated a year ahead, put there by somebody else's git."""
    clone.write(document=0, rows=["a,1"], models={"manifest.json": b"{}"})
    assert published(clone).code == 0
    other = Clone.of(origin, clone.path.parent / "other")
    other.write(document=dated_ahead(AHEAD), models=set_of(SOUND, trained_at=(NOW + timedelta(days=364)).isoformat()))
    other.commit_all("a clock that was a year ahead")
    return origin


def test_a_document_and_a_set_of_the_future_are_replaced_and_told(clone: Clone, from_the_future: Origin) -> None:
    clone.write(document=60, rows=["a,1", "a,2"], models=set_of(SOUND, trained_at=EARLIER))
    ended = published(clone)
    assert ended.code == 10
    assert "warning: the published document was dated ahead: as_of " in ended.err
    assert "warning: the published model set could not be used: trained_at " in ended.err
    assert "is later than now" in ended.err
    assert from_the_future.read(DOCUMENT) == (clone.path / DOCUMENT).read_bytes()
    assert from_the_future.read("models/manifest.json") == set_of(SOUND, trained_at=EARLIER)["manifest.json"]
    assert from_the_future.rows() == ["a,1", "a,2"]
    again = published(clone)
    assert (again.code, again.err) == (0, "")


def test_a_set_of_ours_from_the_future_replaces_none(clone: Clone, from_the_future: Origin) -> None:
    before = from_the_future.read("models/manifest.json")
    clone.write(document=60, models=set_of(SOUND, trained_at=(NOW + timedelta(days=200)).isoformat()))
    published(clone)
    assert from_the_future.read("models/manifest.json") == before


def test_a_document_of_ours_that_is_dated_ahead_is_refused(clone: Clone, origin: Origin) -> None:
    tip = origin.tip()
    clone.write(document=dated_ahead(AHEAD))
    refused(published(clone), 65, "aegismatrix.json is not published: as_of ", "set the machine's clock right")
    assert origin.tip() == tip


def test_a_later_set_that_fails_the_audit_gives_way_to_one_that_passes(clone: Clone, origin: Origin) -> None:
    broken = set_of(SOUND, trained_at=LATER)
    name = next(name for name in broken if name.startswith("trap"))
    clone.write(document=0, models=broken | {name: broken[name][:-1]})
    assert published(clone).code == 0
    clone.write(document=60, models=set_of(SOUND, trained_at=EARLIER))
    ended = published(clone)
    assert ended.code == 0
    assert "the published model set could not be used: it does not pass the audit here: trap: corrupt" in ended.err
    assert json.loads(origin.read("models/manifest.json"))["training"]["trained_at"] == EARLIER


def test_a_set_that_lost_is_never_called_published_and_the_line_says_why(clone: Clone, origin: Origin) -> None:
    later = set_of(SOUND, trained_at=LATER)
    clone.write(document=0, rows=["a,1"], models=later)
    assert published(clone).code == 0
    shutil.rmtree(clone.path / "models")
    clone.write(models=set_of(SOUND, trained_at=EARLIER))
    ended = published(clone)
    assert ended.code == 0
    assert ended.out == (
        "nothing published to origin/main; the model set published there stays: it was trained at "
        f"{LATER}, ours at {EARLIER}\n"
    )
    assert origin.read("models/manifest.json") == later["manifest.json"]
