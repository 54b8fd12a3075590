"""``aegis infer --options upstox`` against a loopback broker: a document in any case, and the token nowhere."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import option_files
import pandas as pd
import pytest
from bars_folder import SESSIONS, write_data
from bars_for_chains import bars_up_to
from command_line import CSV, Ended, aegis, without_moment
from test_upstox import TOO_LATE, assert_token_is_nowhere
from upstox_server import LOOPBACK, UpstoxServer

from aegismatrix_engine.document import check_json
from aegismatrix_engine.sources.options import upstox

pytestmark = pytest.mark.slow

EVENING = pd.Timestamp("2026-07-01 19:30", tz="Asia/Kolkata")
ASKED = ["2026-07-07", "2026-07-14", "2026-07-28", "2026-08-25"]

INFER = ("infer", *CSV, "--json", "--record", "record")

Infer = Callable[..., Ended]


@pytest.fixture
def server() -> Iterator[UpstoxServer]:
    with UpstoxServer(EVENING) as server:
        yield server


@pytest.fixture
def infer(server: UpstoxServer, place: Path, call_at: Infer, monkeypatch: pytest.MonkeyPatch) -> Infer:
    """The command inside this process, on bars up to the day; whatever it does, the token is nowhere afterwards."""
    write_data(place / "data", bars_up_to("2026-07-01", option_files.SPOT, 14.0, SESSIONS))
    monkeypatch.setattr(upstox, "ADDRESS", server.address)

    def called(*arguments: str, **more: str) -> Ended:
        ended = call_at(*INFER, *arguments, at=place, env=server.environment(**more))
        assert_token_is_nowhere(ended, place)
        return ended

    return called


@pytest.fixture
def start(server: UpstoxServer, place: Path, infer: Infer) -> Infer:
    """The same in a process of its own."""

    def started(*arguments: str, **more: str) -> Ended:
        ended = aegis(*INFER, *arguments, at=place, start=[str(LOOPBACK)], env=server.environment(**more))
        assert_token_is_nowhere(ended, place)
        return ended

    return started


def document(ended: Ended, code: int) -> dict[str, Any]:
    assert (ended.code, ended.err) == (code, "")
    check_json(ended.out)
    found: dict[str, Any] = json.loads(ended.out)
    return found


def test_the_brokers_chain_is_in_the_document_and_twice_in_the_same_bytes(server: UpstoxServer, start: Infer) -> None:
    one, other = start("--options", "upstox"), start(AEGIS_OPTIONS="upstox")
    found = document(one, 0)
    assert server.asked == ASKED * 2
    assert found["options"]["source"] == "upstox"
    assert (found["options"]["as_of"], found["options"]["age_minutes"]) == ("2026-07-01T15:30:00+05:30", 0)
    assert [expiry["expiry"] for expiry in found["seller"]["expiries"] if "priced" in expiry] == ASKED[:3]
    assert [file["name"] for file in found["options"]["files"]] == [f"upstox {date}" for date in ASKED[:3]]
    assert any("upstox 2026-08-25 has no rows" in one["rule"] for one in found["options"]["left_out"])
    assert without_moment(one.out) == without_moment(other.out)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("401", "UPSTOX_ANALYTICS_TOKEN (status 401)"),
        ("403", "UPSTOX_ANALYTICS_TOKEN (status 403)"),
        ("429", "status 429"),
        ("500", "status 500"),
        ("empty", "has no rows"),
        ("html", "web page"),
        ("echo", "[token]"),
        ("redirect", "status 302"),
        ("no date", "has no Date"),
    ],
)
def test_a_broker_that_fails_leaves_the_document_as_it_is_and_is_named(
    server: UpstoxServer, infer: Infer, fault: str, words: str
) -> None:
    plain = document(infer(), 0)
    server.fault["every"] = fault
    found = document(infer("--options", "upstox", "--verbose"), 10)
    degraded = found.pop("health")["degraded"]
    assert [one["signal"] for one in degraded] == ["seller.max_pain", "seller.skew", "buyer.theta_edge"]
    assert words in degraded[0]["reason"]
    plain.pop("health")
    assert found == plain


@pytest.mark.parametrize("environment", [{"UPSTOX_ANALYTICS_TOKEN": ""}, {}])
def test_without_a_token_or_an_answer_in_time_the_document_stands(
    server: UpstoxServer, start: Infer, environment: dict[str, str]
) -> None:
    server.fault["every"] = "slow"
    begun = time.monotonic()
    found = document(start("--options", "upstox", "--patience", "2", **environment), 10)
    # The default is a minute: --patience reaches the broker.
    assert time.monotonic() - begun < TOO_LATE
    reason = found["health"]["degraded"][0]["reason"]
    assert ("is not set" if environment else "try again") in reason
    assert "options" not in found
