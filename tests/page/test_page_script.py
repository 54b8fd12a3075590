"""What the page's script does: tabs, theme, age, and asking for a newer document."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect
from site_server import SiteServer
from sites import built, site
from states import IN_SESSION, READ_AFTER, dumped, in_session, ist, known, made, state
from visits import TABS, Visit, visit

from aegismatrix_engine.state.lateness import OUT_OF_DATE_AFTER

# One process trains the sets, builds the sites and starts the browser that the tests of the page look at.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("page")]


POLL = 60_000
JSON = "aegismatrix.json"
NOW = (ist(IN_SESSION) + READ_AFTER).to_pydatetime()
SECOND = timedelta(seconds=1)


def expect_tab(page: Page, name: str) -> None:
    """One tab is selected, and its panel alone is shown."""
    expect(page.locator(f'[role=tab][href="#{name}"]')).to_have_attribute("aria-selected", "true")
    expect(page.locator("[role=tab][aria-selected=true]")).to_have_count(1)
    expect(page.locator("[role=tabpanel]:visible")).to_have_count(1)
    expect(page.locator(f"#panel-{name}")).to_be_visible()


def until(seen: Visit, condition: Callable[[], bool]) -> None:
    """Wait for what a request brings about."""
    for _ in range(250):
        if condition():
            return
        seen.page.wait_for_timeout(20)
    raise AssertionError("it never came about")


def polls(seen: Visit, times: int) -> None:
    """Let the page ask for the document so often, a minute apart, and wait for each answer."""
    for _ in range(times):
        before = seen.site.requests[JSON]
        seen.page.clock.run_for(POLL)
        until(seen, lambda before=before: seen.site.requests[JSON] > before)  # type: ignore[misc]
        seen.page.wait_for_timeout(100)


def newer() -> dict[str, bytes]:
    """The site half an hour later."""
    return built(dumped(made(known("nifty50", "2019-07-24 11:30"))), "young")


def test_arrow_keys_choose_tabs_and_their_ends_meet(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW) as seen:
        page = seen.page
        expect(page.get_by_role("tablist")).to_have_count(1)
        expect_tab(page, "sellers")
        page.get_by_role("tab").first.focus()
        pressed = [*(("ArrowRight", name) for name in (*TABS[1:], TABS[0])), ("ArrowLeft", TABS[-1])]
        for key, name in (*pressed, ("Home", TABS[0]), ("End", TABS[-1])):
            page.keyboard.press(key)
            expect_tab(page, name)
            expect(page.locator(f'[role=tab][href="#{name}"]')).to_be_focused()


def test_the_keyboard_alone_reaches_theme_tabs_and_explanations(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW) as seen:
        page, reached = seen.page, []
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate(
                    "(() => { const at = document.activeElement;"
                    " return at.getAttribute('role') || at.id || at.tagName.toLowerCase(); })()"
                )
            )
            if reached[-1] == "summary":
                break
        assert "theme" in reached
        # One tab alone is reached by the Tab key, the chosen one; arrows go on from it.
        assert reached.count("tab") == 1
        assert reached[-1] == "summary"
        opened = "document.activeElement.parentElement.open"
        before = page.evaluate(opened)
        page.keyboard.press("Enter")
        assert page.evaluate(opened) is not before
        focus = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert focus != "none"


@pytest.mark.parametrize("tab", TABS)
def test_a_link_opens_its_tab_and_a_reload_keeps_it(browser: Browser, tab: str) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW, tab=tab) as seen:
        expect_tab(seen.page, tab)
        expect(seen.page.locator("h1")).to_be_in_viewport()
        seen.page.reload()
        expect_tab(seen.page, tab)
        assert seen.page.url.endswith(f"#{tab}")


def test_back_returns_to_the_tab_before(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW) as seen:
        seen.tab("buyers")
        seen.tab("record")
        seen.page.go_back()
        expect_tab(seen.page, "buyers")
        seen.page.go_forward()
        expect_tab(seen.page, "record")


def test_an_unknown_link_opens_the_first_tab(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW, tab="nonsense") as seen:
        expect_tab(seen.page, "sellers")


def background(page: Page) -> str:
    found: str = page.evaluate(
        "[document.documentElement, document.body].map((one) => getComputedStyle(one).backgroundColor).join()"
    )
    return found


def test_the_theme_is_the_systems_until_one_is_chosen_which_is_remembered(browser: Browser) -> None:
    with SiteServer(site("in session")) as server:
        with visit(browser, server, NOW, theme="light") as seen:
            light = background(seen.page)
        with visit(browser, server, NOW, theme="dark") as seen:
            page, dark = seen.page, background(seen.page)
            assert dark != light
            page.locator("#theme").click()
            assert background(page) == light
            page.reload()
            assert background(page) == light
            page.locator("#theme").focus()
            page.keyboard.press("Enter")
            assert background(page) == dark
            page.emulate_media(color_scheme="light")
            page.reload()
            assert background(page) == dark


def aged(page: Page) -> str:
    """'fresh', 'late' or 'old', by the classes that the script sets."""
    names = set((page.locator("html").get_attribute("class") or "").split())
    return "old" if "old" in names else "late" if "late" in names else "fresh"


def test_fresh_late_and_old_begin_at_their_very_seconds(browser: Browser) -> None:
    document = in_session()
    due, until_ = (datetime.fromisoformat(text) for text in (document.next_due, document.valid_until))
    old = until_ + OUT_OF_DATE_AFTER
    moments = {due - SECOND: "fresh", due + SECOND: "late", old - SECOND: "late", old + SECOND: "old"}
    with SiteServer(site("in session")) as server:
        for now, expected in moments.items():
            with visit(browser, server, now) as seen:
                assert (now, aged(seen.page)) == (now, expected)
        with visit(browser, server, due - SECOND) as seen:
            assert aged(seen.page) == "fresh"
            seen.page.clock.run_for(POLL)
            assert aged(seen.page) == "late"
            assert f"{due:%H:%M}" in seen.shown("#states")
            seen.page.clock.run_for(int((old - due).total_seconds() * 1000))
            assert aged(seen.page) == "old"


def test_an_old_page_shows_no_number_in_its_summary_and_no_label(browser: Browser) -> None:
    with SiteServer(site("old")) as server, visit(browser, server, state("old").now) as seen:
        assert seen.page.locator("#summary [data-field]:visible").count() == 0
        assert re.findall(r"[\d:,.]*\d", seen.shown("#summary")) == ["24", "11:00"]
        assert seen.page.locator(".words:visible").count() == 0
        assert (
            seen.page.evaluate(
                "[...document.querySelectorAll('body *')].filter((one) => "
                "getComputedStyle(one).opacity !== '1' && !one.closest('svg')).length"
            )
            == 0
        )


def test_the_age_counts_on_in_words(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW) as seen:
        assert "12 min" in seen.shown("#age")
        seen.page.clock.run_for(POLL)
        assert "13 min" in seen.shown("#age")
    with SiteServer(site("closed")) as server, visit(browser, server, state("closed").now + timedelta(days=3)) as seen:
        assert re.search(r"\b3 (d|days)\b", seen.shown("#age"))


def test_the_same_document_never_reloads_the_page(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW) as seen:
        polls(seen, 10)
        assert seen.site.requests["index.html"] == 1
        # Chromium asks so for what is fetched with `no-cache`: a copy is used only where the server says so.
        assert seen.site.headers[JSON]["cache-control"] in {"no-cache", "max-age=0"}
        assert seen.site.requests.keys() == {"index.html", JSON}
        assert (seen.complaints, seen.outside) == ([], [])


def test_a_newer_document_reloads_the_page_once(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW, tab="buyers") as seen:
        polls(seen, 1)
        server.files = newer()
        polls(seen, 1)
        until(seen, lambda: server.requests["index.html"] == 2)
        expect(seen.page.locator("body")).to_have_attribute("data-as-of", "2019-07-24T11:30:00+05:30")
        expect_tab(seen.page, "buyers")
        polls(seen, 5)
        assert server.requests["index.html"] == 2


def test_a_newer_document_behind_an_old_page_reloads_it_once_in_ten_minutes(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW) as seen:
        server.files[JSON] = newer()[JSON]
        polls(seen, 10)
        assert server.requests["index.html"] == 2
        server.files = newer()
        assert "newer" in seen.shown("#poll").lower()


def test_an_older_document_reloads_nothing(browser: Browser) -> None:
    with SiteServer(newer()) as server, visit(browser, server, NOW + timedelta(minutes=30)) as seen:
        server.files[JSON] = site("in session")[JSON]
        polls(seen, 2)
        assert server.requests["index.html"] == 1


@pytest.mark.parametrize("answer", ["404", "no JSON", "a list", "another market"])
def test_an_answer_that_is_no_document_keeps_the_page_and_says_so(browser: Browser, answer: str) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW) as seen:
        before = seen.shown("#summary")
        if answer == "404":
            del server.files[JSON]
        else:
            content = {"no JSON": b"<html>moved</html>", "a list": b"[]", "another market": b'{"market_id": "sp500"}'}
            server.files[JSON] = content[answer]
        polls(seen, 1)
        assert seen.page.locator("#poll").is_visible()
        assert seen.shown("#poll")
        assert seen.shown("#summary") == before
        assert seen.site.requests["index.html"] == 1
        server.files = site("in session")
        polls(seen, 1)
        assert not seen.page.locator("#poll").is_visible()


def test_offline_keeps_the_page_and_says_so_until_it_is_back(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW) as seen:
        before = seen.shown("#summary")
        seen.page.context.set_offline(True)
        seen.page.clock.run_for(POLL)
        until(seen, seen.page.locator("#poll").is_visible)
        assert "cannot be reached" in seen.shown("#poll")
        assert seen.shown("#summary") == before
        seen.page.context.set_offline(False)
        polls(seen, 1)
        until(seen, seen.page.locator("#poll").is_hidden)


def test_a_page_that_is_not_looked_at_asks_for_nothing(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, NOW) as seen:
        hide = "(state) => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});"
        hide += " Object.defineProperty(document, 'hidden', {value: state === 'hidden', configurable: true});"
        hide += " document.dispatchEvent(new Event('visibilitychange')); }"
        seen.page.evaluate(hide, "hidden")
        seen.page.clock.run_for(5 * POLL)
        seen.page.wait_for_timeout(200)
        assert server.requests[JSON] == 0
        seen.page.evaluate(hide, "visible")
        seen.page.clock.run_for(POLL)
        until(seen, lambda: server.requests[JSON] > 0)


def test_the_documents_beside_the_page_are_the_one_it_shows() -> None:
    files = site("in session")
    assert files[JSON] == files["data/aegismatrix.json"] == state("in session").document
    assert json.loads(files[JSON])["as_of"] == pd.Timestamp(f"{IN_SESSION}+05:30").isoformat()
