"""The straddle at the money: what the call and the put at the strike nearest the forward cost together."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from aegismatrix_engine.options.forward import Forward
from aegismatrix_engine.options.quotes import NoPrices

FARTHEST_STRIKE: Final = 0.01
"""As a share of the forward. A straddle struck farther away is paid for its distance as well as for the move."""


@dataclass(frozen=True)
class Straddle:
    """A call and a put at one strike.

    Attributes:
        strike: index points.
        points: what both cost, paid today, in index points.
    """

    strike: float
    points: float


def straddle_at_the_money(forward: Forward) -> Straddle | NoPrices:
    """The straddle at the strike nearest the forward of which both legs have a usable price."""
    pairs = forward.pairs
    nearest = int(np.argmin(np.abs(pairs.strike - forward.level)))
    strike = float(pairs.strike[nearest])
    if abs(strike - forward.level) > FARTHEST_STRIKE * forward.level:
        return NoPrices(
            f"has no strike within {FARTHEST_STRIKE:.0%} of its forward {forward.level:.0f} of which call and put have "
            f"a usable price"
        )
    return Straddle(strike, float(pairs.total[nearest]))
