"""Whether a head has proven its skill, as the manifest keeps it, and why it has not, in words for readers."""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from aegismatrix_engine.scores import Count

ENTER_T: Final = 1.5
LEAVE_T: Final = 1.0
ENTER_RECENT: Final = 0.0
LEAVE_RECENT: Final = -0.005
RECENT_ORIGINS: Final = 750
"""Sessions of the walk whose skill counts as recent: three years."""

MINIMUM_FORECASTS: Final = 250
"""Known outcomes below which no skill is measured."""

HEADS: Final = (
    "seller.trap.5",
    "seller.trap.10",
    "seller.expiry_stress",
    *(f"buyer.breakout.{k}" for k in range(1, 6)),
    *(f"buyer.theta_edge.{h}" for h in range(1, 6)),
    "buyer.spike_direction_bias",
)
"""Every head that must prove itself; of expiry stress the word alone, its number is read off the distribution."""

UNMEASURED: Final = "no skill was measured: the history has too few past forecasts"


@dataclass(frozen=True)
class HeadProof:
    """A head's walk-forward skill against its base rate at the time, and whether that is proof enough.

    Attributes:
        signal: one of HEADS.
        proven: whether its forecasts and words are published.
        skill: 1 - Brier score / Brier score of the base rate, over all past forecasts; 0 without any.
        t: mean difference of the two scores over its standard error, which allows for overlapping horizons.
        recent_skill: the same as ``skill`` over the last 750 origins.
        n: past forecasts whose outcome is known.
    """

    signal: Annotated[str, Field(pattern=f"^({'|'.join(HEADS)})$".replace(".", r"\."))]
    proven: bool
    skill: float
    t: float
    recent_skill: float
    n: Count

    @property
    def reason(self) -> str:
        """Why it is not proven, in one line; empty where it is."""
        if self.proven:
            return ""
        if self.n < MINIMUM_FORECASTS:
            return UNMEASURED
        if self.recent_skill < ENTER_RECENT:
            return f"no skill measured over the last three years ({self.recent_skill:+.1%} against the base rate)"
        return f"no skill measured beyond chance ({self.skill:+.1%} against the base rate, t {self.t:.1f})"
