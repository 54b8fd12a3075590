"""A clock that a person set makes no live document, whatever moment it is set to."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from bars_folder import SESSIONS, write_data
from command_line import CSV, NOW, Ended, assert_refused, contents
from synthetic import daily_frame

from aegismatrix_engine.document import check_json
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.record.ledger import read_ledger

Call = Callable[..., Ended]

CALENDAR = get_market("nifty50").calendar
RECORD = ("--record", "record")
SET = {"AEGIS_NOW": NOW}


@pytest.fixture
def current(place: Path) -> Path:
    """Bars up to the last close before NOW, so that a document of NOW could be live."""
    last = CALENDAR.last_closed(pd.Timestamp(NOW))
    dates = CALENDAR.regular(last - pd.Timedelta(days=2 * SESSIONS), last)[-SESSIONS:]
    write_data(place / "data", daily_frame(SESSIONS).set_axis(dates.rename("date")))
    return place


def standings(place: Path) -> set[str]:
    return {row.standing for row in read_ledger(place / "record", "nifty50").forecasts.values()}


def test_the_same_moment_is_live_by_the_machines_clock_and_a_replay_by_a_set_one(call: Call, current: Path) -> None:
    live = check_json(call("infer", *CSV, *RECORD, "--json", now=NOW).out)
    assert (live.provenance.mode, live.provenance.clock_source) == ("live", "machine")
    assert standings(current) == {"live"}
    replay = check_json(call("infer", *CSV, "--record", "other", "--json", env=SET, now="2026-07-20T10:00+05:30").out)
    assert (replay.provenance.mode, replay.provenance.clock_source) == ("replay", "set")
    assert replay.generated_at == live.generated_at
    rows = read_ledger(current / "other", "nifty50").forecasts.values()
    assert {row.standing for row in rows} == {"replay"}


def test_publishing_wants_to_be_told_that_it_is_a_replay(call: Call, current: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=current, check=True)
    subprocess.run(["git", "remote", "add", "origin", "elsewhere.git"], cwd=current, check=True)
    assert call("infer", *CSV, "--quiet", env=SET).code == 0
    before = contents(current)
    told = "is a replay of the past; publish it with --replay"
    assert_refused(call("publish", "--branch", "published"), 2, told)
    assert contents(current) == before


def test_a_scheduled_run_does_not_begin_under_it(call: Call, current: Path) -> None:
    before = contents(current)
    assert_refused(call("run", "--if-due", env=SET), 2, "AEGIS_NOW is set", "unset it")
    assert contents(current) == before
