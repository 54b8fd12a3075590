"""One of each chart of the page, with numbers as a document has them."""

import math

from aegismatrix_engine.dashboard.chart_data import (
    BreachPoint,
    DirectionRow,
    FanStep,
    Interval,
    LadderRow,
    PastSpot,
    ReliabilityBin,
    WindowShare,
)
from aegismatrix_engine.dashboard.charts import (
    breach_curves,
    direction_bars,
    fan,
    range_ladder,
    reliability,
    window_shares,
)

SPOT = 18105.3

# Label, then the ranges of 95, 90 and 80 % from the outside inwards.
_ROWS = (
    ("today", 17940.0, 17980.0, 18010.0, 18190.0, 18230.0, 18270.0),
    ("5 Jan", 17511.6, 17621.2, 17765.5, 18480.2, 18565.7, 18655.5),
    ("12 Jan", 17140.0, 17380.0, 17605.0, 18690.0, 18880.0, 19010.0),
    ("25 Jan", 16830.0, 17060.0, 17344.2, 19036.4, 19220.0, 19390.0),
    ("23 Feb", 16520.0, 16690.0, 17050.0, 19520.0, 19850.0, 19960.0),
)
LADDER = tuple(
    LadderRow(row[0], (Interval(0.8, row[3], row[4]), Interval(0.9, row[2], row[5]), Interval(0.95, row[1], row[6])))
    for row in _ROWS
)

BREACH = (
    BreachPoint(50, 0.8544, 0.7519, 0.5006, 0.3777),
    BreachPoint(150, 0.5927, 0.5135, 0.3564, 0.2671),
    BreachPoint(300, 0.2750, 0.2639, 0.1728, 0.1358),
    BreachPoint(550, 0.0438, 0.0756, 0.0273, 0.0355),
    BreachPoint(850, 0.0050, 0.0134, 0.0024, 0.0051),
)

WINDOWS = (
    WindowShare("09:15", 0.1842, 0.2303, "past"),
    WindowShare("09:45", 0.1909, 0.1591, "past"),
    WindowShare("10:45", 0.1194, 0.1180, "running"),
    WindowShare("12:00", 0.2298, 0.2350, "ahead"),
    WindowShare("14:00", 0.1588, 0.1588, "ahead"),
    WindowShare("15:00", 0.1026, None, "ahead"),
)

STEPS = tuple(
    FanStep(
        session,
        tuple(
            Interval(
                coverage, SPOT * math.exp(-width * math.sqrt(session)), SPOT * math.exp(width * math.sqrt(session))
            )
            for coverage, width in ((0.5, 0.006), (0.8, 0.0115), (0.95, 0.0176))
        ),
    )
    for session in (1, 2, 3, 4, 5, 10, 20, 40)
)

PAST = tuple(PastSpot(-session, SPOT * (1 + 0.01 * math.sin(session / 3))) for session in range(30))

DIRECTIONS = (
    DirectionRow("today", 0.41, 0.37, 0.4282, 0.3619),
    DirectionRow("1 session", 0.4269, 0.3632, 0.4282, 0.3619),
    DirectionRow("3 sessions", 0.4582, 0.3564, 0.4578, 0.3568),
    DirectionRow("5 sessions", 0.4741, 0.3434, 0.4722, 0.3454),
    DirectionRow("10 sessions", 0.4938, 0.3143, 0.4905, 0.3176),
    DirectionRow("20 sessions", 0.5204, 0.3024, 0.5192, 0.3036),
    DirectionRow("40 sessions", 0.5756, 0.2654, 0.5727, 0.2684),
)

BINS = (
    ReliabilityBin(0.07, 0.05, 0.02, 0.20, 40),
    ReliabilityBin(0.25, 0.22, 0.10, 0.42, 20),
    ReliabilityBin(0.40, 0.50, 0.20, 0.80, 10),
)

WALK = (
    ReliabilityBin(0.06, 0.06, 0.05, 0.08, 900),
    ReliabilityBin(0.25, 0.26, 0.23, 0.29, 400),
    ReliabilityBin(0.70, 0.75, 0.55, 0.90, 100),
)


def rupees(value: float) -> str:
    """A whole number as India groups it: 1,24,000."""
    digits, sign = str(abs(round(value))), "-" if value < 0 else ""
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return sign + ",".join([*groups, tail])


def sample_charts() -> dict[str, str]:
    return {
        "range_ladder": range_ladder(LADDER, SPOT, label="Ranges of the close", level=rupees),
        "breach_curves": breach_curves(BREACH, label="Touch and close", distance=rupees),
        "window_shares": window_shares(WINDOWS, label="Share of the variance"),
        "fan": fan(PAST, SPOT, STEPS, label="Bands of the close", level=rupees),
        "direction_bars": direction_bars(DIRECTIONS, label="Up and down"),
        "reliability": reliability(BINS, label="Reliability", walk=WALK),
    }
