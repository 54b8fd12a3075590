"""Chains from Upstox, against a loopback server: what is asked for, each fault, and that the token stays secret."""

import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import option_files
import pandas as pd
import pytest
from command_line import Ended, aegis, assert_refused, inside
from slow_cases import slow_but
from test_option_fuzz import check, damaged_json
from upstox_server import LOOPBACK, TOKEN, UpstoxServer, upstox_json

from aegismatrix_engine.errors import ConfigurationError, DataError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.admissible import DocumentMoment
from aegismatrix_engine.sources.options import chain_of, read_options_of, upstox
from aegismatrix_engine.sources.options.file_content import option_file
from aegismatrix_engine.sources.options.upstox_json import read_upstox_json

DURING = pd.Timestamp("2026-06-19 14:00:07", tz="Asia/Kolkata")
CLOSE = pd.Timestamp("2026-06-19 15:30", tz="Asia/Kolkata")
ASKED = ["2026-06-23", "2026-06-30", "2026-07-07", "2026-07-28"]
MARKET = get_market("nifty50")
TOO_LATE = 40.0
"""Seconds; each test's patience is far below it, so it fails where patience is not kept and nowhere else."""


@pytest.fixture
def server() -> Iterator[UpstoxServer]:
    with UpstoxServer(DURING) as server:
        yield server


@pytest.fixture
def call(
    server: UpstoxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Callable[..., Ended]:
    """``aegis options upstox`` inside this process; whatever it does, the token is nowhere afterwards."""

    def called(*arguments: str, **more: str) -> Ended:
        env = server.environment(**more)
        monkeypatch.setattr(upstox, "ADDRESS", env["AEGIS_TEST_UPSTOX"])
        ended = inside(
            "options", "upstox", *arguments, at=tmp_path, env=env, monkeypatch=monkeypatch, streams=capfdbinary
        )
        assert_token_is_nowhere(ended, tmp_path)
        return ended

    return called


@pytest.fixture
def start(server: UpstoxServer, tmp_path: Path) -> Callable[..., Ended]:
    """The same in a process of its own."""

    def started(*arguments: str, **environment: str) -> Ended:
        ended = aegis(
            "options",
            "upstox",
            *arguments,
            at=tmp_path,
            start=[str(LOOPBACK)],
            env=server.environment(**environment),
        )
        assert_token_is_nowhere(ended, tmp_path)
        return ended

    return started


def assert_token_is_nowhere(ended: Ended, folder: Path) -> None:
    written = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    for shown in (ended.out, ended.err.encode(), *written):
        # No part of it either, where a message quotes the beginning of what it found.
        assert TOKEN[:8].encode() not in shown
        assert TOKEN[10:30].encode() not in shown


def test_the_expiries_of_a_document_are_asked_for_once_each_with_the_token(
    server: UpstoxServer, start: Callable[..., Ended]
) -> None:
    ended = start("--json")
    assert (ended.code, ended.err) == (0, "")
    found = json.loads(ended.out)
    assert server.asked == ASKED == [one["expiry"] for one in found["expiries"]]
    assert {headers["Authorization"] for headers in server.headers} == {f"Bearer {TOKEN}"}
    assert (found["source"], found["as_of"], found["index"]) == ("upstox", DURING.isoformat(), option_files.SPOT)
    assert found["left_out"] == []
    assert found["expiries"][0]["priced"]["share_inside"] > 0.9


def test_open_interest_is_read_in_units_as_it_is_served(call: Callable[..., Ended]) -> None:
    nearest = json.loads(call("--json").out)["expiries"][0]["open_interest"]
    made = [one for one in option_files.contracts() if one.expiry == option_files.NEAREST and one.is_call]
    assert nearest["calls"] == sum(one.open_interest for one in made)


def test_out_of_session_prices_are_of_the_close_and_it_is_told(
    server: UpstoxServer, call: Callable[..., Ended]
) -> None:
    server.served = CLOSE + pd.Timedelta(hours=4)
    found = json.loads(call("--json").out)
    assert found["as_of"] == CLOSE.isoformat()
    assert "was answered at 2026-06-19 19:30, out of session" in found["left_out"][0]["rule"]


@pytest.mark.parametrize(
    ("fault", "code", "told", "requests"),
    [
        ("401", 69, "UPSTOX_ANALYTICS_TOKEN (status 401)", 1),
        ("429", 75, "status 429", 3),
        ("empty", 65, "has no rows", 4),
        ("echo", 65, "has options of 'Bearer [token]'", 4),
        *slow_but(
            [
                ("403", 69, "UPSTOX_ANALYTICS_TOKEN (status 403)", 1),
                ("404", 69, "status 404", 1),
                ("redirect", 69, "status 302", 1),
                ("500", 75, "status 500", 3),
                ("html", 65, "web page", 4),
                ("text", 65, "ltp is not a number", 4),
                ("other", 65, "expected NSE_INDEX|Nifty 50", 4),
                ("no date", 65, "has no Date", 4),
            ],
            [],
        ),
    ],
)
def test_each_fault_is_one_line_with_its_exit_code(
    server: UpstoxServer, call: Callable[..., Ended], fault: str, code: int, told: str, requests: int
) -> None:
    server.fault["every"] = fault
    assert_refused(call(), code, told)
    assert len(server.asked) == requests


def test_a_slow_body_ends_within_the_patience(server: UpstoxServer, start: Callable[..., Ended]) -> None:
    server.fault["every"] = "slow"
    begun = time.monotonic()
    assert_refused(start("--patience", "2"), 75, "try again")
    assert time.monotonic() - begun < TOO_LATE


@pytest.mark.parametrize("fault", slow_but(["401", "429", "html", "echo", "empty"], ["401", "echo"]))
def test_a_traceback_does_not_show_the_token(server: UpstoxServer, start: Callable[..., Ended], fault: str) -> None:
    server.fault["every"] = fault
    assert "Traceback" in start("--verbose").err


def test_one_busy_answer_is_asked_for_again(server: UpstoxServer, call: Callable[..., Ended]) -> None:
    server.fault["2026-06-23"] = "500 once"
    assert call().code == 0
    assert server.asked == ["2026-06-23", *ASKED]


def test_an_expiry_that_is_not_there_is_told_and_the_others_are_used(
    server: UpstoxServer, call: Callable[..., Ended]
) -> None:
    server.fault["2026-06-30"] = "empty"
    found = json.loads(call("--json").out)
    assert [one["expiry"] for one in found["expiries"]] == ["2026-06-23", "2026-07-07", "2026-07-28"]
    assert found["left_out"][0]["rule"].startswith("upstox 2026-06-30 has no rows")


def test_after_a_refusal_no_more_is_asked_for_and_what_came_is_used(
    server: UpstoxServer, call: Callable[..., Ended]
) -> None:
    server.fault["2026-06-30"] = "401"
    found = json.loads(call("--json").out)
    assert [one["expiry"] for one in found["expiries"]] == ["2026-06-23"]
    assert "status 401" in found["left_out"][0]["rule"]
    assert server.asked == ASKED[:2]


@pytest.mark.parametrize(
    "token",
    slow_but(
        ["", "  ", f"{TOKEN} and more", f"{TOKEN}\nX-Other: 1", f"Bearer {TOKEN}", f"{TOKEN}é"],
        ["", f"{TOKEN}\nX-Other: 1", f"Bearer {TOKEN}"],
    ),
)
def test_a_token_that_cannot_be_sent_is_refused_unseen_and_unsent(
    server: UpstoxServer, call: Callable[..., Ended], token: str
) -> None:
    assert_refused(call(UPSTOX_ANALYTICS_TOKEN=token), 2, "UPSTOX_ANALYTICS_TOKEN")
    assert_token_is_nowhere(call("--verbose", UPSTOX_ANALYTICS_TOKEN=token), Path("/nonexistent"))
    assert server.asked == []


def test_nobody_at_the_address_is_one_line(call: Callable[..., Ended]) -> None:
    assert_refused(call(AEGIS_TEST_UPSTOX="http://127.0.0.1:9/v2/option/chain"), 69, "cannot be reached")


def test_for_a_document_the_chain_must_count_for_it(server: UpstoxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstox, "ADDRESS", server.address)
    monkeypatch.setenv(upstox.TOKEN_VARIABLE, TOKEN)
    as_of = DURING.floor("15min")
    counting = DocumentMoment(as_of, DURING, option_files.SPOT)
    assert read_options_of("upstox", MARKET, counting, 20).as_of == DURING
    for wrong, told in (
        (DocumentMoment(as_of - pd.Timedelta(hours=1), DURING, option_files.SPOT), "expected at most 20 minutes"),
        (DocumentMoment(as_of, DURING - pd.Timedelta(minutes=1), option_files.SPOT), "later than"),
        (DocumentMoment(as_of, DURING, 0.9 * option_files.SPOT), "from the last close"),
    ):
        with pytest.raises(DataError, match=told):
            read_options_of("upstox", MARKET, wrong, 20)


def test_a_market_without_options_there_is_refused_before_anything_is_sent(server: UpstoxServer) -> None:
    with pytest.raises(ConfigurationError, match="nifty50 only"):
        read_options_of("upstox", get_market("sp500"), DURING)
    assert server.asked == []


@pytest.mark.parametrize("seed", slow_but(range(4), [0]))
def test_a_damaged_answer_is_refused_in_one_line_or_what_is_used_of_it_is_sane(seed: int) -> None:
    chance, used, refusals = random.Random(seed), 0, []
    for _ in range(250):
        content = damaged_json(chance, upstox_json).encode("utf-8", "surrogatepass")
        try:
            file = option_file("upstox 2026-06-23", content)
            chain = chain_of(read_upstox_json(file, "NSE_INDEX|Nifty 50", DURING), MARKET)
        except DataError as error:
            refusals.append(str(error))
        else:
            check(chain)
            used += 1
    assert 50 < used < 250
    assert all("\n" not in words and "; " in words for words in refusals)
