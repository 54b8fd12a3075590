"""Every state of the page in a real browser: a line of text on top, nothing broken, nothing beyond the screen."""

import json
import re
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from site_server import SiteServer
from sites import built, site
from states import STATES, state
from visits import DESKTOP, HEIGHTS, PHONE, TABLET, TABS, Theme, Visit, visit

# One process trains the sets, builds the sites and starts the browser that the tests of the page look at.
pytestmark = pytest.mark.xdist_group("page")

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "example.json"
WIDTHS = (PHONE, TABLET, DESKTOP)
THEMES: tuple[Theme, Theme] = ("dark", "light")
UNREADABLE = {"unreadable", "newer major version"}
WITHOUT_TABS = UNREADABLE | {"withdrawn"}
"""What shows a reason alone."""

LINES = {
    "closed": "Market closed: numbers from the close of Fri 19 Jul. Next session Mon 22 Jul.",
    "before the open": "Before the open of Mon 22 Jul. The US night of Fri 19 Jul is in the numbers.",
    "in session": "In session: 11:00 IST, 7 of 25 bars.",
    "session without bars": "In session, but no bar of today has come in yet",
    "holiday": "No session today: numbers from the close of Fri 9 Aug. Next session Tue 13 Aug.",
    "provisional dates": "Provisional: dates after 31 Dec 2026 are not announced",
    "degraded": "Degraded: 9 signals",
    "without volatility index": "India VIX is missing",
    "frozen number": "Frozen: 1 number",
    "replay": "Not live: computed afterwards",
    "no record": "No record",
    "record at fault": "The record is at fault: 1 of its lines",
    "sp500": "In session: 11:30 EDT, 8 of 26 bars.",
    "option chain": "In session: 11:00 IST, 7 of 25 bars.",
    "bhavcopy": "Market closed: numbers from the close of Fri 19 Jul.",
    "option chain refused": "No option prices: the chain cannot be used, so that 3 signals stand on less than usual.",
    "late": "The next document has been due since 11:30 IST",
    "old": "Old: no newer document since 11:30 IST",
    "withdrawn": "withdrawn",
    "rolled back": "Rolled back: the models are those of set 3f2c9a1b0712",
    "unreadable": "The document cannot be read, so nothing of it is shown",
    "newer major version": "The document is of a newer version than this page can show",
}
"""State -> words of its line."""


def assert_sound(seen: Visit) -> None:
    """Nothing that the browser complains about, nothing fetched elsewhere, nothing wide, no word of a program."""
    assert (seen.complaints, seen.outside, seen.violations()) == ([], [], [])
    assert seen.beyond_the_width() == []
    assert not re.search(r"\b(NaN|None|undefined|null|Infinity|inf|nan)\b", seen.text)


def test_the_page_of_the_example_opens_in_a_browser_without_a_complaint(browser: Browser) -> None:
    document = EXAMPLE.read_bytes()
    now = datetime.fromisoformat(json.loads(document)["as_of"]) + timedelta(hours=1)
    with SiteServer(built(document, "none")) as server, visit(browser, server, now) as seen:
        assert_sound(seen)
        assert seen.page.get_by_role("tab").count() == len(TABS)
        assert set(server.requests) == {"index.html"}


@pytest.mark.slow
@pytest.mark.parametrize("name", STATES)
def test_a_state_is_said_in_a_line_on_top_of_a_sound_page(browser: Browser, name: str) -> None:
    with SiteServer(site(name)) as server, visit(browser, server, state(name).now) as seen:
        seen.screenshot(f"state {name}")
        assert_sound(seen)
        assert LINES[name].lower() in seen.shown("#states").lower()
        assert bool(seen.page.locator("#summary").count()) is (name not in WITHOUT_TABS)
        if name not in WITHOUT_TABS:
            assert seen.page.locator("#states").bounding_box()["y"] < HEIGHTS[PHONE]
        seen.open_details()
        for tab in () if name in WITHOUT_TABS else TABS:
            seen.tab(tab)
            assert_sound(seen)
        assert seen.axe() == []


def assert_every_tab_is_sound(browser: Browser, files: dict[str, bytes], name: str, width: int, theme: Theme) -> None:
    with SiteServer(files) as server, visit(browser, server, state(name).now, width=width, theme=theme) as seen:
        for tab in TABS:
            seen.tab(tab)
            seen.screenshot(f"{name} {tab} {width} {theme}")
            assert_sound(seen)
        seen.open_details()
        for tab in TABS:
            seen.tab(tab)
            assert_sound(seen)
            # Its rules are about roles, names, order, contrast and touch targets; the phone's are the hardest to keep.
            assert width != PHONE or seen.axe() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "width", "theme"), [*product(("in session", "closed", "degraded", "option chain"), WIDTHS, THEMES)]
)
def test_every_tab_is_sound_on_every_screen(browser: Browser, name: str, width: int, theme: Theme) -> None:
    assert_every_tab_is_sound(browser, site(name), name, width, theme)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "width", "theme"), [*product(sorted(STATES.keys() - WITHOUT_TABS), WIDTHS, THEMES)])
def test_every_tab_of_every_state_is_sound_on_every_screen(
    browser: Browser, name: str, width: int, theme: Theme
) -> None:
    assert_every_tab_is_sound(browser, site(name), name, width, theme)


@pytest.mark.slow
def test_an_estimate_is_not_called_by_the_name_of_the_index(browser: Browser) -> None:
    name = "without volatility index"
    with SiteServer(site(name)) as server, visit(browser, server, state(name).now) as seen:
        for tab in TABS:
            seen.tab(tab)
            assert not re.search(r"VIX [-+\N{MINUS SIGN}\d]", seen.text)
        assert seen.page.locator('[data-field^="market.vix_change"]').count() == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["in session", "closed", "sp500", "degraded", "option chain", "bhavcopy"])
def test_a_tab_is_at_most_six_screens_of_a_phone(browser: Browser, name: str) -> None:
    with SiteServer(site(name)) as server, visit(browser, server, state(name).now) as seen:
        heights = {}
        for tab in TABS:
            seen.tab(tab)
            heights[tab] = seen.page.evaluate("document.documentElement.scrollHeight") / HEIGHTS[PHONE]
        print({tab: round(height, 2) for tab, height in heights.items()})
        assert max(heights.values()) <= 6


@pytest.mark.slow
def test_the_first_screen_of_a_phone_has_age_range_risk_and_direction(browser: Browser) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, state("in session").now) as seen:
        box = seen.page.locator("#summary").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= HEIGHTS[PHONE]
        assert re.search(r"12 min", seen.shown("#age"))
        assert re.search(r"no edge", seen.shown("#summary"), flags=re.IGNORECASE)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_finger_chooses_is_large_enough(browser: Browser, width: int) -> None:
    with SiteServer(site("in session")) as server, visit(browser, server, state("in session").now, width=width) as seen:
        for element in [*seen.page.get_by_role("tab").all(), seen.page.locator("#theme")]:
            box = element.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert box["width"] >= 44


@pytest.mark.slow
@pytest.mark.parametrize("name", ["in session", "closed", "degraded", "sp500", "no record", "option chain"])
def test_without_its_script_the_page_shows_everything(browser: Browser, name: str) -> None:
    with (
        SiteServer(site(name)) as server,
        visit(browser, server, state(name).now, javascript=False) as seen,
    ):
        numbers = seen.page.locator("[data-field]:not(details *)")
        assert numbers.count() > 50
        assert seen.page.locator("[data-field]:not(details *):visible").count() == numbers.count()
        assert seen.page.locator("[role=tab]").count() == 0
        for tab in TABS:
            assert seen.page.locator(f"section#{tab}").is_visible()
        assert (seen.complaints, seen.outside) == ([], [])
