"""A site served on loopback: files are swapped, taken away and counted while a page looks at them."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "xml": "application/atom+xml",
    "csv": "text/csv; charset=utf-8",
}


class SiteServer:
    """Serves ``files`` as Pages does, with a cache of ten minutes.

    Attributes:
        files: path without a leading stroke -> bytes; a path that is not there is answered with 404.
        requests: how often each path was asked for.
        headers: of the last request of each path, names in small letters.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = dict(files)
        self.requests: Counter[str] = Counter()
        self.headers: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path.removeprefix("/") or "index.html"
                site.requests[path] += 1
                site.headers[path] = {name.lower(): value for name, value in self.headers.items()}
                content = site.files.get(path)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Type", TYPES.get(path.rpartition(".")[2], "application/octet-stream"))
                self.send_header("Content-Length", str(len(content or b"")))
                self.send_header("Cache-Control", "max-age=600")
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_: object) -> None:
                """Nothing: the test's output is its own."""

        return Handler
