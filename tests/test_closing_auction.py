"""Sessions that end in a closing auction: their close is a price, not the average the session model learnt from."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.intraday.open_session import session_so_far, volatility_score
from aegismatrix_engine.intraday.prior import shipped_session
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.training.train import train
from aegismatrix_engine.volatility.distribution import ReturnDistribution

NIFTY = get_market("nifty50")
TODAY = pd.Timestamp("2026-11-23")
BARS = 24


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    """Daily rows up to the day before, bars of forty sessions since October 2026 and of today's whole session."""
    frame = synthetic.daily_frame(150)
    dates = NIFTY.calendar.regular(TODAY - pd.Timedelta(days=320), TODAY)[-151:]
    daily = frame.set_axis(dates[:150], axis=0)
    draws = np.random.default_rng(5)
    parts = []
    for day in dates[-40:]:
        starts = pd.date_range(day + pd.Timedelta("9h15min"), periods=BARS, freq="15min").as_unit("ns")
        path = float(daily["close"].iloc[-1]) * np.exp(np.cumsum(0.001 * draws.standard_normal(BARS + 1)))
        low, high = np.minimum(path[:-1], path[1:]), np.maximum(path[:-1], path[1:])
        columns = {"open": path[:-1], "high": high * 1.0005, "low": low * 0.9995, "close": path[1:], "vix": 15.0}
        parts.append(pd.DataFrame(columns, index=starts))
    return replace(synthetic.history(daily), bars=pd.concat(parts))


def test_since_august_2026_the_close_of_nse_is_no_average_and_that_of_nyse_never_was() -> None:
    assert NIFTY.averages_close(pd.Timestamp("2026-07-31"))
    assert not NIFTY.averages_close(pd.Timestamp("2026-08-03"))
    assert not get_market("sp500").averages_close(pd.Timestamp("2020-01-02"))


def at(history: MarketHistory, bars: int, *, averaged: bool) -> ReturnDistribution:
    assert history.bars is not None
    own = history.bars.loc[history.bars.index < TODAY + pd.Timedelta("9h15min") + bars * pd.Timedelta("15min")]
    features = market_features(history)
    so_far = session_so_far(replace(history, bars=own), TODAY, features.series, averaged=averaged)
    assert so_far.moment == bars, "the clock, not the share of a shorter session, says where it is"
    daily = ReturnDistribution(np.sqrt(np.arange(1.0, 46))[None, :] * 0.01, SHAPES)
    return shipped_session().intraday.distribution(daily.scale, daily.shapes, so_far.state)


SHAPES = synthetic.trained()[0].distribution.shapes(use_vix=True)


def test_before_the_last_half_hour_both_kinds_of_close_are_forecast_alike(history: MarketHistory) -> None:
    for bars in (1, 7, 14, 20):
        auction, average = (at(history, bars, averaged=kind) for kind in (False, True))
        assert np.array_equal(auction.scale, average.scale)


def test_the_price_of_an_auction_is_not_half_known_before_it(history: MarketHistory) -> None:
    interval = np.array([0.1, 0.9])
    widths = []
    # How much wider the interval is at least; up to 14:45 both kinds have as much to come.
    for bars, wider in ((20, 1.0), (21, 0.97), (22, 0.98), (23, 1.1), (24, 2.0)):
        auction, average = (at(history, bars, averaged=kind).quantile(1, interval)[0] for kind in (False, True))
        widths.append(auction[1] - auction[0])
        assert auction[1] - auction[0] >= wider * (average[1] - average[0])
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] > 0.0008, "twenty minutes of trading and an auction are not nothing"


def test_what_is_still_open_never_rises_and_stays_open_to_the_auction(history: MarketHistory) -> None:
    scale = shipped_session().intraday.scale
    features = market_features(history)
    state = session_so_far(history, TODAY, features.series, averaged=False).state
    shares = [scale.still_open(replace(state, moment=moment)) for moment in range(1, 25)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] > 5 * scale.still_open(replace(state, moment=24, averaged=True))


def test_the_score_of_todays_volatility_is_known_at_every_bar(history: MarketHistory) -> None:
    assert history.bars is not None
    features = market_features(history)
    for bars in range(1, BARS + 1):
        end = TODAY + pd.Timedelta("9h15min") + bars * pd.Timedelta("15min")
        known = replace(history, bars=history.bars.loc[history.bars.index < end])
        score = volatility_score(known, features.series, session_so_far(known, TODAY, features.series))
        assert score is not None
        assert 0 <= score <= 1


def test_sessions_with_an_auction_are_not_learnt_from_beside_the_others(history: MarketHistory) -> None:
    whole = synthetic.history(synthetic.daily_frame(600))
    models, _ = train(replace(whole, bars=history.bars), synthetic.TRAINED_AT)
    assert models.session is shipped_session()
