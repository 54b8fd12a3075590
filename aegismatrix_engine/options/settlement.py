"""Whether the options of an expiry have settled."""

from typing import Final

import pandas as pd

from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.as_of import exchange_day
from aegismatrix_engine.options.time_to_expiry import settlement

_DAY: Final = pd.Timedelta(days=1)


def has_settled(market: Market, expiry: pd.Timestamp, moment: pd.Timestamp) -> bool:
    """Whether options of an expiry, a naive date, have settled by an aware moment."""
    # Nearly every expiry is of a later day, whatever the zone, and nobody has to ask the clock or the calendar.
    if expiry.value - moment.value > _DAY.value:
        return False
    day = exchange_day(moment, market)
    return expiry < day or (expiry == day and settlement(market, expiry) <= moment)
