"""Moments and dates in order, and the calendar's reach."""

from itertools import pairwise

from aegismatrix_engine.document.rules.violation import Violation, Violations, local_day, moment, related
from aegismatrix_engine.document.rules.withdrawn import is_withdrawn
from aegismatrix_engine.document.schema.buyer import Buyer
from aegismatrix_engine.document.schema.direction import Direction
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.forecast import Forecast
from aegismatrix_engine.document.schema.seller import Seller


def time_violations(document: Document) -> Violations:
    """Timestamps in order, bars before as_of, dates ahead in order, provisional dates marked."""
    yield from _moments(document)
    yield from _bars(document)
    ahead = days_ahead(document.direction, document.seller, document.buyer, document.forecast)
    for path, day in ahead.items():
        yield from related(path, day, ">=", local_day(document.as_of).isoformat(), "the date of as_of,")
    for block in ("direction.horizons.", "forecast.horizons.", "buyer.breakout_next."):
        for (_, before), (path, day) in pairwise(item for item in ahead.items() if item[0].startswith(block)):
            yield from related(path, day, ">", before, "the one before,")
    yield from _calendar(document)


def _moments(document: Document) -> Violations:
    as_of, generated = moment(document.as_of), moment(document.generated_at)
    valid_until, provenance = moment(document.valid_until), document.provenance
    yield from related("as_of", as_of, "<=", generated, "generated_at")
    yield from related("valid_until", valid_until, ">", as_of, "as_of")
    if provenance.mode == "live":
        if provenance.clock_source == "set":
            yield Violation("provenance.mode", "must be replay where provenance.clock_source is set, is live")
        yield from related("valid_until", valid_until, ">", generated, "generated_at in a live document,")
    last_update = moment(document.direction.today.last_update)
    yield from related("direction.today.last_update", last_update, "<=", as_of, "as_of")
    if document.next_due is not None:
        due = moment(document.next_due)
        yield from related("next_due", due, ">", as_of, "as_of")
        if valid_until > as_of and not is_withdrawn(document):
            yield from related("next_due", due, "<=", valid_until, "valid_until")


def _bars(document: Document) -> Violations:
    provenance, day = document.provenance, local_day(document.as_of).isoformat()
    yield from related("provenance.first_bar", provenance.first_bar, "<=", provenance.last_bar, "last_bar")
    yield from related("provenance.last_bar", provenance.last_bar, "<=", day, "the date of as_of,")
    yield from related("provenance.vix_last_bar", provenance.vix_last_bar, "<=", day, "the date of as_of,")
    vix = ("vix_first_bar", "vix_last_bar", "vix_age_sessions")
    absent = [name for name in vix if getattr(provenance, name) is None]
    if len(absent) < len(vix):
        for name in absent:
            yield Violation(f"provenance.{name}", "must be there with the other vix fields, is absent")
    elif document.market.vix_basis == "market" and all(entry.series != "vix_intraday" for entry in provenance.inputs):
        yield Violation("market.vix_basis", "must be estimator where provenance has no vix bars, is market")
    if not provenance.in_sample and provenance.training_end > day:
        rule = f"must be true where training ended after as_of, on {provenance.training_end}, is false"
        yield Violation("provenance.in_sample", rule)


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


def _calendar(document: Document) -> Violations:
    calendar = document.health.calendar
    blocks = document.direction, document.seller, document.buyer, document.forecast
    found = provisional_days(*blocks, calendar.valid_through)
    for index, expiry in enumerate(document.seller.expiries):
        if expiry.expiry > calendar.valid_through and not expiry.provisional:
            rule = f"must be true for {expiry.expiry}, past health.calendar.valid_through {calendar.valid_through}"
            yield Violation(f"seller.expiries.{index}.provisional", f"{rule}, is false")
    if calendar.provisional != bool(found):
        why = f"{found[0]} is after it" if found else "no date of the document is after it"
        yield Violation("health.calendar.provisional", f"must be {str(bool(found)).lower()}: {why}")
