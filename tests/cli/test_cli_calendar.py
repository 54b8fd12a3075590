"""The operator's calendar.toml as the commands take it: read, refused where it is wrong, asked for at the end."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from calendar_file import closures, year_2027
from command_line import CSV, Ended, assert_refused, contents, without_moment
from unhealthy import corrupt, trained_at

from aegismatrix_engine.document import check_json
from aegismatrix_engine.markets import get_market, nearest_expiry

Call = Callable[..., Ended]
MARKET = get_market("nifty50")
END = "2026-12-29T16:00+05:30"
REMEDY = (
    "add the closures of 2027 that NSE announces by circular each December, and valid_through = 2027-12-31, to "
    "[nifty50] in calendar.toml (in the folder aegis runs in; for the scheduled job at the top of the branch main; "
    "docs/data.md#an-operators-own-calendar), or update the engine"
)


def inferred(call: Call, *options: str, code: int = 0) -> dict[str, Any]:
    ended = call("infer", *CSV, "--json", *options)
    assert (ended.code, ended.err) == (code, "")
    check_json(ended.out)
    content: dict[str, Any] = json.loads(ended.out)
    return content


def last_session(place: Path) -> pd.Timestamp:
    rows = (place / "data" / "spot_daily.csv").read_text(encoding="utf-8").split()
    return pd.Timestamp(rows[-1].split(",")[0])


def test_a_day_that_the_file_closes_is_a_holiday_for_sessions_and_expiries(call: Call, place: Path) -> None:
    last = last_session(place)
    expiry = nearest_expiry(MARKET, last)
    assert expiry is not None
    ahead = [f"{day:%Y-%m-%d}" for day in MARKET.calendar.following(last, 9)]
    expires = f"{expiry.date:%Y-%m-%d}"
    before = inferred(call)
    assert expires in ahead[1:], "an expiry with a session before it"
    assert [one["session"] for one in before["buyer"]["breakout_next"]] == ahead[:5]
    assert before["seller"]["expiry_stress"]["expiry"] == expires
    assert "calendar" not in before["provenance"]

    text = f"[nifty50]\n{closures(expires, ahead[7])}"
    (place / "calendar.toml").write_text(text)
    after = inferred(call)
    kept = [day for day in ahead if day not in (expires, ahead[7])]
    assert [one["session"] for one in after["buyer"]["breakout_next"]] == kept[:5]
    assert after["seller"]["expiry_stress"]["expiry"] == ahead[ahead.index(expires) - 1]
    assert after["seller"]["expiry_stress"]["sessions_left"] == before["seller"]["expiry_stress"]["sessions_left"] - 1
    digest = hashlib.sha256(text.encode()).hexdigest()
    told = {"file": "calendar.toml", "sha256": digest, "closures": 2, "sessions": 0, "hours": 0}
    assert after["provenance"]["calendar"] == told


def test_a_file_may_be_named_and_says_the_same_by_the_environment(call: Call, place: Path) -> None:
    (place / "own").mkdir()
    (place / "own" / "nse.toml").write_text(year_2027())
    by_option = call("infer", *CSV, "--json", "--calendar", "own/nse.toml")
    by_environment = call("infer", *CSV, "--json", env={"AEGIS_CALENDAR": "own/nse.toml"})
    assert without_moment(by_option.out) == without_moment(by_environment.out)
    content = json.loads(by_option.out)
    assert content["provenance"]["calendar"]["file"] == "nse.toml", "no path of the operator's machine is published"
    assert content["health"]["calendar"] == {"valid_through": "2027-12-31", "provisional": False}


COMMANDS = {
    "infer": ("infer", *CSV),
    "train": ("train", *CSV),
    "check-models": ("check-models",),
    "run": ("run", *CSV),
    "record resolve": ("record", "resolve", *CSV),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_file_with_a_mistake_stops_every_command_before_it_does_anything(
    call: Call, place: Path, command: tuple[str, ...]
) -> None:
    (place / "calendar.toml").write_text("[nifty50]\nclosed = []\n")
    before = contents(place)
    assert_refused(call(*command), 65, "calendar.toml: [nifty50]: unknown key 'closed': expected")
    assert contents(place) == before


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_named_file_that_is_not_there_is_told(call: Call, command: tuple[str, ...]) -> None:
    assert_refused(call(*command, "--calendar", "mine.toml"), 65, "mine.toml: the calendar is not there")


def test_a_link_to_nowhere_is_no_absent_file(call: Call, place: Path) -> None:
    (place / "calendar.toml").symlink_to("gone.toml")
    assert_refused(call("check-models"), 65, "calendar.toml: the calendar is not there")


def test_a_name_that_no_document_can_hold_is_written_as_far_as_it_can_be(call: Call, place: Path) -> None:
    name = os.fsdecode(b"my\n\xff.toml")
    (place / name).write_text(year_2027())
    assert inferred(call, "--calendar", name)["provenance"]["calendar"]["file"] == "my \ufffd.toml"


def checked(call: Call, code: int, *options: str) -> dict[str, Any]:
    ended = call("check-models", "--json", *options, now=END)
    assert (ended.code, ended.err) == (code, "")
    found: dict[str, Any] = json.loads(ended.out)
    return found


def test_the_end_of_the_calendar_says_what_to_add_where_and_does_not_send_to_training(call: Call, place: Path) -> None:
    trained_at(place, END)
    assert checked(call, 11)["failures"] == [f"the announced calendar ends 2026-12-31, in 2 sessions; {REMEDY}"]
    shown = call("check-models", now=END).out.decode()
    assert shown.endswith("Not healthy: extend calendar.toml or update the engine; then check again.\n")
    assert "aegis train" not in shown


def test_the_warning_before_the_end_says_the_same(call: Call, place: Path) -> None:
    now = "2026-11-25T16:00+05:30"
    trained_at(place, now)
    ended = call("check-models", "--json", now=now)
    assert ended.code == 0
    told = f"the announced calendar ends 2026-12-31, dates after it are provisional: {REMEDY}"
    assert json.loads(ended.out)["warnings"] == [told]


def test_the_last_line_has_one_step_for_each_kind_of_finding(call: Call, place: Path) -> None:
    trained_at(place, END)
    corrupt(place)
    trap, calendar = checked(call, 11)["failures"]
    assert trap.endswith("; copy the whole folder again, or run `aegis train`")
    assert calendar.endswith(REMEDY)
    shown = call("check-models", now=END).out.decode()
    last = "Not healthy: run `aegis train`; extend calendar.toml or update the engine; then check again.\n"
    assert shown.endswith(last)


def test_with_the_closures_of_the_next_year_all_is_healthy(call: Call, place: Path) -> None:
    trained_at(place, END)
    kinds = ("union_budget", "general_election_count")
    ends = ", ".join(f'{{ kind = "{kind}", date = 2027-12-31 }}' for kind in kinds)
    (place / "calendar.toml").write_text(year_2027() + f"events_through = [{ends}]\n")
    found = checked(call, 0)
    assert (found["failures"], found["warnings"]) == ([], [])
    assert found["calendar"] == {"valid_through": "2027-12-31"}


def test_the_end_after_the_operators_year_names_the_operators_file(call: Call, place: Path) -> None:
    now = "2027-12-29T16:00+05:30"
    trained_at(place, now)
    (place / "nse.toml").write_text(year_2027())
    ended = call("check-models", "--json", "--calendar", "nse.toml", now=now)
    assert ended.code == 11
    (told,) = json.loads(ended.out)["failures"]
    assert "add the closures of 2028" in told
    assert "[nifty50] in nse.toml" in told


def test_a_line_without_effect_is_a_warning(call: Call, place: Path) -> None:
    (place / "calendar.toml").write_text('[nifty50]\nsource = "s"\nvalid_through = 2025-12-31\n')
    ended = call("check-models")
    assert ended.code == 0
    assert "valid_through 2025-12-31 changes nothing" in " ".join(ended.out.decode().split())


def test_the_demo_reads_no_file_of_the_operator() -> None:
    from aegismatrix_engine.cli import aegis

    assert "--calendar" not in {name for option in aegis.commands["demo"].params for name in option.opts}
