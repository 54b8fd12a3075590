"""The health of a document: which of its signals are degraded and why, and what else is worth knowing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import pandas as pd

from aegismatrix_engine.document import check_document
from aegismatrix_engine.document.rules.time import provisional_days
from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.block import Basis, Signal, timestamp
from aegismatrix_engine.document.schema.buyer import Buyer
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.health import CalendarState, Degradation, FrozenSignal, Health
from aegismatrix_engine.document.schema.market import Market
from aegismatrix_engine.document.schema.seller import Seller
from aegismatrix_engine.document.schema.track_record import TrackRecord
from aegismatrix_engine.forecasting.origin import InSession, Origin
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.options import OptionsOutcome
from aegismatrix_engine.inference.other_markets import companion_notes, night_notes, without_companion
from aegismatrix_engine.inference.provenance import LATEST_BAR_AGE
from aegismatrix_engine.intraday.open_session import bar_end
from aegismatrix_engine.intraday.prior import learnt_from
from aegismatrix_engine.markets import TradingClock, last_due_bar
from aegismatrix_engine.markets.calendar_end import calendar_ends, calendar_remedy, events_end, events_remedy
from aegismatrix_engine.scores import MINIMUM_EVENTS
from aegismatrix_engine.signals.blocks import SignalBlocks
from aegismatrix_engine.state.last_values import LastValues
from aegismatrix_engine.volatility.near_sessions import NEAR_HORIZONS


@dataclass(frozen=True)
class Incident:
    """What went wrong with the models before a document was made.

    Attributes:
        unhealthy: model -> why it could not be used; the climatology prior is used instead.
        notes: what was done about it, or is worth knowing, one line each.
    """

    unhealthy: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def with_notes(self, *notes: str) -> Self:
        """The same with more notes, empty ones left out."""
        return replace(self, notes=(*self.notes, *filter(None, notes)))


def health_block(
    origin: Origin,
    history: MarketHistory,
    asked: OptionsOutcome,
    track_record: TrackRecord,
    incident: Incident,
    absent: Sequence[Degradation] = (),
) -> Health:
    """Every degraded signal with its reason, and what else is worth knowing.

    Args:
        origin: the moment of the forecast.
        history: the bars behind it.
        asked: the signals, and what came of asking for an option chain.
        track_record: measurements of past forecasts.
        incident: which models could not be used.
        absent: signals degraded because intraday bars are missing, see ``missing_bars``.
    """
    blocks, seller, buyer = asked.blocks, asked.blocks.seller, asked.blocks.buyer
    degraded = _without_model(blocks, incident) if incident.unhealthy else []
    reported = {entry.signal for entry in degraded}
    others = [*_without_index(origin, history, seller, buyer), *without_companion(origin), *absent]
    degraded += [entry for entry in others if entry.signal not in reported]
    degraded += [*_doubtful_closes(origin, history, blocks.market), *_unmeasured(track_record, incident)]
    degraded += asked.degraded
    notes = [*incident.notes, *history.notes, *night_notes(origin, history), *asked.notes]
    notes += [*companion_notes(origin, history), *_session_notes(origin, history, incident)]
    if buyer.gamma.basis == "prior" and not set(buyer.gamma.models) & set(incident.unhealthy):
        notes.append(
            "buyer.gamma_windows shows the prior, fitted on NIFTY 50 bars of 2015-2022, because there is no intraday "
            "history to train on"
        )
    valid_through = f"{origin.market.calendar.valid_through:%Y-%m-%d}"
    provisional = bool(provisional_days(blocks.direction, seller, buyer, blocks.forecast, valid_through))
    if provisional:
        end, remedy = calendar_ends(origin.market), calendar_remedy(origin.market)
        notes.append(f"{end}; sessions and expiries after it are provisional: {remedy}")
    notes += _events_note(origin)
    return Health(
        status="degraded" if degraded else "ok",
        degraded=degraded,
        frozen=[],
        notes=notes,
        calendar=CalendarState(valid_through=valid_through, provisional=provisional),
    )


def _events_note(origin: Origin) -> list[str]:
    """That the announced events end before the five sessions do which a forecast counts them in."""
    found = events_end(origin.market)
    if found is None or origin.latest.has_events.all():
        return []
    end, ending = found
    return [
        f"the announced events end {end:%Y-%m-%d}; forecasts to {NEAR_HORIZONS} sessions are made without them: "
        f"{events_remedy(origin.market, ending)}"
    ]


def _session_notes(origin: Origin, history: MarketHistory, incident: Incident) -> list[str]:
    name, notes = origin.market.volatility_index_name, []
    if origin.market.volatility_index is None:
        notes.append(
            f"{origin.market.name} has no volatility index: market.vix is the engine's own volatility forecast, its "
            "change is given as 0, and signals that need an implied level show the base rate"
        )
    if history.vix_age:
        notes.append(f"{name} is {history.vix_age} session(s) older than spot and was carried forward")
    if history.open_session is not None and not isinstance(origin, InSession):
        notes.append(f"the session of {origin.day:%Y-%m-%d} is special: horizons count from the next regular one")
    if not isinstance(origin, InSession):
        return notes
    known_at, so_far = None if origin.vix is None else origin.vix.known_at, origin.so_far
    if known_at is not None and known_at < origin.as_of:
        notes.append(f"{name} is not live; its value of {timestamp(known_at)} is used")
    if so_far.missing:
        notes.append(
            f"{so_far.missing} of the session's {so_far.finished} bars are missing; their variance is taken to be the "
            "average of the others"
        )
    if origin.today_basis == "prior" and "session" not in incident.unhealthy:
        notes.append(
            f"the forecast inside the session uses the prior that ships with the engine, fitted on {learnt_from()}, "
            "because the history has too few sessions of bars to learn from"
        )
    return notes


def _doubtful_closes(origin: Origin, history: MarketHistory, market: Market) -> list[Degradation]:
    """Where the close that the change is counted from is not the exchange's, or a close since is in doubt."""
    date = f"{origin.previous_close.date:%Y-%m-%d}"
    doubts = history.doubts_since(origin.previous_close.date)
    reasons = [f"{doubt.reason}; the change is counted from the close of {date}" for doubt in doubts]
    if origin.previous_close.rebuilt:
        reasons.append(
            f"the close of {date} that the change is counted from was rebuilt from its bars: the official one is "
            "missing or contradicts them"
        )
    return [Degradation(signal="market", basis=market.basis, reason=reason) for reason in reasons]


def missing_bars(origin: Origin, history: MarketHistory, clock: TradingClock, score: float | None) -> list[Degradation]:
    """Signals degraded because intraday bars are missing; score: see ``volatility_score``, None where unknown."""
    reasons = []
    data = f"the forecast uses data up to {timestamp(origin.as_of)} only"
    due = last_due_bar(clock)
    running = clock.state == "in_session" and not clock.special and not origin.market.lunch_break
    if running and due is not None and due - origin.as_of > LATEST_BAR_AGE:
        reasons.append(f"no bar of {clock.moment:%Y-%m-%d} since {timestamp(origin.as_of)}; {data}")
    if history.bars is not None and history.open_session is None:
        newest = bar_end(history)
        if newest > origin.as_of and pd.Timestamp(history.bars.index[-1]).normalize() > history.last_session:
            lacking = history.market.calendar.last_closed(newest.normalize())
            reasons.append(
                f"the session of {lacking:%Y-%m-%d} has no close to count a change from, so bars up to "
                f"{timestamp(newest)} were not used; {data}"
            )
    if isinstance(origin, InSession) and score is None:
        reasons.append(
            "fewer than 20 past sessions of bars; intraday_volatility_score is that of the last whole session"
        )
    return [Degradation(signal="direction.today", basis=origin.today_basis, reason=reason) for reason in reasons]


def _without_model(blocks: SignalBlocks, incident: Incident) -> list[Degradation]:
    """The signals that show the prior because a model could not be used."""
    found: list[Degradation] = []
    for path, block in (pair for name, part in vars(blocks).items() for pair in walk(part, name)):
        if isinstance(block, Signal) and block.basis == "prior":
            missing = [name for name in block.models if name in incident.unhealthy]
            if missing:
                why = "; ".join(f"the {name} model is {incident.unhealthy[name]}" for name in missing)
                reason = f"{why}; shows the historical average instead"
                found.append(Degradation(signal=path, basis="prior", reason=reason))
    return found


def with_frozen_signals(document: Document, last_values: LastValues) -> Document:
    """The document with the numbers that have been unchanged for too long named in its health."""
    frozen_values = last_values.frozen()
    if not frozen_values or last_values.as_of != document.as_of:
        return document
    frozen = [FrozenSignal(signal=path, value=one.value, periods=one.periods) for path, one in frozen_values.items()]
    health = document.health.model_copy(update={"status": "degraded", "frozen": frozen})
    reported = document.model_copy(update={"health": health})
    check_document(reported)
    return reported


def _without_index(origin: Origin, history: MarketHistory, seller: Seller, buyer: Buyer) -> list[Degradation]:
    """Signals degraded because the volatility index is not known; none where it was learnt from, or there is none."""
    if origin.market.volatility_index is None:
        return []
    name = origin.market.volatility_index_name
    reason = f"{name} is not known at the time of the forecast"
    found: list[tuple[str, Basis, str]] = []
    if origin.vix is None:
        found.append(("market", "model", f"{reason}; vix is the engine's own volatility forecast, its change unknown"))
    elif history.vix_close is None:
        reason = f"{name} is known from bars of this session only"
        found.append(("market", "model", f"{reason}; its change is given as 0"))
    elif history.previous_vix_close is None:
        found.append(("market", "model", f"{name} is not known at the session before; its change is given as 0"))
    if history.vix_close is not None and not origin.has_vix:
        reason = f"{name} is not known at every one of the last 22 sessions"
    if not origin.has_vix:
        found.append(("forecast", "model", f"{reason}; scale and shape were learnt without it"))
    elif not origin.forecast.with_index:
        found.append(("forecast", "model", f"too little history of {name} to learn from; it was left out"))
    why = f"too little history of {name} to learn from" if origin.has_vix else reason
    own = "" if origin.has_vix else "is of the engine's own volatility forecast"
    for path, block, also in (
        ("seller.trap", seller.trap, ", iv_percentile is that of realised volatility" * (history.vix_close is None)),
        ("seller.expiry_stress", seller.expiry_stress, own and f", distance_points {own}"),
        ("buyer.theta_edge", buyer.theta_edge, own and f", straddle_cost_points {own}"),
    ):
        if block.basis == "prior":
            found.append((path, "prior", f"{why}; shows the base rate instead{also}"))
    return [Degradation(signal=path, basis=basis, reason=text) for path, basis, text in found]


def _unmeasured(track_record: TrackRecord, incident: Incident) -> list[Degradation]:
    found = []
    for name, model in (("safe_range", "breach"), ("nearest_range", "breach"), ("breakout_calls", "breakout")):
        rate = getattr(track_record, name)
        if rate is not None and rate.basis == "prior":
            why = f"fewer than {MINIMUM_EVENTS} past events to measure on"
            if model in incident.unhealthy:
                why = f"the {model} model that holds the record could not be used"
            reason = f"{why}; shows the nominal rate instead"
            found.append(Degradation(signal=f"track_record.{name}", basis="prior", reason=reason))
    return found
