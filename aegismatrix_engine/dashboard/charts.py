"""The six charts of the page, each as one SVG text."""

from collections.abc import Callable, Sequence

from aegismatrix_engine.dashboard.chart_data import (
    BreachPoint,
    DirectionRow,
    FanStep,
    LadderRow,
    PastSpot,
    ReliabilityBin,
    WindowShare,
)

FormatNumber = Callable[[float], str]


def range_ladder(rows: Sequence[LadderRow], spot: float, *, label: str, level: FormatNumber) -> str:
    """Nested ranges of the close, one row for each date, with a line at spot."""
    return ""


def breach_curves(points: Sequence[BreachPoint], *, label: str, distance: FormatNumber) -> str:
    """Probability of a touch and of a close beyond, by distance below and above spot."""
    return ""


def window_shares(windows: Sequence[WindowShare], *, label: str) -> str:
    """Each window's share of a session's variance, with its usual share as a tick."""
    return ""


def fan(past: Sequence[PastSpot], spot: float, steps: Sequence[FanStep], *, label: str, level: FormatNumber) -> str:
    """Bands of the close over the sessions ahead, after the spots of the sessions before."""
    return ""


def direction_bars(rows: Sequence[DirectionRow], *, label: str) -> str:
    """Probability of a move down to the left and up to the right, with the base rates as ticks."""
    return ""


def reliability(bins: Sequence[ReliabilityBin], *, label: str, walk: Sequence[ReliabilityBin] = ()) -> str:
    """How often forecasts came true, by the probability that was forecast; ``walk`` is the walk through the past."""
    return ""
