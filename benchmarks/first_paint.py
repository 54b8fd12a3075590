"""First contentful paint of the page against that of an empty page: medians, and their ratio.

    python -m benchmarks.first_paint SITE/index.html [--runs 9] [--bound 4]

Both pages are served on loopback and opened in turn, each in a context of its own, so that nothing is cached; one
opening of each is not counted. Exit code 1 where the ratio is above the bound.
"""

import argparse
import shutil
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

EMPTY = (
    b'<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">'
    b"<title>empty</title></head><body>.</body></html>"
)
PAINT = """new Promise((done) => new PerformanceObserver((list) => {
  const found = list.getEntriesByName("first-contentful-paint")[0];
  if (found) done(found.startTime);
}).observe({ type: "paint", buffered: true }))"""
BOUND = 4.0


def main() -> int:
    """Open both pages in turn, print a table and judge the ratio."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("page", type=Path)
    arguments.add_argument("--runs", type=int, default=9)
    arguments.add_argument("--bound", type=float, default=BOUND)
    arguments.add_argument("--browser", default=shutil.which("chromium") or shutil.which("google-chrome"))
    given = arguments.parse_args()
    if given.browser is None:
        raise SystemExit("no browser: expected chromium or google-chrome on the PATH, or --browser PATH")
    with (
        served({"/page": given.page.read_bytes(), "/empty": EMPTY}) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=given.browser, args=["--no-sandbox", "--disable-gpu"])
        first_paint(browser, f"{address}/empty"), first_paint(browser, f"{address}/page")
        pairs = [[first_paint(browser, f"{address}/{one}") for one in ("empty", "page")] for _ in range(given.runs)]
        browser.close()
    empty, page = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"first contentful paint, medians of {given.runs}: empty {empty:.0f} ms, page {page:.0f} ms")
    print(f"ratio {page / empty:.2f}, bound {given.bound:.2f}")
    return 0 if page / empty <= given.bound else 1


def first_paint(browser: Browser, address: str) -> float:
    """Milliseconds from navigation to the first contentful paint, on a phone's screen."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(address)
    found = float(page.evaluate(PAINT))
    context.close()
    return found


@contextmanager
def served(pages: dict[str, bytes]) -> Iterator[str]:
    """Serve pages on loopback by their paths; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = pages.get(self.path, b"")
            self.send_response(200 if content else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing: only the table is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    sys.exit(main())
