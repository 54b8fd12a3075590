"""A chain priced from the engine's own distribution has no premium: priced less forecast chances are nil."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from priced_chains import FORWARD, PriceOfCall, legs_at, wide_strikes

from aegismatrix_engine.options.forward import RATE
from aegismatrix_engine.options.summary import PricedExpiry, price_expiry
from aegismatrix_engine.signals.ranges import CURVE_SIGMAS
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution, fit_distribution
from aegismatrix_engine.volatility.features import DailyFeatures

HORIZONS = (1, 2, 3, 5, 8, 10, 15, 20, 30)
OUTCOMES = 100_000
SESSIONS_A_YEAR = 252


def forecast(features: DailyFeatures, horizon: int) -> ReturnDistribution:
    """The forecast from the last session, moved so that its mean is the index: a price has no drift of its own."""
    model = fit_distribution(features)
    plain = ReturnDistribution(model.scales(features).horizon[[-1]], model.shapes(use_vix=True))
    drift = math.log(float(np.exp(outcomes(plain, horizon)).mean()))
    return replace(plain, shift=np.full((1, plain.scale.shape[1]), -drift))


def outcomes(distribution: ReturnDistribution, horizon: int) -> FloatArray:
    """Equally likely log returns, rising."""
    return distribution.quantile(horizon, (np.arange(OUTCOMES) + 0.5) / OUTCOMES)[0]


def call_of(closes: FloatArray) -> PriceOfCall:
    above = np.concatenate([np.cumsum(closes[::-1])[::-1], [0.0]])

    def call(strike: float) -> float:
        i = int(np.searchsorted(closes, strike))
        return (float(above[i]) - strike * (len(closes) - i)) / len(closes)

    return call


def worst_premium(features: DailyFeatures, horizon: int) -> float:
    """The largest premium at the nine distances of a breach curve: above, below, and on either side."""
    distribution = forecast(features, horizon)
    deviation, years = float(distribution.scale[0, horizon - 1]), horizon / SESSIONS_A_YEAR
    call = call_of(FORWARD * np.exp(outcomes(distribution, horizon)))
    chain = legs_at(call, wide_strikes(deviation), discount=math.exp(-RATE * years))
    priced = price_expiry(chain, FORWARD, years)
    assert isinstance(priced, PricedExpiry)
    points = np.maximum(np.round(np.array(CURVE_SIGMAS) * FORWARD * deviation / 50), 1) * 50
    up, down = priced.distribution.close_beyond(points, points)
    forecast_up = 1 - distribution.cumulative(horizon, np.log(1 + points / FORWARD))[0]
    forecast_down = distribution.cumulative(horizon, np.log(1 - points / FORWARD))[0]
    either = up + down - forecast_up - forecast_down
    return float(np.abs(np.concatenate([up - forecast_up, down - forecast_down, either])).max())


@pytest.mark.parametrize("horizon", HORIZONS)
def test_a_chain_priced_from_the_forecast_has_no_premium(horizon: int) -> None:
    assert worst_premium(synthetic.features(4000), horizon) < 0.005


@pytest.mark.slow
def test_nor_has_one_priced_from_the_forecast_of_the_real_index(shared: Path) -> None:
    folder = shared / "data" / "nifty50"
    spot, vix = (
        pd.read_csv(folder / name, index_col=0, parse_dates=True) for name in ("spot_daily.csv", "vix_daily.csv")
    )
    frame = spot[["open", "high", "low", "close"]].assign(vix=vix["close"]).loc["2010":].dropna()
    frame.index = frame.index.as_unit("ns").rename("date")
    sessions = synthetic.MARKET.calendar.regular(frame.index[0], frame.index[-1])
    features = synthetic.market_features(synthetic.history(frame[frame.index.isin(sessions)]))
    for horizon in HORIZONS:
        assert worst_premium(features, horizon) < 0.005, horizon
