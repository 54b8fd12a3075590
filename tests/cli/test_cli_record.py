"""``aegis infer --record``, ``aegis record resolve`` and ``aegis record report``: what is kept, decided and told."""

import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from aged_sets import aged
from bars_folder import SESSIONS, write_data
from command_line import CSV, NOW, Ended, assert_refused, contents, without_moment
from synthetic import daily_frame
from yahoo_server import pointed_at

from aegismatrix_engine.document import check_json
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.ledger import read_ledger
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, cells

Call = Callable[..., Ended]
CALENDAR = get_market("nifty50").calendar
RECORD = ("--record", "record")


def up_to(last: pd.Timestamp) -> pd.DataFrame:
    """The synthetic market, dated so that it ends with the session of ``last``."""
    dates = CALENDAR.regular(last - pd.Timedelta(days=2 * SESSIONS), last)[-SESSIONS:]
    return daily_frame(SESSIONS).set_axis(dates.rename("date"))


WHOLE = up_to(CALENDAR.last_closed(pd.Timestamp(NOW)))
BEFORE = 15
"""Sessions before now at which the forecasts of these tests are made."""
DAY = WHOLE.index[-1 - BEFORE]
THEN = (CALENDAR.closes_at(DAY) + pd.Timedelta(minutes=30)).isoformat()


def forecast_of(call: Call, place: Path, *options: str, now: str = THEN, code: int = 0) -> Document:
    """A document of that day, made live and recorded; the bars of the days after it are not there yet."""
    write_data(place / "data", WHOLE.loc[:DAY])
    models = ("--models", str(aged(place / "models", now, place.parent)))
    ended = call("infer", *CSV, *RECORD, *models, "--json", *options, now=now)
    assert (ended.code, ended.err) == (code, "")
    return check_json(ended.out)


def kept(place: Path) -> dict[str, bytes]:
    return contents(place / "record")


def report(call: Call, code: int = 0, *options: str) -> dict[str, Any]:
    ended = call("record", "report", *RECORD, "--json", *options)
    assert ended.code == code
    told: dict[str, Any] = json.loads(ended.out)
    return told


def test_a_forecast_is_recorded_once_however_often_it_is_made(call: Call, place: Path) -> None:
    document = forecast_of(call, place)
    before = kept(place)
    assert list(before) == [f"nifty50/forecasts/{DAY:%Y}/{DAY:%Y-%m-%d}.csv"]
    rows = read_ledger(place / "record", "nifty50").forecasts.values()
    assert {(row.as_of, row.standing, row.model_set) for row in rows} == {
        (document.as_of, "live", document.provenance.model_set)
    }
    later = (pd.Timestamp(THEN) + pd.Timedelta(hours=2)).isoformat()
    forecast_of(call, place, now=later)
    assert kept(place) == before


def test_without_the_option_nothing_is_recorded(call: Call, place: Path) -> None:
    assert call("infer", *CSV, "--quiet").code == 0
    assert not (place / "record").exists()


def test_the_folder_can_be_named_by_the_environment(call: Call, place: Path) -> None:
    assert call("infer", *CSV, "--quiet", env={"AEGIS_RECORD": "elsewhere"}).code == 0
    assert list((place / "elsewhere").rglob("*.csv"))
    assert call("record", "report", "--quiet", env={"AEGIS_RECORD": "elsewhere"}) == Ended(0, b"", "")


def test_the_document_is_the_same_with_an_empty_record_as_without_one(call: Call) -> None:
    plain, recorded = (call("infer", *CSV, "--json", *options).out for options in ((), RECORD))
    assert without_moment(plain) == without_moment(recorded)


def test_a_document_of_the_past_is_recorded_as_a_replay(call: Call, place: Path) -> None:
    assert call("infer", *CSV, *RECORD, "--quiet").code == 0
    rows = read_ledger(place / "record", "nifty50").forecasts.values()
    assert {row.standing for row in rows} == {"replay"}


def test_what_has_come_due_is_decided_once_and_reported(call: Call, place: Path) -> None:
    forecast_of(call, place)
    ended = call("record", "resolve", *CSV, *RECORD, now=THEN)
    rows = len(read_ledger(place / "record", "nifty50").forecasts)
    assert ended == Ended(0, f"0 forecasts decided, {rows} still open\n".encode(), "")
    assert report(call)["live"] == []
    write_data(place / "data", WHOLE)
    ended = call("record", "resolve", *CSV, *RECORD)
    ledger = read_ledger(place / "record", "nifty50")
    due = [row for row in ledger.forecasts.values() if row.until <= f"{WHOLE.index[-1]:%Y-%m-%d}"]
    assert 20 < len(due) < rows
    assert ledger.resolutions.keys() == {row.key for row in due}
    assert ended == Ended(0, f"{len(due)} forecasts decided, {rows - len(due)} still open\n".encode(), "")
    today = next(row for row in due if (row.signal, row.event) == ("direction.today", "up"))
    gained = WHOLE["close"].iloc[-BEFORE] / WHOLE["close"].iloc[-1 - BEFORE] - 1
    assert ledger.resolutions[today.key].outcome == str(int(gained > float(today.threshold)))
    before = kept(place)
    assert call("record", "resolve", *CSV, *RECORD).out.startswith(b"0 forecasts decided")
    assert kept(place) == before
    told = report(call)
    assert (told["forecasts"], told["resolved"], told["faults"]) == (rows, len(due), [])
    assert sum(one["n"] for one in told["live"]) == len(due)
    assert not any(one["enough"] for one in told["live"])
    assert b"not enough" in call("record", "report", *RECORD).out


def test_a_session_that_is_missing_leaves_forecasts_open_and_says_so(call: Call, place: Path) -> None:
    forecast_of(call, place)
    absent = WHOLE.index[-BEFORE]
    write_data(place / "data", WHOLE.drop(absent))
    told = call("record", "resolve", *CSV, *RECORD)
    assert told.code == 0
    assert f"the session of {absent:%Y-%m-%d} is missing in the bars" in told.out.decode()
    ledger = read_ledger(place / "record", "nifty50")
    resolved = ledger.resolutions
    assert not [row for row in ledger.forecasts.values() if row.until == f"{absent:%Y-%m-%d}" and row.key in resolved]
    assert resolved
    write_data(place / "data", WHOLE)
    assert call("record", "resolve", *CSV, *RECORD, "--quiet") == Ended(0, b"", "")
    assert len(read_ledger(place / "record", "nifty50").resolutions) > len(resolved)


def test_bars_after_as_of_decide_nothing(call: Call, place: Path) -> None:
    forecast_of(call, place)
    write_data(place / "data", WHOLE)
    day = WHOLE.index[-BEFORE + 1]
    assert call("record", "resolve", *CSV, *RECORD, "--quiet", "--as-of", f"{day:%Y-%m-%d}").code == 0
    assert {row.until for row in read_ledger(place / "record", "nifty50").resolutions.values()} == {
        f"{one:%Y-%m-%d}" for one in (WHOLE.index[-BEFORE], day)
    }


def test_a_source_that_fails_decides_nothing_and_writes_nothing(call: Call, place: Path) -> None:
    forecast_of(call, place)
    before = contents(place)
    (place / "data" / "spot_daily.csv").rename(place / "away.csv")
    ended = call("record", "resolve", *CSV, *RECORD)
    assert_refused(ended, ExitCode.DATA_UNUSABLE, "spot_daily.csv")
    (place / "away.csv").rename(place / "data" / "spot_daily.csv")
    assert contents(place) == before


def test_a_network_that_is_down_decides_nothing_and_writes_nothing(call: Call, place: Path) -> None:
    forecast_of(call, place)
    before = contents(place)
    with pointed_at("http://127.0.0.1:9"):
        ended = call("record", "resolve", "--source", "yahoo", "--patience", "1", *RECORD)
    assert_refused(ended, ended.code, "^NSEI")
    assert ended.code in {ExitCode.SOURCE_UNAVAILABLE, ExitCode.TRY_AGAIN_LATER}
    assert contents(place) == before


def test_a_source_is_not_asked_where_nothing_waits(call: Call, place: Path) -> None:
    (place / "data" / "spot_daily.csv").unlink()
    assert call("record", "resolve", *CSV, *RECORD) == Ended(0, b"0 forecasts decided, 0 still open\n", "")
    assert not (place / "record").exists()


def test_a_record_with_faults_is_read_past_them_and_ends_with_10_naming_them(call: Call, place: Path) -> None:
    forecast_of(call, place)
    rows = len(read_ledger(place / "record", "nifty50").forecasts)
    write_data(place / "data", WHOLE)
    path = next((place / "record").rglob("*.csv"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-1], lines[3], lines[-1][:25]]))
    damaged = path.read_bytes()
    warnings = [f"{path.relative_to(place / 'record')}, line {n}: " for n in (len(lines), len(lines) + 1)]
    for arguments in (("resolve", *CSV), ("report",), ("report", "--json")):
        ended = call("record", *arguments, *RECORD)
        assert ended.code == ExitCode.DEGRADED
        told = ended.err.splitlines()
        assert [line.startswith(f"aegis: warning: {text}") for line, text in zip(told, warnings, strict=True)] == [
            True,
            True,
        ]
        assert ended.out
    assert path.read_bytes() == damaged
    told = report(call, ExitCode.DEGRADED)
    assert told["forecasts"] == rows - 1
    assert [fault.startswith(warning) for fault, warning in zip(told["faults"], warnings, strict=True)] == [True, True]


def damage(place: Path) -> list[str]:
    """Rows with a right checksum and impossible content, put into the record; what is said of each."""
    path = next((place / "record").rglob("forecasts/*/*.csv"))
    rows = list(read_ledger(place / "record", "nifty50").forecasts.values())
    wrong = [replace(rows[0], until="2026-13-45"), replace(rows[1], probability="7"), replace(rows[2], spot="-5")]
    wrong = [replace(row, signal=f"{row.signal}.wrong") for row in wrong]
    first = len(path.read_text().splitlines()) + 1
    with path.open("a") as file:
        file.writelines(",".join(cells(row)) + "\n" for row in wrong)
    said = ("the until '2026-13-45'", "the probability '7'", "the spot '-5'")
    return [
        f"{path.relative_to(place / 'record')}, line {n}: has {text}: expected " for n, text in enumerate(said, first)
    ]


def notes(call: Call) -> list[str]:
    ended = call("infer", *CSV, *RECORD, "--json")
    assert (ended.code, ended.err) == (0, "")
    return [note for note in check_json(ended.out).health.notes if note.startswith("record: ")]


def test_impossible_rows_stop_no_resolution_and_are_named_once_in_the_next_document(call: Call, place: Path) -> None:
    forecast_of(call, place)
    good = len(read_ledger(place / "record", "nifty50").forecasts)
    expected = damage(place)
    write_data(place / "data", WHOLE)
    # Nobody has named them yet: a red end, and everything else is done all the same.
    ended = call("record", "resolve", *CSV, *RECORD)
    assert ended.code == ExitCode.DEGRADED
    assert [line[: len(text)] for line, text in zip(ended.err.splitlines(), told_as(expected), strict=True)] == told_as(
        expected
    )
    ledger = read_ledger(place / "record", "nifty50")
    due = [row for row in ledger.forecasts.values() if row.until <= f"{WHOLE.index[-1]:%Y-%m-%d}"]
    assert len(ledger.forecasts) == good
    assert ledger.resolutions.keys() == {row.key for row in due}
    found = notes(call)
    assert [note[: len("record: ") + len(text)] for note, text in zip(found, expected, strict=True)] == [
        f"record: {text}" for text in expected
    ]
    # From then on they are known: warned of, and no closing run ends red for them.
    assert notes(call) == []
    ended = call("record", "resolve", *CSV, *RECORD, "--quiet")
    assert (ended.code, len(ended.err.splitlines())) == (0, 3)
    assert call("record", "report", *RECORD, "--quiet").code == ExitCode.DEGRADED
    with next((place / "record").rglob("forecasts/*/*.csv")).open("a") as file:
        file.write("half a row\n")
    assert call("record", "resolve", *CSV, *RECORD, "--quiet").code == ExitCode.DEGRADED
    assert len(notes(call)) == 1
    assert call("record", "resolve", *CSV, *RECORD, "--quiet").code == 0


def told_as(expected: list[str]) -> list[str]:
    return [f"aegis: warning: {text}" for text in expected]


def test_a_document_of_the_past_names_no_fault_and_leaves_it_to_the_next_live_one(call: Call, place: Path) -> None:
    forecast_of(call, place)
    damage(place)
    write_data(place / "data", WHOLE)
    ended = call("infer", *CSV, *RECORD, "--json", "--as-of", f"{WHOLE.index[-3]:%Y-%m-%d}")
    assert not [note for note in check_json(ended.out).health.notes if note.startswith("record: ")]
    assert not (place / "record" / "nifty50" / "faults.csv").exists()
    assert len(notes(call)) == 3


def test_where_it_cannot_be_noted_down_the_document_is_written_and_the_fault_named_again(
    call: Call, place: Path
) -> None:
    forecast_of(call, place)
    damage(place)
    (place / "record" / "nifty50" / "faults.csv").mkdir()
    for _ in range(2):
        ended = call("infer", *CSV, *RECORD, "--json")
        assert ended.code == 0
        assert "faults.csv cannot be appended to" in ended.err
        assert len([note for note in check_json(ended.out).health.notes if note.startswith("record: ")]) == 3


def test_a_report_of_no_record_says_so(call: Call, place: Path) -> None:
    ended = call("record", "report", *RECORD)
    assert (ended.code, ended.err) == (0, "")
    assert b"No live forecast has been decided yet." in ended.out
    assert not (place / "record").exists()


def test_the_page_is_written_whole(call: Call, place: Path) -> None:
    forecast_of(call, place)
    assert call("record", "report", *RECORD, "--quiet", "--html", "record.html") == Ended(0, b"", "")
    seen: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: seen.append(tag)  # type: ignore[method-assign]
    parser.feed((place / "record.html").read_text(encoding="utf-8"))
    assert seen[:2] == ["html", "head"]
    assert "script" not in seen
    assert_refused(call("record", "report", *RECORD, "--quiet", "--html", "no/such/page.html"), 73, "page.html")


LIVE_DAYS = 40
RANGES_HELD, CALLS_RIGHT = 30, 12


def filled(folder: Path) -> None:
    """Forty live safe ranges of which thirty held, and as many breakout forecasts; each decided at its own close."""
    days = WHOLE.index[-LIVE_DAYS - 1 :]
    for i, (made, day) in enumerate(pairwise(days)):
        for signal, event, said, outcome in (
            ("seller.safe_range", "range", 0.8, i % 4 != 0),
            ("buyer.breakout_today", "breakout", 0.2 + 0.01 * i, i % 3 == 0),
        ):
            row = ForecastRow(
                as_of=CALENDAR.closes_at(made).isoformat(),
                generated_at=(CALENDAR.closes_at(made) + pd.Timedelta(minutes=5)).isoformat(),
                standing="live",
                market="nifty50",
                signal=signal,
                event=event,
                origin=f"{made:%Y-%m-%d}",
                until=f"{day:%Y-%m-%d}",
                sessions="1",
                spot="8000",
                threshold="" if event == "range" else "0.01",
                lower="7900" if event == "range" else "",
                upper="8100" if event == "range" else "",
                probability=repr(round(said, 4)),
                climatology="0.5",
                vix="0.6",
                model_set="0123456789ab",
                training_end="2020-01-01",
                basis="model",
                schema_version="1.0",
            )
            closed = CALENDAR.closes_at(day).isoformat()
            came = ResolutionRow(
                row.key, row.as_of, closed, closed, "nifty50", signal, event, row.until, str(int(outcome)), "0"
            )
            append(folder, [row])
            append(folder, [came])


def test_the_document_says_what_the_live_record_says_and_pools_it_with_the_past(call: Call, place: Path) -> None:
    write_data(place / "data", WHOLE)
    without = check_json(call("infer", *CSV, "--json").out)
    filled(place / "record")
    ended = call("infer", *CSV, *RECORD, "--json")
    assert (ended.code, ended.err) == (0, "")
    document = check_json(ended.out)
    safe, calls = document.track_record.safe_range, document.track_record.breakout_calls
    assert (safe.live.state, safe.live.n, safe.live.events) == ("measured", LIVE_DAYS, LIVE_DAYS)
    assert safe.live.rate == pytest.approx(RANGES_HELD / LIVE_DAYS)
    assert safe.live.interval is not None
    weighed = (safe.events * safe.rate + RANGES_HELD) / (safe.events + LIVE_DAYS)
    assert safe.pooled == document.seller.historical_hit_rate == pytest.approx(weighed, abs=1e-4)
    assert (safe.n, safe.rate) == (without.track_record.safe_range.n, without.track_record.safe_range.rate)
    assert without.seller.historical_hit_rate == without.track_record.safe_range.rate != safe.pooled
    # Each score is above all before it: every session but the first is a call.
    assert (calls.live.n, calls.live.events) == (LIVE_DAYS - 1, LIVE_DAYS - 1)
    right = len([i for i in range(1, LIVE_DAYS) if i % 3 == 0])
    assert calls.live.rate == pytest.approx(right / (LIVE_DAYS - 1), abs=1e-4)
    weighed = (calls.events * calls.rate + right) / (calls.events + LIVE_DAYS - 1)
    assert calls.pooled == document.buyer.historical_spike_rate == pytest.approx(weighed, abs=1e-4)
    live = {(one.signal, one.event): one for one in document.track_record.live}
    assert live.keys() == {("buyer.breakout_today", "breakout"), ("seller.safe_range", "range")}
    ranges = live["seller.safe_range", "range"]
    assert (ranges.state, ranges.n, ranges.came_true) == ("measured", LIVE_DAYS, pytest.approx(0.75))
    assert ranges.brier == pytest.approx(0.75 * 0.04 + 0.25 * 0.64)
    assert ranges.against_climatology == pytest.approx(1 - 0.19 / 0.25)
    assert ranges.climatology_interval is not None
    assert without.track_record.live == []


def test_below_thirty_events_a_live_claim_is_withheld_and_later_outcomes_are_not_known(call: Call, place: Path) -> None:
    write_data(place / "data", WHOLE)
    filled(place / "record")
    cut = WHOLE.index[-12]
    past = ("--as-of", f"{cut:%Y-%m-%d}")
    first = call("infer", *CSV, *RECORD, "--json", *past)
    document = check_json(first.out)
    safe = document.track_record.safe_range
    assert (safe.live.state, safe.live.events) == ("not enough yet", LIVE_DAYS - 11)
    assert (safe.live.rate, safe.live.interval) == (None, None)
    assert {one.state for one in document.track_record.live} == {"not enough yet"}
    assert {one.brier for one in document.track_record.live} == {None}
    assert safe.pooled != safe.rate
    # Whatever was forecast or decided after that day: gone, and nothing is changed by it.
    for path in (place / "record").rglob("*.csv"):
        if path.stem > f"{cut:%Y-%m-%d}" or (path.parts[-3] == "forecasts" and path.stem == f"{cut:%Y-%m-%d}"):
            path.unlink()
    again = call("infer", *CSV, *RECORD, "--json", *past)
    assert without_moment(again.out) == without_moment(first.out)
