"""Moments and dates in order, and the calendar's reach."""

from datetime import date
from itertools import pairwise

from aegismatrix_engine.document.rules.violation import Violation, Violations, local_day, moment
from aegismatrix_engine.document.rules.withdrawn import is_withdrawn
from aegismatrix_engine.document.schema.buyer import Buyer
from aegismatrix_engine.document.schema.direction import Direction
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.forecast import Forecast
from aegismatrix_engine.document.schema.seller import Seller


def time_violations(document: Document) -> Violations:
    """Timestamps in order, bars before as_of, dates ahead in order, provisional dates marked."""
    yield from _moments(document)
    yield from _next_due(document)
    yield from _bars(document)
    yield from _dates_ahead(document)
    yield from _calendar(document)


def _moments(document: Document) -> Violations:
    as_of, generated = moment(document.as_of), moment(document.generated_at)
    if as_of > generated:
        yield Violation("as_of", f"must not be after generated_at {document.generated_at}, is {document.as_of}")
    if moment(document.valid_until) <= as_of:
        yield Violation("valid_until", f"must be after as_of {document.as_of}, is {document.valid_until}")
    if document.provenance.mode == "live" and document.provenance.clock_source == "set":
        yield Violation("provenance.mode", "must be replay where provenance.clock_source is set, is live")
    if document.provenance.mode == "live" and generated >= moment(document.valid_until):
        yield Violation(
            "valid_until",
            f"of a live document must be after generated_at {document.generated_at}, is {document.valid_until}",
        )
    last_update = document.direction.today.last_update
    if moment(last_update) > as_of:
        yield Violation("direction.today.last_update", f"must not be after as_of {document.as_of}, is {last_update}")


def _next_due(document: Document) -> Violations:
    due = document.next_due
    if due is None:
        return
    if moment(due) <= moment(document.as_of):
        yield Violation("next_due", f"must be after as_of {document.as_of}, is {due}")
    elif is_withdrawn(document):
        return
    elif moment(due) > moment(document.valid_until) > moment(document.as_of):
        yield Violation("next_due", f"must not be after valid_until {document.valid_until}, is {due}")


def _bars(document: Document) -> Violations:
    made_of = document.provenance
    if made_of.first_bar > made_of.last_bar:
        yield Violation("provenance.first_bar", f"must not be after last_bar {made_of.last_bar}")
    for name in ("last_bar", "vix_last_bar"):
        day = getattr(made_of, name)
        if day is not None and date.fromisoformat(day) > local_day(document.as_of):
            yield Violation(f"provenance.{name}", f"must not be after as_of {document.as_of}, is {day}")
    present = {
        name: getattr(made_of, name) is not None for name in ("vix_first_bar", "vix_last_bar", "vix_age_sessions")
    }
    for name, there in present.items():
        if not there and any(present.values()):
            yield Violation(f"provenance.{name}", "must be there with the other vix fields, is absent")
    live = any(entry.series == "vix_intraday" for entry in made_of.inputs)
    if document.market.vix_basis == "market" and not (live or any(present.values())):
        yield Violation("market.vix_basis", "must be estimator where provenance has no vix bars, is market")
    if not made_of.in_sample and date.fromisoformat(made_of.training_end) > local_day(document.as_of):
        yield Violation("provenance.in_sample", f"must be true where training ended later, {made_of.training_end}")


def days_ahead(direction: Direction, seller: Seller, buyer: Buyer, forecast: Forecast) -> dict[str, str]:
    """Path -> date, of every field of these blocks that names a session or expiry to come."""
    ahead = {f"direction.horizons.{name}.until": h.until for name, h in direction.by_horizon.items()}
    ahead |= {f"forecast.horizons.{i}.until": h.until for i, h in enumerate(forecast.horizons)}
    ahead |= {f"buyer.breakout_next.{i}.session": b.session for i, b in enumerate(buyer.breakout_next)}
    ahead |= {f"seller.expiries.{i}.expiry": e.expiry for i, e in enumerate(seller.expiries)}
    ahead["direction.today.session"] = direction.today.session
    ahead["buyer.breakout_today.session"] = buyer.breakout_today.session
    for name in ("safe_range", "max_pain", "skew", "breach", "expiry_stress"):
        ahead[f"seller.{name}.expiry"] = getattr(seller, name).expiry
    ahead["buyer.theta_edge.expiry"] = buyer.theta_edge.expiry or ""
    return {path: day for path, day in ahead.items() if day}


def provisional_days(
    direction: Direction, seller: Seller, buyer: Buyer, forecast: Forecast, valid_through: str
) -> list[str]:
    """Paths of what these blocks name past the announced calendar, and of expiries that a later change may move."""
    past = [path for path, day in days_ahead(direction, seller, buyer, forecast).items() if day > valid_through]
    return past + [f"seller.expiries.{i}" for i, expiry in enumerate(seller.expiries) if expiry.provisional]


def _days_ahead(document: Document) -> dict[str, str]:
    return days_ahead(document.direction, document.seller, document.buyer, document.forecast)


def _dates_ahead(document: Document) -> Violations:
    for path, day in _days_ahead(document).items():
        if date.fromisoformat(day) < local_day(document.as_of):
            yield Violation(path, f"must not be before as_of {document.as_of}, is {day}")
    series = {
        "direction.horizons": [(n, "until", h.until) for n, h in document.direction.by_horizon.items()],
        "forecast.horizons": [(str(i), "until", h.until) for i, h in enumerate(document.forecast.horizons)],
        "buyer.breakout_next": [(str(i), "session", b.session) for i, b in enumerate(document.buyer.breakout_next)],
    }
    for path, days in series.items():
        for (_, _, before), (name, field, day) in pairwise(days):
            if day <= before:
                yield Violation(f"{path}.{name}.{field}", f"must be after the one before, {before}, is {day}")


def _calendar(document: Document) -> Violations:
    calendar = document.health.calendar
    blocks = document.direction, document.seller, document.buyer, document.forecast
    found = provisional_days(*blocks, calendar.valid_through)
    for index, expiry in enumerate(document.seller.expiries):
        if expiry.expiry > calendar.valid_through and not expiry.provisional:
            yield Violation(
                f"seller.expiries.{index}.provisional",
                f"must be true for {expiry.expiry}, past health.calendar.valid_through {calendar.valid_through}",
            )
    if calendar.provisional != bool(found):
        why = f"{found[0]} lies past it" if found else "no date of the document lies past it"
        yield Violation("health.calendar.provisional", f"must be {str(bool(found)).lower()}: {why}")
