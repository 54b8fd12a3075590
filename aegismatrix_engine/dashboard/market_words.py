"""What the page calls a market: its name, its volatility index, its clock and how it groups digits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from aegismatrix_engine.dashboard.figures import Style
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.markets import get_market, known_markets

_INDIA: Final = "Asia/Kolkata"


@dataclass(frozen=True)
class MarketWords:
    """A market as the page speaks of it.

    Attributes:
        name: of the index.
        volatility_index: its name.
        zone: IANA name of the exchange's zone; empty where this engine does not know the market.
        style: of its numbers and times.
    """

    name: str
    volatility_index: str
    zone: str
    style: Style


def market_words(document: Document) -> MarketWords:
    """The words for a document's market; of an unknown one its id, and times in the document's own offset."""
    as_of = datetime.fromisoformat(document.as_of)
    if document.market_id not in known_markets():
        return MarketWords(document.market_id, "the volatility index", "", Style("western", f"UTC{as_of:%z}"))
    market = get_market(document.market_id)
    zone_name = as_of.astimezone(ZoneInfo(market.zone)).tzname() or market.zone
    style = Style("indian" if market.zone == _INDIA else "western", zone_name)
    return MarketWords(market.name, market.volatility_index_name, market.zone, style)


def knows_volatility_change(document: Document) -> bool:
    """Whether the change of the volatility index is a measured one; where it is not known, it is published as 0."""
    degraded = any(one.signal == "market" for one in document.health.degraded)
    return document.market.vix_basis == "market" and not degraded
