"""Daily rows against the bars of their own session: what contradicts, by which limit, and what does not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from csv_market import intraday_bars, sessions

from aegismatrix_engine.history.rows_against_bars import contradicted_rows, far_closes, session_bars
from aegismatrix_engine.history.vix_against_bars import closing_vix
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.csv_folder import CsvFolder

MARKET = get_market("nifty50")
DAYS = sessions()[-3:]
DAY = DAYS[1]
AUCTION_DAY = pd.Timestamp("2026-11-23")


def bars(days: pd.DatetimeIndex = DAYS) -> pd.DataFrame:
    return intraday_bars(days)


def rows_of(found: pd.DataFrame) -> pd.DataFrame:
    """What the bars add up to."""
    by_day = found.groupby(found.index.normalize())
    return by_day.agg({"open": "first", "high": "max", "low": "min", "close": "last"}).rename_axis("date")


def auction_bars() -> pd.DataFrame:
    """Continuous trading of a day whose close comes from an auction after it."""
    return bars(pd.DatetimeIndex([AUCTION_DAY])).iloc[:24]


def contradicted(rows: pd.DataFrame, found: pd.DataFrame) -> list[tuple[pd.Timestamp, str, bool]]:
    contradictions = contradicted_rows(rows, found, session_bars(found, MARKET), MARKET)
    return [(one.session, one.found, one.whole) for one in contradictions]


def test_rows_that_their_bars_add_up_to_are_believed() -> None:
    assert contradicted(rows_of(bars()), bars()) == []


def test_rows_without_bars_and_bars_without_a_row_contradict_nothing() -> None:
    rows = rows_of(bars())
    assert contradicted(rows.iloc[:2], bars()) == []
    assert contradicted(rows, bars().loc[f"{DAYS[2]:%Y-%m-%d}" :]) == []


@pytest.mark.parametrize("side", ["high", "low"])
@pytest.mark.parametrize(("beyond", "is_contradiction"), [(4e-4, False), (6e-4, True)])
def test_a_bar_closes_within_the_range_of_its_row(side: str, beyond: float, is_contradiction: bool) -> None:
    found, rows = bars(), rows_of(bars())
    closes = found.loc[f"{DAY:%Y-%m-%d}", "close"]
    extreme = closes.max() if side == "high" else closes.min()
    rows.loc[DAY, side] = extreme * np.exp(-beyond if side == "high" else beyond)
    rows.loc[DAY, "close"] = closes.iloc[-1]
    told = f"its {side} is {rows.loc[DAY, side]:.2f}, and a bar closes at {extreme:.2f}"
    assert contradicted(rows, found) == ([(DAY, told, True)] if is_contradiction else [])


@pytest.mark.parametrize(("off", "is_contradiction"), [(0.9e-3, False), (1.1e-3, True)])
def test_an_averaged_close_lies_within_the_last_half_hour(off: float, is_contradiction: bool) -> None:
    found, rows = bars(), rows_of(bars())
    last = found.loc[f"{DAY:%Y-%m-%d}"].iloc[-2:]
    close = last["high"].max() * np.exp(off)
    rows.loc[DAY, ["high", "close"]] = [max(rows.loc[DAY, "high"], close), close]
    told = f"its close is {close:.2f}, and the last bars range from {last['low'].min():.2f} to {last['high'].max():.2f}"
    assert contradicted(rows, found) == ([(DAY, told, True)] if is_contradiction else [])


@pytest.mark.parametrize("stops", [3, 10])
def test_a_row_that_stopped_within_its_range_is_no_auction(stops: int) -> None:
    """An auction may close as far off as this; it does not give the row that an earlier bar left."""
    found = auction_bars()
    # High and low of the day are in the first bar, and the close moves by half a per cent after the row stopped.
    found["close"] = found["open"] = np.where(np.arange(24) <= stops, 11000.0, 11055.0)
    found["high"], found["low"] = found["close"] + 5, found["close"] - 5
    found.iloc[0, found.columns.get_indexer(["high", "low"])] = 11070.0, 10960.0
    rows = rows_of(found)
    auction = rows.assign(close=11000.25)
    assert contradicted(rows, found) == contradicted(auction, found) == []
    rows["close"] = 11000.0
    told = f"it is the row of {found.index[stops + 1]:%H:%M}, close 11000.00, and the last bars range from 11050.00 to "
    assert contradicted(rows, found) == [(AUCTION_DAY, f"{told}11060.00", True)]


@pytest.mark.parametrize(("off", "is_contradiction"), [(0.029, False), (-0.029, False), (0.031, True), (-0.031, True)])
def test_an_auction_may_close_three_per_cent_off(off: float, is_contradiction: bool) -> None:
    found = auction_bars()
    rows = rows_of(found)
    last = found.iloc[-2:]
    close = (last["high"].max() if off > 0 else last["low"].min()) * np.exp(off)
    high, low = max(rows["high"].iloc[0], close), min(rows["low"].iloc[0], close)
    rows.loc[AUCTION_DAY, ["high", "low", "close"]] = [high, low, close]
    assert [day for day, _, _ in contradicted(rows, found)] == ([AUCTION_DAY] if is_contradiction else [])


def test_a_session_whose_bars_are_not_all_there_is_not_whole() -> None:
    rows = rows_of(bars())
    rows.loc[DAY, "high"] = rows.loc[DAY, "low"] + 1
    rows.loc[DAY, "close"] = rows.loc[DAY, "low"]
    found = bars()
    ((_, _, whole),) = contradicted(rows, found)
    ((_, _, lacking),) = contradicted(rows, found.drop(found.index[30]))
    assert (whole, lacking) == (True, False)


def test_bars_that_end_before_the_session_say_nothing_of_its_close() -> None:
    found = bars().drop(bars().index[48:50])
    rows = rows_of(found)
    rows.loc[DAY, ["high", "close"]] = rows.loc[DAY, "high"] * 1.01
    assert contradicted(rows, found) == []


def test_the_closing_volatility_index_is_of_the_last_two_bars_that_have_one() -> None:
    values = np.full(75, np.nan)
    values[[0, 1, 2]] = 14.0, 15.0, 16.0
    values[[40, 45]] = 13.5, 13.0
    found = closing_vix(bars().assign(vix=values))
    assert list(found.index) == list(DAYS[:2])
    assert found["last"].tolist() == [16.0, 13.0]
    assert found["lowest"].tolist() == [15.0, 13.0]
    assert found["highest"].tolist() == [16.0, 13.5]
    assert found["start"].tolist() == [bars().index[2], bars().index[45]]
    assert closing_vix(bars().assign(vix=np.nan)).empty


def test_no_row_of_the_real_market_contradicts_its_bars(shared: Path) -> None:
    source = CsvFolder(shared / "data" / "nifty50")
    history = source.with_intraday(source.daily(MARKET))
    assert history.bars is not None
    found = session_bars(history.bars, MARKET)
    assert contradicted_rows(history.spot, history.bars, found, MARKET) == []
    assert found.index.isin(history.spot.index).sum() > 1900


@pytest.mark.parametrize(("off", "is_far"), [(0.009, False), (0.011, True), (-0.011, True), (-0.009, False)])
def test_a_close_that_an_auction_allows_may_still_be_far(off: float, is_far: bool) -> None:
    found = auction_bars()
    rows = rows_of(found)
    last = found.iloc[-2:]
    edge = last["high"].max() if off > 0 else last["low"].min()
    close = edge * np.exp(off)
    rows.loc[AUCTION_DAY, ["high", "low", "close"]] = [
        max(rows.loc[AUCTION_DAY, "high"], close),
        min(rows.loc[AUCTION_DAY, "low"], close),
        close,
    ]
    assert contradicted(rows, found) == []
    far = far_closes(rows, session_bars(found, MARKET))
    assert list(far) == ([AUCTION_DAY] if is_far else [])
    assert not is_far or f"its close is {close:.2f}" in far[AUCTION_DAY]
