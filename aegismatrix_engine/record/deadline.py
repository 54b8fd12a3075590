"""Until when a forecast has to be published to count as made at its moment: the one definition of live."""

import pandas as pd

from aegismatrix_engine.markets import BAR, PUBLISHING_INTERVAL, Market
from aegismatrix_engine.markets.trading_clock import next_open, trading_clock

LATEST = BAR + PUBLISHING_INTERVAL
"""How long after its moment a forecast of a session in progress still counts as made then."""


def live_until(market: Market, as_of: pd.Timestamp, *, in_session: bool) -> pd.Timestamp:
    """The last instant at which a forecast of ``as_of`` is still made before anything of its outcome is known.

    Inside a session in progress that is 45 minutes after ``as_of`` (with a zone), else the next open.

    Raises:
        DataError: the market's calendar does not cover ``as_of``.
    """
    if in_session:
        return as_of + LATEST
    return next_open(market, trading_clock(market, as_of)) - pd.Timedelta(1, "ns")
