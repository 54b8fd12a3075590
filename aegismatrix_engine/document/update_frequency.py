"""How often each number of the document should move: the one place that says so.

A number that stands still while it should move is what a broken model looks like from outside. The table names every
number by a pattern of its path, ``*`` standing for one name or index.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import BaseModel

from aegismatrix_engine.document.schema.document import Document

Pace = Literal["slot", "session", "expiry", "event", "constant"]
"""slot: with every document of a later moment: every bar inside a session, every close where only closes are published.
session, expiry: with every new session, every new primary expiry. event: when something happens that need not (a
training, a move past a strike). constant: never, by definition."""

SATURATED = 0.01
"""A fraction this near to 0 or 1 may stay there: the tail of a breach curve, a percentile in a crash."""


@dataclass(frozen=True)
class Paced:
    """A pattern of paths, the pace of its numbers, and whether they are fractions that may saturate."""

    pattern: str
    pace: Pace
    fraction: bool = False


_CALLS: tuple[tuple[str, Pace], ...] = (("today", "slot"), ("horizons.*", "session"))

PACES: tuple[Paced, ...] = (
    Paced("market.spot", "slot"),
    Paced("market.spot_change", "slot"),
    Paced("market.spot_change_pct", "slot"),
    Paced("market.vix", "slot"),
    Paced("market.vix_change", "slot"),
    Paced("market.vix_change_pct", "slot"),
    Paced("market.previous_close", "session"),
    Paced("market.trend_sigmas", "session"),
    Paced("market.volatility_percentile", "session", fraction=True),
    *(
        Paced(f"direction.{where}.{name}", pace, fraction=name != "expected_move_points")
        # A bar leaves the far horizons nearly as they were.
        for where, pace in _CALLS
        for name in ("expected_move_points", "conviction", "p_up", "p_down", "p_neutral", "base_up", "base_down")
    ),
    Paced("direction.today.dead_zone_pct", "constant"),
    Paced("direction.horizons.*.dead_zone_pct", "constant"),
    Paced("direction.today.intraday_volatility_score", "session", fraction=True),
    Paced("direction.horizons.*.sessions", "constant"),
    Paced("direction.horizons.*.margin", "event"),
    Paced("direction.risk_score", "session", fraction=True),
    Paced("direction.risk.score", "session", fraction=True),
    Paced("direction.risk.sigma_5_pct", "session"),
    Paced("direction.risk.percentile_years", "event"),
    Paced("seller.safe_range.lower", "slot"),
    Paced("seller.safe_range.upper", "slot"),
    Paced("seller.safe_range.touch_probability", "session", fraction=True),
    Paced("seller.safe_range.horizon_days", "session"),
    Paced("seller.safe_range.sessions_left", "session"),
    Paced("seller.safe_range.lower_level", "event"),
    Paced("seller.safe_range.upper_level", "event"),
    Paced("seller.safe_range.coverage", "constant"),
    Paced("seller.max_pain.*", "event"),
    Paced("seller.max_pain.confidence", "slot", fraction=True),
    Paced("seller.trap.score", "session", fraction=True),
    Paced("seller.trap.score_10", "session", fraction=True),
    Paced("seller.trap.iv_percentile", "session", fraction=True),
    Paced("seller.trap.rv_percentile", "session", fraction=True),
    Paced("seller.trap.horizon_sessions", "constant"),
    Paced("seller.trap.base_rate", "event"),
    Paced("seller.skew.*", "session"),
    Paced("seller.expiry_stress.score", "slot", fraction=True),
    Paced("seller.expiry_stress.distance_points", "slot"),
    Paced("seller.expiry_stress.sessions_left", "event"),
    Paced("seller.expiry_stress.base_rate", "event"),
    Paced("seller.breach_probabilities.*.distance", "event"),
    Paced("seller.breach_probabilities.*.probability", "slot", fraction=True),
    # From bar to bar a tail moves by less than its last digit.
    Paced("seller.breach_probabilities.*.*", "session", fraction=True),
    Paced("seller.breach.sessions_left", "session"),
    Paced("seller.historical_hit_rate", "event"),
    Paced("seller.expiries.*.sessions_left", "session"),
    Paced("seller.expiries.*.horizon_days", "session"),
    Paced("seller.expiries.*.ranges.*.coverage", "constant"),
    Paced("seller.expiries.*.ranges.*.*", "slot"),
    Paced("seller.expiries.*.breach_curve.*.distance", "event"),
    Paced("seller.expiries.*.breach_curve.*.*", "session", fraction=True),
    Paced("seller.expiries.*.max_pain.*", "event"),
    Paced("seller.expiries.*.max_pain.confidence", "slot", fraction=True),
    Paced("buyer.breakout_today.score", "slot", fraction=True),
    Paced("buyer.breakout_today.base_rate", "event"),
    Paced("buyer.breakout_next.*.score", "session", fraction=True),
    Paced("buyer.breakout_next.*.base_rate", "event"),
    Paced("buyer.breakout_next.*.day_offset", "constant"),
    Paced("buyer.breakout_levels.upper", "session"),
    Paced("buyer.breakout_levels.lower", "session"),
    Paced("buyer.breakout_levels.atr_points", "session"),
    Paced("buyer.breakout_levels.multiple", "constant"),
    Paced("buyer.spike_direction_bias.*", "event"),
    Paced("buyer.gamma_windows.*.*", "event"),
    Paced("buyer.theta_edge.score", "slot", fraction=True),
    Paced("buyer.theta_edge.expected_payoff_ratio", "slot"),
    Paced("buyer.theta_edge.payoff_error", "event"),
    Paced("buyer.theta_edge.straddle_cost_points", "slot"),
    Paced("buyer.theta_edge.sessions_left", "event"),
    Paced("buyer.theta_edge.base_rate", "event"),
    Paced("buyer.regime_evidence.variance_ratio", "session"),
    Paced("buyer.regime_evidence.z_statistic", "session"),
    Paced("buyer.regime_evidence.lag", "constant"),
    Paced("buyer.regime_evidence.window", "event"),
    Paced("buyer.historical_spike_rate", "event"),
    Paced("forecast.horizons.*.sessions", "constant"),
    Paced("forecast.horizons.*.sigma_pct", "slot"),
    Paced("forecast.horizons.*.p_up", "event"),
    Paced("forecast.horizons.*.quantiles.*.level", "constant"),
    Paced("forecast.horizons.*.quantiles.*.points", "slot"),
    Paced("forecast.horizons.*.quantiles.*.index_level", "slot"),
    Paced("forecast.horizons.*.breaches.*.distance_pct", "constant"),
    Paced("forecast.horizons.*.breaches.*.*", "session", fraction=True),
    # Documents made at one time of day have these in common; how far the session is, is the clock's to say.
    Paced("forecast.session.bars", "event"),
    Paced("forecast.session.bars_complete", "event"),
    Paced("forecast.session.variance_share_left", "event"),
    Paced("forecast.session.p_up", "event"),
    Paced("forecast.session.seen_over_expected", "slot"),
    Paced("forecast.session.sigma_pct", "slot"),
    Paced("forecast.session.quantiles.*.level", "constant"),
    Paced("forecast.session.quantiles.*.points", "slot"),
    Paced("forecast.session.quantiles.*.index_level", "slot"),
)

SIGNAL_BLOCKS = ("market", "direction", "seller", "buyer", "forecast")


@cache
def paced(path: str) -> Paced | None:
    """The entry for a path: the one whose pattern names most of it; None where the table has none."""
    names = path.split(".")
    fitting = [entry for entry in PACES if _fits(entry.pattern.split("."), names)]
    return min(fitting, key=lambda entry: entry.pattern.count("*"), default=None)


def _fits(pattern: list[str], names: list[str]) -> bool:
    return len(pattern) == len(names) and all(p in ("*", name) for p, name in zip(pattern, names, strict=True))


def signal_numbers(document: Document) -> Iterator[tuple[str, float]]:
    """Every number of the signal blocks with its dotted path; items of lists by their index."""
    for block in SIGNAL_BLOCKS:
        yield from _numbers(block, getattr(document, block))


def _numbers(path: str, value: object) -> Iterator[tuple[str, float]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _numbers(f"{path}.{name}", getattr(value, name))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _numbers(f"{path}.{index}", item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, float(value)
