"""Bars that no index makes are found by their neighbours, the day's own row and the close before."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from csv_market import sessions

from aegismatrix_engine.history.impossible_bars import impossible_bars, impossible_vix
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.csv_folder import CsvFolder

DAYS = sessions()[-3:]
PRICES = ["open", "high", "low", "close"]


def market() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bars of three sessions and the rows of all but the last of them, with two sessions before; gentle moves."""
    starts = [day + pd.Timedelta("9h15min") + n * pd.Timedelta("15min") for day in DAYS for n in range(25)]
    path = 12000 + 20 * np.sin(np.arange(76) / 9)
    high, low = np.maximum(path[:-1], path[1:]) + 3, np.minimum(path[:-1], path[1:]) - 3
    bars = pd.DataFrame(np.column_stack([path[:-1], high, low, path[1:]]), columns=PRICES)
    bars.index = pd.DatetimeIndex(starts, name="timestamp").as_unit("ns")
    by_day = bars.groupby(bars.index.normalize())
    rows = by_day.agg({"open": "first", "high": "max", "low": "min", "close": "last"}).iloc[:-1]
    before = pd.DataFrame(12000.0, index=sessions()[-5:-3], columns=PRICES)
    return bars, pd.concat([before, rows])


def found(bars: pd.DataFrame, spot: pd.DataFrame, so_far: pd.DataFrame | None = None) -> list[pd.Timestamp]:
    known = None if so_far is None else (so_far, (DAYS[-1] + pd.Timedelta("15h30min")).tz_localize("Asia/Kolkata"))
    return [bar.start for bar in impossible_bars(bars, spot, known)]


def spoilt(bars: pd.DataFrame, row: int, **factors: float) -> pd.DataFrame:
    changed = bars.copy()
    for name, factor in factors.items():
        changed.iloc[row, PRICES.index(name)] *= factor
    return changed


def test_a_sound_market_has_none() -> None:
    assert found(*market()) == []


@pytest.mark.parametrize("row", [55, 74])
@pytest.mark.parametrize(
    "factors",
    [
        pytest.param({"high": 1.2}, id="high"),
        pytest.param({"high": 1.04}, id="high, less"),
        pytest.param({"low": 0.8}, id="low"),
        pytest.param({"high": 1.2, "open": 1.2}, id="open and high"),
        pytest.param({"high": 1.2, "close": 1.2}, id="close and high"),
        pytest.param({"low": 0.85, "close": 0.85}, id="close and low"),
        pytest.param({"open": 1.3, "high": 1.3, "low": 1.3, "close": 1.3}, id="the whole bar"),
    ],
)
def test_a_bad_tick_of_today_is_found_amid_good_bars_and_as_the_newest(row: int, factors: dict[str, float]) -> None:
    bars, spot = market()
    assert found(spoilt(bars, row, **factors), spot) == [bars.index[row]]


def test_both_values_are_told() -> None:
    bars, spot = market()
    high = bars["high"].iloc[55] * 1.2
    (bar,) = impossible_bars(spoilt(bars, 55, high=1.2), spot, None)
    assert bar.found == f"high {high:.2f} is 20.0% off the bar before and its own close, and no other bar is near"


def test_an_official_row_confirms_a_freak_trade_of_a_past_session() -> None:
    """As on 2012-10-05, when NSE itself printed a low 15 % below the close."""
    bars, spot = market()
    freak = spoilt(bars, 30, low=0.85)
    assert found(freak, spot) == [bars.index[30]]
    spot.loc[DAYS[1], "low"] = freak["low"].iloc[30]
    assert found(freak, spot) == []


def test_a_row_of_the_session_in_progress_confirms_nothing() -> None:
    bars, spot = market()
    freak = spoilt(bars, 60, high=1.2)
    today = freak.iloc[50:]
    values = [today["open"].iloc[0], today["high"].max(), today["low"].min(), today["close"].iloc[-1]]
    so_far = pd.DataFrame([values], index=DAYS[-1:], columns=PRICES)
    assert found(freak, spot, so_far) == [bars.index[60]]


def test_a_crash_that_stays_is_believed() -> None:
    """8 % within a bar, and the market stays there: wider than any bar of 2015 to 2022."""
    bars, spot = market()
    crash = bars.copy()
    crash.iloc[60:, :] *= 0.92
    crash.iloc[60, PRICES.index("open")] = bars["open"].iloc[60]
    crash.iloc[60, PRICES.index("high")] = bars["high"].iloc[60]
    assert found(crash, spot) == []


def test_bars_of_another_index_lie_beyond_the_day_s_last_halt() -> None:
    bars, spot = market()
    other = bars.copy()
    other.iloc[50:, :] *= 2
    assert found(other, spot) == list(bars.index[50:])


def test_the_real_market_of_eight_years_has_one(shared: Path) -> None:
    """A tick of 2020-03-23 that NSE's own high of the day refutes; the limit for past sessions lets it pass."""
    source = CsvFolder(shared / "data" / "nifty50")
    history = source.with_intraday(source.daily(get_market("nifty50")))
    assert history.bars is not None
    assert found(history.bars, history.spot) == []
    that_day = history.bars.loc[:"2020-03-23"]  # type: ignore[misc]
    assert found(that_day, history.spot.loc[:"2020-03-20"]) == [pd.Timestamp("2020-03-23 10:30")]  # type: ignore[misc]


def today_s_row(bars: pd.DataFrame, ended: int = 25) -> pd.DataFrame:
    today = bars.iloc[50 : 50 + ended]
    values = [today["open"].iloc[0], today["high"].max(), today["low"].min(), today["close"].iloc[-1]]
    return pd.DataFrame([values], index=DAYS[-1:], columns=PRICES)


@pytest.mark.parametrize("rows", [[74], [73, 74], [60, 61], list(range(50, 75))])
def test_bars_that_today_s_row_refutes_are_found(rows: list[int]) -> None:
    bars, spot = market()
    other = bars.copy()
    other.iloc[rows] *= 1.03
    assert found(other, spot, today_s_row(bars)) == list(bars.index[rows])


def test_bars_newer_than_a_row_that_stands_still_are_believed() -> None:
    bars, spot = market()
    rising = bars.copy()
    rising.iloc[50:] *= np.exp(np.linspace(0, 0.05, 25))[:, None]
    assert found(rising, spot, today_s_row(rising, ended=7)) == []


def test_the_volatility_index_of_a_bar_is_found_by_its_neighbours() -> None:
    vix = pd.Series(14 + np.sin(np.arange(50) / 5), index=market()[0].index[:50])
    assert impossible_vix(vix) == []
    for row in (20, 49):
        spoilt_vix = vix.copy()
        spoilt_vix.iloc[row] *= 2
        assert [bar.start for bar in impossible_vix(spoilt_vix)] == [vix.index[row]]
    jump = vix.copy()
    jump.iloc[30:] *= 1.3
    assert impossible_vix(jump) == [], "a shock that stays, as on 2020-03-13"
