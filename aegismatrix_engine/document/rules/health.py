"""Health, basis and track record: what the document says about itself must be so."""

import math
from collections.abc import Mapping, Set
from typing import Final

from pydantic import BaseModel

from aegismatrix_engine.document.rules.violation import POINT_ROUNDING, ROUNDING, Violation, Violations, off, walk
from aegismatrix_engine.document.rules.withdrawn import is_withdrawn
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION, Document
from aegismatrix_engine.document.schema.market import Market, market_regime
from aegismatrix_engine.document.schema.quantities import Signal
from aegismatrix_engine.document.schema.track_record import MeasuredRate

FIELDS_SINCE: Final[Mapping[str, str]] = {
    "next_due": "2.1.0",
    "provenance.clock_source": "2.1.0",
    "provenance.trained_by": "2.1.0",
}
"""Fields that a document has had since a minor version: path -> that version. Older documents are read without them."""


def finite_violations(document: Document) -> Violations:
    """Every number is finite, however the document was built."""
    for path, value in walk(document):
        if isinstance(value, float) and not math.isfinite(value):
            yield Violation(path, f"must be finite, is {value}")


def health_violations(document: Document, unreported_priors: Set[str]) -> Violations:
    """Rules of schema_version, market changes, regime, basis, health and track record."""
    if document.schema_version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        yield Violation(
            "schema_version", f"must have the major number of {SCHEMA_VERSION}, is {document.schema_version}"
        )
    yield from _since(document)
    yield from _changes(document.market)
    yield from _previous_close(document)
    if not is_withdrawn(document):
        yield from _regime(document.market)
    yield from _health(document)
    yield from _basis(document, unreported_priors)
    yield from _rate(
        "track_record.safe_range", document.track_record.safe_range, document.track_record.safe_range.nominal
    )
    calls = document.track_record.breakout_calls
    yield from _rate("track_record.breakout_calls", calls, calls.base_rate)
    for index, skill in enumerate(document.track_record.skill):
        if skill.first > skill.last:
            yield Violation(f"track_record.skill.{index}.first", f"must not be after last {skill.last}")


def _since(document: Document) -> Violations:
    written = _numbers(document.schema_version)
    for path, version in FIELDS_SINCE.items():
        value: object = document
        for name in path.split("."):
            value = getattr(value, name)
        if value is None and written >= _numbers(version):
            yield Violation(path, f"must be there from schema_version {version} on, is absent")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _changes(market: Market) -> Violations:
    change = market.spot - market.previous_close
    if off(market.spot_change, change, POINT_ROUNDING):
        yield Violation("market.spot_change", f"must be spot - previous_close, {change:.2f}, is {market.spot_change}")
    if off(market.spot_change_pct, change / market.previous_close, ROUNDING):
        fraction = change / market.previous_close
        yield Violation("market.spot_change_pct", f"must be the fraction {fraction:.4f}, is {market.spot_change_pct}")


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
        yield Violation(
            "market.previous_close_basis",
            f"rebuilt must be named in health.degraded with signal market and the date {date}, is not",
        )


def _regime(market: Market) -> Violations:
    word = market_regime(market.trend_sigmas, market.volatility_percentile)
    if market.regime != word:
        rule = (
            f"must be {word} with trend_sigmas {market.trend_sigmas} and volatility_percentile "
            f"{market.volatility_percentile}, is {market.regime}"
        )
        yield Violation("market.regime", rule)


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
        found = getattr(values[entry.signal], "basis", entry.basis)
        if found != entry.basis:
            yield Violation(f"{path}.basis", f"must be that of {entry.signal}, {found}, is {entry.basis}")


def _basis(document: Document, unreported_priors: Set[str]) -> Violations:
    reported = unreported_priors | {entry.signal for entry in document.health.degraded}
    for path, value in walk(document):
        if not isinstance(value, BaseModel) or path.startswith("health."):
            continue
        basis = getattr(value, "basis", None)
        if basis == "model" and isinstance(value, Signal) and not value.models:
            yield Violation(f"{path}.models", "must name the models behind basis model, is empty")
        if basis == "prior" and not any(path == name or path.startswith(f"{name}.") for name in reported):
            yield Violation(f"{path}.basis", "prior must be told in health.degraded, is not")


def _rate(path: str, record: MeasuredRate, nominal: float) -> Violations:
    measured = {"interval": record.interval, "first": record.first, "last": record.last}
    if (record.n == 0) != (record.basis == "prior"):
        yield Violation(f"{path}.basis", f"must be prior exactly where n is 0, is {record.basis} with n {record.n}")
    for name, value in measured.items():
        if (value is None) != (record.n == 0):
            state = "absent" if value is None else "there"
            yield Violation(f"{path}.{name}", f"must be there exactly where n is above 0, is {state} with n {record.n}")
    if record.events > record.n:
        yield Violation(f"{path}.events", f"must not be above n {record.n}, is {record.events}")
    if record.n == 0 and off(record.rate, nominal, ROUNDING / 3):
        yield Violation(f"{path}.rate", f"must be the nominal rate {nominal:.4f} where n is 0, is {record.rate}")
    if record.interval is not None and not record.interval[0] <= record.rate <= record.interval[1]:
        yield Violation(f"{path}.interval", f"must hold the rate {record.rate}, is {list(record.interval)}")
    if record.first is not None and record.last is not None and record.first > record.last:
        yield Violation(f"{path}.first", f"must not be after last {record.last}, is {record.first}")
