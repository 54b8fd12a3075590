"""Which way, how far and how sure: to today's close and to six horizons."""

from typing import Final, Literal

from pydantic import Field

from aegismatrix_engine.document.schema.quantities import (
    Block,
    Day,
    FineScore,
    Move,
    Points,
    Positive,
    Probability,
    Score,
    Signal,
    Size,
    Timestamp,
)

DirectionLabel = Literal["UP", "DOWN", "NEUTRAL"]
HorizonLabel = Literal["Tomorrow", "Next 3 Days", "This Week", "Next Week", "This Month", "Next Month"]

HORIZONS: Final[dict[str, tuple[int, HorizonLabel]]] = {
    "t1": (1, "Tomorrow"),
    "t3": (3, "Next 3 Days"),
    "t5": (5, "This Week"),
    "t10": (10, "Next Week"),
    "t20": (20, "This Month"),
    "t40": (40, "Next Month"),
}
"""Field of ``direction.horizons`` -> (sessions ahead, the label its readers show)."""


class DirectionCall(Signal):
    """A three-way forecast of the sign of a return, with the base rates it is judged against."""

    direction: DirectionLabel = Field(
        description="NEUTRAL unless p_up or p_down beats its base rate by a margin proven in walk-forward."
    )
    expected_move_points: Points = Field(
        description="Median move, in index points, signed: not negative under UP, not positive under DOWN."
    )
    conviction: FineScore = Field(
        description="(p - base) / (1 - base) of the side whose p is above its base; under NEUTRAL too."
    )
    p_up: Probability = Field(description="Probability of a return above the dead zone.")
    p_down: Probability = Field(description="Probability of a return below the dead zone's negative.")
    p_neutral: Probability = Field(description="Probability of a return inside the dead zone.")
    base_up: Probability = Field(
        description="p_up without a view on the sign: the long-run share of ups among moves, times P(a move) today."
    )
    base_down: Probability = Field(
        description="p_down without a view on the sign: the long-run share of downs among moves, times P(a move) today."
    )
    dead_zone_pct: Move = Field(description="Half-width of the dead zone, a fraction: 0.002 x sqrt(sessions).")


class DirectionToday(DirectionCall):
    """From now to the close of the session in progress, or of the next one when the market is closed."""

    intraday_volatility_score: Score = Field(
        description="Where the session's realised volatility so far stands in its own history at this time of day."
    )
    last_update: Timestamp = Field(description="When the newest bar behind this block was complete.")
    session: Day = Field(description="The session it speaks of.")


class DirectionHorizon(DirectionCall):
    """From ``as_of`` to the close a number of sessions ahead."""

    label: HorizonLabel = Field(description="The horizon's name as readers show it.")
    sessions: Positive = Field(description="Sessions ahead; special sessions are not counted.")
    until: Day = Field(description="Date of the session at whose close the horizon ends.")
    margin: Probability | None = Field(
        default=None, description="Margin over the base rate that a call must have; absent where none is proven."
    )
    margin_proven: bool = Field(description="Whether a margin has proven itself in walk-forward at this horizon.")


class DirectionHorizons(Block):
    """The six horizons, by number of sessions."""

    t1: DirectionHorizon = Field(description="One session ahead.")
    t3: DirectionHorizon = Field(description="Three sessions ahead.")
    t5: DirectionHorizon = Field(description="Five sessions ahead.")
    t10: DirectionHorizon = Field(description="Ten sessions ahead.")
    t20: DirectionHorizon = Field(description="Twenty sessions ahead.")
    t40: DirectionHorizon = Field(description="Forty sessions ahead.")


class Risk(Signal):
    """How large the coming week's volatility is against its own past."""

    score: Score = Field(description="Where the 5-session volatility forecast stands in its own last years, 0..1.")
    sigma_5_pct: Move = Field(description="Standard deviation forecast for the next 5 sessions' return, a fraction.")
    percentile_years: Size = Field(description="Years of forecasts the score is a percentile of.")


class Direction(Block):
    """Forecasts of direction and the risk beside them."""

    today: DirectionToday = Field(description="To the close of the session in progress or next.")
    horizons: DirectionHorizons = Field(description="Six horizons of 1 to 40 sessions.")
    risk_score: Score = Field(description="Below 0.3 low, below 0.6 moderate, else high; equals risk.score.")
    risk: Risk = Field(description="What risk_score is made of.")

    @property
    def by_horizon(self) -> dict[str, DirectionHorizon]:
        """The six horizons by field name, nearest first."""
        return {name: getattr(self.horizons, name) for name in HORIZONS}
