"""What the page weighs, and how it prints."""

import gzip
import json
import re

import pytest
from option_chains import whole_chain
from playwright.sync_api import Browser
from site_server import SiteServer
from sites import built, rebuilt, site
from states import IN_SESSION, STATES, dumped, priced, state
from visits import TABS, visit

# One process trains the sets, builds the sites and starts the browser that the tests of the page look at.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("page")]


def assert_light(name: str, page: bytes) -> None:
    packed = len(gzip.compress(page, 9, mtime=0))
    print(name, len(page), packed)
    assert len(page) <= 200_000
    assert packed <= 45_000


@pytest.mark.parametrize("name", sorted(STATES))
def test_a_page_weighs_at_most_200_kilobytes_and_45_packed(name: str) -> None:
    assert_light(name, site(name)["index.html"])


def test_the_page_weighs_no_more_with_prices_of_every_expiry_and_much_left_out() -> None:
    content = json.loads(dumped(priced(IN_SESSION, "chain.json", whole_chain)))
    assert all(expiry["priced"] for expiry in content["seller"]["expiries"])
    rule = "prices not used: it has 0 strikes of which call and put are traded today, 3 are needed; chain.json, leg {}"
    content["options"]["left_out"] = [
        {"expiry": content["seller"]["expiries"][0]["expiry"], "legs": place, "rule": rule.format(place)}
        for place in range(50)
    ]
    assert_light("whole chain", built(json.dumps(content).encode(), "old")["index.html"])


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
