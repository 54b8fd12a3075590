"""The distribution behind every signal, at eight horizons."""

from typing import Annotated, Final

from pydantic import Field

from aegismatrix_engine.document.schema.block import Block, Day, Signal
from aegismatrix_engine.document.schema.meaning import HEALTHY, REPLACED, published
from aegismatrix_engine.document.schema.quantities import (
    Level,
    Move,
    Points,
    Positive,
    Probability,
    Sessions,
    Share,
    Size,
)

FORECAST_SESSIONS: Final = (1, 2, 3, 4, 5, 10, 20, 40)
"""Horizons of the forecast block, in sessions."""

BAR_UNIT: Final = "bars of {{ BAR }} minutes"


class ForecastQuantile(Block):
    """One quantile of the close at the horizon."""

    level: Probability = published("Probability of a close up to it.", "{{ QUANTILE_LEVELS }}", updates="constant")
    points: Points = published("The quantile as a move from spot.", "index_level - spot")
    index_level: Level = published("The quantile as an index level.", "level(Q_h(level))")


Quantiles = Annotated[list[ForecastQuantile], Field(min_length=1)]


class ForecastBreach(Block):
    """Chances that the index goes a distance away from spot by the horizon."""

    distance_pct: Move = published("Distance from spot as a log move.", "d = {{ BREACH_MOVES }}", updates="constant")
    close_beyond: Probability = published("Close at the horizon beyond it on either side.", "close_h(d)")
    touch: Probability = published("Touch on either side on the way.", "touch_h(d)")
    touch_up: Probability = published("Touch above on the way.", "up_h(d)")
    touch_down: Probability = published("Touch below on the way.", "down_h(d)")


class ForecastHorizon(Block):
    """The distribution of the close one number of sessions ahead."""

    sessions: Sessions = published("Sessions ahead; special sessions are not counted.", "h", updates="constant")
    until: Day = published("Date of the session at whose close the horizon ends.")
    sigma_pct: Move = published("Standard deviation forecast of the log return.", "S_h")
    p_up: Probability = published("Probability of a close above spot.", "1 - F_h(0)", updates="training")
    quantiles: Quantiles = published("Of the close at the horizon, by rising level.", does_not_say="The way there.")
    breaches: Annotated[list[ForecastBreach], Field(min_length=1)] = published(
        "Chances that the index goes a distance away from spot by the horizon, by rising distance.",
        does_not_say="When it happens.",
        updates="session",
    )


class SessionForecast(Signal):
    """From the newest bar of the session in progress to its official close."""

    session: Day = published("The session in progress.")
    bars_complete: Positive = published("Bars up to the newest, missing ones included.", unit=BAR_UNIT, updates="event")
    bars: Positive = published("Bars the session has in all, one begun included.", unit=BAR_UNIT, updates="event")
    variance_share_left: Share = published(
        "Share of a day's variance that usually falls after this bar.", "see inside a session", updates="event"
    )
    seen_over_expected: Size = published("Variance so far over its forecast.", "so far / (S_1^2 x (1 - share left))")
    sigma_pct: Move = published("Standard deviation forecast of the log return to the close.", "S to today's close")
    spread_factor: Size | None = published(
        "What sigma_pct has been multiplied by because past ranges from this time of day held too often, or too "
        "seldom.",
        "e^spread of the moment; see inside a session",
        does_not_say="How uncertain today is: sigma_pct does, which holds it.",
        updates="event",
        default=None,
    )
    p_up: Probability = published("Probability of an official close above spot.", "1 - F(0)", updates="training")
    quantiles: Quantiles = published("Of today's official close, by rising level.", does_not_say="The way there.")


class Forecast(Signal):
    """The return distribution at every horizon of the block."""

    horizons: Annotated[list[ForecastHorizon], Field(min_length=8, max_length=8)] = published(
        "The distribution of the close h sessions ahead, nearest first.",
        does_not_say="That returns are normal: use the quantiles, not multiples of sigma.",
    )
    session: SessionForecast | None = published(
        "From the newest bar of the session in progress to its official close; absent outside a regular session.",
        does_not_say="What comes after today's close: the horizons do, each from now to a close after today's.",
        basis={
            "model": f"{HEALTHY}, learnt from bars of the history",
            "prior": f"{REPLACED}; or by the constants that ship",
        },
        models=("distribution", "session"),
        default=None,
    )
