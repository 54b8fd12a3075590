"""The word that each label of a withdrawn document has: the one by which a reader decides nothing."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MIDDLE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "market.regime": "CHOPPY",
        "direction.today.direction": "NEUTRAL",
        "direction.horizons.*.direction": "NEUTRAL",
        "seller.trap.label": "MEDIUM",
        "seller.expiry_stress.label": "CAUTION",
        "seller.seller_flag.label": "CAUTION",
        "seller.seller_flag.color": "AMBER",
        "seller.regime": "CAUTIOUS",
        "seller.daily_flag": "NEUTRAL",
        "buyer.breakout_today.label": "MEDIUM",
        "buyer.breakout_next.*.label": "MEDIUM",
        "buyer.theta_edge.label": "BORDERLINE",
        "buyer.regime": "CHOPPY",
        "buyer.buyer_environment.label": "SPECULATIVE_ONLY",
        "buyer.buyer_environment.color": "AMBER",
        "buyer.environment_state": "CAUTIOUS",
    }
)
"""Dotted path -> word; ``*`` is any one name or index. Words that name a kind, a basis or a state are none of these."""


def middle_word(path: str) -> str | None:
    """The word that a field has in a withdrawn document; None where it keeps its own."""
    names = path.split(".")
    return next((word for pattern, word in MIDDLE_WORDS.items() if _fits(pattern.split("."), names)), None)


def _fits(pattern: list[str], names: list[str]) -> bool:
    return len(pattern) == len(names) and all(p in ("*", name) for p, name in zip(pattern, names, strict=True))
