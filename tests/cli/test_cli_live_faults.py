"""A live run against a source that fails in every known way: the right exit code, and a document that is whole."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from aged_sets import aged
from command_line import FORMER, ROOT, Ended, environment
from machine_clock import process_clock
from slow_cases import slow_but
from yahoo_server import YahooServer, live_bars, pointed_at

from aegismatrix_engine.document import check_json
from aegismatrix_engine.history.inputs import COMPANION_SERIES, SERIES
from aegismatrix_engine.markets import get_market

MARKET = get_market("nifty50")
NOW = pd.Timestamp("2026-07-15T11:07:30+05:30")
AS_OF = "2026-07-15T11:00:00+05:30"
YESTERDAY = "2026-07-14T15:30:00+05:30"
AFTER_NIGHT = "2026-07-15T01:45:00+05:30"
BARS = live_bars(MARKET, NOW, sessions=150, intraday=25)
SPOT, VIX, FINE, FINE_VIX = ("^NSEI", "1d"), ("^INDIAVIX", "1d"), ("^NSEI", "15m"), ("^INDIAVIX", "15m")
PATIENCE = 8.0
NO_END = 600.0
"""How long a hanging server hangs, in seconds: no test that waited for it would end."""

Infer = Callable[..., Ended]


@pytest.fixture
def server() -> Iterator[YahooServer]:
    with YahooServer({key: replace(series) for key, series in BARS.items()}) as server, pointed_at(server.address):
        yield server


@pytest.fixture
def infer(call: Callable[..., Ended], place: Path, server: YahooServer, measured_set: Path) -> Infer:
    """``aegis infer`` from Yahoo at NOW, with little patience."""

    def run(*arguments: str, now: pd.Timestamp = NOW) -> Ended:
        models = str(aged(measured_set, now, place.parent))
        few = ("--source", "yahoo", "--patience", f"{PATIENCE:g}", "--models", models, "--quiet")
        return call("infer", *few, *arguments, now=now.isoformat())

    return run


def document(place: Path) -> dict[str, Any]:
    text = (place / "aegismatrix.json").read_bytes()
    check_json(text)
    found: dict[str, Any] = json.loads(text)
    return found


def refused(place: Path, ended: Ended, code: int, *told: str) -> None:
    assert ended.code == code, ended.err
    assert ended.out == b""
    assert ended.err.startswith("aegis: error: ")
    assert ended.err.count("\n") == 1
    for part in told:
        assert part in ended.err
    assert (place / "aegismatrix.json").read_bytes() == FORMER


def without_rows(server: YahooServer, key: tuple[str, str], rows: slice) -> None:
    served = server.series[key]
    server.series[key] = replace(served, bars=served.bars.drop(served.bars.index[rows]))


def half_hour_mean(day: str) -> float:
    """The mean of the last half hour of a session, each of its two bars at (high + low + close) / 3."""
    last = BARS[FINE].bars.loc[day].iloc[-2:]
    return float((last["high"] + last["low"] + last["close"]).sum() / 6)


def changed(server: YahooServer, key: tuple[str, str], row: int, factor: float) -> None:
    served = server.series[key]
    bars = served.bars.copy()
    bars.iloc[row] = bars.iloc[row] * factor
    server.series[key] = replace(served, bars=bars)


def test_a_good_run_speaks_from_the_last_complete_bar(infer: Infer, place: Path, server: YahooServer) -> None:
    ended = infer()
    made = document(place)
    assert made["health"]["degraded"] == []
    assert (ended.code, ended.err) == (0, "")
    assert made["as_of"] == AS_OF
    assert made["valid_until"] == "2026-07-15T12:00:00+05:30"
    assert made["next_due"] == "2026-07-15T11:30:00+05:30"
    bar = pd.Timestamp("2026-07-15 10:45")
    spot, fine = BARS[SPOT].bars, BARS[FINE].bars
    assert made["market"]["spot"] == fine["close"][bar]
    change = fine["close"][bar] - spot["close"].iloc[-2]
    assert made["market"]["spot_change"] == pytest.approx(change, abs=0.006)
    assert made["market"]["vix"] == pytest.approx(BARS[FINE_VIX].bars["close"][bar], abs=0.006)
    assert (made["provenance"]["clock"], made["provenance"]["close"]) == ("in_session", "in_session")
    served = {given["series"]: given["served_by"] for given in made["provenance"]["inputs"]}
    assert served == dict.fromkeys(set(SERIES) - {COMPANION_SERIES}, "yahoo")
    assert len(server.requests) <= 10


UNREACHABLE = {
    "429": 75,
    "500": 75,
    "time-out": 75,
    "reset": 75,
    "truncated": 75,
    "html": 69,
    "empty": 69,
    "absent": 69,
}


@pytest.mark.parametrize("fault", slow_but(UNREACHABLE, ["429", "time-out", "html"]))
def test_spot_that_cannot_be_had_leaves_the_document_alone(
    infer: Infer, place: Path, server: YahooServer, fault: str
) -> None:
    server.fault["^NSEI"] = fault
    server.hangs_for = NO_END
    refused(place, infer(), UNREACHABLE[fault], "^NSEI")


@pytest.mark.parametrize("fault", ["429 once", "500 once", "reset once", "truncated once"])
def test_what_passes_is_asked_for_again(infer: Infer, place: Path, server: YahooServer, fault: str) -> None:
    server.fault["^NSEI 1d"] = fault
    assert infer().code == 0
    assert document(place)["as_of"] == AS_OF


@pytest.mark.parametrize("fault", slow_but(["429", "html", "absent"], ["429"]))
def test_the_store_serves_where_the_source_fails_and_says_so(
    infer: Infer, place: Path, server: YahooServer, fault: str
) -> None:
    assert infer("--cache", "kept").code == 0
    for symbol in ("^NSEI", "^INDIAVIX", "^VIX", "^GSPC", "INDA"):
        server.fault[symbol] = fault
    later = NOW + pd.Timedelta(minutes=10)
    assert infer("--cache", "kept", now=later).code == 0
    made = document(place)
    assert made["as_of"] == AS_OF
    assert {given["served_by"] for given in made["provenance"]["inputs"]} == {"store"}
    assert {given["fetched_at"] for given in made["provenance"]["inputs"]} == {NOW.isoformat()}
    assert any("is taken from the store" in note for note in made["health"]["notes"])


@pytest.mark.slow
def test_the_store_does_not_serve_beyond_the_last_session(infer: Infer, place: Path, server: YahooServer) -> None:
    assert infer("--cache", "kept").code == 0
    before = (place / "aegismatrix.json").read_bytes()
    for symbol in ("^NSEI", "^INDIAVIX", "^VIX"):
        server.fault[symbol] = "429"
    ended = infer("--cache", "kept", now=pd.Timestamp("2026-07-16T11:07+05:30"))
    assert ended.code == 69
    assert "2026-07-15 has closed" in ended.err
    assert (place / "aegismatrix.json").read_bytes() == before


@pytest.mark.slow
def test_stored_bars_of_this_morning_age_into_a_degraded_document(
    infer: Infer, place: Path, server: YahooServer
) -> None:
    assert infer("--cache", "kept").code == 0
    for symbol in ("^NSEI", "^INDIAVIX", "^VIX"):
        server.fault[symbol] = "429"
    assert infer("--cache", "kept", now=NOW + pd.Timedelta(hours=2)).code == 10
    made = document(place)
    assert made["as_of"] == AS_OF
    assert "no bar of 2026-07-15 since" in made["health"]["degraded"][0]["reason"]


def test_rows_without_prices_are_left_out_and_told(infer: Infer, place: Path, server: YahooServer) -> None:
    changed(server, SPOT, -20, np.nan)
    assert infer().code == 0
    assert any("no prices for ^NSEI" in note for note in document(place)["health"]["notes"])


def test_a_missing_week_that_bars_cannot_fill_is_refused(infer: Infer, place: Path, server: YahooServer) -> None:
    without_rows(server, SPOT, slice(-60, -55))
    refused(place, infer(), 65, "no rows for 5 sessions in a row")


def test_a_missing_week_that_bars_hold_is_rebuilt(infer: Infer, place: Path, server: YahooServer) -> None:
    without_rows(server, SPOT, slice(-10, -5))
    assert infer().code == 0
    assert any("rebuilt from intraday bars" in note for note in document(place)["health"]["notes"])


def test_yesterday_missing_is_rebuilt_and_the_change_counts_from_it(
    infer: Infer, place: Path, server: YahooServer
) -> None:
    without_rows(server, SPOT, slice(-2, -1))
    assert infer().code == 10
    made = document(place)
    assert made["market"]["previous_close"] == pytest.approx(half_hour_mean("2026-07-14"), abs=0.006)
    assert made["market"]["previous_close_date"] == "2026-07-14"
    assert made["market"]["previous_close_basis"] == "rebuilt"
    (told,) = made["health"]["degraded"]
    assert told["signal"] == "market"
    assert told["reason"].startswith(
        "the close of 2026-07-14 that the change is counted from was rebuilt from its bars"
    )
    assert any("2026-07-14" in note and "provisional" in note for note in made["health"]["notes"])


def test_yesterday_missing_whose_last_half_hour_is_missing_too_is_refused(
    infer: Infer, place: Path, server: YahooServer
) -> None:
    """A change against the close of the day before yesterday would be no change of today."""
    without_rows(server, SPOT, slice(-2, -1))
    served = server.series[FINE]
    server.series[FINE] = replace(served, bars=served.bars.drop(pd.Timestamp("2026-07-14 15:15")))
    refused(place, infer(), 69, "the session of 2026-07-14 has closed")


def test_repeated_rows_are_told(infer: Infer, place: Path, server: YahooServer) -> None:
    served = server.series[SPOT]
    twice = pd.concat([served.bars, served.bars.iloc[[-30]]]).sort_index(kind="stable")
    server.series[SPOT] = replace(served, bars=twice)
    assert infer().code == 0
    assert document(place)["as_of"] == AS_OF


@pytest.mark.parametrize("factor", [100.0, 0.0])
def test_an_absurd_row_amid_good_ones_is_left_out_and_told(
    infer: Infer, place: Path, server: YahooServer, factor: float
) -> None:
    changed(server, SPOT, -30, factor)
    assert infer().code == 0
    day = f"{BARS[SPOT].bars.index[-30]:%Y-%m-%d}"
    assert any(day in note and "left out" in note for note in document(place)["health"]["notes"])


@pytest.mark.parametrize("factor", [100.0, 0.0])
def test_an_absurd_last_close_is_taken_from_the_bars_or_refused(
    infer: Infer, place: Path, server: YahooServer, factor: float
) -> None:
    changed(server, SPOT, -2, factor)
    server.fault["^NSEI 15m"] = "empty"
    refused(place, infer(), 69, "the session of 2026-07-14 has closed")
    del server.fault["^NSEI 15m"]
    assert infer().code == 10, "a change from a rebuilt close"
    made = document(place)
    assert made["market"]["previous_close"] == pytest.approx(half_hour_mean("2026-07-14"), abs=0.006)
    assert any("2026-07-14" in note and "provisional" in note for note in made["health"]["notes"])


@pytest.mark.parametrize("fault", slow_but(["absent", "html", "500"], ["absent"]))
def test_without_the_volatility_index_the_document_is_degraded(
    infer: Infer, place: Path, server: YahooServer, fault: str
) -> None:
    server.fault["^INDIAVIX"] = fault
    assert infer().code == 10
    made = document(place)
    assert made["as_of"] == AS_OF
    assert made["market"]["vix_basis"] == "estimator"
    assert "market" in {entry["signal"] for entry in made["health"]["degraded"]}


def test_a_volatility_index_three_days_old_is_not_used(infer: Infer, place: Path, server: YahooServer) -> None:
    without_rows(server, VIX, slice(-4, None))
    server.fault["^INDIAVIX 15m"] = "absent"
    assert infer().code == 10
    assert document(place)["market"]["vix_basis"] == "estimator"
    assert infer("--max-vix-age", "3").code == 0
    made = document(place)
    assert made["market"]["vix_basis"] == "market"
    assert made["provenance"]["vix_age_sessions"] == 3
    assert made["market"]["vix_as_of"].startswith("2026-07-09")


def test_a_volatility_index_that_is_not_live_is_said_not_to_be(infer: Infer, place: Path, server: YahooServer) -> None:
    server.fault["^INDIAVIX 15m"] = "absent"
    assert infer().code == 0
    made = document(place)
    assert made["market"]["vix_as_of"] == YESTERDAY
    assert any("India VIX is not live" in note for note in made["health"]["notes"])


def test_without_intraday_bars_it_speaks_from_the_last_close_and_is_degraded(
    infer: Infer, place: Path, server: YahooServer
) -> None:
    server.fault["^NSEI 15m"] = "empty"
    assert infer().code == 10
    made = document(place)
    assert made["as_of"] == YESTERDAY
    assert made["direction"]["today"]["session"] == "2026-07-15"
    degraded = {entry["signal"]: entry["reason"] for entry in made["health"]["degraded"]}
    assert "no bar of 2026-07-15" in degraded["direction.today"]


def test_on_a_holiday_it_speaks_from_the_last_close(infer: Infer, place: Path, server: YahooServer) -> None:
    sunday = pd.Timestamp("2026-07-12T11:07+05:30")
    server.series.update(live_bars(MARKET, sunday, sessions=150, intraday=25))
    assert infer(now=sunday).code == 0
    made = document(place)
    assert made["provenance"]["clock"] == "holiday"
    assert made["provenance"]["close"] == "official"
    assert made["provenance"]["last_bar"] == "2026-07-10"


def test_a_clock_in_another_zone_makes_the_same_document(infer: Infer, place: Path) -> None:
    assert infer().code == 0
    ours = (place / "aegismatrix.json").read_bytes()
    assert infer(now=NOW.tz_convert("America/New_York")).code == 0
    assert (place / "aegismatrix.json").read_bytes() == ours


def test_after_the_close_the_close_is_provisional_until_it_is_official(
    infer: Infer, place: Path, server: YahooServer
) -> None:
    at_once, later = pd.Timestamp("2026-07-15T15:37+05:30"), pd.Timestamp("2026-07-15T16:07+05:30")
    server.series.update(live_bars(MARKET, later, sessions=150, intraday=25))
    assert infer(now=at_once).code == 0
    made = document(place)
    assert (made["provenance"]["clock"], made["provenance"]["close"]) == ("after_close", "provisional")
    assert made["as_of"] == "2026-07-15T15:30:00+05:30"
    assert made["forecast"]["session"]["bars_complete"] == 25
    assert infer(now=later).code == 0
    made = document(place)
    assert (made["provenance"]["clock"], made["provenance"]["close"]) == ("after_close", "official")
    assert "session" not in made["forecast"]


def test_after_the_close_without_bars_the_run_asks_to_come_again(
    infer: Infer, place: Path, server: YahooServer
) -> None:
    at_once = pd.Timestamp("2026-07-15T15:37+05:30")
    server.series.update(live_bars(MARKET, at_once, sessions=150, intraday=25))
    server.fault["^NSEI 15m"] = "empty"
    refused(place, infer(now=at_once), 75, "the session of 2026-07-15 has closed")


def test_before_the_open_the_us_night_is_told_where_it_was_learnt(infer: Infer, place: Path) -> None:
    morning = pd.Timestamp("2026-07-15T08:40+05:30")
    assert infer(now=morning).code == 0
    made = document(place)
    assert made["provenance"]["clock"] == "before_open"
    # The set of this test has learnt nothing of nights: the forecast is the plain one, and says so by leaving it out.
    assert made["as_of"] == YESTERDAY
    assert "us_night" not in made["provenance"]


def test_a_process_of_its_own_does_the_same(place: Path, server: YahooServer, measured_set: Path) -> None:
    """The same through a real process: real sockets, real exit code, nothing on standard error."""
    runner = ROOT / "tests" / "sources" / "yahoo_loopback.py"
    more = {"AEGIS_NOW": "", **process_clock(NOW), **server.environment()}
    models = str(aged(measured_set, NOW, place.parent))
    command = [sys.executable, str(runner), "infer", "--source", "yahoo", "--models", models, "--quiet"]
    done = subprocess.run(
        command,
        cwd=place,
        env={**environment(**more), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert document(place)["as_of"] == AS_OF
