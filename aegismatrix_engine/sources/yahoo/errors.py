"""What a failure inside yfinance, or in the HTTP layer below it, is to a user."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Final

from aegismatrix_engine.errors import SourceBusy, SourceUnavailable
from aegismatrix_engine.network.retries import silenced
from aegismatrix_engine.sources.yahoo.http_budget import RefusedRequest

LONGEST_ERROR = 160

BROKEN_OFF = frozenset({16, 18, 52, 55, 56, 92})
"""curl's codes of a connection that began and broke off (libcurl-errors: HTTP2, PARTIAL_FILE, GOT_NOTHING, SEND_ERROR,
RECV_ERROR, HTTP2_STREAM): the next may hold. A host that refuses or cannot be found is not among them."""

_PASSING: Final = {
    "yfinance.exceptions": ("YFRateLimitError",),
    # yfinance runs on curl_cffi, and on requests where that is not installed.
    "curl_cffi.requests.exceptions": ("Timeout", "IncompleteRead"),
    "requests.exceptions": ("Timeout", "ChunkedEncodingError"),
}
"""Modules, slow to import or not there at all, and those of their exceptions that a later request may not meet."""


def source_error(symbol: str, error: Exception) -> SourceUnavailable:
    """SourceBusy where waiting helps (rate limit, time-out, broken connection, server error), else SourceUnavailable.

    Any exception at all has an answer: whatever fails inside the library, it is the source that failed.
    """
    if isinstance(error, SourceUnavailable):
        return error
    reason = " ".join(str(error).split())[:LONGEST_ERROR]
    message = f"Yahoo did not give {symbol} ({type(error).__name__}: {reason})"
    if isinstance(error, RefusedRequest):
        message = f"Yahoo did not give {symbol} ({reason})"
    if waiting_helps(error):
        return SourceBusy(f"{message}; try again in some minutes")
    remedy = "check the network"
    if isinstance(error, RefusedRequest):
        remedy = "Yahoo refuses this machine, try from another network" if error.new_cookie_helps else "try again later"
    return SourceUnavailable(f"{message}; {remedy}, or use --source csv --data DIR")


def waiting_helps(error: Exception) -> bool:
    """Whether the same request may succeed a little later."""
    if isinstance(error, RefusedRequest):
        return error.passes
    return isinstance(error, _passing()) or getattr(error, "code", None) in BROKEN_OFF


def asking_helps(error: Exception) -> bool:
    """Whether the request is worth repeating at once: waiting helps, or a new cookie may."""
    return waiting_helps(error) or (isinstance(error, RefusedRequest) and error.new_cookie_helps)


def _passing() -> tuple[type[Exception], ...]:
    kinds: list[type[Exception]] = [TimeoutError, ConnectionResetError, ConnectionAbortedError, BrokenPipeError]
    with quiet():
        for module, names in _PASSING.items():
            with suppress(ImportError):
                kinds += [getattr(import_module(module), name) for name in names]
    return tuple(kinds)


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps logs and warnings of yfinance from the user; its failures arrive as exceptions."""
    with silenced("yfinance"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
