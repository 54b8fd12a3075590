"""The browser that tests of the page use: the first that is there, no download.

    python tests/page/browser_program.py

prints its path; exit code 1 where there is none.
"""

import shutil
import sys
from pathlib import Path

PROGRAMS = ("chromium", "google-chrome")
FLAGS = (
    # A container's root may not make the sandbox's namespaces, and its shared memory is small.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_browser() -> str | None:
    """Path of chromium or google-chrome on the PATH, else of the one that Playwright has downloaded; None without."""
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        downloaded = playwright.chromium.executable_path
    return downloaded if Path(downloaded).is_file() else None


if __name__ == "__main__":
    program = find_browser()
    if program is None:
        sys.exit(f"no browser: neither {' nor '.join(PROGRAMS)} on the PATH, nor one of Playwright's own")
    print(program)
