"""Where a score stops being low and starts being high: cuts relative to the event's base rate, learnt from the past."""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.typing import FloatArray

LOW_SHARE, HIGH_SHARE = 1 / 3, 0.8
MINIMUM_SCORES = 250


@dataclass(frozen=True)
class LabelCuts:
    """A score is low below ``low`` x base rate, high from ``high`` x base rate on, else medium."""

    low: float
    high: float

    def grade(self, probability: float, base_rate: float) -> int:
        """0 low, 1 medium, 2 high."""
        ratio = probability / base_rate
        return 2 if ratio >= self.high else 0 if ratio < self.low else 1


ASSUMED_CUTS = LabelCuts(low=0.9, high=1.15)


def learn_cuts(probability: FloatArray, base_rate: FloatArray) -> LabelCuts:
    """Cuts at the lowest third and the highest fifth of past scores relative to their base rates. Arrays (n,).

    Below 250 known scores the cuts are assumed, 10 % under and 15 % over the base rate.
    """
    ratio = probability / base_rate
    ratio = ratio[np.isfinite(ratio)]
    if len(ratio) < MINIMUM_SCORES:
        return ASSUMED_CUTS
    low, high = np.quantile(ratio, [LOW_SHARE, HIGH_SHARE])
    return LabelCuts(float(low), float(high))
