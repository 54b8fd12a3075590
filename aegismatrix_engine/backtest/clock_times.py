"""Clock times at which a backtest forecasts inside sessions: read from text, and checked against a market's hours."""

import re
from typing import Final

import pandas as pd

from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import BAR, Market

_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_MINUTES: Final = int(BAR / pd.Timedelta(minutes=1))


def clock_times(text: str) -> tuple[str, ...]:
    """'10:15,12:30' as clock times HH:MM, earliest first; none of an empty text.

    Raises:
        ConfigurationError: a part that is no such time, or a time that is there twice.
    """
    if not text:
        return ()
    times = [part.strip() for part in text.split(",")]
    for at, time in enumerate(times):
        if not _CLOCK.fullmatch(time):
            raise ConfigurationError(
                f"invalid --intraday {time[:20]!r}: expected clock times of the exchange with commas between them, "
                "such as 10:15,12:30"
            )
        if time in times[:at]:
            raise ConfigurationError(f"invalid --intraday {text[:60]!r}: {time} is there twice; name every time once")
    return tuple(sorted(times))


def refuse_without_bars(history: MarketHistory) -> None:
    """Raises ConfigurationError where the bars allow no forecast from inside a session, and says why."""
    market = history.market
    if market.lunch_break:
        raise ConfigurationError(
            f"--intraday: forecasts inside sessions of {market.id} are withheld, because trading at "
            f"{market.calendar.name} stops for lunch; leave --intraday out"
        )
    if history.bars is None:
        raise ConfigurationError(
            f"--intraday: there are no bars inside sessions of {market.id} (in a csv folder spot_intraday.csv); add "
            "them, or leave --intraday out"
        )


def refuse_outside(times: tuple[str, ...], market: Market, sessions: pd.DatetimeIndex) -> None:
    """Raises ConfigurationError for a time at which neither the first nor the last of some sessions has a forecast.

    A session has one at the end of each of its bars, its last bar's left out: the close is a forecast of its own.
    """
    ends = [_bar_ends(market, session) for session in (sessions[-1], sessions[0])]
    for time in times:
        if not any(time in of_session for of_session in ends):
            raise ConfigurationError(f"invalid --intraday {time}: {_why(time, market, sessions[-1], ends[0])}")


def _bar_ends(market: Market, session: pd.Timestamp) -> list[str]:
    """Clock times at which the bars of a session end that forecasts can be made from, earliest first."""
    hours = market.calendar.hours(session)
    ends = pd.date_range(hours.opens + BAR, hours.continuous_close, freq=BAR, inclusive="left")
    return [f"{end:%H:%M}" for end in ends]


def _why(time: str, market: Market, session: pd.Timestamp, ends: list[str]) -> str:
    hours = market.calendar.hours(session)
    opens, closes = f"{hours.opens:%H:%M}", f"{hours.continuous_close:%H:%M}"
    whole = f"expected {ends[0]} to {ends[-1]}, every {_MINUTES} minutes"
    if not opens <= time < closes:
        return f"a session of {market.id} runs from {opens} to {closes}; {whole}"
    if time < ends[0]:
        return f"the first bar of a session of {market.id} is complete at {ends[0]}; {whole}"
    return f"no bar of {market.id} ends then; {whole}"
