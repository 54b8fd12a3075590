"""The index level of a chain: what its file states, else what its prices name."""

import math
from typing import Final

import numpy as np

from aegismatrix_engine.markets import Market
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.options.forward import Forward, forward_by_parity
from aegismatrix_engine.options.quotes import quotes_of
from aegismatrix_engine.options.time_to_expiry import settlements, years_left

LONGEST_AHEAD: Final = 60 / 365
"""Years; dividends move a forward by less than a fifth of one per cent so far ahead, and more beyond."""


def priced_index(chain: OptionChain, market: Market) -> float:
    """The index level that the prices of the nearest expiry name, without the interest up to it.

    NaN where no expiry of the next two months has prices that name a forward.
    """
    moments = settlements(market, [legs.expiry for legs in chain.expiries]) if chain.expiries else []
    for legs, settles in zip(chain.expiries, moments, strict=True):
        years = years_left(legs.as_of or chain.as_of, settles)
        if not 0 < years <= LONGEST_AHEAD:
            continue
        forward = forward_by_parity(quotes_of(legs, float(np.median(legs.strike))), math.nan, years)
        if isinstance(forward, Forward):
            return forward.level * forward.discount
    return math.nan
