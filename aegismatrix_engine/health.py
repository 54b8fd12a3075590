"""What the document says about its own health and about how its forecasts have fared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document import check_document
from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.buyer import Buyer
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.quantities import Basis, Signal
from aegismatrix_engine.document.schema.seller import Seller
from aegismatrix_engine.document.schema.standing import CalendarStanding, Degradation, FrozenSignal, Health
from aegismatrix_engine.document.schema.track_record import BreakoutCallRecord, SafeRangeRecord, Skill, TrackRecord
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.models import Models
from aegismatrix_engine.origin import Origin
from aegismatrix_engine.recent import Recent
from aegismatrix_engine.scores import MINIMUM_EVENTS, MeasuredRate


@dataclass(frozen=True)
class Incident:
    """What went wrong with the models before a document was made.

    unhealthy: model -> why it could not be used; the climatology prior stands in its place. notes: what was done
    about it, or is worth knowing, one line each.
    """

    unhealthy: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def health_block(
    origin: Origin,
    history: MarketHistory,
    blocks: Mapping[str, BaseModel],
    track_record: TrackRecord,
    incident: Incident,
) -> Health:
    """Every signal that did not come the way it should, with the reason, and what is worth knowing besides.

    blocks: the document's signal blocks by name: market, direction, seller, buyer, forecast.
    """
    seller, buyer = cast(Seller, blocks["seller"]), cast(Buyer, blocks["buyer"])
    without_model = _without_model(blocks, incident)
    told = {entry.signal for entry in without_model}
    degraded = [
        *without_model,
        *(entry for entry in _without_index(origin, history, seller, buyer) if entry.signal not in told),
        *_unmeasured(track_record, incident),
    ]
    calendar = origin.market.calendar
    notes = [*incident.notes, *history.notes]
    if history.vix_age:
        name = origin.market.volatility_index_name
        notes.append(f"{name} is {history.vix_age} session(s) older than spot and was carried forward")
    if buyer.gamma.basis == "prior" and "gamma" not in incident.unhealthy:
        notes.append(
            "buyer.gamma_windows: prior, fitted on NIFTY 50 bars of 2015-2022; no intraday history to train on"
        )
    provisional = calendar.provisional(origin.sessions_ahead[-1])
    if provisional:
        end = f"{calendar.valid_through:%Y-%m-%d}"
        notes.append(f"the announced calendar ends {end}; sessions and expiries after it are provisional")
    return Health(
        status="degraded" if degraded else "ok",
        degraded=degraded,
        frozen=[],
        notes=notes,
        calendar=CalendarStanding(valid_through=f"{calendar.valid_through:%Y-%m-%d}", provisional=provisional),
    )


def _without_model(blocks: Mapping[str, BaseModel], incident: Incident) -> list[Degradation]:
    """The signals in which the prior stands for a model that could not be used."""
    found: list[Degradation] = []
    if not incident.unhealthy:
        return found
    for path, block in (pair for name, part in blocks.items() for pair in walk(part, name)):
        if isinstance(block, Signal) and block.basis == "prior":
            missing = [name for name in block.models if name in incident.unhealthy]
            if missing:
                why = "; ".join(f"the {name} model is {incident.unhealthy[name]}" for name in missing)
                found.append(Degradation(signal=path, basis="prior", reason=f"{why}; climatology stands in"))
    return found


def tell_frozen(document: Document, recent: Recent) -> Document:
    """The document with the numbers that have stood still too long named in its health."""
    still = recent.frozen()
    if not still or recent.as_of != document.as_of:
        return document
    frozen = [FrozenSignal(signal=path, value=one.value, periods=one.periods) for path, one in still.items()]
    health = document.health.model_copy(update={"status": "degraded", "frozen": frozen})
    told = document.model_copy(update={"health": health})
    check_document(told)
    return told


def _without_index(origin: Origin, history: MarketHistory, seller: Seller, buyer: Buyer) -> list[Degradation]:
    """What the absence of the volatility index does, signal by signal; empty where it is known and was learnt from."""
    name = origin.market.volatility_index_name
    reason = f"{name} is not known at the origin"
    found: list[tuple[str, Basis, str]] = []
    if history.vix_close is None:
        found.append(("market", "model", f"{reason}; vix is the engine's own volatility forecast, its change unknown"))
    elif history.previous_vix_close is None:
        found.append(("market", "model", f"{name} is not known at the session before; its change is given as 0"))
    if history.vix_close is not None and not origin.has_vix:
        reason = f"{name} is not known at every one of the last 22 sessions"
    if not origin.has_vix:
        found.append(("forecast", "model", f"{reason}; scale and shape were learnt without it"))
    elif not origin.said.with_index:
        found.append(("forecast", "model", f"too little history of {name} to learn from; it was left out"))
    blocks = {
        "seller.trap": seller.trap,
        "seller.expiry_stress": seller.expiry_stress,
        "seller.seller_flag": seller.seller_flag,
        "buyer.theta_edge": buyer.theta_edge,
        "buyer.buyer_environment": buyer.buyer_environment,
    }
    for path, block in blocks.items():
        if block.basis == "prior":
            why = reason if not origin.has_vix else f"too little history of {name} to learn from"
            found.append((path, "prior", f"{why}; the base rate stands in{_besides(path, origin, history)}"))
    return [Degradation(signal=path, basis=basis, reason=text) for path, basis, text in found]


def _besides(path: str, origin: Origin, history: MarketHistory) -> str:
    """What else of a block had to come from elsewhere than the volatility index."""
    if path == "seller.trap" and history.vix_close is None:
        return ", iv_percentile is that of realised volatility"
    if path == "seller.expiry_stress" and not origin.has_vix:
        return ", distance_points is of the engine's own volatility forecast"
    if path == "buyer.theta_edge" and not origin.has_vix:
        return ", straddle_cost_points is of the engine's own volatility forecast"
    return ""


def _unmeasured(track_record: TrackRecord, incident: Incident) -> list[Degradation]:
    model_of = {"safe_range": "breach", "breakout_calls": "breakout"}
    rates = {"safe_range": track_record.safe_range, "breakout_calls": track_record.breakout_calls}
    return [
        Degradation(
            signal=f"track_record.{name}",
            basis="prior",
            reason=f"the {model_of[name]} model that holds the record could not be used; the nominal rate stands in"
            if model_of[name] in incident.unhealthy
            else f"fewer than {MINIMUM_EVENTS} past events to measure on; the nominal rate stands in",
        )
        for name, rate in rates.items()
        if rate.basis == "prior"
    ]


def track_record_block(models: Models, manifest: Manifest) -> TrackRecord:
    """Walk-forward measurements that came with the model set."""
    safe, calls = models.breach.record, models.breakout.record
    return TrackRecord(
        safe_range=SafeRangeRecord(**_rate(safe), nominal=safe.reference),
        breakout_calls=BreakoutCallRecord(**_rate(calls), base_rate=calls.reference),
        skill=[
            Skill(
                signal=skill.signal,
                measure="brier",
                score=skill.score,
                climatology=skill.climatology,
                skill_pct=1 - skill.score / skill.climatology,
                n=skill.n,
                first=skill.first,
                last=skill.last,
            )
            for skill in manifest.training.skill
        ],
    )


def _rate(record: MeasuredRate) -> dict[str, Any]:
    measured = {"interval": (record.low, record.high), "first": record.first, "last": record.last}
    return {
        "kind": "walk_forward",
        "n": record.n,
        "events": record.events,
        "rate": record.rate,
        "basis": "model" if record.measured else "prior",
        **(measured if record.measured else {}),
    }
