"""A page as one reader has it before them: their clock, screen and theme, and all that the browser complains about."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Page, expect
from site_server import SiteServer

Theme = Literal["dark", "light"]

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
PHONE, TABLET, DESKTOP = 360, 768, 1280
HEIGHTS = {PHONE: 740, TABLET: 1024, DESKTOP: 800}
TABS = ("sellers", "buyers", "direction", "record")

VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


@dataclass
class Visit:
    """An open page.

    Attributes:
        page: Playwright's.
        site: the server that the page came from.
        complaints: console messages, errors of scripts, and failed requests, one line each.
        outside: addresses asked for that are not of the site.
    """

    page: Page
    site: SiteServer
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What can be seen of the page, runs of white space as one blank."""
        return " ".join(self.page.locator("body").inner_text().split())

    def shown(self, selector: str) -> str:
        """What can be seen of one element."""
        return " ".join(self.page.locator(selector).inner_text().split())

    def tab(self, name: str) -> None:
        """Choose a tab with the pointer."""
        link = self.page.locator(f'#tabs a[href="#{name}"]')
        link.click()
        expect(link).to_have_attribute("aria-selected", "true")

    def open_details(self) -> None:
        """Open everything that opens."""
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    def violations(self) -> list[str]:
        """What the content security policy has refused."""
        found: list[str] = self.page.evaluate("window.violations")
        return found

    def beyond_the_width(self) -> list[str]:
        """Elements that reach beyond the right edge of the screen, unless they scroll in a frame of their own."""
        found: list[str] = self.page.evaluate(
            """() => {
              const width = document.documentElement.clientWidth, found = [];
              const whole = document.documentElement.scrollWidth;
              if (whole > width) found.push(`page ${whole}`);
              for (const one of document.body.querySelectorAll("*")) {
                if (one.closest("svg") && one.tagName !== "svg") continue;
                const box = one.getBoundingClientRect();
                if (!box.width || !box.height || box.right <= width + 1 || !one.checkVisibility()) continue;
                let frame = one.parentElement;
                while (frame && !["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(frame).overflowX))
                  frame = frame.parentElement;
                if (!frame || frame === document.body || frame === document.documentElement)
                  found.push(`${one.tagName}.${one.getAttribute("class") ?? ""} ${Math.round(box.right)}`);
              }
              return found;
            }"""
        )
        return found

    def axe(self) -> list[str]:
        """What axe-core finds wrong, of any impact: rule and place, one line each. The clock runs from here on."""
        self.page.clock.resume()
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = self.page.evaluate("axe.run().then((result) => result.violations)")
        return [
            f"{one['id']} ({one['impact']}): {node['target'][0]}: {' '.join(node['failureSummary'].split())[:200]}"
            for one in found
            for node in one["nodes"]
        ]

    def screenshot(self, name: str, *, whole: bool = True) -> None:
        """Leave a picture in the folder that AEGIS_SCREENSHOTS names; nothing without it."""
        if folder := os.environ.get("AEGIS_SCREENSHOTS"):
            path = Path(folder) / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=path, full_page=whole)


@contextmanager
def visit(
    browser: Browser,
    site: SiteServer,
    now: datetime,
    *,
    width: int = PHONE,
    theme: Theme = "dark",
    tab: str = "",
    javascript: bool = True,
    **more: Any,
) -> Iterator[Visit]:
    """Open the site's page at a moment of the reader's clock, which then runs on only when it is told to.

    Args:
        browser: the browser.
        site: the server.
        now: the reader's clock when the page opens.
        width: of the screen, in CSS pixels.
        theme: which theme the system has.
        tab: opened by its link.
        javascript: whether scripts run.
        more: further options of a Playwright context.
    """
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=theme,
        java_script_enabled=javascript,
        locale="en-IN",
        timezone_id="America/Los_Angeles",
        **more,
    )
    context.set_default_timeout(5000)
    try:
        yield _opened(context, site, now, f"{site.address}{'#' if tab else ''}{tab}")
    finally:
        context.close()


def _opened(context: BrowserContext, site: SiteServer, now: datetime, address: str) -> Visit:
    context.add_init_script(VIOLATIONS)
    page = context.new_page()
    found = Visit(page, site)
    page.on("console", lambda message: found.complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: found.complaints.append(f"error: {error}"))
    page.on("request", lambda request: _note_outside(found, request.url))
    page.on("requestfailed", lambda request: found.complaints.append(f"failed: {request.url}"))
    # The clock runs until it is paused, and cannot be paused at a moment that has passed.
    page.clock.install(time=now - timedelta(minutes=1))
    page.clock.pause_at(now)
    page.goto(address)
    return found


def _note_outside(found: Visit, address: str) -> None:
    if not address.startswith((found.site.address, "data:")):
        found.outside.append(address)
