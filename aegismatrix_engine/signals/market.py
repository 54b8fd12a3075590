"""The market's part of the document: spot, the volatility index and the regime."""

import numpy as np

from aegismatrix_engine.document.schema import market as schema
from aegismatrix_engine.document.schema.block import timestamp
from aegismatrix_engine.document.schema.quantities import FRACTION_DECIMALS
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.markets.scheduled_events import events_ahead
from aegismatrix_engine.volatility.features import trailing_return
from aegismatrix_engine.volatility.realised_variance import range_variance, trailing_mean

TREND_SESSIONS = 22


def market_block(origin: Origin) -> schema.Market:
    """Spot, volatility index and their changes, and the regime from trend and volatility forecast."""
    series = origin.features.series
    unit = np.sqrt(trailing_mean(range_variance(series), TREND_SESSIONS)[-1] * TREND_SESSIONS)
    trend = round(float(trailing_return(series, TREND_SESSIONS)[-1] / unit), FRACTION_DECIMALS)
    volatility = round(origin.risk_percentile, FRACTION_DECIMALS)
    known = origin.vix
    vix = float(100 * np.sqrt(origin.market.sessions_per_year) * origin.implied_sd) if known is None else known.value
    change = 0.0 if known is None or known.previous is None else vix - known.previous
    before = origin.previous_close
    return schema.Market(
        spot=origin.spot,
        spot_change=origin.spot - before.level,
        spot_change_pct=origin.spot / before.level - 1,
        vix=vix,
        vix_change=change,
        vix_change_pct=change / (vix - change),
        vix_as_of=None if known is None or known.known_at is None else timestamp(known.known_at),
        # From the numbers as they are published, so that whoever reads them comes to the same word.
        regime=schema.market_regime(trend, volatility),
        previous_close=before.level,
        previous_close_date=f"{before.date:%Y-%m-%d}",
        previous_close_basis="rebuilt" if before.rebuilt else "official",
        vix_basis="estimator" if known is None else "market",
        trend_sigmas=trend,
        volatility_percentile=volatility,
        events=_events_ahead(origin),
        basis=origin.basis("distribution"),
        models=["distribution"],
    )


def _events_ahead(origin: Origin) -> list[schema.ScheduledEvent]:
    market, until = origin.market, origin.sessions_ahead[schema.EVENT_SESSIONS - 1]
    found = events_ahead(market.events, market.calendar, origin.day, origin.session, until)
    return [schema.ScheduledEvent(date=f"{day:%Y-%m-%d}", kind=kind) for day, kind in found]
