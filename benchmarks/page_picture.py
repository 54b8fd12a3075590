"""The picture at the top of the README: the page of docs/example.json on a phone and on a wide screen, side by side.

    python -m benchmarks.page_picture

Writes docs/page.png, with the SHA-256 of the page inside it, by which a test tells whether it is up to date. Needs a
browser, as the tests of the page do.
"""

import json
import struct
import sys
import tempfile
import zlib
from base64 import b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PICTURE, EXAMPLE = DOCS / "page.png", DOCS / "example.json"
KEYWORD = b"aegis-page-sha256"
PHONE, WIDE = (360, 740), (1040, 740)
READ_AFTER = timedelta(minutes=12)
"""After the document was made."""


def page() -> bytes:
    """The page of the example document, without a record."""
    from aegismatrix_engine.jobs.dashboard import SiteSettings, build_site

    return build_site(SiteSettings(EXAMPLE, ROOT / "record-of-nothing")).files["index.html"]


def page_of(picture: bytes) -> str:
    """The SHA-256, in hexadecimal, of the page that a picture shows; '' where it does not say."""
    at = picture.find(b"tEXt" + KEYWORD + b"\0")
    start = at + len(b"tEXt" + KEYWORD + b"\0")
    return picture[start : start + 64].decode("ascii") if at > 0 else ""


def marked(picture: bytes, text: str) -> bytes:
    """A PNG with a text chunk right after its header chunk, as its specification (W3C, 2003) lays chunks out."""
    header = 8 + 4 + 4 + 13 + 4
    body = b"tEXt" + KEYWORD + b"\0" + text.encode("ascii")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return picture[:header] + chunk + picture[header:]


def drawn(html: bytes) -> bytes:
    """Both screens as one PNG."""
    from playwright.sync_api import Browser, sync_playwright

    sys.path.insert(0, str(ROOT / "tests" / "page"))
    from browser_program import FLAGS, find_browser

    made = datetime.fromisoformat(json.loads(EXAMPLE.read_bytes())["generated_at"])

    def screen(browser: Browser, address: str, size: tuple[int, int], scheme: str) -> bytes:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        shown = context.new_page()
        shown.clock.set_fixed_time(made + READ_AFTER)
        shown.goto(address)
        taken = shown.screenshot()
        context.close()
        return taken

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "index.html"
        file.write_bytes(html)
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        screens = [screen(browser, file.as_uri(), PHONE, "dark"), screen(browser, file.as_uri(), WIDE, "light")]
        side_by_side = browser.new_page(viewport={"width": PHONE[0] + WIDE[0] + 24, "height": PHONE[1]})
        images = "".join(f'<img src="data:image/png;base64,{b64encode(one).decode()}">' for one in screens)
        side_by_side.set_content(f'<body style="margin:0;display:flex;gap:24px;background:#808890">{images}')
        taken = side_by_side.screenshot()
        browser.close()
    return taken


if __name__ == "__main__":
    found = page()
    PICTURE.write_bytes(marked(drawn(found), sha256(found).hexdigest()))
