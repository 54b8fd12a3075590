"""The whole document, its version and the words that go with it."""

from typing import Annotated, Final

from pydantic import Field

from aegismatrix_engine.document.schema.block import Block, Text, Timestamp
from aegismatrix_engine.document.schema.buyer import Buyer
from aegismatrix_engine.document.schema.direction import Direction
from aegismatrix_engine.document.schema.forecast import Forecast
from aegismatrix_engine.document.schema.health import Health
from aegismatrix_engine.document.schema.market import Market
from aegismatrix_engine.document.schema.meaning import FROM_MODELS, HEALTHY, REPLACED, published
from aegismatrix_engine.document.schema.options import Options
from aegismatrix_engine.document.schema.provenance import Provenance
from aegismatrix_engine.document.schema.seller import Seller
from aegismatrix_engine.document.schema.track_record import TrackRecord

SCHEMA_VERSION: Final = "2.4.0"
"""Semantic version of the document's shape.

The major number rises when a field goes, changes its meaning or narrows its values; the minor when a field or an enum
value is added; the patch when only descriptions change.
"""

SemanticVersion = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]

DISCLAIMER: Final = (
    "Statistical output computed from past prices. It is neither investment advice nor research, and its publisher is "
    "not registered with SEBI as an investment adviser or research analyst. Which rules apply to a reader is for that "
    "reader to check. NIFTY, India VIX and the names of other indices and of data sources are marks of their owners."
)


class Document(Block):
    """aegismatrix.json: calibrated risk signals for one index at one moment."""

    generated_at: Timestamp = published("When the document was made, in the exchange's zone.")
    schema_version: SemanticVersion = published(
        "Semantic version of the document's shape.",
        "{{ SCHEMA_VERSION }}; docs/document.md says what a change of it means",
    )
    market_id: Text = published(
        "The market, as the command line names it.", "{{ MARKETS | either }}, or the id of an own entry"
    )
    as_of: Timestamp = published(
        "The moment the document is about: the official close of the last session in the history, the US close where "
        "the night is known, or the end of the newest complete bar inside a session. Nothing later was used."
    )
    valid_until: Timestamp = published(
        "Until when the document is valid; after that it is out of date.",
        "inside a session {{ VALIDITY }} minutes after the end of its newest bar, but not before the next bar is "
        "complete; then {{ VALIDITY }} minutes after the last quarter of an hour, until the official close is in; with "
        "it {{ VALIDITY }} minutes after the next open",
        does_not_say="That a document past it is wrong: it is old, and a newer one should be there.",
    )
    next_due: Timestamp | None = published(
        "When the next document is due; absent in documents of 2.0.0.",
        "inside a session {{ PUBLISHING_INTERVAL }} minutes after the end of its newest bar, or the end of continuous "
        "trading where that is sooner; then {{ PUBLISHING_INTERVAL }} minutes after the last quarter of an hour, "
        "until the official close is in; with it {{ PREOPEN_LEAD }} minutes before the next open; from then until the "
        "open, {{ BAR }} minutes after the open",
        default=None,
    )
    market: Market = published(
        "The index, its volatility index and the regime at `as_of`, against the close of the session before (special "
        "sessions count).",
        does_not_say="Where the index will go. The regime describes the past month and the forecast's size, not its "
        "sign.",
        basis={"model": f"{HEALTHY}; `vix_basis` says whether vix is the published one", "prior": REPLACED},
        models=("distribution",),
        updates="document",
    )
    direction: Direction = published(
        "Which way, how far and how sure.", does_not_say="Which position to take: a call is rare, and risk has no sign."
    )
    seller: Seller = published(
        "Signals for sellers of options.",
        does_not_say="That selling pays: its words grade two risks of today against their own past.",
    )
    buyer: Buyer = published(
        "Signals for buyers of options.", does_not_say="That buying pays: its words grade today against the past."
    )
    forecast: Forecast = published(
        "The distribution every other block is read from, at h = {{ FORECAST_SESSIONS }} sessions.",
        does_not_say="Anything conformal: these are the quantiles as forecast, without the adjustment of the safe "
        "range.",
        basis=FROM_MODELS,
        models=("distribution", "night", "session"),
        updates="document",
    )
    options: Options | None = published(
        "The option chain that prices, max pain and the straddle's cost are from. Absent where none was asked for or "
        "none could be used, and in documents before 2.4.0.",
        does_not_say="What any option is quoted at: no price of a leg is published.",
        updates="event",
        default=None,
    )
    health: Health = published(
        "Whether every signal came from a healthy model, at the moment the document was made.",
        does_not_say="That the forecasts are good: that is the track record.",
        updates="event",
    )
    provenance: Provenance = published(
        "Bars and models behind the document.",
        does_not_say="That the bars are right: they passed checks.",
        updates="event",
    )
    track_record: TrackRecord = published(
        "What past forecasts of the published signals were worth, in walk-forward and live.",
        does_not_say="What the next forecast is worth.",
        updates="event",
    )
    disclaimer: Text = published("What the numbers are not; the same in every document.")
