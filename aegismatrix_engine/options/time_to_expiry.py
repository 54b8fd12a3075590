"""How long an option has left: the moment of its settlement, and the minutes to it as years."""

from typing import Final

import pandas as pd
from pandas import DatetimeIndex, Timestamp

from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.markets.market import Market

YEAR: Final = pd.Timedelta(days=365)
"""The year of implied volatilities: calendar time, every minute of it alike."""


def settlement(market: Market, expiry: Timestamp) -> Timestamp:
    """The moment that decides what options of an expiry pay: the official close of its day, in the exchange's zone.

    A date that is no session of our calendar is taken at its word, with the usual hours: the exchange's own list of
    expiries is right where the two contradict each other.
    """
    return settlements(market, [expiry])[0]


def settlements(market: Market, expiries: list[Timestamp]) -> list[Timestamp]:
    """The settlement of each of several expiries, which are naive dates."""
    calendar = market.calendar
    closes = DatetimeIndex(calendar.local_hours(DatetimeIndex(expiries))[:, -1]).tz_localize(calendar.zone)
    return [
        calendar.usual_hours(expiry).official_close if pd.isna(close) else close
        for expiry, close in zip(expiries, closes, strict=True)
    ]


def years_left(as_of: Timestamp, settles: Timestamp) -> float:
    """Time from one aware moment to another in years of 365 days, at most 0 once it is past."""
    if as_of.tz is None or settles.tz is None:
        raise AegisError(f"time to expiry: {as_of} or {settles} has no zone; give both one")
    return float((settles - as_of) / YEAR)
