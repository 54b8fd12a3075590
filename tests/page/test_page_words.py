"""The words of every state are in files beside these tests, so that a change of them is seen in review.

    python tests/page/write_golden_pages.py

writes the files anew.
"""

import pytest
from golden_pages import GOLDEN, file_name, words
from playwright.sync_api import Browser
from sites import site
from states import STATES, state

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", STATES)
def test_a_state_has_the_words_of_its_golden_page(browser: Browser, name: str) -> None:
    expected = (GOLDEN / file_name(name)).read_text(encoding="utf-8")
    assert words(browser, site(name), state(name).now) == expected, "python tests/page/write_golden_pages.py"


def test_no_golden_page_is_left_without_its_state() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {file_name(name) for name in STATES}
