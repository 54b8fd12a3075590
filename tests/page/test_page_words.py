"""The words of every state are in files beside these tests, so that a change of them is seen in review.

    PYTHONPATH=. python tests/page/write_golden_pages.py

writes the files anew.
"""

import re

import pytest
from golden_pages import GOLDEN, file_name, words
from playwright.sync_api import Browser
from sites import site
from states import STATES, state

# One process trains the sets, builds the sites and starts the browser that the tests of the page look at.
pytestmark = pytest.mark.xdist_group("page")

ADVICE = re.compile(
    r"\b((?i:safe|safely|buy|sell|bullish|bearish|green light|go ahead|avoid|opportunity)|[A-Z]+_[A-Z_]+)\b"
)


@pytest.mark.slow
@pytest.mark.parametrize("name", STATES)
def test_a_state_has_the_words_of_its_golden_page(browser: Browser, name: str) -> None:
    expected = (GOLDEN / file_name(name)).read_text(encoding="utf-8")
    assert words(browser, site(name), state(name).now) == expected


def test_no_golden_page_is_left_without_its_state() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {file_name(name) for name in STATES}


def test_no_word_of_any_state_gives_advice() -> None:
    found = {
        path.name: [line for line in path.read_text(encoding="utf-8").splitlines() if ADVICE.search(line)]
        for path in GOLDEN.iterdir()
    }
    assert {name: lines for name, lines in found.items() if lines} == {}
