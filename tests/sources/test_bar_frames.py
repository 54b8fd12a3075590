"""Bars that a program holds: checked like those of a file, and refused by name."""

import numpy as np
import pandas as pd
import pytest
from synthetic import daily_frame, whole_history

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.frames import BarFrames

MARKET = get_market("nifty50")
FRAME = daily_frame(200)
SPOT = FRAME[["open", "high", "low", "close"]]
VIX = FRAME[["vix"]].rename(columns={"vix": "close"})


def test_daily_bars_are_those_of_the_frames() -> None:
    history = BarFrames(SPOT, VIX).daily(MARKET)
    np.testing.assert_array_equal(history.spot[["open", "high", "low", "close"]].to_numpy(), SPOT.to_numpy())
    assert history.vix is not None
    assert history.vix["close"].tolist() == VIX["close"].tolist()
    assert [(given.series, given.served_by) for given in history.inputs] == [
        ("spot_daily", "frames"),
        ("vix_daily", "frames"),
    ]


def test_without_intraday_bars_and_a_us_vix_the_history_stays_as_it_is() -> None:
    source = BarFrames(SPOT)
    history = source.daily(MARKET)
    assert source.with_us_series(source.with_intraday(history)) is history


def test_intraday_bars_may_carry_a_zone() -> None:
    whole = whole_history()
    assert whole.bars is not None
    bars = whole.bars[["open", "high", "low", "close"]].tail(100)
    local, utc = (
        BarFrames(whole.spot, spot_intraday=given)
        for given in (bars, bars.set_axis(bars.index.tz_localize(MARKET.zone).tz_convert("UTC"), axis=0))
    )
    read = [source.with_intraday(source.daily(MARKET)).bars for source in (local, utc)]
    pd.testing.assert_frame_equal(read[0], read[1])


@pytest.mark.parametrize(
    ("spot", "expected"),
    [
        (SPOT.reset_index(drop=True), "spot_daily: expected rows indexed by a DatetimeIndex"),
        (SPOT.iloc[:0], "spot_daily: expected rows indexed by a DatetimeIndex"),
        (SPOT.drop(columns="low"), "spot_daily: column low is missing: expected open, high, low, close"),
        (SPOT.astype(object).assign(close="x"), "spot_daily: .*; give prices as numbers"),
        (SPOT.assign(high=SPOT["low"] - 1), "spot_daily, 20"),
    ],
)
def test_what_is_wrong_with_a_frame_is_named(spot: pd.DataFrame, expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        BarFrames(spot).daily(MARKET)
