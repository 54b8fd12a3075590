"""What the page weighs, and how it prints."""

import gzip
import re

import pytest
from playwright.sync_api import Browser
from site_server import SiteServer
from sites import rebuilt, site
from states import STATES, state
from visits import TABS, visit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", sorted(STATES))
def test_a_page_weighs_at_most_200_kilobytes_and_45_packed(name: str) -> None:
    page = site(name)["index.html"]
    packed = len(gzip.compress(page, 9, mtime=0))
    print(name, len(page), packed)
    assert len(page) <= 200_000
    assert packed <= 45_000


@pytest.mark.parametrize("name", ["in session", "closed", "degraded", "sp500", "option chain", "bhavcopy"])
def test_the_page_prints_on_two_sheets_with_all_its_sections(browser: Browser, name: str) -> None:
    with SiteServer(site(name)) as server, visit(browser, server, state(name).now, width=1280) as seen:
        sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", seen.page.pdf(format="A4")))
        assert 1 <= sheets <= 2
        seen.page.emulate_media(media="print")
        for tab in TABS:
            assert seen.page.locator(f"#{tab}, #panel-{tab}").first.is_visible()
        assert seen.page.locator("#tabs").is_hidden()
        assert seen.page.locator("#theme").is_hidden()


def test_the_same_document_and_record_give_the_same_bytes() -> None:
    found = state("closed")
    again = rebuilt(found.document, found.record)
    assert again == site("closed")
