"""A chain priced from the engine's own forecast, drift and all, has no premium: both count from their own mean."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from priced_chains import FORWARD, PriceOfCall, legs_at, wide_strikes

from aegismatrix_engine.options.distribution import PricedDistribution
from aegismatrix_engine.options.forward import RATE
from aegismatrix_engine.options.summary import PricedExpiry, price_expiry
from aegismatrix_engine.signals.ranges import CURVE_SIGMAS
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution, fit_distribution
from aegismatrix_engine.volatility.features import DailyFeatures

HORIZONS = (1, 2, 3, 5, 8, 10, 15, 20, 30)
OUTCOMES = 100_000
SESSIONS_A_YEAR = 252


def forecast(features: DailyFeatures) -> ReturnDistribution:
    """The forecast from the last session, as it is: its mean is not the index."""
    model = fit_distribution(features)
    return ReturnDistribution(model.scales(features).horizon[[-1]], model.shapes(use_vix=True))


def outcomes(distribution: ReturnDistribution, horizon: int) -> FloatArray:
    """Equally likely log returns, rising."""
    return distribution.quantile(horizon, (np.arange(OUTCOMES) + 0.5) / OUTCOMES)[0]


def call_of(closes: FloatArray) -> PriceOfCall:
    above = np.concatenate([np.cumsum(closes[::-1])[::-1], [0.0]])

    def call(strike: float) -> float:
        i = int(np.searchsorted(closes, strike))
        return (float(above[i]) - strike * (len(closes) - i)) / len(closes)

    return call


def distances(deviation: float) -> FloatArray:
    """The nine of a breach curve, index points."""
    return np.maximum(np.round(np.array(CURVE_SIGMAS) * FORWARD * deviation / 50), 1) * 50


def price(closes: FloatArray, deviation: float, horizon: int) -> PricedDistribution:
    """What prices say that are means over equally likely closes; the forward is theirs, too."""
    years, mean = horizon / SESSIONS_A_YEAR, float(closes.mean())
    chain = legs_at(call_of(closes), wide_strikes(deviation), forward=mean, discount=math.exp(-RATE * years))
    # A wild market drifts by more in eight sessions than an index and its forward may differ.
    priced = price_expiry(chain, mean, years)
    assert isinstance(priced, PricedExpiry)
    return priced.distribution


def above_and_below(closes: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shares of closes farther from their mean than each distance."""
    away = closes[:, None] - closes.mean()
    return (away > points).mean(axis=0), (away < -points).mean(axis=0)


def worst_premium(distribution: ReturnDistribution, horizon: int) -> float:
    """The largest premium at the nine distances: above, below, and on either side, as the document has it."""
    deviation = float(distribution.scale[0, horizon - 1])
    closes, points = FORWARD * np.exp(outcomes(distribution, horizon)), distances(deviation)
    up, down = price(closes, deviation, horizon).close_beyond(points, points)
    forecast_up, forecast_down = above_and_below(closes, points)
    centred = distribution.close_beyond_mean(horizon, points / FORWARD)[0]
    return float(np.abs(np.concatenate([up - forecast_up, down - forecast_down, up + down - centred])).max())


@pytest.fixture(scope="module")
def synthetic_forecast() -> ReturnDistribution:
    return forecast(synthetic.features(4000))


@pytest.mark.parametrize("horizon", HORIZONS)
def test_a_chain_priced_from_the_forecast_has_no_premium(synthetic_forecast: ReturnDistribution, horizon: int) -> None:
    assert worst_premium(synthetic_forecast, horizon) < 0.005


@pytest.fixture(scope="module")
def real_forecast(shared: Path) -> Callable[[str], ReturnDistribution]:
    folder = shared / "data" / "nifty50"
    spot, vix = (
        pd.read_csv(folder / name, index_col=0, parse_dates=True) for name in ("spot_daily.csv", "vix_daily.csv")
    )
    frame = spot[["open", "high", "low", "close"]].assign(vix=vix["close"]).loc["2010":].dropna()
    frame.index = frame.index.as_unit("ns").rename("date")
    frame = frame[frame.index.isin(synthetic.MARKET.calendar.regular(frame.index[0], frame.index[-1]))]
    return lambda last: forecast(synthetic.market_features(synthetic.history(frame.loc[:last])))


@pytest.mark.slow
@pytest.mark.parametrize("last", ["2021-03-18", "2022-12-30"])
def test_nor_has_one_priced_from_the_forecast_of_the_real_index(
    real_forecast: Callable[[str], ReturnDistribution], last: str
) -> None:
    real = real_forecast(last)
    found = {horizon: worst_premium(real, horizon) for horizon in HORIZONS}
    assert max(found.values()) < 0.005, found


@pytest.mark.slow
@pytest.mark.parametrize("last", ["2017-12-29", "2020-03-20"])
def test_what_is_left_in_the_quietest_and_the_wildest_market_is_how_ragged_a_forecast_is(
    real_forecast: Callable[[str], ReturnDistribution], last: str
) -> None:
    """Quantiles of the past are steps of 1 %, finer than prices at strikes tell; blurred, they are told."""
    real = real_forecast(last)
    ragged = {horizon: worst_premium(real, horizon) for horizon in HORIZONS}
    assert max(ragged.values()) < 0.0075, ragged
    assert sum(one < 0.005 for one in ragged.values()) >= len(HORIZONS) - 1, ragged
    draws = np.random.default_rng(1).standard_normal(OUTCOMES)
    for horizon in HORIZONS:
        deviation = float(real.scale[0, horizon - 1])
        blurred = np.sort(FORWARD * np.exp(outcomes(real, horizon) + 0.05 * deviation * draws))
        points = distances(deviation)
        up, down = price(blurred, deviation, horizon).close_beyond(points, points)
        forecast_up, forecast_down = above_and_below(blurred, points)
        assert np.abs(up + down - forecast_up - forecast_down).max() < 0.004, horizon
