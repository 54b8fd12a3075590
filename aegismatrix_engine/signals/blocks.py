"""All that a document forecasts, made from one moment and one set of models."""

from dataclasses import dataclass

from aegismatrix_engine.document.schema.buyer import Buyer
from aegismatrix_engine.document.schema.direction import Direction
from aegismatrix_engine.document.schema.forecast import Forecast
from aegismatrix_engine.document.schema.market import Market
from aegismatrix_engine.document.schema.seller import Seller
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.signals.buyer import buyer_block
from aegismatrix_engine.signals.direction import direction_block
from aegismatrix_engine.signals.forecast import forecast_block
from aegismatrix_engine.signals.market import market_block
from aegismatrix_engine.signals.seller import seller_block


@dataclass(frozen=True)
class SignalBlocks:
    """The document's blocks of signals; the names are those of the document."""

    market: Market
    direction: Direction
    seller: Seller
    buyer: Buyer
    forecast: Forecast


def signal_blocks(
    origin: Origin, models: Models, held: float, followed: float, volatility_score: float | None
) -> SignalBlocks:
    """Every signal at a moment.

    Args:
        origin: the moment, with its forecast.
        models: the set that made the forecast.
        held: share of past safe ranges that held, which is shown beside the signals.
        followed: share of past breakout calls that a breakout followed, likewise.
        volatility_score: see ``direction_block``.
    """
    return SignalBlocks(
        market=market_block(origin),
        direction=direction_block(origin, models.direction, volatility_score),
        seller=seller_block(origin, models, held),
        buyer=buyer_block(origin, models, followed),
        forecast=forecast_block(origin),
    )
