"""What the charts of the page draw, as plain rows: levels in index points, probabilities and shares from 0 to 1."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Interval:
    """One central interval of index levels.

    Attributes:
        coverage: probability that the interval claims, such as 0.8.
        lower: index level.
        upper: index level.
    """

    coverage: float
    lower: float
    upper: float


@dataclass(frozen=True)
class LadderRow:
    """The ranges of one close.

    Attributes:
        label: at most seven characters, such as "today" or "25 Aug".
        intervals: in any order; the one with the largest coverage is drawn first, below the others.
    """

    label: str
    intervals: tuple[Interval, ...]


@dataclass(frozen=True)
class BreachPoint:
    """Probabilities of reaching, and of closing beyond, levels ``distance`` points above and below spot."""

    distance: float
    touch_up: float
    touch_down: float
    close_up: float
    close_down: float


@dataclass(frozen=True)
class WindowShare:
    """One window's share of the variance of a session.

    Attributes:
        label: at most five characters, such as "09:15".
        share: forecast, or what it was once the window is past.
        usual: historical average on the same scale; None where there is none.
        state: where the session is: the window is past, running or ahead.
    """

    label: str
    share: float
    usual: float | None
    state: Literal["past", "running", "ahead"]


@dataclass(frozen=True)
class FanStep:
    """The intervals of the close ``session`` sessions ahead, from 1."""

    session: int
    intervals: tuple[Interval, ...]


@dataclass(frozen=True)
class PastSpot:
    """A spot of the record: ``session`` is 0 for the newest, and negative before it."""

    session: int
    spot: float


@dataclass(frozen=True)
class DirectionRow:
    """Probabilities of a move up and of a move down, each with its base rate.

    Attributes:
        label: at most twelve characters, such as "20 sessions".
    """

    label: str
    p_up: float
    p_down: float
    base_up: float
    base_down: float


@dataclass(frozen=True)
class ReliabilityBin:
    """Forecasts of about the same probability, and how often they came true.

    Attributes:
        mean_probability: of the forecasts in the bin.
        share: of them that came true.
        low: lower end of the interval of ``share``.
        high: upper end of it.
        events: number of independent events; the area of a point grows with it, within its set of bins.
    """

    mean_probability: float
    share: float
    low: float
    high: float
    events: float
