"""The whole document, its version and the words that go with it."""

from typing import Annotated, Final

from pydantic import Field

from aegismatrix_engine.document.schema.buyer import Buyer
from aegismatrix_engine.document.schema.direction import Direction
from aegismatrix_engine.document.schema.forecast import Forecast
from aegismatrix_engine.document.schema.market import Market
from aegismatrix_engine.document.schema.quantities import Block, Text, Timestamp
from aegismatrix_engine.document.schema.seller import Seller
from aegismatrix_engine.document.schema.standing import Health, Provenance
from aegismatrix_engine.document.schema.track_record import TrackRecord

SCHEMA_VERSION: Final = "2.1.0"
"""Semantic version of the document's shape.

The major number rises when a field goes, changes its meaning or narrows its values; the minor when a field or an enum
value is added; the patch when only descriptions change.
"""

DISCLAIMER: Final = (
    "Statistical output computed from past prices. It is neither investment advice nor research, and its publisher is "
    "not registered with SEBI as an investment adviser or research analyst. Which rules apply to a reader is for that "
    "reader to check. NIFTY, India VIX and the names of other indices and of data sources are marks of their owners."
)


class Document(Block):
    """aegismatrix.json: calibrated risk signals for one index at one moment."""

    generated_at: Timestamp = Field(description="When the document was made.")
    schema_version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")] = Field(
        description="Semantic version of the document's shape."
    )
    market_id: Text = Field(description="The market, as the command line names it.")
    as_of: Timestamp = Field(description="The moment the document speaks from: nothing later was used.")
    valid_until: Timestamp = Field(description="When a newer document is due.")
    market: Market = Field(description="Where the market stands.")
    direction: Direction = Field(description="Which way, how far and how sure.")
    seller: Seller = Field(description="Signals for sellers of options.")
    buyer: Buyer = Field(description="Signals for buyers of options.")
    forecast: Forecast = Field(description="The distribution behind every signal.")
    health: Health = Field(description="Whether every signal came from a healthy model.")
    provenance: Provenance = Field(description="Bars and models behind the document.")
    track_record: TrackRecord = Field(description="How past forecasts of the same kind have done.")
    disclaimer: Text = Field(description="What the numbers are not.")
