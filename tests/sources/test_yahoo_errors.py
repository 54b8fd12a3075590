"""Whatever fails inside yfinance or below it is one of our errors, and one line; so is no network at all."""

import inspect
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from aegismatrix_engine.errors import SourceBusy, SourceUnavailable
from aegismatrix_engine.sources.yahoo import http_budget as yahoo_session
from aegismatrix_engine.sources.yahoo.errors import BROKEN_OFF, source_error

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import curl_cffi.requests.exceptions
    import requests.exceptions
    import yfinance
    import yfinance.exceptions

WAITING_HELPS = {
    "YFRateLimitError",
    "BudgetSpent",
    "RefusedRequest",
    "curl_cffi.Timeout",
    "curl_cffi.ConnectTimeout",
    "curl_cffi.ReadTimeout",
    "curl_cffi.IncompleteRead",
    "requests.Timeout",
    "requests.ConnectTimeout",
    "requests.ReadTimeout",
    "requests.ChunkedEncodingError",
}


def upstream_errors() -> list[object]:
    found: dict[type[Exception], str] = {}
    for module in (yfinance.exceptions, yahoo_session, curl_cffi.requests.exceptions, requests.exceptions):
        family = module.__name__.split(".")[0]
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Exception) and not issubclass(kind, Warning):
                found.setdefault(kind, name if family in ("yfinance", "aegismatrix_engine") else f"{family}.{name}")
    return [pytest.param(kind, name, id=name) for kind, name in found.items()]


@pytest.mark.parametrize(("kind", "name"), upstream_errors())
def test_every_upstream_exception_is_one_of_ours(kind: type[Exception], name: str) -> None:
    upstream = kind.__new__(kind)
    upstream.args = ("first line\nsecond line " + "x" * 500,)
    error = source_error("^NSEI", upstream)
    assert type(error) is (SourceBusy if name in WAITING_HELPS else SourceUnavailable)
    assert error.exit_code == (75 if name in WAITING_HELPS else 69)
    assert "^NSEI" in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 320


@pytest.mark.parametrize(
    "upstream", [TimeoutError("slow"), KeyError("chart"), TypeError("None"), ValueError("json"), OSError(5, "io")]
)
def test_so_is_every_other_exception(upstream: Exception) -> None:
    assert type(source_error("^VIX", upstream)) is (
        SourceBusy if isinstance(upstream, TimeoutError | ConnectionResetError) else SourceUnavailable
    )


@pytest.mark.parametrize("code", sorted(BROKEN_OFF))
def test_a_connection_that_breaks_off_is_worth_another_try(code: int) -> None:
    kind = curl_cffi.requests.exceptions.ConnectionError
    assert type(source_error("^VIX", kind("broken", code))) is SourceBusy
    assert type(source_error("^VIX", kind("refused", 7))) is SourceUnavailable


@pytest.mark.parametrize(("status", "passes"), [(401, True), (403, False), (404, False), (429, True), (503, True)])
def test_a_refused_request_is_told_by_its_status(status: int, passes: bool) -> None:
    error = source_error("^VIX", yahoo_session.RefusedRequest(status, "Invalid Crumb"))
    assert type(error) is (SourceBusy if passes else SourceUnavailable)
    assert f"HTTP status {status}, Invalid Crumb" in str(error)


def test_our_own_errors_stay_as_they_are() -> None:
    error = SourceUnavailable("already told")
    assert source_error("^VIX", error) is error


def test_without_a_network_the_error_is_one_line_and_nothing_else_is_printed(tmp_path: Path) -> None:
    code = (
        "from aegismatrix_engine.errors import AegisError\n"
        "from aegismatrix_engine.markets import get_market\n"
        "from aegismatrix_engine.sources.source import open_source\n"
        "for _ in range(3):\n"
        " try: open_source('yahoo').daily(get_market('nifty50'))\n"
        " except AegisError as error: print(type(error).__name__, int(error.exit_code), error)"
    )
    closed = dict.fromkeys(
        ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"), "http://127.0.0.1:1"
    )
    environment = {**os.environ, **closed, "NO_PROXY": "", "no_proxy": "", "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    told = done.stdout.splitlines()
    assert len(told) == 3
    for line in told:
        assert line.startswith("SourceUnavailable 69 Yahoo did not give ^NSEI (ConnectionError: ")
        assert line.endswith("--source csv --data DIR")
