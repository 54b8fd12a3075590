"""The open that a US night points to, and what is left of the session's move after it."""

from aegismatrix_engine.document.schema.block import Day, Signal
from aegismatrix_engine.document.schema.meaning import published
from aegismatrix_engine.document.schema.provenance import UsSeries
from aegismatrix_engine.document.schema.quantities import Count, Level, Points, Probability, Ratio, SignedUnit


class OpeningGap(Signal):
    """Where the next session is expected to open, and what is expected of it afterwards."""

    session: Day = published("The session, regular or special, that opens next.")
    us_session: Day = published("The newest US session that was used.")
    series: list[UsSeries] = published("The US series that the forecast rests on, of those that know the night.")
    expected_open: Level = published("Median of the opening price.", "level(G(0.5))")
    expected_points: Points = published("The same against the last official close, signed.", "expected_open - spot")
    lower: Level = published(
        "Lower end of the range that holds the open with probability ``coverage``.",
        "level(G({{ OPEN_LEVELS | first }}))",
    )
    upper: Level = published("Upper end of that range.", "level(G({{ OPEN_LEVELS | last }}))")
    coverage: Probability = published("Probability that the open lies in the range.", updates="constant")
    after_open_points: Points | None = published(
        "Expected move from the open to the close of that session, signed; absent where too few past nights are known.",
        "expected_open x (exp(S_1 x m) - 1), S_1 that of the last close; see the opening gap",
        default=None,
    )
    after_open_correlation: SignedUnit | None = published(
        "Correlation between the expected opening gap and the move after the open, over the nights of the walk.",
        updates="event",
        changes_with="training",
        default=None,
    )
    after_open_t: Ratio | None = published(
        "The same in standard errors; within {{ PROVEN_T }} of 0 the expected move after the open is the past mean.",
        unit="standard errors",
        updates="event",
        changes_with="training",
        default=None,
    )
    after_open_nights: Count = published(
        "Nights behind both, 0 where they are absent.", unit="nights", updates="event", changes_with="training"
    )
