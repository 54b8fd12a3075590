"""Write the words of every state anew: PYTHONPATH=. python tests/page/write_golden_pages.py."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("", "options", "page", "record", "sources")]

from browser_program import FLAGS, find_browser  # noqa: E402
from golden_pages import GOLDEN, file_name, words  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from sites import site  # noqa: E402
from states import STATES, state  # noqa: E402


def main() -> None:
    """One file a state; files of states that are no more are removed."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for path in GOLDEN.iterdir():
        path.unlink()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        for name in STATES:
            text = words(browser, site(name), state(name).now)
            (GOLDEN / file_name(name)).write_text(text, encoding="utf-8")
        browser.close()


if __name__ == "__main__":
    main()
