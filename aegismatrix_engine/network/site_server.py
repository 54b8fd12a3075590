"""A built site on one's own machine: served over HTTP on the loopback address alone."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aegismatrix_engine.errors import ConfigurationError

LOOPBACK = "127.0.0.1"


class _Quiet(SimpleHTTPRequestHandler):
    """Files of one folder; nothing is logged, and nothing is kept by the browser."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Log nothing."""


def site_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of a folder on 127.0.0.1; ``serve_forever`` serves it.

    Args:
        folder: the site's.
        port: to listen on; 0 for any that is free.

    Raises:
        ConfigurationError: the port is in use or may not be used.
    """
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(_Quiet, directory=str(folder)))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"cannot serve on port {port}: {reason}; choose another with --port") from error
