"""Which way, how far and how sure: to today's close and to six horizons."""

from typing import Final, Literal

from aegismatrix_engine.document.schema.block import Block, Day, Signal, Text, Timestamp
from aegismatrix_engine.document.schema.meaning import FROM_MODELS, HEALTHY, REPLACED, published
from aegismatrix_engine.document.schema.opening_gap import OpeningGap
from aegismatrix_engine.document.schema.quantities import FineScore, Move, Points, Probability, Sessions, Share, Size

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

    direction: DirectionLabel = published(
        "UP or DOWN where p_up or p_down beats its base rate by a margin proven in walk-forward, else NEUTRAL.",
        "UP where edge is above 0, DOWN below; NEUTRAL where abs(edge) is below the margin or the other side as likely",
        cut_offs="margins tried: {{ MARGINS | either }}; see the direction gate",
    )
    expected_move_points: Points = published(
        "Median move, signed; 0 where its sign contradicts UP or DOWN.", "spot x (exp(Q_h(0.5)) - 1)"
    )
    conviction: FineScore = published(
        "How far the side whose p is above its base is above it, of the room there is; under NEUTRAL too.",
        "abs(edge) / (1 - base of that side)",
    )
    p_up: Probability = published("Probability of a return above the dead zone.", "1 - F_h(dead zone)")
    p_down: Probability = published("Probability of a return below the dead zone's negative.", "F_h(-dead zone)")
    p_neutral: Probability = published("Probability inside the dead zone; takes the rounding.", "1 - p_up - p_down")
    base_up: Probability = published(
        "p_up without a view on the sign.",
        "s x (p_up + p_down), s the long-run share of ups among moves beyond the dead zone",
    )
    base_down: Probability = published("p_down without a view on the sign.", "(1 - s) x (p_up + p_down)")
    dead_zone_pct: Move = published("Half-width of the dead zone.", "{{ DEAD_ZONE }} x sqrt(h)", updates="constant")
    note: Text | None = published(
        "After the US night: that the call is about the opening gap, with the expected open and what is expected after "
        "it; absent elsewhere.",
        default=None,
    )


class DirectionToday(DirectionCall):
    """From now to the close of the session in progress, or of the next one when the market is closed."""

    intraday_volatility_score: Share = published(
        "How high the session's realised volatility so far is among past sessions at this time of day.",
        "inside a session: percentile of the sum of v so far among the last year's sessions at the same moment; "
        "elsewhere, or with under {{ MINIMUM_PAST }} such sessions: percentile of the last session's true range among "
        "the last year's",
        updates="session",
    )
    last_update: Timestamp = published("as_of: when the newest bar behind this block was complete.")
    session: Day = published("The regular session in progress, else the next one.")


class DirectionHorizon(DirectionCall):
    """From ``as_of`` to the close a number of sessions ahead."""

    label: HorizonLabel = published("Its name: {{ NAMED_HORIZONS.values() | map('join', ' ') | join(', ') }}.")
    sessions: Sessions = published("Sessions ahead; special sessions are not counted.", "h", updates="constant")
    until: Day = published("Date of the session at whose close the horizon ends.")
    margin: Probability | None = published(
        "Margin over the base rate that a call must have, after the US night its own; absent where none is proven.",
        "see the direction gate",
        updates="event",
        changes_with="training",
        default=None,
    )
    margin_proven: bool = published("Whether a margin has proven itself in walk-forward at this horizon.")


class DirectionHorizons(Block):
    """The six horizons, by number of sessions."""

    t1: DirectionHorizon = published("One session ahead.")
    t3: DirectionHorizon = published("Three sessions ahead.")
    t5: DirectionHorizon = published("Five sessions ahead.")
    t10: DirectionHorizon = published("Ten sessions ahead.")
    t20: DirectionHorizon = published("Twenty sessions ahead.")
    t40: DirectionHorizon = published("Forty sessions ahead.")


class Risk(Signal):
    """How large the coming week's volatility is against its own past."""

    score: Share = published(
        "How high the 5-session volatility forecast is among its values of the last years.",
        "percentile of B_5 at the closes of the last {{ RISK_YEARS }} years",
    )
    sigma_5_pct: Move = published("Standard deviation forecast of the next 5 sessions' log return.", "S_5")
    percentile_years: Size = published(
        "Years of forecasts behind the score.",
        "closes compared / Y, at most {{ RISK_YEARS }}",
        unit="years",
        updates="event",
    )


class Direction(Block):
    """Forecasts of direction and the risk beside them."""

    today: DirectionToday = published(
        "Inside a session: from now to its official close, with the dead zone of one session. Elsewhere: to the close "
        "of the next session, the same call as t1.",
        updates="document",
        does_not_say="What happens between now and that close, or where to enter: points are the median of a wide "
        "distribution.",
        basis={"model": HEALTHY, "prior": f"{REPLACED}; or inside a session by the constants that ship"},
        models=("direction", "distribution", "night", "session"),
    )
    horizons: DirectionHorizons = published(
        "From now to the close h sessions ahead, inside a session h after today; h = {{ HORIZONS.values() }}.",
        updates="session",
        does_not_say="That NEUTRAL means a quiet market. It means that no view on the sign has earned a call; "
        "`p_neutral` is the chance of a small move. Conviction under NEUTRAL is not a call.",
        basis=FROM_MODELS,
        models=("direction", "distribution", "night", "session"),
    )
    night: OpeningGap | None = published(
        "The open that the US night points to: only before that open, once the night is known; absent elsewhere.",
        does_not_say="That there is anything to gain after the open: the news of the night is in the opening price. "
        "What is expected after it does not depend on the night unless `after_open_t` is beyond {{ PROVEN_T }}.",
        basis=FROM_MODELS,
        models=("distribution", "night"),
        updates="session",
        default=None,
    )
    risk_score: Share = published(
        "risk.score alone, for readers that show one number.",
        cut_offs="below 0.3 low, below 0.6 moderate, else high",
        updates="session",
    )
    risk: Risk = published(
        "How large the coming week's volatility is against its own past, at the last official close.",
        does_not_say="Which way the risk is, or that the market is calm in absolute terms: after five calm years a "
        "low level can rank high. The past values are computed by today's model, in hindsight.",
        basis=FROM_MODELS,
        models=("distribution",),
        updates="session",
    )

    @property
    def by_horizon(self) -> dict[str, DirectionHorizon]:
        """The six horizons by field name, nearest first."""
        return {name: getattr(self.horizons, name) for name in HORIZONS}
