"""The forecast's part of the document: the return distribution itself."""

import numpy as np

from aegismatrix_engine.document.schema import forecast as schema
from aegismatrix_engine.document.schema.forecast import FORECAST_SESSIONS
from aegismatrix_engine.forecasting.origin import InSession, Origin

QUANTILE_LEVELS = np.array([0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99])
BREACH_MOVES = np.array([0.01, 0.015, 0.02, 0.03, 0.04, 0.05])


def forecast_block(origin: Origin) -> schema.Forecast:
    """The distribution itself at eight horizons, and inside a session to its close."""
    distribution = origin.forecast.distribution
    breaches = distribution.breaches_by_horizon(origin.step(FORECAST_SESSIONS[-1]), BREACH_MOVES)
    horizons = []
    for sessions in FORECAST_SESSIONS:
        step = origin.step(sessions)
        found = [breaches[step - 1].at(i) for i in range(len(BREACH_MOVES))]
        horizons.append(
            schema.ForecastHorizon(
                sessions=sessions,
                until=origin.date_ahead(step),
                sigma_pct=float(distribution.scale[0, step - 1]),
                p_up=float(distribution.up(step)[0]),
                quantiles=_quantiles(origin, step),
                breaches=[
                    schema.ForecastBreach(
                        distance_pct=float(distance),
                        close_beyond=at["close"],
                        **{side: at[side] for side in ("touch", "touch_up", "touch_down")},
                    )
                    for distance, at in zip(BREACH_MOVES, found, strict=True)
                ],
            )
        )
    models = origin.distribution_models
    return schema.Forecast(
        horizons=horizons, session=_session_forecast(origin), basis=origin.basis(*models), models=models
    )


def _session_forecast(origin: Origin) -> schema.SessionForecast | None:
    if not isinstance(origin, InSession):
        return None
    so_far, models, scale = origin.so_far, origin.distribution_models, origin.session_model.intraday.scale
    expected = float(scale.expected_so_far(origin.daily.scale, so_far.moment)[0])
    return schema.SessionForecast(
        session=origin.date_ahead(1),
        bars_complete=so_far.finished,
        bars=so_far.bars,
        variance_share_left=float(scale.share_left[so_far.moment - 1]),
        seen_over_expected=so_far.so_far / expected,
        sigma_pct=float(origin.forecast.distribution.scale[0, 0]),
        spread_factor=float(np.exp(origin.session_model.intraday.spread[so_far.moment - 1])),
        p_up=float(origin.forecast.distribution.up(1)[0]),
        quantiles=_quantiles(origin, 1),
        basis=origin.basis(*models, healthy=origin.today_basis),
        models=models,
    )


def _quantiles(origin: Origin, step: int) -> list[schema.ForecastQuantile]:
    moves = origin.forecast.distribution.quantile(step, QUANTILE_LEVELS)[0]
    levels = [origin.level(float(move)) for move in moves]
    return [
        schema.ForecastQuantile(level=float(p), points=level - origin.spot, index_level=level)
        for p, level in zip(QUANTILE_LEVELS, levels, strict=True)
    ]
