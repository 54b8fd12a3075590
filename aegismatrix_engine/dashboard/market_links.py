"""The list of markets on the page, where several are published together: a link to the page of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from aegismatrix_engine.markets import get_market, known_markets


@dataclass(frozen=True)
class PublishedPage:
    """The page of one market of several.

    Attributes:
        market: its id.
        folder: of the page, below that of the first market's; empty for the first.
        name: of the index; empty for that of a market of the engine's, or the id.
    """

    market: str
    folder: str
    name: str = ""


@dataclass(frozen=True)
class MarketLink:
    """A link to a market's page.

    Attributes:
        name: of the index; its id where this engine does not know it.
        href: from the page that shows the link.
        current: whether it is that page itself.
    """

    name: str
    href: str
    current: bool


def market_links(pages: Sequence[PublishedPage], market: str) -> tuple[MarketLink, ...]:
    """The links on the page of a market; none where it is the only one."""
    if len(pages) < 2:
        return ()
    to_top = "../" if any(one.market == market and one.folder for one in pages) else ""
    return tuple(
        MarketLink(
            one.name or _name(one.market),
            f"{to_top}{f'{one.folder}/' if one.folder else ''}" or "./",
            one.market == market,
        )
        for one in pages
    )


def _name(market: str) -> str:
    return get_market(market).name if market in known_markets() else market
