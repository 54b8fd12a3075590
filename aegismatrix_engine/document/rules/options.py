"""Options: a chain of the document's moment, sums that hold, and numbers of options in no document without one."""

from itertools import pairwise

from pydantic import BaseModel

from aegismatrix_engine.document.rules.violation import (
    POINT_ROUNDING,
    ROUNDING,
    Violation,
    Violations,
    moment,
    near,
    related,
    walk,
)
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.expiries import BreachCurvePoint, Expiry
from aegismatrix_engine.document.schema.options import Priced

PRICED_COLUMNS = ("priced_close", "priced_close_up", "priced_close_down", "centred_close", "premium")
FROM_A_CHAIN = frozenset((*PRICED_COLUMNS, "priced", "open_interest", "cost_basis", "proxy_cost_points"))


def options_violations(document: Document) -> Violations:
    """Rules of the block about the option chain, and of every number that comes from it."""
    options = document.options
    if options is None:
        yield from _without_chain(document)
        return
    yield from related("options.legs_used", options.legs_used, "<=", options.legs_read, "legs_read")
    as_of, made = moment(options.as_of), moment(document.generated_at)
    if as_of > made:
        yield Violation("options.as_of", f"must not be after generated_at {document.generated_at}, is {options.as_of}")
    age = round((moment(document.as_of) - as_of).total_seconds() / 60, 1)
    yield from related(
        "options.age_minutes", options.age_minutes, "==", age, "the minutes from options.as_of to as_of,"
    )
    for index, expiry in enumerate(document.seller.expiries):
        yield from _expiry(f"seller.expiries.{index}", expiry)
    theta = document.buyer.theta_edge
    if (theta.cost_basis is None) != (theta.proxy_cost_points is None):
        state = "absent" if theta.proxy_cost_points is None else "there"
        yield Violation("buyer.theta_edge.proxy_cost_points", f"must be there exactly with cost_basis, is {state}")


def _without_chain(document: Document) -> Violations:
    for path, value in walk(document):
        if isinstance(value, BaseModel) and getattr(value, "basis", None) == "options":
            yield Violation(f"{path}.basis", "options must not be there in a document without a chain, is there")
        if value is not None and path.rpartition(".")[2] in FROM_A_CHAIN:
            yield Violation(path, "must be absent in a document without a chain, is there")


def _expiry(path: str, expiry: Expiry) -> Violations:
    for index, point in enumerate(expiry.breach_curve):
        yield from _point(f"{path}.breach_curve.{index}", point, there=expiry.priced is not None)
    for index, (near_one, far_one) in enumerate(pairwise(expiry.breach_curve), start=1):
        for name in PRICED_COLUMNS[:4]:
            found, bound = getattr(far_one, name), getattr(near_one, name)
            yield from related(
                f"{path}.breach_curve.{index}.{name}", found, "<=", bound, "that of the distance before,"
            )
    if (expiry.max_pain.basis == "options") != (expiry.open_interest is not None):
        rule = f"must be options exactly where open_interest is there, is {expiry.max_pain.basis}"
        yield Violation(f"{path}.max_pain.basis", rule)
    if expiry.priced is not None:
        yield from _wings(f"{path}.priced", expiry.priced)


def _point(path: str, point: BreachCurvePoint, *, there: bool) -> Violations:
    both = point.priced_close_up is not None and point.priced_close_down is not None
    for name in PRICED_COLUMNS:
        found = getattr(point, name) is not None
        if found and not there:
            yield Violation(f"{path}.{name}", "must be absent where the expiry is not priced, is there")
        if name in ("priced_close", "centred_close", "premium") and found != both:
            state = "there" if found else "absent"
            yield Violation(f"{path}.{name}", f"must be there exactly where both sides are priced, is {state}")
    up, down, either = point.priced_close_up, point.priced_close_down, point.priced_close
    centred, premium = point.centred_close, point.premium
    if up is None or down is None or either is None or centred is None or premium is None:
        return
    yield from near(f"{path}.priced_close", either, min(up + down, 1.0), ROUNDING, "the sum of both sides")
    yield from near(f"{path}.premium", premium, either - centred, ROUNDING, "priced_close - centred_close")


def _wings(path: str, priced: Priced) -> Violations:
    put, call = priced.put_25_delta, priced.call_25_delta
    for name, found in (("risk_reversal", priced.risk_reversal), ("butterfly", priced.butterfly)):
        if (found is None) != (put is None or call is None):
            state = "absent" if found is None else "there"
            yield Violation(f"{path}.{name}", f"must be there exactly with both 25-delta volatilities, is {state}")
    if put is None or call is None or priced.risk_reversal is None or priced.butterfly is None:
        return
    name = "call_25_delta - put_25_delta"
    yield from near(f"{path}.risk_reversal", priced.risk_reversal, call - put, POINT_ROUNDING, name)
    mean = (call + put) / 2 - priced.at_the_money
    yield from near(f"{path}.butterfly", priced.butterfly, mean, POINT_ROUNDING, "the mean of both - at_the_money")
