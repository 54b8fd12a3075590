"""``aegis infer --if-due``: work when a document is due, and nothing at all otherwise."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aged_sets import aged
from command_line import CSV, FORMER, Ended, aegis, assert_refused, contents
from pandas import Timestamp

from aegismatrix_engine.document import check_json
from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.due import document_there
from aegismatrix_engine.jobs.settings import BarsSettings

Call = Callable[..., Ended]

# 2026-06-30 and 07-01 are ordinary sessions of 09:15 to 15:30.
CLOSED = "2026-06-30T15:30:00+05:30"
NIGHT = "2026-06-30T21:00+05:30"
RESTS = "nothing is due: the document has the official close of 2026-06-30; the next is due from 2026-07-01 07:40 IST\n"


def publish(place: Path, as_of: str = CLOSED, market: str = "nifty50", **provenance: str) -> bytes:
    """A document that says what --if-due reads of one."""
    content = {"generated_at": as_of, "market_id": market, "as_of": as_of}
    content |= {"health": {"status": "ok"}, "provenance": {"mode": "live"} | provenance}
    written = json.dumps(content).encode()
    (place / "aegismatrix.json").write_bytes(written)
    return written


def assert_worked(ended: Ended, place: Path, before: bytes) -> None:
    assert (ended.code, ended.err) == (0, "")
    document = (place / "aegismatrix.json").read_bytes()
    assert document != before
    check_json(document)


@pytest.mark.parametrize(
    "moment",
    ["2026-06-30T15:30+05:30", NIGHT, "2026-06-30T15:30:00Z", "2026-07-01T07:39+05:30", "2026-06-30T22:09-04:00"],
)
def test_with_the_official_close_published_nothing_is_done_until_before_the_open(
    call: Call, place: Path, moment: str
) -> None:
    publish(place)
    before = contents(place)
    assert call("infer", *CSV, "--if-due", now=moment) == Ended(0, RESTS.encode(), "")
    assert contents(place) == before


@pytest.mark.parametrize(
    "moment", ["2026-07-01T07:40+05:30", "2026-07-01T11:07+05:30", "2026-07-01T15:31+05:30", "2026-07-02T02:00+05:30"]
)
def test_from_before_the_open_until_the_next_close_is_published_there_is_work(
    call: Call, place: Path, moment: str
) -> None:
    before = publish(place)
    assert_worked(call("infer", *CSV, "--if-due", "--quiet", now=moment), place, before)


@pytest.mark.parametrize("close", ["provisional", "none", ""])
def test_a_close_that_is_not_official_is_work(call: Call, place: Path, close: str) -> None:
    before = publish(place, close=close)
    assert_worked(call("infer", *CSV, "--if-due", "--quiet", now=NIGHT), place, before)


@pytest.mark.parametrize("told", [{"mode": "replay"}, {"close": "official"}, {"mode": "live", "close": "official"}])
def test_a_document_that_has_the_official_close_in_any_form_is_none(
    call: Call, place: Path, told: dict[str, str]
) -> None:
    publish(place, **told)
    assert call("infer", *CSV, "--if-due", now=NIGHT) == Ended(0, RESTS.encode(), "")


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "none": lambda file: file.unlink(),
    "no JSON": lambda file: file.write_bytes(FORMER),
    "empty": lambda file: file.write_bytes(b""),
    "a list": lambda file: file.write_bytes(b"[]"),
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:-2]),
    "no text": lambda file: file.write_bytes(b"\xff\xfe\x00"),
    "too deep": lambda file: file.write_bytes(b"[" * 100_000),
    "null": lambda file: file.write_bytes(file.read_bytes().replace(f'"{CLOSED}"'.encode(), b"null")),
    "no moment": lambda file: file.write_bytes(file.read_bytes().replace(CLOSED.encode(), b"yesterday")),
    "no zone": lambda file: file.write_bytes(file.read_bytes().replace(CLOSED.encode(), b"2026-06-30")),
    "beyond time": lambda file: file.write_bytes(file.read_bytes().replace(b"2026-06-30", b"9999-06-30")),
    "the future": lambda file: file.write_bytes(file.read_bytes().replace(b"2026-06-30", b"2027-06-30")),
    "provenance lost": lambda file: file.write_bytes(file.read_bytes().replace(b'{"mode": "live"}', b'"live"')),
    "no making": lambda file: file.write_bytes(file.read_bytes().replace(b"generated_at", b"generated")),
    "no health": lambda file: file.write_bytes(file.read_bytes().replace(b'{"status": "ok"}', b"null")),
    "made in the future": lambda file: file.write_bytes(file.read_bytes().replace(b"2026-06-30", b"2026-07-30", 1)),
    "another market": lambda file: file.write_bytes(file.read_bytes().replace(b"nifty50", b"sp500")),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_document_that_cannot_be_believed_is_replaced(call: Call, place: Path, damage: Callable[[Path], Any]) -> None:
    before = publish(place)
    damage(place / "aegismatrix.json")
    assert_worked(call("infer", *CSV, "--if-due", "--quiet", now=NIGHT), place, before)


def test_the_document_it_made_itself_is_enough(call: Call, place: Path) -> None:
    # The synthetic history ends before: only its own clock makes its last close the last one.
    assert call("infer", *CSV, "--quiet").code == 0
    as_of = json.loads((place / "aegismatrix.json").read_bytes())["as_of"]
    night = f"{as_of[:10]}T21:00+05:30"
    models = ("--models", str(aged(place / "models", night, place.parent)))
    assert call("infer", *CSV, *models, "--quiet", now=night).code == 0
    before = contents(place)
    ended = call("infer", *CSV, *models, "--if-due", now=night)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"nothing is due: the document has the official close of {as_of[:10]}; ".encode())
    assert contents(place) == before


def test_when_nothing_is_due_neither_bars_nor_models_are_needed(place: Path) -> None:
    publish(place)
    shutil.rmtree(place / "models")
    shutil.rmtree(place / "data")
    code = (
        "import sys; from aegismatrix_engine.cli import main\n"
        "try: main()\n"
        "finally: print([n for n in ('sklearn', 'joblib', 'yfinance', 'curl_cffi', 'rich') if n in sys.modules], "
        "file=sys.stderr)"
    )
    for source in (CSV, ("--source", "yahoo", "--cache", "cache")):
        ended = aegis("infer", *source, "--if-due", at=place, env={"AEGIS_NOW": NIGHT}, start=("-c", code))
        assert ended == Ended(0, RESTS.encode(), "[]\n")
    assert [path.name for path in place.iterdir()] == ["aegismatrix.json"]


def test_the_line_keeps_out_of_the_way_of_json_and_is_silent_when_quiet(place: Path) -> None:
    publish(place)
    assert aegis("infer", *CSV, "--if-due", "--json", at=place, env={"AEGIS_NOW": NIGHT}) == Ended(0, b"", RESTS)
    assert aegis("infer", *CSV, "--if-due", "--quiet", at=place, env={"AEGIS_NOW": NIGHT}) == Ended(0, b"", "")
    assert aegis("infer", *CSV, "--if-due", "--json", "--quiet", at=place, env={"AEGIS_NOW": NIGHT}) == Ended(
        0, b"", ""
    )


def test_without_the_option_a_document_is_made_whether_due_or_not(call: Call, place: Path) -> None:
    before = publish(place)
    assert_worked(call("infer", *CSV, "--quiet", now=NIGHT), place, before)


def test_the_document_looked_at_is_the_one_that_would_be_written(call: Call, place: Path) -> None:
    before = publish(place)
    ended = call("infer", *CSV, "--if-due", "--quiet", "--output", "other.json", now=NIGHT)
    assert ended == Ended(0, b"", "")
    assert (place / "other.json").exists()
    assert (place / "aegismatrix.json").read_bytes() == before


def test_what_is_wrong_with_the_options_is_told_though_nothing_is_due(call: Call, place: Path) -> None:
    publish(place)
    assert_refused(call("infer", "--source", "csv", "--if-due", now=NIGHT), 2, "--data DIR")
    ended = call("infer", *CSV, "--if-due", "--as-of", "2017-03-01", now=NIGHT)
    assert_refused(ended, 2, "--if-due asks about now and --as-of about the past; leave one of them out")


def test_the_store_of_bars_goes_with_the_moment_of_the_run(place: Path) -> None:
    # The source refuses a store without a moment, so both must have reached it.
    with pytest.raises(ConfigurationError, match="pass now"):
        BarsRequest.of(BarsSettings("nifty50", "yahoo", cache=place / "cache"))
    asked = BarsRequest.of(BarsSettings("nifty50", "yahoo", cache=place / "cache"), Timestamp(NIGHT))
    assert asked.source.name == "yahoo"
    assert not (place / "cache").exists()


def test_the_us_vix_of_the_folder_is_read_with_intraday_bars_alone(place: Path) -> None:
    table = "date,open,high,low,close\n2017-02-27,12,12,12,12\n2017-02-28,13,13,13,13\n"
    (place / "data" / "us_vix_daily.csv").write_text(table)
    asked = BarsRequest.of(BarsSettings("nifty50", "csv", place / "data", "2017-03-01"))
    history = asked.read(Timestamp(NIGHT), intraday=True)
    assert history.us_vix is not None
    assert list(history.us_vix["close"]) == [12.0, 13.0]
    assert asked.read(Timestamp(NIGHT), intraday=False).us_vix is None


@pytest.mark.parametrize("what", ["pipe", "folder", "link to itself", "device"])
def test_what_is_no_plain_file_is_no_document_and_is_not_waited_for(tmp_path: Path, what: str) -> None:
    output = tmp_path / "aegismatrix.json"
    if what == "pipe":
        os.mkfifo(output)
    elif what == "folder":
        output.mkdir()
    else:
        output.symlink_to(output.name if what == "link to itself" else "/dev/zero")
    assert document_there(output) is None
