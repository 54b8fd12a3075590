"""Inference: from a history and a model set to the document, at a moment that is given."""

from typing import Any

import numpy as np
import pandas as pd

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.buyer.signals import buyer_block
from aegismatrix_engine.direction.signals import direction_block
from aegismatrix_engine.document import check_document, refusals_named
from aegismatrix_engine.document.schema import forecast as forecast_schema
from aegismatrix_engine.document.schema import market as market_schema
from aegismatrix_engine.document.schema.document import DISCLAIMER, SCHEMA_VERSION, Document
from aegismatrix_engine.document.schema.forecast import FORECAST_SESSIONS
from aegismatrix_engine.document.schema.quantities import timestamp
from aegismatrix_engine.document.schema.standing import Provenance
from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.health import Incident, health_block, track_record_block
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.models import Models
from aegismatrix_engine.origin import Origin
from aegismatrix_engine.seller.signals import seller_block
from aegismatrix_engine.volatility.daily_series import SESSIONS_PER_YEAR
from aegismatrix_engine.volatility.features import trailing_return
from aegismatrix_engine.volatility.realised_variance import range_variance, trailing_mean

QUANTILE_LEVELS = np.array([0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99])
BREACH_MOVES = np.array([0.01, 0.015, 0.02, 0.03, 0.04, 0.05])
TREND_SESSIONS = 22
TRENDING, DRIFTING = 1.0, 0.5
HIGH_VOLATILITY, LOW_VOLATILITY = 0.6, 0.4


def infer(
    history: MarketHistory,
    models: Models,
    manifest: Manifest,
    source: str,
    now: pd.Timestamp,
    incident: Incident = Incident(),  # noqa: B008 - frozen
) -> Document:
    """The document for the last close of ``history``; cut the history first to speak from an earlier one.

    now: when the document is made, with a zone. incident: which of ``models`` are the climatology prior, and why.
    Raises InvalidDocument where the result breaks the contract.
    """
    calendar = history.market.calendar
    origin = Origin.at_last_close(history, models.forecasters, frozenset(incident.unhealthy))
    as_of = calendar.closes_at(history.last_session)
    valid_until = next_close(history)
    if now < as_of:
        raise AegisError(f"the clock says {now.isoformat()}, before the close of {as_of.isoformat()} in the history")
    with refusals_named():
        track_record = track_record_block(models, manifest)
        blocks: dict[str, Any] = {
            "market": market_block(origin, history),
            "direction": direction_block(origin, models.direction, timestamp(as_of)),
            "seller": seller_block(origin, models.distribution, models.trap, models.stress, models.breach),
            "buyer": buyer_block(origin, models.breakout, models.spike, models.theta, models.gamma),
            "forecast": forecast_block(origin),
        }
        document = Document(
            generated_at=timestamp(now.tz_convert(history.market.zone)),
            schema_version=SCHEMA_VERSION,
            market_id=history.market.id,
            as_of=timestamp(as_of),
            valid_until=timestamp(valid_until),
            **blocks,
            health=health_block(origin, history, blocks, track_record, incident),
            provenance=_provenance(history, manifest, source, live=now < valid_until),
            track_record=track_record,
            disclaimer=DISCLAIMER,
        )
    check_document(document)
    return document


def next_close(history: MarketHistory) -> pd.Timestamp:
    """Official close of the session after the last one, special sessions included: when new bars are due."""
    calendar, last = history.market.calendar, history.last_session
    regular = calendar.following(last, 1)[0]
    special = calendar.special(last + pd.Timedelta(days=1), regular)
    return calendar.closes_at(special[0] if len(special) else regular)


def market_block(origin: Origin, history: MarketHistory) -> market_schema.Market:
    """Spot, volatility index and their changes, and the regime from trend and volatility forecast."""
    previous = history.previous_close
    series = origin.panel.series
    unit = np.sqrt(trailing_mean(range_variance(series), TREND_SESSIONS)[-1] * TREND_SESSIONS)
    trend = float(trailing_return(series, TREND_SESSIONS)[-1] / unit)
    vix, previous_vix = history.vix_close, history.previous_vix_close
    known = vix is not None
    if vix is None:
        vix = float(100 * np.sqrt(SESSIONS_PER_YEAR) * origin.implied_sd)
    change = vix - previous_vix if known and previous_vix is not None else 0.0
    return market_schema.Market(
        spot=origin.spot,
        spot_change=origin.spot - previous,
        spot_change_pct=origin.spot / previous - 1,
        vix=vix,
        vix_change=change,
        vix_change_pct=change / (vix - change),
        regime=_regime(trend, origin.risk_percentile),
        previous_close=previous,
        vix_basis="market" if known else "estimator",
        trend_sigmas=trend,
        volatility_percentile=origin.risk_percentile,
        basis=origin.basis("distribution"),
        models=["distribution"],
    )


def _regime(trend: float, volatility: float) -> market_schema.MarketRegime:
    """Falling in high volatility, rising in low, else trending from one sigma on, else sideways: every case has one."""
    if trend <= -DRIFTING and volatility >= HIGH_VOLATILITY:
        return "HIGH_VOL_BEAR"
    if trend >= DRIFTING and volatility <= LOW_VOLATILITY:
        return "LOW_VOL_BULL"
    return "TREND_FOLLOWING" if abs(trend) >= TRENDING else "SIDEWAYS_CHOP"


def forecast_block(origin: Origin) -> forecast_schema.Forecast:
    """The distribution itself at eight horizons."""
    distribution = origin.said.distribution
    breaches = distribution.breaches_by_horizon(FORECAST_SESSIONS[-1], BREACH_MOVES)
    horizons = []
    for h in FORECAST_SESSIONS:
        found, moves = breaches[h - 1], distribution.quantile(h, QUANTILE_LEVELS)[0]
        levels = [origin.level(float(move)) for move in moves]
        horizons.append(
            forecast_schema.ForecastHorizon(
                sessions=h,
                until=origin.date_ahead(h),
                sigma_pct=float(distribution.scale[0, h - 1]),
                p_up=float(distribution.up(h)[0]),
                quantiles=[
                    forecast_schema.ForecastQuantile(level=float(p), points=level - origin.spot, index_level=level)
                    for p, level in zip(QUANTILE_LEVELS, levels, strict=True)
                ],
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
    return forecast_schema.Forecast(horizons=horizons, basis=origin.basis("distribution"), models=["distribution"])


def _provenance(history: MarketHistory, manifest: Manifest, source: str, *, live: bool) -> Provenance:
    vix = history.vix
    has_vix = vix is not None and len(vix) > 0
    return Provenance(
        mode="live" if live else "replay",
        source=source,
        first_bar=f"{history.spot.index[0]:%Y-%m-%d}",
        last_bar=f"{history.last_session:%Y-%m-%d}",
        rows=len(history.spot),
        vix_first_bar=f"{vix.index[0]:%Y-%m-%d}" if vix is not None and has_vix else None,
        vix_last_bar=f"{vix.index[-1]:%Y-%m-%d}" if vix is not None and has_vix else None,
        vix_age_sessions=history.vix_age,
        model_set=manifest.set_version,
        trained_at=timestamp(pd.Timestamp(manifest.training.trained_at)),
        training_end=manifest.training.last,
        in_sample=f"{history.last_session:%Y-%m-%d}" < manifest.training.last,
        engine_version=manifest.engine_version,
    )
