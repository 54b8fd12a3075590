"""The words of a page as a reader can see them, tab after tab; pictures are left out, and what opens stays closed."""

import re
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser
from site_server import SiteServer
from visits import TABS, visit

GOLDEN = Path(__file__).resolve().parents[1] / "dashboard" / "golden"


def file_name(state: str) -> str:
    """The file of a state's words."""
    return f"{re.sub(r'[^a-z0-9]+', '-', state)}.txt"


def words(browser: Browser, files: dict[str, bytes], now: datetime) -> str:
    """All that can be seen of a page on a phone, one line of text a line."""
    with SiteServer(files) as server, visit(browser, server, now) as seen:
        seen.page.evaluate("document.querySelectorAll('svg').forEach((one) => one.remove())")
        parts = [seen.page.locator("body").inner_text()]
        for tab in TABS[1:]:
            if seen.page.locator(f'#tabs a[href="#{tab}"]').count():
                seen.tab(tab)
                parts.append(seen.page.locator("[role=tabpanel]:visible").inner_text())
    lines = (" ".join(line.split()) for part in parts for line in part.splitlines())
    return "".join(f"{line}\n" for line in lines if line)
