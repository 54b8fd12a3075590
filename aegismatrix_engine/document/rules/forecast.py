"""Forecast: quantiles that do not cross, breaches that fall with distance and rise with time."""

from itertools import pairwise

from aegismatrix_engine.document.rules.breaches import FORECAST, breach_violations, touch_over_time
from aegismatrix_engine.document.rules.violation import POINT_ROUNDING, ROUNDING, Violation, Violations, near, related
from aegismatrix_engine.document.schema.direction import HORIZONS
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.forecast import FORECAST_SESSIONS, ForecastHorizon


def forecast_violations(document: Document) -> Violations:
    """Rules of the forecast block and of its agreement with direction."""
    horizons = document.forecast.horizons
    for index, (horizon, sessions) in enumerate(zip(horizons, FORECAST_SESSIONS, strict=False)):
        path = f"forecast.horizons.{index}"
        yield from related(f"{path}.sessions", horizon.sessions, "==", sessions, "the horizon of its place,")
        yield from _quantiles(path, horizon, document.market.spot)
        yield from breach_violations(f"{path}.breaches", horizon.breaches, FORECAST)
    tables = ((f"forecast.horizons.{index}.breaches", horizon.breaches) for index, horizon in enumerate(horizons))
    yield from touch_over_time(tables, FORECAST.distance)
    yield from _agreement(document)


def _quantiles(path: str, horizon: ForecastHorizon, spot: float) -> Violations:
    for index, quantile in enumerate(horizon.quantiles):
        name = f"{path}.quantiles.{index}.index_level"
        yield from near(
            name, quantile.index_level, spot + quantile.points, POINT_ROUNDING, "index_level, spot + points,"
        )
    for index, (before, quantile) in enumerate(pairwise(horizon.quantiles), start=1):
        name = f"{path}.quantiles.{index}"
        yield from related(f"{name}.level", quantile.level, ">", before.level, "the one before,")
        yield from related(f"{name}.points", quantile.points, ">=", before.points, "the one before,")


def _agreement(document: Document) -> Violations:
    """A close above the dead zone is a close above spot, and the same horizon ends on the same date."""
    by_sessions = {horizon.sessions: horizon for horizon in document.forecast.horizons}
    for name, call in document.direction.by_horizon.items():
        horizon = by_sessions.get(HORIZONS[name][0])
        if horizon is None:
            continue
        path = f"direction.horizons.{name}"
        yield from related(f"{path}.until", call.until, "==", horizon.until, "that of forecast,")
        if call.p_up > horizon.p_up + ROUNDING or call.p_down > 1 - horizon.p_up + ROUNDING:
            rule = f"must agree with forecast's p_up {horizon.p_up}, is {call.p_up} up and {call.p_down} down"
            yield Violation(f"{path}.p_up", rule)
