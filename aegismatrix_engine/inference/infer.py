"""Inference: from a history and a model set to the document, at a moment that is given."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document import check_document, refusals_named
from aegismatrix_engine.document.schema import forecast as forecast_schema
from aegismatrix_engine.document.schema import market as market_schema
from aegismatrix_engine.document.schema.document import DISCLAIMER, SCHEMA_VERSION, Document
from aegismatrix_engine.document.schema.forecast import FORECAST_SESSIONS
from aegismatrix_engine.document.schema.quantities import FRACTION_DECIMALS, timestamp
from aegismatrix_engine.document.schema.standing import ClockSource
from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.health import Incident, absent_past, absent_session, health_block, unused_bars
from aegismatrix_engine.inference.provenance import provenance_block, standing
from aegismatrix_engine.inference.track_record import track_record_block
from aegismatrix_engine.intraday.open_session import volatility_score
from aegismatrix_engine.record.live import LiveRecord
from aegismatrix_engine.signals.buyer import buyer_block
from aegismatrix_engine.signals.direction import direction_block
from aegismatrix_engine.signals.seller import seller_block
from aegismatrix_engine.volatility.daily_series import SESSIONS_PER_YEAR
from aegismatrix_engine.volatility.features import trailing_return
from aegismatrix_engine.volatility.realised_variance import range_variance, trailing_mean

QUANTILE_LEVELS = np.array([0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99])
BREACH_MOVES = np.array([0.01, 0.015, 0.02, 0.03, 0.04, 0.05])
TREND_SESSIONS = 22


@dataclass(frozen=True)
class MadeDocument:
    """A document and the moment it speaks from.

    Attributes:
        document: the document; it keeps every rule of the contract.
        origin: spot, features and forecast behind it, which the record asks for its rows.
    """

    document: Document
    origin: Origin


def infer(
    history: MarketHistory,
    models: Models,
    manifest: Manifest,
    source: str,
    now: pd.Timestamp,
    incident: Incident = Incident(),  # noqa: B008 - frozen
    record: LiveRecord = LiveRecord(),  # noqa: B008 - frozen
    *,
    clock_source: ClockSource = "set",
    engine_commit: str | None = None,
) -> MadeDocument:
    """The document for the moment at which ``history`` ends, and that moment; cut it first to speak of an earlier one.

    now: when the document is made, with a zone. incident: which of ``models`` are the climatology prior, and why.
    record: what the live record says of past forecasts. clock_source: whether ``now`` is the machine's own clock;
    a document made at any other moment is a replay. engine_commit: of this engine's source, where it is known.
    Raises InvalidDocument where the result breaks the contract.
    """
    origin = Origin.of(history, models, frozenset(incident.unhealthy))
    found = standing(history, origin.as_of)
    if now < origin.as_of:
        raise AegisError(f"the clock says {now.isoformat()}, before {origin.as_of.isoformat()}, where the history ends")
    score = volatility_score(history, origin.panel.series, origin.so_far)
    with refusals_named():
        track_record = track_record_block(models, manifest, record)
        blocks: dict[str, Any] = {
            "market": market_block(origin),
            "direction": direction_block(origin, models.direction, score),
            "seller": seller_block(
                origin, models.distribution, models.trap, models.stress, models.breach, track_record.safe_range.pooled
            ),
            "buyer": buyer_block(
                origin, models.breakout, models.spike, models.theta, models.gamma, track_record.breakout_calls.pooled
            ),
            "forecast": forecast_block(origin),
        }
        told = [
            *absent_session(origin, history, found.clock),
            *unused_bars(origin, history),
            *absent_past(origin, score),
        ]
        document = Document(
            generated_at=timestamp(now.tz_convert(history.market.zone)),
            schema_version=SCHEMA_VERSION,
            market_id=history.market.id,
            as_of=timestamp(origin.as_of),
            valid_until=timestamp(found.valid_until),
            next_due=timestamp(found.next_due),
            **blocks,
            health=health_block(origin, history, blocks, track_record, incident, told),
            provenance=provenance_block(
                origin,
                history,
                manifest,
                source,
                found,
                now=now,
                clock_source=clock_source,
                engine_commit=engine_commit,
            ),
            track_record=track_record,
            disclaimer=DISCLAIMER,
        )
    check_document(document)
    return MadeDocument(document, origin)


def market_block(origin: Origin) -> market_schema.Market:
    """Spot, volatility index and their changes, and the regime from trend and volatility forecast."""
    series = origin.panel.series
    unit = np.sqrt(trailing_mean(range_variance(series), TREND_SESSIONS)[-1] * TREND_SESSIONS)
    trend = round(float(trailing_return(series, TREND_SESSIONS)[-1] / unit), FRACTION_DECIMALS)
    volatility = round(origin.risk_percentile, FRACTION_DECIMALS)
    vix, previous_vix = origin.vix, origin.previous_vix
    known = vix is not None
    if vix is None:
        vix = float(100 * np.sqrt(SESSIONS_PER_YEAR) * origin.implied_sd)
    change = vix - previous_vix if known and previous_vix is not None else 0.0
    return market_schema.Market(
        spot=origin.spot,
        spot_change=origin.spot - origin.previous_close,
        spot_change_pct=origin.spot / origin.previous_close - 1,
        vix=vix,
        vix_change=change,
        vix_change_pct=change / (vix - change),
        vix_as_of=None if origin.vix_as_of is None else timestamp(origin.vix_as_of),
        # From the numbers as they are published, so that whoever reads them comes to the same word.
        regime=market_schema.market_regime(trend, volatility),
        previous_close=origin.previous_close,
        previous_close_date=f"{origin.previous_close_date:%Y-%m-%d}",
        previous_close_basis="rebuilt" if origin.previous_close_rebuilt else "official",
        vix_basis="market" if known else "estimator",
        trend_sigmas=trend,
        volatility_percentile=volatility,
        basis=origin.basis("distribution"),
        models=["distribution"],
    )


def forecast_block(origin: Origin) -> forecast_schema.Forecast:
    """The distribution itself at eight horizons, and inside a session to its close."""
    distribution = origin.said.distribution
    breaches = distribution.breaches_by_horizon(origin.step(FORECAST_SESSIONS[-1]), BREACH_MOVES)
    horizons = []
    for sessions in FORECAST_SESSIONS:
        step = origin.step(sessions)
        found = breaches[step - 1]
        horizons.append(
            forecast_schema.ForecastHorizon(
                sessions=sessions,
                until=origin.date_ahead(step),
                sigma_pct=float(distribution.scale[0, step - 1]),
                p_up=float(distribution.up(step)[0]),
                quantiles=_quantiles(origin, step),
                breaches=[
                    forecast_schema.ForecastBreach(
                        distance_pct=float(distance),
                        close_beyond=float(found.close[0, i]),
                        touch=float(found.touch[0, i]),
                        touch_up=float(found.touch_up[0, i]),
                        touch_down=float(found.touch_down[0, i]),
                    )
                    for i, distance in enumerate(BREACH_MOVES)
                ],
            )
        )
    models = origin.distribution_models
    return forecast_schema.Forecast(
        horizons=horizons, session=_session_forecast(origin), basis=origin.basis(*models), models=models
    )


def _session_forecast(origin: Origin) -> forecast_schema.SessionForecast | None:
    so_far, model = origin.so_far, origin.session_model
    if so_far is None or model is None:
        return None
    models, scale = origin.distribution_models, model.intraday.scale
    expected = float(scale.expected_so_far(origin.daily.scale, so_far.moment)[0])
    return forecast_schema.SessionForecast(
        session=origin.date_ahead(1),
        bars_complete=so_far.finished,
        bars=so_far.bars,
        variance_share_left=float(scale.share_left[so_far.moment - 1]),
        seen_over_expected=so_far.so_far / expected,
        sigma_pct=float(origin.said.distribution.scale[0, 0]),
        p_up=float(origin.said.distribution.up(1)[0]),
        quantiles=_quantiles(origin, 1),
        basis=origin.basis(*models, healthy=origin.today_basis),
        models=models,
    )


def _quantiles(origin: Origin, step: int) -> list[forecast_schema.ForecastQuantile]:
    moves = origin.said.distribution.quantile(step, QUANTILE_LEVELS)[0]
    levels = [origin.level(float(move)) for move in moves]
    return [
        forecast_schema.ForecastQuantile(level=float(p), points=level - origin.spot, index_level=level)
        for p, level in zip(QUANTILE_LEVELS, levels, strict=True)
    ]
