"""How the page puts a number against its usual value, and a signal's origin, into words."""

from dataclasses import dataclass
from typing import Any, Final

from aegismatrix_engine.dashboard.figures import Figure, Figures

ABOUT_USUAL: Final = 0.15
"""A chance within this share of its base rate is called about usual; a fixed choice, of the page alone."""

MARKS: Final = {
    "base_rate": "usual rate",
    "estimator": "estimate",
    "prior": "past average",
    "options": "option prices",
}
"""Basis of a signal -> the mark beside its number; a fitted model needs none. The text below the number says more."""


@dataclass(frozen=True)
class Chance:
    """A probability beside its base rate.

    Attributes:
        value: the probability, as a figure.
        usual: its base rate.
        share, usual_share: the same as numbers from 0 to 1, for the gauge.
        words: how the two compare; empty where the head has no proven skill.
        mark: what the number comes from, where that is not a fitted model; else empty.
        reason: why the head is silent; empty while it is proven.
    """

    value: Figure
    usual: Figure
    share: float
    usual_share: float
    words: str
    mark: str
    reason: str


def chance(figures: Figures, block: str, score: str = "score", base: str = "base_rate", suffix: str = "") -> Chance:
    """The probability of a head's block in the document, beside its base rate; ``suffix`` is that of a second head."""
    share, usual_share = figures.value(f"{block}.{score}"), figures.value(f"{block}.{base}")
    basis, reason = figures.value(f"{block}.basis{suffix}"), figures.value(f"{block}.reason{suffix}") or ""
    silent = bool(reason) or basis in ("base_rate", "prior")
    return Chance(
        value=figures("percent", f"{block}.{score}"),
        usual=figures("percent", f"{block}.{base}"),
        share=share,
        usual_share=usual_share,
        words="" if silent else against_usual(share, usual_share),
        mark=MARKS.get(basis, ""),
        reason=reason,
    )


def against_usual(share: float, usual: float) -> str:
    """A probability against its base rate, in words."""
    if abs(share - usual) <= ABOUT_USUAL * usual:
        return "about usual"
    return "more likely than usual" if share > usual else "less likely than usual"


def mark_of(figures: Figures, block: str) -> str:
    """What a block's numbers come from, where that is not a fitted model; else empty."""
    basis: Any = figures.value(f"{block}.basis")
    return MARKS.get(basis, "")
