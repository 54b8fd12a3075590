"""Inference: from a history and a model set to the document, at a moment that is given."""

from dataclasses import dataclass

import pandas as pd

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document import check_document, dump, refusals_named
from aegismatrix_engine.document.schema.block import timestamp
from aegismatrix_engine.document.schema.document import DISCLAIMER, SCHEMA_VERSION, Document
from aegismatrix_engine.document.schema.provenance import ClockSource
from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.forecasting.find_origin import find_origin
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import InSession, Origin
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.health import Incident, health_block, missing_bars
from aegismatrix_engine.inference.provenance import document_times, provenance_block
from aegismatrix_engine.inference.track_record import track_record_block
from aegismatrix_engine.intraday.open_session import volatility_score
from aegismatrix_engine.record.live import LiveRecord
from aegismatrix_engine.signals.blocks import signal_blocks


@dataclass(frozen=True)
class MadeDocument:
    """A document and the moment it speaks from.

    Attributes:
        document: the document; it keeps every rule of the contract.
        origin: spot, features and forecast behind it, which the record asks for its rows.
    """

    document: Document
    origin: Origin

    @property
    def content(self) -> bytes:
        """The document as it is written: JSON in UTF-8."""
        return dump(self.document).encode()


def infer(
    history: MarketHistory,
    models: Models,
    manifest: Manifest,
    source: str,
    now: pd.Timestamp,
    incident: Incident = Incident(),  # noqa: B008 - frozen
    record: LiveRecord = LiveRecord(),  # noqa: B008 - frozen
    *,
    clock_source: ClockSource = "set",
    engine_commit: str | None = None,
) -> MadeDocument:
    """The document for the moment at which ``history`` ends; cut the history first to speak of an earlier one.

    Args:
        history: validated bars.
        models: healthy ones, but for those that ``incident`` names: these are the climatology prior.
        manifest: of the set that ``models`` come from.
        source: name of the source of the bars.
        now: when the document is made, with a zone.
        incident: which models could not be used, and why.
        record: what the live record says of past forecasts.
        clock_source: whether ``now`` is the machine's own clock; a document made at any other moment is a replay.
        engine_commit: of this engine's source, where it is known.

    Raises:
        InvalidDocument: the result breaks the contract.
        AegisError: ``now`` lies before the end of the history.
    """
    origin = find_origin(history, models, frozenset(incident.unhealthy))
    found = document_times(history, origin.as_of)
    if now < origin.as_of:
        raise AegisError(f"the clock says {now.isoformat()}, before {origin.as_of.isoformat()}, where the history ends")
    score = None
    if isinstance(origin, InSession):
        score = volatility_score(history, origin.features.series, origin.so_far)
    with refusals_named():
        track_record = track_record_block(models, manifest, record)
        blocks = signal_blocks(origin, models, track_record, score)
        document = Document(
            generated_at=timestamp(now.tz_convert(history.market.zone)),
            schema_version=SCHEMA_VERSION,
            market_id=history.market.id,
            as_of=timestamp(origin.as_of),
            valid_until=timestamp(found.valid_until),
            next_due=timestamp(found.next_due),
            **vars(blocks),
            health=health_block(
                origin, history, blocks, track_record, incident, missing_bars(origin, history, found.clock, score)
            ),
            provenance=provenance_block(
                origin,
                history,
                manifest,
                source,
                found,
                now=now,
                clock_source=clock_source,
                engine_commit=engine_commit,
            ),
            track_record=track_record,
            disclaimer=DISCLAIMER,
        )
    check_document(document)
    return MadeDocument(document, origin)
