"""What the page calls a market: its name, its volatility index, its clock and how it groups digits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from aegismatrix_engine.dashboard.figures import Style
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.markets import Market, get_market, known_markets

_INDIA: Final = "Asia/Kolkata"


@dataclass(frozen=True)
class MarketWords:
    """A market as the page speaks of it.

    Attributes:
        name: of the index.
        volatility_index: its name.
        zone: IANA name of the exchange's zone; empty where this engine does not know the market.
        style: of its numbers and times.
        has_index: whether it has a volatility index, as a market that this engine does not know is taken to have.
    """

    name: str
    volatility_index: str
    zone: str
    style: Style
    has_index: bool = True


def market_words(document: Document, own: Market | None = None) -> MarketWords:
    """The words for a document's market; of an unknown one its id, and times in the document's own offset.

    own: the market, where its entry does not ship with the engine and is at hand.
    """
    as_of = datetime.fromisoformat(document.as_of)
    if own is None and document.market_id not in known_markets():
        return MarketWords(document.market_id, "the volatility index", "", Style("western", f"UTC{as_of:%z}"))
    market = get_market(document.market_id) if own is None else own
    zone_name = as_of.astimezone(ZoneInfo(market.zone)).tzname() or market.zone
    style = Style("indian" if market.zone == _INDIA else "western", zone_name)
    has_index = market.volatility_index is not None
    return MarketWords(market.name, market.volatility_index_name, market.zone, style, has_index)


def knows_volatility_change(document: Document) -> bool:
    """Whether the change of the volatility index is a measured one; where it is not known, it is published as 0."""
    degraded = any(one.signal == "market" for one in document.health.degraded)
    return document.market.vix_basis == "market" and not degraded
