"""Seller: ranges round spot that nest, tails, breach tables that fall, and answers about one expiry that agree."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from aegismatrix_engine.document.rules.breaches import EXPIRY_CURVE, PRIMARY, breach_violations, touch_over_time
from aegismatrix_engine.document.rules.range_touches import range_touch_violations
from aegismatrix_engine.document.rules.violation import ROUNDING, Violation, Violations, is_since, near, related
from aegismatrix_engine.document.rules.withdrawn import is_withdrawn
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.expiries import Expiry, ExpiryRange, SafeRange
from aegismatrix_engine.document.schema.seller import Seller, Skew
from aegismatrix_engine.document.schema.situation import seller_words

LADDER_SINCE: Final = "2.2.0"
"""Version from which on no range of a later expiry has a nearer bound than that of an earlier one."""


def seller_violations(document: Document) -> Violations:
    """Rules of the seller block."""
    seller, safe, spot = document.seller, document.seller.safe_range, document.market.spot
    yield from _round_spot("seller.safe_range", safe, spot)
    yield from related("seller.safe_range.lower_level", safe.lower_level, "<", safe.upper_level, "upper_level")
    nearest = min(expiry.expiry for expiry in seller.expiries)
    for name, found in (("max_pain", seller.max_pain.expiry), ("expiry_stress", seller.expiry_stress.expiry)):
        yield from related(f"seller.{name}.expiry", found, "==", nearest, "the nearest of expiries,")
    yield from _tails(seller.skew)
    yield from related("seller.breach.expiry", seller.breach.expiry, "==", safe.expiry, "safe_range.expiry")
    yield from breach_violations("seller.breach_probabilities", seller.breach_probabilities, PRIMARY)
    for index, expiry in enumerate(seller.expiries):
        path, zone = f"seller.expiries.{index}", expiry.max_pain
        yield from _ranges(path, expiry, spot)
        yield from range_touch_violations(path, expiry, spot, document.schema_version)
        if not zone.lower <= zone.strike <= zone.upper:
            rule = f"must lie from lower {zone.lower} to upper {zone.upper}, is {zone.strike}"
            yield Violation(f"{path}.max_pain.strike", rule)
        yield from breach_violations(f"{path}.breach_curve", expiry.breach_curve, EXPIRY_CURVE)
        yield from _agreement(path, expiry, seller)
    in_time = sorted(enumerate(seller.expiries), key=lambda item: item[1].sessions_left)
    tables = ((f"seller.expiries.{index}.breach_curve", expiry.breach_curve) for index, expiry in in_time)
    yield from touch_over_time(tables, EXPIRY_CURVE.distance)
    yield from _words(document)
    if is_since(document.schema_version, LADDER_SINCE):
        yield from _ladder(in_time)
    pooled = document.track_record.safe_range.pooled
    name = "track_record.safe_range.pooled"
    yield from related("seller.historical_hit_rate", seller.historical_hit_rate, "==", pooled, name)


def _words(document: Document) -> Violations:
    """The situation in words follows from the heads' and from the range's width, in documents that have the latter."""
    seller = document.seller
    width = seller.range_width
    if width is None or is_withdrawn(document):
        return
    flag, regime, day = seller_words(seller.trap.word, seller.expiry_stress.word, width.grade)
    source = "by the words of trap and expiry_stress and the grade of range_width"
    yield from related("seller.seller_flag.label", seller.seller_flag.label, "==", flag, f"the flag {source},")
    yield from related("seller.regime", seller.regime, "==", regime, f"the regime {source},")
    yield from related("seller.daily_flag", seller.daily_flag, "==", day, f"the day {source},")


def _round_spot(path: str, band: SafeRange | ExpiryRange, spot: float) -> Violations:
    yield from related(f"{path}.lower", band.lower, "<", spot, "spot")
    yield from related(f"{path}.upper", band.upper, ">", spot, "spot")


def _tails(skew: Skew) -> Violations:
    net = skew.call_skew - skew.put_skew
    yield from near("seller.skew.net_skew", skew.net_skew, net, 0.0, "net_skew, call_skew - put_skew,")
    # By prices each side has a scale of its own.
    if skew.basis != "options" and skew.put_skew + skew.call_skew > 1 + ROUNDING:
        rule = f"put_skew + call_skew must be at most 1, is {skew.put_skew + skew.call_skew:.4f}"
        yield Violation("seller.skew.put_skew", rule)


def _ranges(path: str, expiry: Expiry, spot: float) -> Violations:
    by_kind: defaultdict[str, list[tuple[int, ExpiryRange]]] = defaultdict(list)
    for index, band in enumerate(expiry.ranges):
        yield from _round_spot(f"{path}.ranges.{index}", band, spot)
        by_kind[band.kind].append((index, band))
    for bands in by_kind.values():
        bands.sort(key=lambda item: item[1].coverage)
        for (_, narrow), (index, wide) in pairwise(bands):
            name, bound = f"{path}.ranges.{index}", f"the bound at coverage {narrow.coverage},"
            if wide.coverage == narrow.coverage:
                yield Violation(f"{name}.coverage", f"must differ from the other {wide.kind} range's, {wide.coverage}")
            yield from related(f"{name}.lower", wide.lower, "<=", narrow.lower, bound)
            yield from related(f"{name}.upper", wide.upper, ">=", narrow.upper, bound)


def _ladder(in_time: Sequence[tuple[int, Expiry]]) -> Violations:
    """At equal kind and coverage no bound is nearer to spot than that of fewer sessions; expiries soonest first."""
    before: dict[tuple[str, float], ExpiryRange] = {}
    for index, expiry in in_time:
        for row, band in enumerate(expiry.ranges):
            shorter = before.get((band.kind, band.coverage), band)
            path, name = f"seller.expiries.{index}.ranges.{row}", "that of fewer sessions,"
            yield from related(f"{path}.lower", band.lower, "<=", shorter.lower, name)
            yield from related(f"{path}.upper", band.upper, ">=", shorter.upper, name)
            before[band.kind, band.coverage] = band


def _agreement(path: str, expiry: Expiry, seller: Seller) -> Violations:
    """The contract's single answers, where the table of expiries answers the same question."""
    safe = seller.safe_range
    if expiry.expiry == safe.expiry:
        for index, band in enumerate(expiry.ranges):
            same = band.kind == safe.kind and band.coverage == safe.coverage
            if same and (band.lower, band.upper) != (safe.lower, safe.upper):
                yield Violation(f"{path}.ranges.{index}", f"must equal safe_range {safe.lower} to {safe.upper}")
            if same:
                name, chance = f"{path}.ranges.{index}.touch_probability", safe.touch_probability
                yield from related(name, band.touch_probability, "==", chance, "safe_range.touch_probability")
        primary = {point.distance: point for point in seller.breach_probabilities}
        for index, point in enumerate(expiry.breach_curve):
            for name, other in zip(EXPIRY_CURVE.probabilities, PRIMARY.probabilities, strict=True):
                wanted = getattr(primary.get(point.distance), other, None)
                column = f"{path}.breach_curve.{index}.{name}"
                yield from related(column, getattr(point, name), "==", wanted, f"breach_probabilities' {other}")
    if expiry.expiry == seller.max_pain.expiry:
        for name in ("strike", "lower", "upper", "confidence"):
            found, wanted = getattr(expiry.max_pain, name), getattr(seller.max_pain, name)
            yield from related(f"{path}.max_pain.{name}", found, "==", wanted, "that of seller.max_pain,")
