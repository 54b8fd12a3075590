"""Make the document of a moment, from bars and models that are at hand."""

import pandas as pd

from aegismatrix_engine.document.schema.provenance import ClockSource
from aegismatrix_engine.forecasting.audit import refuse_another_entry
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import MadeDocument, infer
from aegismatrix_engine.inference.options import PriceBlocks
from aegismatrix_engine.jobs.model_set import ModelSet
from aegismatrix_engine.record.live import LiveRecord


def make_document(
    history: MarketHistory,
    models: ModelSet,
    now: pd.Timestamp,
    source: str | None = None,
    record: LiveRecord = LiveRecord(),  # noqa: B008 - frozen
    *,
    clock_source: ClockSource = "set",
    engine_commit: str | None = None,
    priced: PriceBlocks | None = None,
) -> MadeDocument:
    """The document of the moment at which a history ends; cut it first (``MarketHistory.until``) for an earlier one.

    Args:
        history: validated bars of one market.
        models: a set trained for that market.
        now: when the document is made, with a zone; not before the history ends.
        source: name of the source of the bars in the document; None for what served the history.
        record: rates of past live forecasts; empty where no record is kept.
        clock_source: whether ``now`` is the machine's own clock; a document made at any other moment is a replay.
        engine_commit: commit of the engine's source, 40 hexadecimal digits; None where it is not known.
        priced: reads an option chain and prices the signals by it; None for a document without one.

    Returns:
        The document, checked against its contract, with the moment it was made for.

    Raises:
        ModelsOfAnotherMarket: the models were trained by another entry of the market.
        HistoryTooShort: fewer than 66 regular sessions.
        AegisError: ``now`` is before the end of the history.
        InvalidDocument: the engine made a document that breaks its own contract.
    """
    refuse_another_entry(models.manifest, history.market)
    return infer(
        history,
        models.models,
        models.manifest,
        source or next((given.served_by for given in history.inputs), "unknown"),
        now,
        models.incident,
        record,
        clock_source=clock_source,
        engine_commit=engine_commit,
        priced=priced,
    )
