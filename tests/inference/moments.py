"""Moments of the synthetic market at which documents are made, and the documents of them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import synthetic

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets.as_of import AsOf

ZONE = "Asia/Kolkata"
WHOLE = synthetic.whole_history()
FRIDAY, MONDAY, WEDNESDAY, RISING = (
    pd.Timestamp(date) for date in ("2019-07-19", "2019-07-22", "2019-07-24", "2019-09-04")
)


def at(day: pd.Timestamp, time: str) -> pd.Timestamp:
    return pd.Timestamp(f"{day:%Y-%m-%d}T{time}").tz_localize(ZONE)


def cut(day: pd.Timestamp, time: str) -> MarketHistory:
    """The whole history as it was known then."""
    return WHOLE.until(AsOf.of(at(day, time)))


@cache
def document(day: pd.Timestamp, time: str) -> dict[str, Any]:
    """The document of a moment, by the models of the whole history."""
    return made(cut(day, time))


def made(bars: MarketHistory) -> dict[str, Any]:
    found: dict[str, Any] = synthetic.document(*synthetic.trained_whole(), bars)
    return found


def daily_until(day: pd.Timestamp) -> pd.DataFrame:
    """Open, high, low, close and vix of every session up to a day, that day included."""
    return synthetic.daily_frame().loc[:day]


def bars_of(day: pd.Timestamp, bars: int) -> pd.DataFrame:
    """The first bars of a session."""
    return synthetic.intraday_frame().loc[f"{day:%Y-%m-%d}"].iloc[:bars]


def changed(bars: MarketHistory, change: Callable[[pd.DataFrame], pd.DataFrame]) -> MarketHistory:
    """The history with its intraday bars changed."""
    assert bars.bars is not None
    return replace(bars, bars=change(bars.bars))
