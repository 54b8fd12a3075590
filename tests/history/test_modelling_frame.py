"""The frame that models are fitted on, and the identity of the bars behind it."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from csv_market import intraday_bars, sessions, spot_bars, vix_bars, write_market
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.csv_folder import CsvFolder

MARKET = get_market("nifty50")
DATES = sessions("2019-11-01", "2019-12-31")
SPOT, VIX = spot_bars(DATES), vix_bars(DATES)


def history(holes: list[int]) -> MarketHistory:
    return MarketHistory(MARKET, SPOT, VIX.drop(DATES[holes]))


def test_a_row_for_each_regular_session_with_float_columns() -> None:
    daily = history([]).daily()
    assert list(daily.columns) == ["open", "high", "low", "close", "vix"]
    assert (daily.dtypes == np.float64).all()
    assert daily.index.name == "date"
    assert daily["vix"].equals(VIX["close"].rename("vix"))


def test_the_volatility_index_is_carried_over_two_sessions_and_no_further() -> None:
    vix = history([10, 11, 12, 20]).daily()["vix"]
    known = VIX["close"].to_numpy()
    assert vix.iloc[[10, 11, 20]].tolist() == [known[9], known[9], known[19]]
    assert np.isnan(vix.iloc[12])
    assert vix.iloc[13] == known[13]


def test_it_is_never_carried_backwards() -> None:
    assert history([0, 1]).daily()["vix"].isna().tolist()[:3] == [True, True, False]


@pytest.mark.parametrize(("missing", "age"), [(0, 0), (1, 1), (2, 2), (3, None), (9, None)])
def test_its_age_at_the_end_is_counted_in_sessions(missing: int, age: int | None) -> None:
    bars = history(list(range(len(DATES) - missing, len(DATES))))
    last = VIX["close"].iloc[-1 - missing]
    assert bars.vix_age == age
    assert bars.vix_close == (None if age is None else last)
    assert np.isnan(bars.daily()["vix"].iloc[-1]) == (age is None)


def test_without_it_the_column_is_there_and_empty() -> None:
    bars = MarketHistory(MARKET, SPOT)
    assert bars.daily()["vix"].isna().all()
    assert bars.daily()["vix"].dtype == np.float64
    assert (bars.vix_age, bars.vix_close, bars.previous_vix_close) == (None, None, None)


def test_changing_the_frame_changes_no_history() -> None:
    bars = history([])
    before = bars.content_hash()
    daily = bars.daily()
    daily["close"] = 1.0
    assert bars.content_hash() == before


def test_the_hash_is_that_of_little_endian_dates_and_prices() -> None:
    spot = pd.DataFrame(
        {"open": [1.0], "high": [3.0], "low": [0.5], "close": [2.0]}, index=pd.DatetimeIndex(["2019-11-01"])
    )
    nanoseconds = 18201 * 86400 * 10**9
    packed = b"nifty50" + b"spot open,high,low,close 1;" + struct.pack("<q4d", nanoseconds, 1.0, 3.0, 0.5, 2.0)
    assert MarketHistory(MARKET, spot).content_hash() == hashlib.sha256(packed).hexdigest()


def test_the_hash_does_not_depend_on_how_pandas_keeps_the_bars() -> None:
    assert MarketHistory(MARKET, SPOT, VIX).content_hash() == (
        MarketHistory(
            MARKET,
            pd.concat([SPOT[[column]] for column in SPOT], axis=1).set_axis(DATES.as_unit("us")),
            VIX.set_axis(DATES.as_unit("s")),
        ).content_hash()
    )


@given(row=st.integers(0, len(DATES) - 1), column=st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_any_changed_price_changes_the_hash(row: int, column: int) -> None:
    spot = SPOT.copy()
    spot.iloc[row, column] = np.nextafter(spot.iloc[row, column], np.inf)
    assert MarketHistory(MARKET, spot, VIX).content_hash() != MarketHistory(MARKET, SPOT, VIX).content_hash()


def test_the_hash_tells_the_parts_and_the_market_apart() -> None:
    bars = intraday_bars(DATES[-2:]).assign(vix=np.nan)
    hashes = {
        MarketHistory(MARKET, SPOT).content_hash(),
        MarketHistory(MARKET, SPOT, VIX).content_hash(),
        MarketHistory(MARKET, SPOT, VIX, bars).content_hash(),
        MarketHistory(get_market("sp500"), SPOT, VIX, bars).content_hash(),
        MarketHistory(MARKET, SPOT, VIX.iloc[1:], bars).content_hash(),
    }
    assert len(hashes) == 5


def test_bars_read_from_files_hash_the_same(tmp_path: Path) -> None:
    read = CsvFolder(write_market(tmp_path, SPOT, VIX)).daily(MARKET)
    assert read.content_hash() == MarketHistory(MARKET, SPOT, VIX).content_hash()
