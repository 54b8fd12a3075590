"""Seller: ranges round spot that nest, tails, breach tables that fall, and answers about one expiry that agree."""

from collections import defaultdict
from itertools import pairwise

from aegismatrix_engine.document.rules.breaches import EXPIRY_CURVE, PRIMARY, breach_violations
from aegismatrix_engine.document.rules.violation import ROUNDING, Violation, Violations, off
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.expiries import BreachCurvePoint, Expiry, ExpiryRange
from aegismatrix_engine.document.schema.seller import Seller, Skew


def seller_violations(document: Document) -> Violations:
    """Rules of the seller block."""
    seller, spot = document.seller, document.market.spot
    yield from _round_spot("seller.safe_range", seller.safe_range.lower, seller.safe_range.upper, spot)
    if seller.safe_range.lower_level >= seller.safe_range.upper_level:
        yield Violation("seller.safe_range.lower_level", f"must be below upper_level {seller.safe_range.upper_level}")
    yield from _nearest(seller)
    yield from _tails(seller.skew)
    if seller.breach.expiry != seller.safe_range.expiry:
        yield Violation(
            "seller.breach.expiry", f"must be the safe range's {seller.safe_range.expiry}, is {seller.breach.expiry}"
        )
    yield from breach_violations("seller.breach_probabilities", seller.breach_probabilities, PRIMARY)
    for index, expiry in enumerate(seller.expiries):
        path = f"seller.expiries.{index}"
        yield from _ranges(path, expiry, spot)
        zone = expiry.max_pain
        yield from _zone(f"{path}.max_pain", zone.lower, zone.strike, zone.upper)
        yield from breach_violations(f"{path}.breach_curve", expiry.breach_curve, EXPIRY_CURVE)
        yield from _agreement(path, expiry, seller)
    yield from _touch_over_time(seller.expiries)
    if seller.historical_hit_rate != document.track_record.safe_range.pooled:
        rate = document.track_record.safe_range.pooled
        yield Violation(
            "seller.historical_hit_rate",
            f"must equal track_record.safe_range.pooled {rate}, is {seller.historical_hit_rate}",
        )


def _round_spot(path: str, lower: float, upper: float, spot: float) -> Violations:
    if lower >= spot:
        yield Violation(f"{path}.lower", f"must be below spot {spot}, is {lower}")
    if upper <= spot:
        yield Violation(f"{path}.upper", f"must be above spot {spot}, is {upper}")


def _zone(path: str, lower: float, strike: float, upper: float) -> Violations:
    if not lower <= strike <= upper:
        yield Violation(f"{path}.strike", f"must lie from lower {lower} to upper {upper}, is {strike}")


def _nearest(seller: Seller) -> Violations:
    """Max pain and expiry stress speak of the nearest listed expiry."""
    nearest = min(expiry.expiry for expiry in seller.expiries)
    if seller.max_pain.expiry != nearest:
        yield Violation(
            "seller.max_pain.expiry", f"must be the nearest of expiries, {nearest}, is {seller.max_pain.expiry}"
        )
    stressed = seller.expiry_stress.expiry
    if stressed is not None and stressed != nearest:
        yield Violation("seller.expiry_stress.expiry", f"must be the nearest of expiries, {nearest}, is {stressed}")


def _tails(skew: Skew) -> Violations:
    if off(skew.net_skew, skew.call_skew - skew.put_skew, 0.0):
        net = skew.call_skew - skew.put_skew
        yield Violation("seller.skew.net_skew", f"must be call_skew - put_skew, {net:.4f}, is {skew.net_skew}")
    if skew.put_skew + skew.call_skew > 1 + ROUNDING:
        total = skew.put_skew + skew.call_skew
        yield Violation("seller.skew.put_skew", f"put_skew + call_skew must not be above 1, is {total:.4f}")


def _ranges(path: str, expiry: Expiry, spot: float) -> Violations:
    by_kind: defaultdict[str, list[tuple[int, ExpiryRange]]] = defaultdict(list)
    for index, band in enumerate(expiry.ranges):
        yield from _round_spot(f"{path}.ranges.{index}", band.lower, band.upper, spot)
        by_kind[band.kind].append((index, band))
    for bands in by_kind.values():
        bands.sort(key=lambda item: item[1].coverage)
        for (_, narrow), (index, wide) in pairwise(bands):
            name = f"{path}.ranges.{index}"
            if wide.coverage == narrow.coverage:
                yield Violation(f"{name}.coverage", f"must differ from the other {wide.kind} range's, {wide.coverage}")
            if wide.lower > narrow.lower:
                yield Violation(f"{name}.lower", f"must contain the {narrow.coverage} range's {narrow.lower}")
            if wide.upper < narrow.upper:
                yield Violation(f"{name}.upper", f"must contain the {narrow.coverage} range's {narrow.upper}")


def _agreement(path: str, expiry: Expiry, seller: Seller) -> Violations:
    """The contract's single answers, where the table of expiries answers the same question."""
    safe = seller.safe_range
    if expiry.expiry == safe.expiry:
        for index, band in enumerate(expiry.ranges):
            same = band.kind == safe.kind and band.coverage == safe.coverage
            if same and (band.lower, band.upper) != (safe.lower, safe.upper):
                yield Violation(f"{path}.ranges.{index}", f"must equal safe_range {safe.lower} to {safe.upper}")
        primary = {point.distance: point for point in seller.breach_probabilities}
        for index, point in enumerate(expiry.breach_curve):
            for name, other in zip(EXPIRY_CURVE.probabilities, PRIMARY.probabilities, strict=True):
                found = getattr(point, name)
                wanted = getattr(primary.get(point.distance), other, found)
                if found != wanted:
                    column = f"{path}.breach_curve.{index}.{name}"
                    yield Violation(column, f"must equal breach_probabilities' {other} {wanted}, is {found}")
    if expiry.expiry == seller.max_pain.expiry:
        for name in ("strike", "lower", "upper", "confidence"):
            found, wanted = getattr(expiry.max_pain, name), getattr(seller.max_pain, name)
            if found != wanted:
                yield Violation(f"{path}.max_pain.{name}", f"must equal seller.max_pain's {wanted}, is {found}")


def _touch_over_time(expiries: list[Expiry]) -> Violations:
    """At equal distance a touch is not less likely with more sessions left."""
    shorter: dict[int, BreachCurvePoint] = {}
    for index in sorted(range(len(expiries)), key=lambda i: expiries[i].sessions_left):
        for row, point in enumerate(expiries[index].breach_curve):
            before = shorter.get(point.distance, point)
            for name in ("touch", "touch_up", "touch_down"):
                found, bound = getattr(point, name), getattr(before, name)
                if found < bound:
                    column = f"seller.expiries.{index}.breach_curve.{row}.{name}"
                    yield Violation(column, f"must not fall with more sessions left, is {found} after {bound}")
            shorter[point.distance] = point
