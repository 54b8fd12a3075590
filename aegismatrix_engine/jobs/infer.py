"""The document of a moment from files to files: bars, models and record are read, document and forecasts written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from aegismatrix_engine.document.rules.violation import moment
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.errors import OutputUnwritable, SourceBusy, SourceUnavailable
from aegismatrix_engine.files import write_atomically
from aegismatrix_engine.forecasting.model_set import healthy_set
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.health import with_frozen_signals
from aegismatrix_engine.inference.infer import MadeDocument
from aegismatrix_engine.inference.options import PriceBlocks
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.earlier_state import EarlierState, earlier_state
from aegismatrix_engine.jobs.engine_commit import engine_commit
from aegismatrix_engine.jobs.make_document import make_document
from aegismatrix_engine.jobs.settings import InferSettings
from aegismatrix_engine.jobs.usable_models import usable_models
from aegismatrix_engine.markets import trading_clock
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.forecasts import forecast_rows
from aegismatrix_engine.record.ledger import Fault, Ledger, read_ledger
from aegismatrix_engine.record.live import LiveRecord, live_record
from aegismatrix_engine.record.reported_faults import add_reported, fault_notes, unreported_faults
from aegismatrix_engine.record.rows import ForecastRow
from aegismatrix_engine.state.beside import LAST_VALUES_NAME
from aegismatrix_engine.state.last_values import LastValues, render, updated


@dataclass(frozen=True)
class Inferred:
    """What was made and written.

    Attributes:
        made: the document, with the moment it was made for.
        content: the document's bytes as they were written.
        bars: the history as it was read.
        last_values: the last values after it, as they were written.
        ledger: the record with the document's forecasts; None where none is kept.
        warnings: what went otherwise than it should, one line each.
        degraded: whether the document is degraded, or last values dated later than now were set aside.
    """

    made: MadeDocument
    content: bytes
    bars: MarketHistory
    last_values: LastValues
    ledger: Ledger | None
    warnings: tuple[str, ...]
    degraded: bool

    @property
    def document(self) -> Document:
        """The document."""
        return self.made.document


def infer(
    request: BarsRequest, settings: InferSettings, now: pd.Timestamp, earlier: EarlierState | None = None
) -> Inferred:
    """Read bars, models and record, make the document, and write it, its forecasts and the last values, in that order.

    Each is written whole or not at all: a process that is killed leaves every file sound for the next one.

    Args:
        request: the bars.
        settings: the models, and where the document goes.
        now: what the clock says, with a zone.
        earlier: the models and the files beside the document, where they are read already.

    Raises:
        AegisError: of the kind that says why; where a file cannot be written, those before it are.
    """
    earlier = earlier or earlier_state(settings.models, request.market, now, settings.output)
    if not (settings.allow_degraded or settings.retrain_if_unhealthy):
        healthy_set(earlier.report)  # before any bar is fetched
    bars = request.read(now)
    history = bars.with_vix_carried(settings.max_vix_age)
    models = usable_models(earlier, history, now, settings)
    market, record = request.market, settings.record
    ledger = None if record is None else read_ledger(record, market.id, now)
    live = LiveRecord() if ledger is None else live_record(ledger, record_cut(history, now))
    # A document of the past is to say the same whatever was published, and whatever befell the record, since.
    of_now = request.as_of is None
    faults = _unreported(record, market.id, ledger) if of_now else []
    if of_now:
        models = replace(models, incident=models.incident.with_notes(*_notes(earlier), *fault_notes(faults)))
    clock, commit = settings.clock_source, engine_commit(settings.engine_commit)
    priced = None if settings.options is None else _priced(settings.options, request, history, now)
    made = make_document(
        history, models, now, request.source.name, live, clock_source=clock, engine_commit=commit, priced=priced
    )
    _refuse_stale(made.document, request, now)
    last_values = updated(earlier.last_values.known, made.document)
    made = replace(made, document=with_frozen_signals(made.document, last_values))
    rows = [] if ledger is None else forecast_rows(made.document, made.origin, made.beyond)
    write_atomically(settings.output, made.content)
    warnings = _recorded(record, ledger, market.id, rows, faults, now)
    write_atomically(settings.output.parent / LAST_VALUES_NAME, render(last_values).encode())
    warnings += [earlier.last_values.fault] if of_now and earlier.last_values.fault else []
    degraded = made.document.health.status == "degraded" or (earlier.last_values.dated_ahead and of_now)
    return Inferred(made, made.content, bars, last_values, ledger, tuple(warnings), degraded)


def _priced(options: str, request: BarsRequest, history: MarketHistory, now: pd.Timestamp) -> PriceBlocks:
    # SciPy is a third of what a document costs; most are made without options.
    from aegismatrix_engine.jobs.option_chain import priced_from

    return priced_from(options, history, request.as_of, now, request.patience)


def _unreported(record: Path | None, market_id: str, ledger: Ledger | None) -> list[Fault]:
    return [] if record is None or ledger is None else unreported_faults(record, market_id, ledger.faults)


def _notes(earlier: EarlierState) -> tuple[str, str]:
    """Notes on a rollback and on last values that were set aside; empty where there is neither."""
    manifest = earlier.report.manifest
    return earlier.rollback.note(None if manifest is None else manifest.set_version), earlier.last_values.fault


def _recorded(
    record: Path | None,
    ledger: Ledger | None,
    market_id: str,
    rows: Sequence[ForecastRow],
    faults: Sequence[Fault],
    now: pd.Timestamp,
) -> list[str]:
    """Append the forecasts to the record, and the faults that the document names; gives what failed without harm."""
    if record is None or ledger is None:
        return []
    append(record, rows)
    ledger.forecasts.update({row.key: row for row in rows if row.key not in ledger.forecasts})
    try:
        if faults:
            add_reported(record, market_id, faults, now)
    except OutputUnwritable as error:
        return [str(error)]  # the next document names them once more
    return []


def record_cut(history: MarketHistory, now: pd.Timestamp) -> pd.Timestamp:
    """The instant up to which the record is known to the document: that of its bars, never later than now."""
    if history.cut_at is None or not history.cut_at.is_instant:
        return min(history.market.calendar.closes_at(history.last_session), now)
    return min(history.cut_at.moment, now)


def _refuse_stale(document: Document, request: BarsRequest, now: pd.Timestamp) -> None:
    """Raise SourceBusy or SourceUnavailable where a live source lacks the last session that closed.

    It is busy where that session closed today and its bars may still come.
    """
    if request.source.name != "yahoo" or request.as_of is not None:
        return
    made_of, clock = document.provenance, trading_clock(request.market, now)
    if moment(document.generated_at) < moment(document.valid_until):
        return
    message = (
        f"{made_of.source}: its newest bar is of {document.as_of}, and the session of {clock.last_closed:%Y-%m-%d} has "
        f"closed by {document.generated_at}; nothing was published"
    )
    if clock.session == clock.last_closed:
        raise SourceBusy(f"{message}, try again in some minutes")
    raise SourceUnavailable(f"{message}, try again later or ask for the past with --as-of")
