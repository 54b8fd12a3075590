"""``aegis check-published``: whether readers get a document that is whole and in time."""

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from document_sample import sample_content
from github_server import GitHubServer
from machine_clock import machine_clock
from repositories import document

from aegismatrix_engine.cli import main
from aegismatrix_engine.document import check_json, dump
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION
from aegismatrix_engine.document.withdrawal import withdrawn
from aegismatrix_engine.errors import SourceBusy, SourceUnavailable
from aegismatrix_engine.markets import VALIDITY, get_market, longest_closure
from aegismatrix_engine.network.web import ANSWER_LIMIT, ask

FORMER = Path(__file__).resolve().parents[1] / "fixtures" / "published-1.0.0"
VALID_UNTIL = pd.Timestamp(sample_content()["valid_until"])
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    github: GitHubServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Call:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.chdir(tmp_path)
    github.files["/doc.json"] = document(0)
    (tmp_path / "doc.json").write_bytes(document(0))

    def run(*arguments: str, late: str = "0min") -> tuple[int, str, str]:
        with machine_clock(VALID_UNTIL + pd.Timedelta(late)), pytest.raises(SystemExit) as ended:
            main(["check-published", *arguments])
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out, err

    return run


@pytest.fixture(params=["--url", "--file"])
def asked(request: pytest.FixtureRequest, github: GitHubServer) -> tuple[str, str]:
    return request.param, {"--url": f"{github.address}/doc.json", "--file": "doc.json"}[request.param]


@pytest.mark.parametrize(
    ("late", "grace", "code"),
    [
        ("-1D", None, 0),
        ("30min", None, 0),
        ("31min", None, 11),
        ("1min", "0", 11),
        ("0min", "0", 0),
        ("600min", "600", 0),
        ("30D", None, 11),
    ],
)
def test_a_document_may_be_as_old_as_it_says_and_the_grace_beyond(
    call: Call, asked: tuple[str, str], late: str, grace: str | None, code: int
) -> None:
    ended, out, err = call(*asked, *(("--max-age", grace) if grace else ()), late=late)
    assert (ended, err) == (code, "")
    assert out.count("\n") == 1
    assert out.startswith("in time: as of " if code == 0 else "too old by ")
    assert sample_content()["as_of"] in out


def test_how_late_is_said_as_a_person_says_it(call: Call) -> None:
    assert call("--file", "doc.json", late="95min")[1].startswith("too old by 1 h 35 min: ")
    assert call("--file", "doc.json", late="51h")[1].startswith("too old by 2 d 3 h: ")


def test_quiet_says_nothing_unless_something_is_wrong(call: Call) -> None:
    assert call("--file", "doc.json", "--quiet") == (0, "", "")
    assert call("--file", "doc.json", "--quiet", late="1D")[1].startswith("too old")


@pytest.mark.parametrize("content", [b"", b"{}", b"<html>", document(0)[:-200], b"\xff" * 50])
def test_a_damaged_document_is_told(
    call: Call, asked: tuple[str, str], github: GitHubServer, tmp_path: Path, content: bytes
) -> None:
    github.files["/doc.json"] = content
    (tmp_path / "doc.json").write_bytes(content)
    code, out, err = call(*asked)
    assert (code, out) == (65, "")
    assert "is damaged" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(("late", "code", "words"), [("-12h", 0, "in time: "), ("2h", 11, "too old by 2 h 0 min: ")])
def test_a_document_of_another_major_version_is_not_damaged_and_its_age_counts(
    call: Call, asked: tuple[str, str], github: GitHubServer, tmp_path: Path, late: str, code: int, words: str
) -> None:
    former = (FORMER / "aegismatrix.json").read_bytes()
    github.files["/doc.json"] = former
    (tmp_path / "doc.json").write_bytes(former)
    until = pd.Timestamp(json.loads(former)["valid_until"])
    ended, out, err = call(*asked, late=f"{until - VALID_UNTIL + pd.Timedelta(late)}")
    assert (ended, err) == (code, "")
    assert out.startswith(words)
    assert f"its schema_version is 1.0.0 and this engine's {SCHEMA_VERSION}" in out
    assert "the next `aegis run` publishes one of this version" in out
    assert out.count("\n") == 1


@pytest.mark.parametrize(
    "broken", [{"as_of": None}, {"valid_until": "soon"}, {"health": "ok"}, {"as_of": "2026-07-14"}]
)
def test_a_document_of_another_version_whose_age_cannot_be_read_is_damaged(
    call: Call, tmp_path: Path, broken: dict[str, object]
) -> None:
    former = json.loads((FORMER / "aegismatrix.json").read_bytes())
    (tmp_path / "doc.json").write_text(json.dumps(former | broken))
    code, out, err = call("--file", "doc.json")
    assert (code, out) == (65, "")
    assert "is damaged: it needs as_of, valid_until and health.status" in err
    assert "schema_version 1.0.0" in err


def test_no_document_is_told(call: Call, github: GitHubServer) -> None:
    assert call("--url", f"{github.address}/other.json")[0] == 69
    assert call("--file", "other.json")[0] == 69


@pytest.mark.parametrize("fault", ["drop", 500, 429])
def test_a_server_that_fails_once_is_asked_again(call: Call, github: GitHubServer, fault: int | str) -> None:
    github.faults = [fault]
    assert call("--url", f"{github.address}/doc.json")[0] == 0


def test_a_redirect_is_followed(call: Call, github: GitHubServer) -> None:
    github.faults = [302]
    github.files["/elsewhere"] = document(0)
    assert call("--url", f"{github.address}/doc.json")[0] == 0


@pytest.mark.parametrize("arguments", [(), ("--url", "http://127.0.0.1", "--file", "doc.json")])
def test_one_document_is_asked_for(call: Call, arguments: tuple[str, ...]) -> None:
    code, _, err = call(*arguments)
    assert code == 2
    assert "either --url or --file" in err


def test_an_address_may_hold_a_secret_and_is_not_repeated(call: Call, github: GitHubServer) -> None:
    _, _, err = call("--url", f"{github.address}/secret-path.json?token=secret")
    assert "secret" not in err
    code, _, err = call("--url", "https://user:secret@127.0.0.1:9/secret")
    assert code == 69
    assert "secret" not in err


def serve(answer: Callable[[socket.socket], None]) -> tuple[str, threading.Thread]:
    """A server that answers one connection in a way of its own: its address, and what runs until it is left."""
    listening = socket.create_server(("127.0.0.1", 0))

    def once() -> None:
        connection, _ = listening.accept()
        with listening, connection:
            connection.recv(65536)
            try:
                answer(connection)
            except OSError:
                return

    serving = threading.Thread(target=once, daemon=True)
    serving.start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/", serving


def trickle(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"x")
        time.sleep(0.05)


def flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def half(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")


def silence(connection: socket.socket) -> None:
    connection.recv(1)


def no_http(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.org ESMTP\r\n")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (trickle, SourceBusy, "did not finish its answer within"),
        (flood, SourceUnavailable, f"more than {ANSWER_LIMIT:,} bytes"),
        (half, SourceBusy, "did not answer"),
        (silence, SourceBusy, "did not answer"),
        (no_http, SourceBusy, "did not answer"),
    ],
)
def test_a_server_out_of_its_mind_is_left(
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[socket.socket], None],
    error: type[SourceUnavailable],
    words: str,
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    address, serving = serve(answer)
    with pytest.raises(error, match=words):
        ask(address, seconds=0.5)
    serving.join(timeout=40)
    assert not serving.is_alive(), "the connection is still open"


def shifted(**moments: pd.Timestamp) -> bytes:
    content = json.loads(document(0))
    return json.dumps(content | {name: moment.isoformat() for name, moment in moments.items()}).encode()


def test_a_document_dated_later_than_now_is_refused(call: Call, tmp_path: Path) -> None:
    generated = pd.Timestamp(json.loads(document(0))["generated_at"])
    now = generated - pd.Timedelta(minutes=6) - VALID_UNTIL
    code, out, err = call("--file", "doc.json", late=str(now))
    assert (code, out) == (65, "")
    assert err.startswith(
        f"aegis: error: the published document has an impossible date: generated_at {generated.isoformat()}"
    )
    assert call("--file", "doc.json", late=str(generated - pd.Timedelta(minutes=5) - VALID_UNTIL))[0] == 0, (
        "of two clocks"
    )


def test_no_document_holds_longer_than_the_exchange_is_ever_closed(call: Call, tmp_path: Path) -> None:
    as_of = pd.Timestamp(json.loads(document(0))["as_of"])
    longest = longest_closure(get_market("nifty50")) + VALIDITY
    assert longest == pd.Timedelta("5 days 18:45:00")
    for beyond, ends in ((pd.Timedelta(0), 0), (pd.Timedelta(seconds=1), 65)):
        (tmp_path / "doc.json").write_bytes(shifted(valid_until=as_of + longest + beyond))
        code, _, err = call("--file", "doc.json")
        assert code == ends, err
    assert "is further from as_of" in err
    assert "5 d 18 h" in err


def test_a_withdrawn_document_is_told_with_its_reason(call: Call, tmp_path: Path) -> None:
    at = pd.Timestamp(json.loads(document(0))["generated_at"]) + pd.Timedelta(minutes=20)
    taken_back = withdrawn(check_json(document(0)), "its bars were wrong", at)
    (tmp_path / "doc.json").write_text(dump(taken_back), encoding="utf-8")
    code, out, _ = call("--file", "doc.json", late=str(at + pd.Timedelta(minutes=1) - VALID_UNTIL))
    assert code == 11
    assert out.startswith(f"withdrawn at {at.isoformat()}: its bars were wrong; a document later than ")
