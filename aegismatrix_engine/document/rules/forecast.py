"""Forecast: quantiles that do not cross, breaches that fall with distance and rise with time."""

from aegismatrix_engine.document.rules.breaches import FORECAST, breach_violations
from aegismatrix_engine.document.rules.violation import POINT_ROUNDING, ROUNDING, Violation, Violations, off
from aegismatrix_engine.document.schema.direction import HORIZONS
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.forecast import FORECAST_SESSIONS, ForecastBreach, ForecastHorizon


def forecast_violations(document: Document) -> Violations:
    """Rules of the forecast block and of its agreement with direction."""
    horizons = document.forecast.horizons
    for index, (horizon, sessions) in enumerate(zip(horizons, FORECAST_SESSIONS, strict=False)):
        path = f"forecast.horizons.{index}"
        if horizon.sessions != sessions:
            yield Violation(f"{path}.sessions", f"must be {sessions}, is {horizon.sessions}")
        yield from _quantiles(path, horizon, document.market.spot)
        yield from breach_violations(f"{path}.breaches", horizon.breaches, FORECAST)
    yield from _touch_over_time(horizons)
    yield from _agreement(document)


def _quantiles(path: str, horizon: ForecastHorizon, spot: float) -> Violations:
    for index, quantile in enumerate(horizon.quantiles):
        name = f"{path}.quantiles.{index}"
        if off(quantile.index_level - spot, quantile.points, POINT_ROUNDING):
            yield Violation(
                f"{name}.index_level", f"must be spot {spot} plus points {quantile.points}, is {quantile.index_level}"
            )
        if index == 0:
            continue
        before = horizon.quantiles[index - 1]
        if quantile.level <= before.level:
            yield Violation(f"{name}.level", f"must be above the one before, {before.level}, is {quantile.level}")
        if quantile.points < before.points:
            yield Violation(
                f"{name}.points", f"must not be below the one before, {before.points}, is {quantile.points}"
            )


def _touch_over_time(horizons: list[ForecastHorizon]) -> Violations:
    """At equal distance a touch is not less likely by a later session."""
    shorter: dict[float, ForecastBreach] = {}
    for index, horizon in enumerate(horizons):
        for row, point in enumerate(horizon.breaches):
            before = shorter.get(point.distance_pct, point)
            for name in ("touch", "touch_up", "touch_down"):
                found, bound = getattr(point, name), getattr(before, name)
                if found < bound:
                    yield Violation(
                        f"forecast.horizons.{index}.breaches.{row}.{name}",
                        f"must not fall with the horizon, is {found} after {bound}",
                    )
            shorter[point.distance_pct] = point


def _agreement(document: Document) -> Violations:
    """A close above the dead zone is a close above spot, and the same horizon ends on the same date."""
    by_sessions = {horizon.sessions: horizon for horizon in document.forecast.horizons}
    for name, call in document.direction.by_horizon.items():
        horizon = by_sessions.get(HORIZONS[name][0])
        if horizon is None:
            continue
        if call.until != horizon.until:
            yield Violation(
                f"direction.horizons.{name}.until", f"must equal forecast's {horizon.until}, is {call.until}"
            )
        if call.p_up > horizon.p_up + ROUNDING or call.p_down > 1 - horizon.p_up + ROUNDING:
            yield Violation(
                f"direction.horizons.{name}.p_up",
                f"must agree with forecast's p_up {horizon.p_up}, is {call.p_up} up and {call.p_down} down",
            )
