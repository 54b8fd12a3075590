"""Health, basis and track record: what the document says about itself must be so."""

import math
from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel

from aegismatrix_engine.document.rules.violation import (
    POINT_ROUNDING,
    ROUNDING,
    Violation,
    Violations,
    is_since,
    near,
    related,
    walk,
)
from aegismatrix_engine.document.rules.withdrawn import is_withdrawn
from aegismatrix_engine.document.schema.block import IMPLIED_BLOCKS, Signal
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION, Document
from aegismatrix_engine.document.schema.market import market_regime
from aegismatrix_engine.document.schema.track_record import MeasuredRate

FIELDS_SINCE: Final[Mapping[str, str]] = {
    "next_due": "2.1.0",
    "provenance.clock_source": "2.1.0",
    "provenance.trained_by": "2.1.0",
    "seller.range_width": "2.2.0",
    "seller.trap.base_rate_10": "2.2.0",
    "seller.trap.basis_10": "2.2.0",
    "forecast.session.spread_factor": "2.2.0",
    "market.events": "2.2.0",
}
"""Fields that a document has had since a minor version: path -> that version. Older documents are read without them."""

NEAREST_RANGE_SINCE: Final = "2.2.0"
"""Version from which on ``track_record.nearest_range`` is there wherever there are weekly expiries."""

_INSIDE_A_SESSION: Final = ("buyer.breakout_today", "buyer.breakout_next.0", "direction.today", "forecast.session")
UNREPORTED_PRIORS: Final = frozenset(("buyer.gamma", "buyer.gamma_windows", *_INSIDE_A_SESSION))
"""Blocks that may have basis prior without an entry in health: no daily history can replace their prior."""


def finite_violations(document: Document) -> Violations:
    """Every number is finite, however the document was built."""
    for path, value in walk(document):
        if isinstance(value, float) and not math.isfinite(value):
            yield Violation(path, f"must be finite, is {value}")


def health_violations(document: Document) -> Violations:
    """Rules of schema_version, market changes, regime, basis, health and track record."""
    record, market = document.track_record, document.market
    major, ours = document.schema_version.split(".")[0], SCHEMA_VERSION.split(".")[0]
    yield from related("schema_version", major, "==", ours, "the major number of this engine's version,")
    for path, version in FIELDS_SINCE.items():
        if _lacks(document, path) and is_since(document.schema_version, version):
            yield Violation(path, f"must be there from schema_version {version} on, is absent")
    change = market.spot - market.previous_close
    yield from near("market.spot_change", market.spot_change, change, POINT_ROUNDING, "the change since previous_close")
    fraction, name = change / market.previous_close, "the fraction spot / previous_close - 1"
    yield from near("market.spot_change_pct", market.spot_change_pct, fraction, ROUNDING, name)
    yield from _previous_close(document)
    yield from _events(document)
    if not is_withdrawn(document):
        word = market_regime(market.trend_sigmas, market.volatility_percentile)
        numbers = f"trend_sigmas {market.trend_sigmas} and volatility_percentile {market.volatility_percentile}"
        yield from related("market.regime", market.regime, "==", word, f"the word for {numbers},")
    yield from _health(document)
    yield from _basis(document)
    yield from _rate("track_record.safe_range", record.safe_range, record.safe_range.nominal)
    yield from _nearest_range(document)
    yield from _rate("track_record.breakout_calls", record.breakout_calls, record.breakout_calls.base_rate)
    for index, skill in enumerate(record.skill):
        yield from related(f"track_record.skill.{index}.first", skill.first, "<=", skill.last, "last")


def _previous_close(document: Document) -> Violations:
    """Of the session before the one spot is of; one that is not official is named in health."""
    market, provenance = document.market, document.provenance
    date, last = market.previous_close_date, provenance.last_bar
    if date > last or (provenance.close == "official" and date == last):
        which = "before" if provenance.close == "official" else "not after"
        yield Violation("market.previous_close_date", f"must be {which} provenance.last_bar {last}, is {date}")
    if provenance.close == "in_session" and date < last:
        yield Violation("market.previous_close_date", f"must be provenance.last_bar {last} inside a session, is {date}")
    reported = any(entry.signal == "market" and date in entry.reason for entry in document.health.degraded)
    if market.previous_close_basis == "rebuilt" and not reported:
        rule = f"rebuilt must be named in health.degraded with signal market and the date {date}, is not"
        yield Violation("market.previous_close_basis", rule)


def _events(document: Document) -> Violations:
    """By date, each once, and none that the session before has shown."""
    events = [(event.date, event.kind) for event in document.market.events or []]
    for index, event in enumerate(events):
        path, first = f"market.events.{index}.date", document.market.previous_close_date
        yield from related(path, event[0], ">=", first, "previous_close_date")
        if index:
            yield from related(path, event[0], ">=", events[index - 1][0], "the one before,")
        if event in events[:index]:
            yield Violation(path, f"must be listed once, {event[1]} of {event[0]} is listed before")


def _health(document: Document) -> Violations:
    health = document.health
    if not is_withdrawn(document) and (health.status == "degraded") != bool(health.degraded or health.frozen):
        count = len(health.degraded) + len(health.frozen)
        yield Violation("health.status", f"must be degraded exactly when signals are, is {health.status} with {count}")
    values = dict(walk(document))
    for index, frozen in enumerate(health.frozen):
        if values.get(frozen.signal) is None:
            yield Violation(f"health.frozen.{index}.signal", f"must be a path of this document, is {frozen.signal!r}")
    for index, entry in enumerate(health.degraded):
        path = f"health.degraded.{index}"
        if values.get(entry.signal) is None:
            yield Violation(f"{path}.signal", f"must be a path of this document, is {entry.signal!r}")
            continue
        found = getattr(values[entry.signal], "basis", None)
        yield from related(f"{path}.basis", entry.basis, "==", found, f"that of {entry.signal},")


def _basis(document: Document) -> Violations:
    reported = UNREPORTED_PRIORS | {entry.signal for entry in document.health.degraded}
    if document.market.vix_basis == "estimator":
        reported |= frozenset(IMPLIED_BLOCKS)
    for path, value in walk(document):
        if not isinstance(value, BaseModel) or path.startswith("health."):
            continue
        basis = getattr(value, "basis", None)
        if basis == "model" and isinstance(value, Signal) and not value.models:
            yield Violation(f"{path}.models", "must name the models behind basis model, is empty")
        if basis == "prior" and not any(path == name or path.startswith(f"{name}.") for name in reported):
            yield Violation(f"{path}.basis", "prior must be listed in health.degraded, is not")


def _nearest_range(document: Document) -> Violations:
    """There where there are weekly expiries, in documents that can have it."""
    record, path = document.track_record.nearest_range, "track_record.nearest_range"
    if record is not None:
        yield from _rate(path, record, record.nominal)
    expiry = document.seller.expiry_stress.expiry
    if is_since(document.schema_version, NEAREST_RANGE_SINCE) and (record is None) != (expiry is None):
        state = "absent" if record is None else "there"
        yield Violation(path, f"must be there exactly where seller.expiry_stress.expiry is, is {state}")


def _lacks(document: Document, path: str) -> bool:
    """Whether the block that should hold the field is there without it."""
    block, _, name = path.rpartition(".")
    holder: object = document
    for part in filter(None, block.split(".")):
        holder = getattr(holder, part, None)
    return holder is not None and getattr(holder, name) is None


def _rate(path: str, record: MeasuredRate, nominal: float) -> Violations:
    measured = {"interval": record.interval, "first": record.first, "last": record.last}
    if (record.n == 0) != (record.basis == "prior"):
        yield Violation(f"{path}.basis", f"must be prior exactly where n is 0, is {record.basis} with n {record.n}")
    for name, value in measured.items():
        if (value is None) != (record.n == 0):
            state = "absent" if value is None else "there"
            yield Violation(f"{path}.{name}", f"must be there exactly where n is above 0, is {state} with n {record.n}")
    yield from related(f"{path}.events", record.events, "<=", record.n, "n")
    if record.n == 0:
        yield from near(f"{path}.rate", record.rate, nominal, ROUNDING / 3, "the rate, nominal where n is 0,")
    if record.interval is not None and not record.interval[0] <= record.rate <= record.interval[1]:
        yield Violation(f"{path}.interval", f"must hold the rate {record.rate}, is {list(record.interval)}")
    yield from related(f"{path}.first", record.first, "<=", record.last, "last")
