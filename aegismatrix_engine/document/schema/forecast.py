"""The distribution behind every signal, at eight horizons."""

from typing import Annotated, Final

from pydantic import Field

from aegismatrix_engine.document.schema.quantities import (
    Block,
    Day,
    Level,
    Move,
    Points,
    Positive,
    Probability,
    Signal,
    Size,
)

FORECAST_SESSIONS: Final = (1, 2, 3, 4, 5, 10, 20, 40)
"""Horizons of the forecast block, in sessions."""


class ForecastQuantile(Block):
    """One quantile of the close at the horizon."""

    level: Probability = Field(description="Probability of a close at or below the quantile.")
    points: Points = Field(description="The quantile as a move from spot, in index points.")
    index_level: Level = Field(description="The quantile as an index level.")


class ForecastBreach(Block):
    """Chances that the index goes a distance away from spot by the horizon."""

    distance_pct: Move = Field(description="Distance from spot as a log move, a fraction (0.02 is 2 %).")
    close_beyond: Probability = Field(description="Close at the horizon beyond it on either side.")
    touch: Probability = Field(description="Touch on either side on the way.")
    touch_up: Probability = Field(description="Touch above on the way.")
    touch_down: Probability = Field(description="Touch below on the way.")


class ForecastHorizon(Block):
    """The distribution of the close one number of sessions ahead."""

    sessions: Positive = Field(description="Sessions ahead; special sessions are not counted.")
    until: Day = Field(description="Date of the session at whose close the horizon ends.")
    sigma_pct: Move = Field(description="Standard deviation forecast of the return, a fraction.")
    p_up: Probability = Field(description="Probability of a close above spot.")
    quantiles: Annotated[list[ForecastQuantile], Field(min_length=1)] = Field(description="By rising level.")
    breaches: Annotated[list[ForecastBreach], Field(min_length=1)] = Field(description="By rising distance.")


class SessionForecast(Signal):
    """From the newest bar of the session in progress to its official close."""

    session: Day = Field(description="The session in progress.")
    bars_complete: Positive = Field(description="15-minute bars of it that are complete.")
    bars: Positive = Field(description="Bars it has in all.")
    variance_share_left: Probability = Field(description="Share of a day's variance that usually falls after this bar.")
    seen_over_expected: Size = Field(description="Variance since the close before over what was forecast up to now.")
    sigma_pct: Move = Field(description="Standard deviation forecast of the return from now to the close, a fraction.")
    p_up: Probability = Field(description="Probability of an official close above spot.")
    quantiles: Annotated[list[ForecastQuantile], Field(min_length=1)] = Field(description="By rising level.")


class Forecast(Signal):
    """The return distribution at 1, 2, 3, 4, 5, 10, 20 and 40 sessions."""

    horizons: Annotated[list[ForecastHorizon], Field(min_length=8, max_length=8)] = Field(description="Nearest first.")
    session: SessionForecast | None = Field(
        default=None, description="To the close of the session in progress; absent outside one."
    )
