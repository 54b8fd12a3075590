"""One browser a process."""

import os
from collections.abc import Iterator

import pytest
from browser_program import FLAGS, find_browser
from playwright.sync_api import Browser, sync_playwright
from visits import AXE


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser; without one, or without axe-core, the test is skipped, or fails where AEGIS_REQUIRE names it."""
    program = find_browser()
    if program is None or not AXE.is_file():
        missing = "browser" if program is None else "axe-core"
        if "browser" in os.environ.get("AEGIS_REQUIRE", "").split():
            pytest.fail(f"AEGIS_REQUIRE asks for the browser, and there is no {missing}: run .ci/browser")
        pytest.skip(f"there is no {missing}, which .ci/browser installs")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield started
        started.close()
