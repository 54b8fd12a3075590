"""Inference: from a history and a model set to the document, at a moment that is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document import check_document, dump, refusals_named
from aegismatrix_engine.document.schema.block import timestamp
from aegismatrix_engine.document.schema.document import DISCLAIMER, SCHEMA_VERSION, Document
from aegismatrix_engine.document.schema.provenance import ClockSource
from aegismatrix_engine.document.schema.track_record import TrackRecord
from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.forecasting.find_origin import find_origin
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import InSession, Origin
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.health import Incident, health_block, missing_bars
from aegismatrix_engine.inference.options import PriceBlocks, with_options
from aegismatrix_engine.inference.provenance import document_times, provenance_block
from aegismatrix_engine.inference.track_record import track_record_block
from aegismatrix_engine.intraday.open_session import volatility_score
from aegismatrix_engine.record.baselines import CloseBeyond
from aegismatrix_engine.record.live import LiveRecord
from aegismatrix_engine.signals.blocks import signal_blocks


@dataclass(frozen=True)
class MadeDocument:
    """A document that keeps every rule of the contract, with what the rows of the record need.

    Attributes:
        document: the document.
        origin: the moment of its forecast.
        beyond: date of each expiry with option prices -> the chances of a close that they imply.
    """

    document: Document
    origin: Origin
    beyond: Mapping[str, CloseBeyond] = field(default_factory=dict)

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
    priced: PriceBlocks | None = None,
) -> MadeDocument:
    """The document for the moment at which ``history`` ends; cut the history first for an earlier one.

    The ``models`` are all healthy but for those that ``incident`` names: these are the prior. Unless ``clock_source``
    says that ``now`` is the machine's own clock, the document is a replay. With ``priced`` it says what options cost.

    Raises:
        InvalidDocument: the result breaks the contract.
        AegisError: ``now`` is before the end of the history.
    """
    origin = find_origin(history, models, frozenset(incident.unhealthy), manifest.training.silent_heads)
    _refuse_early_clock(now, origin)
    with refusals_named():
        found = document_times(history, origin.as_of)
        score, track_record = _volatility_score(history, origin), track_record_block(origin, models, manifest, record)
        asked = with_options(origin, models, lambda at: signal_blocks(at, models, *_rates(track_record), score), priced)
        absent = missing_bars(origin, history, found.clock, score)
        document = Document(
            generated_at=timestamp(now.tz_convert(history.market.zone)),
            schema_version=SCHEMA_VERSION,
            market_id=history.market.id,
            as_of=timestamp(origin.as_of),
            valid_until=timestamp(found.valid_until),
            next_due=timestamp(found.next_due),
            **vars(asked.blocks),
            options=asked.options,
            health=health_block(origin, history, asked, track_record, incident, absent),
            provenance=provenance_block(origin, history, manifest, found, source, clock_source, now, engine_commit),
            track_record=track_record,
            disclaimer=DISCLAIMER,
        )
    check_document(document)
    return MadeDocument(document, asked.origin, asked.beyond)


def _volatility_score(history: MarketHistory, origin: Origin) -> float | None:
    return volatility_score(history, origin.features.series, origin.so_far) if isinstance(origin, InSession) else None


def _rates(record: TrackRecord) -> tuple[float, float]:
    """How often safe ranges held, and how often calls of a breakout were followed by one."""
    return record.safe_range.pooled, record.breakout_calls.pooled


def _refuse_early_clock(now: pd.Timestamp, origin: Origin) -> None:
    if now < origin.as_of:
        raise AegisError(
            f"the clock says {now.isoformat()}, before the end of the history, {origin.as_of.isoformat()}; set the "
            "clock right, or give an earlier --as-of"
        )
