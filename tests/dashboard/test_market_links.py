"""The list of markets on the page: there where several are published together, and only there."""

import pytest

from aegismatrix_engine.dashboard.market_links import MarketLink, PublishedPage, market_links
from aegismatrix_engine.dashboard.page import page
from aegismatrix_engine.dashboard.view import unreadable_view

PAGES = (PublishedPage("nifty50", ""), PublishedPage("sensex", "sensex"), PublishedPage("x1", "x1", "Index <1>"))


@pytest.mark.parametrize(
    ("market", "hrefs"),
    [
        ("nifty50", ["./", "sensex/", "x1/"]),
        ("sensex", ["../", "../sensex/", "../x1/"]),
        ("x1", ["../", "../sensex/", "../x1/"]),
    ],
)
def test_each_page_links_to_all(market: str, hrefs: list[str]) -> None:
    links = market_links(PAGES, market)
    assert [link.href for link in links] == hrefs
    assert [link.name for link in links] == ["NIFTY 50", "SENSEX", "Index <1>"]
    assert [link.current for link in links] == [one.market == market for one in PAGES]


@pytest.mark.parametrize("pages", [(), PAGES[:1]])
def test_one_market_alone_has_no_list(pages: tuple[PublishedPage, ...]) -> None:
    assert market_links(pages, "nifty50") == ()
    view = unreadable_view("nothing", "why", "disclaimer")
    assert 'id="markets"' not in page(view, {}, feed=False, markets=market_links(pages, "nifty50"))


def test_a_name_is_shown_as_text() -> None:
    view = unreadable_view("nothing", "why", "disclaimer")
    shown = page(view, {}, feed=False, markets=(MarketLink("Index <1>", "x1/", current=False),))
    assert '<nav id="markets" aria-label="Markets"><a href="x1/">Index &lt;1&gt;</a></nav>' in shown
