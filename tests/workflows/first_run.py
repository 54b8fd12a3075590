"""What the tests of the workflows begin with: the market, and a first run on an empty repository."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pandas as pd
from repositories import Origin
from workflow_jobs import Ended, Runner
from yahoo_server import Served, live_bars

from aegismatrix_engine.markets import get_market

MARKET = get_market("nifty50")
FIRST = "2026-07-14T16:09:30+05:30"
# Enough of a past for measured rates, so that nothing is degraded.
SESSIONS = 1500


def bars_at(now: str) -> Served:
    """The market as Yahoo shows it at a moment; of two moments the earlier shows a part of the later."""
    return dict(_bars_at(now))


@cache
def _bars_at(now: str) -> Served:
    begun, today = (pd.Timestamp(moment).tz_localize(None).normalize() for moment in (FIRST, now))
    more = len(MARKET.calendar.regular(begun + pd.Timedelta(days=1), today)) if today > begun else 0
    return live_bars(MARKET, pd.Timestamp(now), sessions=SESSIONS + more, intraday=25)


@dataclass(frozen=True)
class FirstRun:
    """The first run on an empty repository: origin.git after it, how it ended, and what GitHub heard of it."""

    origin: Origin
    ended: Ended
    main: str
    issues: int
    beats: int


MakeRunner = Callable[[Origin], Runner]
