"""Small requests over HTTP: every one with a time limit, a size limit and one of our errors."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from aegismatrix_engine import __version__
from aegismatrix_engine.errors import ConfigurationError, SourceBusy, SourceUnavailable

ANSWER_SECONDS: Final = 20.0
"""Limit for one exchange, from the connection to the last byte."""

ANSWER_LIMIT: Final = 8 * 2**20
"""Bytes: a document has 50 thousand, a page of 100 issues half a million."""

_CHUNK: Final = 65536
_TOO_MANY = 429


@dataclass(frozen=True)
class Answer:
    """The answer of a server: status, body and headers (names in lower case)."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def ask(
    url: str,
    *,
    method: str | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    redirects: bool = True,
    seconds: float = ANSWER_SECONDS,
) -> Answer:
    """GET ``url``, or POST ``body`` to it; returns an answer of any status below 500 but 429.

    Args:
        url: http or https.
        method: another one, such as PATCH.
        body: what is posted.
        headers: besides the User-Agent.
        redirects: whether they are followed; never with a token, which the other host would see.
        seconds: limit for the whole exchange.

    Raises:
        ConfigurationError: the address is not one of http or https.
        SourceBusy: no answer in time, a broken connection, or a status of 429 or from 500 on; later it may succeed.
        SourceUnavailable: no such host, a certificate that cannot be trusted, or more than ANSWER_LIMIT bytes.
    """
    parts = _address(url)
    where = f"{parts[0]}://{parts[1]}"
    sent = {"User-Agent": f"aegismatrix-engine/{__version__}", **(headers or {})}
    ends = time.monotonic() + seconds
    try:
        request = Request(url, data=body, headers=sent, method=method)
        with _opener(redirects=redirects).open(request, timeout=seconds) as response:
            answer = Answer(response.status, _body(response, where, ends, seconds), _named(response.headers))
    except HTTPError as error:
        with error:
            answer = Answer(error.code, _error_body(error), _named(error.headers))
    except URLError as error:
        raise _unreached(where, error.reason) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _unreached(where, error) from error
    if answer.status == _TOO_MANY or answer.status >= 500:
        raise SourceBusy(f"{where} answered with status {answer.status}; try again in some minutes")
    return answer


def _address(url: str) -> tuple[str, str]:
    """Scheme and host; the rest of an address may be a secret and is in no message."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = None, None, None
    if parts is None or parts.scheme not in ("http", "https") or not host:
        raise ConfigurationError("invalid address: expected http:// or https:// with a host, such as https://host/path")
    return parts.scheme, host if port is None else f"{host}:{port}"


class _Staying(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object, **_more: object) -> None:
        return None


def _opener(*, redirects: bool) -> OpenerDirector:
    """Made by hand: urllib's own would open files and ftp as well, to which a redirect may lead."""
    opener = OpenerDirector()
    following = HTTPRedirectHandler() if redirects else _Staying()
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
        UnknownHandler(),
        following,
    ):
        opener.add_handler(handler)
    return opener


def _body(response: http.client.HTTPResponse, where: str, ends: float, seconds: float) -> bytes:
    """The whole body, within the time: a server that sends a byte a second never reaches a socket's limit."""
    parts: list[bytes] = []
    size = 0
    while part := response.read1(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > ANSWER_LIMIT:
            raise SourceUnavailable(f"{where} sends more than {ANSWER_LIMIT:,} bytes; check the address")
        if time.monotonic() > ends:
            raise SourceBusy(f"{where} did not finish its answer within {seconds:.0f} s; try again in some minutes")
    # read1 reports a connection that ends before the promised length as the end of the body.
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(parts)


def _error_body(error: HTTPError) -> bytes:
    """The body of an error, as far as it came; the status is the answer."""
    try:
        return error.read(_CHUNK)
    except (OSError, http.client.HTTPException):
        return b""


def _named(headers: "Message[str, str]") -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _unreached(where: str, error: object) -> SourceUnavailable:
    """SourceBusy where the same request may succeed later, SourceUnavailable where something must be changed first."""
    reason = " ".join(str(getattr(error, "strerror", None) or error).split())[:160] or type(error).__name__
    passing = (TimeoutError, ConnectionResetError, ConnectionAbortedError, BrokenPipeError, http.client.HTTPException)
    if isinstance(error, passing):
        return SourceBusy(f"{where} did not answer ({reason.lower()}); try again in some minutes")
    return SourceUnavailable(f"{where} cannot be reached ({reason.lower()}); check network and address")
