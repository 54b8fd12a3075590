"""The charts of a view, each as SVG text."""

from collections.abc import Callable

from aegismatrix_engine.dashboard import charts
from aegismatrix_engine.dashboard.figures import Style, grouped
from aegismatrix_engine.dashboard.view import Tabs


def pictures(tabs: Tabs, style: Style) -> dict[str, str]:
    """The charts of the three tabs of forecasts, by name."""
    level: Callable[[float], str] = lambda value: grouped(value, 0, style.grouping)  # noqa: E731
    sellers, buyers, direction = tabs.sellers, tabs.buyers, tabs.direction
    nearest = sellers.breaches[0]
    return {
        "ladder": charts.range_ladder(
            sellers.ladder,
            sellers.spot,
            label="Ranges that hold 80, 90 and 95 % of closes, one row for each close, with a line at the index now",
            level=level,
        ),
        "breach": charts.breach_curves(
            nearest.points,
            label=f"Chance of a touch, and of a close beyond, by distance from the index, by {nearest.expiry}",
            distance=level,
        ),
        "windows": charts.window_shares(
            buyers.window_shares, label="Share of a session's variance in each of its six windows, beside the usual"
        ),
        "direction": charts.direction_bars(
            direction.bars, label="Chance of a move down and of a move up at each horizon, with the usual as ticks"
        ),
        "fan": charts.fan(
            direction.past,
            direction.spot,
            direction.steps,
            label="Bands that hold 50, 80 and 95 % of closes over the next 40 sessions",
            level=level,
        ),
    }
