"""``aegis infer``."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aegismatrix_engine.cli.options import (
    CONTEXT,
    calendar_option,
    json_option,
    live_options,
    market_option,
    models_option,
    output_option,
    record_option,
    source_options,
    verbosity_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_error, print_output
from aegismatrix_engine.errors import ExitCode

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.cli.bars import BarsAsked
    from aegismatrix_engine.document.schema.document import Document
    from aegismatrix_engine.history import MarketHistory
    from aegismatrix_engine.markets import Due, Market, PublishedClose
    from aegismatrix_engine.record.ledger import Fault


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@market_option
@calendar_option
@source_options
@models_option
@output_option
@live_options
@record_option
@click.option(
    "--allow-degraded",
    envvar="AEGIS_ALLOW_DEGRADED",
    show_envvar=True,
    is_flag=True,
    help="Publish with the climatology prior in place of models that are not healthy; ends with exit code 10.",
)
@click.option(
    "--retrain-if-unhealthy",
    envvar="AEGIS_RETRAIN_IF_UNHEALTHY",
    show_envvar=True,
    is_flag=True,
    help="Train a new set first where a model is not healthy; health in the document says so. Models that were rolled "
    "back are not replaced: the climatology prior stands in, exit code 10.",
)
@json_option
@verbosity_options
@reports_errors
def infer(
    *,
    market: str,
    calendar: Path | None,
    source: str,
    data: Path | None,
    as_of: str | None,
    patience: float,
    models: Path,
    output: Path,
    if_due: bool,
    cache: Path | None,
    max_vix_age: int,
    record: Path | None,
    allow_degraded: bool,
    retrain_if_unhealthy: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Read history and models, write the document, print a summary.

    The document is validated first and replaced in one step. Exit code 10 says that it was published but is degraded:
    health in the document says what and why.
    """
    from aegismatrix_engine.cli.bars import BarsAsked
    from aegismatrix_engine.cli.beside import recent_beside, rollback_beside
    from aegismatrix_engine.cli.calendar import chosen_market
    from aegismatrix_engine.cli.clock import clock_source, current_moment
    from aegismatrix_engine.cli.engine_commit import engine_commit

    now = current_moment()
    recent_path, rollback_path = recent_beside(output), rollback_beside(output)
    asked = BarsAsked.by_options(chosen_market(market, calendar), source, data, as_of, cache, now, patience)
    if if_due:
        decided = due_now(asked, now, output)
        if not decided.due:
            if not quiet:
                say_at_rest(decided.why, as_json=as_json)
            return ExitCode.DONE

    # Nothing heavier is imported, and no model touched, before it is known that there is work.
    from aegismatrix_engine.cli.model_set import usable_models
    from aegismatrix_engine.document import dump
    from aegismatrix_engine.files import write_atomically
    from aegismatrix_engine.forecasting.audit import audit
    from aegismatrix_engine.forecasting.model_set import healthy_set
    from aegismatrix_engine.inference import infer as inference
    from aegismatrix_engine.inference.health import tell_frozen
    from aegismatrix_engine.record.appending import append
    from aegismatrix_engine.record.forecasts import forecast_rows
    from aegismatrix_engine.record.ledger import read_ledger
    from aegismatrix_engine.record.live import LiveRecord, live_record
    from aegismatrix_engine.record.reported_faults import fault_notes, untold_faults
    from aegismatrix_engine.state.last_values import render, updated
    from aegismatrix_engine.state.last_values_file import read_last_values
    from aegismatrix_engine.state.rollback_file import read_rollback

    report = audit(models, market, now)
    if not (allow_degraded or retrain_if_unhealthy):
        healthy_set(report)  # before any bar is fetched
    history = asked.read(now, intraday=True).with_vix_carried(max_vix_age)
    rollback = read_rollback(rollback_path, now)
    used = usable_models(
        report, history, now, allow_degraded=allow_degraded, retrain=retrain_if_unhealthy, rollback=rollback
    )
    # A document of the past is to say the same whatever was published since.
    there = None if report.manifest is None else report.manifest.set_version
    rolled_back = rollback.note(there) if as_of is None else ""
    last_values, kept, faults = read_last_values(recent_path, now), LiveRecord(), []
    if record is not None:
        ledger = read_ledger(record, market, now)
        kept = live_record(ledger, cut_of(history, now))
        # A document of the past is to say the same whatever befell the record since.
        faults = untold_faults(record, market, ledger.faults) if as_of is None else []
    made = inference.infer(
        history,
        used.models,
        used.manifest,
        source,
        now,
        used.incident.with_notes(rolled_back, last_values.fault if as_of is None else "", *fault_notes(faults)),
        kept,
        clock_source=clock_source(),
        engine_commit=engine_commit(),
    )
    document = made.document
    if source == "yahoo" and as_of is None:
        refuse_stale(document, history.market, now)
    recent = updated(last_values.recent, document)
    document = tell_frozen(document, recent)
    written = dump(document).encode()
    write_atomically(output, written)
    if record is not None:
        append(record, forecast_rows(document, made.origin))
        note_told(record, market, faults, now)
    write_atomically(recent_path, render(recent).encode())
    if as_json:
        print_output(written)
    elif not quiet:
        from aegismatrix_engine.cli.terminal import summary

        print_output(summary(document, written_to=output))
    if last_values.fault and as_of is None:
        print_error(f"aegis: warning: {last_values.fault}")
    degraded = document.health.status == "degraded" or (last_values.dated_ahead and as_of is None)
    return ExitCode.DEGRADED if degraded else ExitCode.DONE


def note_told(record: Path, market: str, faults: "Sequence[Fault]", now: "pd.Timestamp") -> None:
    """Note down in the record that the document names these faults; where that fails the next one names them again."""
    from aegismatrix_engine.errors import OutputUnwritable
    from aegismatrix_engine.record.reported_faults import add_told

    if not faults:
        return
    try:
        add_told(record, market, faults, now)
    except OutputUnwritable as error:
        print_error(f"aegis: warning: {error}")


def cut_of(history: "MarketHistory", now: "pd.Timestamp") -> "pd.Timestamp":
    """The instant up to which the record is known to the document: that of its bars, never later than now."""
    if history.cut_at is None or not history.cut_at.is_instant:
        return min(history.market.calendar.closes_at(history.last_session), now)
    return min(history.cut_at.moment, now)


def due_now(asked: "BarsAsked", now: "pd.Timestamp", output: Path) -> "Due":
    """Whether a document is due now, given the one at ``output``; nothing else is read.

    Raises ConfigurationError where the past was asked for.
    """
    from aegismatrix_engine.errors import ConfigurationError
    from aegismatrix_engine.markets import document_due

    if asked.as_of is not None:
        raise ConfigurationError("--if-due asks about now and --as-of about the past; leave one of them out")
    return document_due(asked.market, now, published_close(output, asked.market))


def say_at_rest(why: str, *, as_json: bool) -> None:
    """One line on standard output, which with --json is for a document alone."""
    line = f"nothing is due: {why}"
    if as_json:
        print_error(line)
    else:
        print_output(f"{line}\n")


def published_close(output: Path, market: "Market") -> "PublishedClose | None":
    """What the document at ``output`` says of itself; None where there is none of this market that can be read.

    Documents made before ``provenance.close`` existed speak from official closes only. One that was withdrawn counts as
    made when it speaks from: a document of that moment would not replace it, and one of a later moment is due as ever.
    """
    from aegismatrix_engine.errors import AsOfError
    from aegismatrix_engine.markets import PublishedClose
    from aegismatrix_engine.markets.as_of import parse_as_of
    from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file

    try:
        content: Any = json.loads(read_plain_file(output, DOCUMENT_LIMIT))
        as_of = parse_as_of(content["as_of"], market).moment
        made_of, market_id = content["provenance"], content["market_id"]
        close = made_of.get("close", "official" if made_of["mode"] in ("live", "replay") else None)
        generated_at, health = parse_as_of(content["generated_at"], market).moment, content["health"]["status"]
        if health == "withdrawn":
            generated_at, health = as_of, "ok"
    except (FileFault, ValueError, KeyError, TypeError, AttributeError, RecursionError, AsOfError):
        return None
    if market_id != market.id or as_of.tz is None or generated_at.tz is None:
        return None
    return PublishedClose(as_of, close == "official", generated_at, healthy=health == "ok")


def refuse_stale(document: "Document", market: "Market", now: "pd.Timestamp") -> None:
    """A live source that lacks the last session that closed has nothing to publish.

    Raises SourceBusy where that session closed today and its bars may still come, SourceUnavailable otherwise.
    """
    from aegismatrix_engine.document.rules.violation import moment
    from aegismatrix_engine.errors import SourceBusy, SourceUnavailable
    from aegismatrix_engine.markets import trading_clock

    made_of, clock = document.provenance, trading_clock(market, now)
    if moment(document.generated_at) < moment(document.valid_until):
        return
    told = (
        f"{made_of.source}: its newest bar is of {document.as_of}, and the session of {clock.last_closed:%Y-%m-%d} has "
        f"closed by {document.generated_at}; nothing was published"
    )
    if clock.session == clock.last_closed:
        raise SourceBusy(f"{told}, try again in some minutes")
    raise SourceUnavailable(f"{told}, try again later or ask for the past with --as-of")
