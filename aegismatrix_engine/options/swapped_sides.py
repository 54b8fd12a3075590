"""Whether the calls and puts of an expiry have been exchanged, by what they would pay at once."""

from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.options.chain import Legs

LONGEST_AHEAD: Final = pd.Timedelta(days=60)
"""Interest and dividends move the forward by less than 1 % so far ahead, and more beyond."""

BELOW: Final = 0.02
"""A leg is priced too low where it costs less than it pays at once by more than this, as a fraction of the level."""

FEWEST_LEGS: Final = 6

SWAPPED: Final = (
    "most legs cost less than they pay at once, so calls and puts are swapped or the strikes are those of another index"
)


def sides_swapped(legs: Legs, level: float, as_of: pd.Timestamp) -> bool:
    """Whether most legs that pay something at once cost clearly less than that, which happens when sides are swapped.

    Args:
        legs: of one expiry; their price is taken, else their settlement.
        level: of the index, points; nothing is said where it is not above 0.
        as_of: aware moment of the legs.
    """
    if not level > 0 or legs.expiry - as_of.tz_localize(None) > LONGEST_AHEAD:
        return False
    price = np.where(np.isfinite(legs.price), legs.price, legs.settlement)
    pays = np.where(legs.is_call, level - legs.strike, legs.strike - level)
    judged = np.isfinite(price) & (pays > BELOW * level)
    low = judged & (price < pays - BELOW * level)
    return bool(judged.sum() >= FEWEST_LEGS and low.sum() > judged.sum() / 2)
