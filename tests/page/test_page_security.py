"""What may run on the page: its own style and script by their hashes, and nothing that a document brings along."""

import base64
import hashlib
import re

import pytest
from hostile import ATTACK, LONG, RIGHT_TO_LEFT, attacked, unescaped
from page_text import PageText
from playwright.sync_api import Browser
from site_server import SiteServer
from sites import built, site
from states import STATES, state
from visits import TABS, visit

# One process trains the sets, builds the sites and starts the browser that the tests of the page look at.
pytestmark = pytest.mark.xdist_group("page")

POLICY = (
    "default-src 'none'; style-src '{style}'; script-src '{script}'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
REASONED = ("degraded", "withdrawn", "without volatility index", "rolled back", "option chain")


def hashed(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) for name in sorted(STATES)])
def test_the_policy_allows_one_style_and_one_script_by_their_hashes(name: str) -> None:
    page = PageText(site(name)["index.html"])
    (style,), (script,) = page.styles, page.scripts
    policy = page.metas["content-security-policy"]
    assert policy == POLICY.format(style=hashed(style), script=hashed(script))
    assert "unsafe" not in policy
    assert [one for one in page.attributes if one[1] == "style" or one[1].startswith("on")] == []
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)


@pytest.mark.slow
def test_the_page_links_nowhere_by_itself() -> None:
    page = PageText(site("in session")["index.html"])
    loading = {("link", "href"), ("script", "src"), ("img", "src"), ("use", "href"), ("image", "href")}
    assert [
        one for one in page.attributes if one[:2] in loading and not one[2].startswith(("data:", "#", "feed.xml"))
    ] == []
    assert all(not link.lower().startswith("javascript:") for link in page.links)


@pytest.mark.slow
@pytest.mark.parametrize("text", [ATTACK, RIGHT_TO_LEFT, LONG], ids=["markup", "right to left", "ten kilobytes"])
@pytest.mark.parametrize("name", REASONED)
def test_a_hostile_document_is_shown_as_text(browser: Browser, name: str, text: str) -> None:
    found = state(name)
    files = built(attacked(found.document, text), found.record)
    PageText(files["index.html"])
    with SiteServer(files) as server, visit(browser, server, found.now) as seen:
        seen.open_details()
        assert " ".join(text.split())[:60] in seen.text
        for tab in TABS if name != "withdrawn" else ():
            seen.tab(tab)
            assert seen.beyond_the_width() == []
        assert (seen.complaints, seen.violations()) == ([], [])
        assert seen.page.evaluate("window.hacked") is None
        # Text that runs from right to left ends where its own element does.
        if text is RIGHT_TO_LEFT:
            assert "desrever" in seen.text


@pytest.mark.slow
@pytest.mark.parametrize("name", REASONED)
def test_a_page_that_escapes_nothing_is_held_back_by_its_policy(browser: Browser, name: str) -> None:
    found = state(name)
    files = built(attacked(found.document, ATTACK), found.record)
    files = files | {"index.html": unescaped(files["index.html"].decode(), ATTACK).encode()}
    with SiteServer(files) as server, visit(browser, server, found.now) as seen:
        refused = seen.violations()
        assert any(one.startswith("script-src") for one in refused)
        assert any(one.startswith("img-src") for one in refused)
        assert seen.page.evaluate("window.hacked") is None
        assert seen.outside == []
        assert set(server.requests) == {"index.html"}
