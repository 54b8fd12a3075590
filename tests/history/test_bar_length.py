"""Intraday bars of other lengths: shorter ones become quarter hours, longer ones are refused."""

import numpy as np
import pandas as pd
import pytest

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_checks import checked_intraday, checked_vix_intraday
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.history.history import joined_bars
from aegismatrix_engine.markets import get_market

CALENDAR = get_market("nifty50").calendar
PRICES = ["open", "high", "low", "close"]


def bars(minutes: int, count: int = 75) -> pd.DataFrame:
    starts = pd.date_range("2022-01-03 09:15", periods=count, freq=f"{minutes}min", name="timestamp").as_unit("ns")
    path = 100 + np.sin(np.arange(count + 1))
    table = np.column_stack(
        [path[:-1], np.maximum(path[:-1], path[1:]) + 0.5, np.minimum(path[:-1], path[1:]) - 0.5, path[1:]]
    )
    return pd.DataFrame(table, index=starts, columns=PRICES)


def placed(frame: pd.DataFrame, name: str = "spot_intraday.csv") -> SourcedBars:
    return SourcedBars(name, frame.assign(line=0))


def test_five_minutes_become_quarters_of_an_hour() -> None:
    fine = bars(5)
    vix = pd.DataFrame({"close": np.arange(75) / 100 + 14}, index=fine.index)
    index = checked_vix_intraday(placed(vix, "vix_intraday.csv"), CALENDAR)
    found, _ = joined_bars(checked_intraday(placed(fine), CALENDAR), index)
    assert len(found) == 25
    for i, (start, bar) in enumerate(found.iterrows()):
        own = fine.iloc[3 * i : 3 * i + 3]
        assert start == own.index[0]
        assert bar["open"] == own["open"].iloc[0]
        assert (bar["high"], bar["low"]) == (own["high"].max(), own["low"].min())
        assert bar["close"] == own["close"].iloc[-1]
        assert bar["vix"] == vix["close"].iloc[3 * i + 2]


def test_quarters_of_an_hour_stay_as_they_are() -> None:
    found = checked_intraday(placed(bars(15, 25)), CALENDAR).bars
    pd.testing.assert_frame_equal(found[PRICES], bars(15, 25), check_freq=False)


def test_longer_bars_are_refused_by_their_length() -> None:
    with pytest.raises(DataError, match=r"spot_intraday.csv: bars of 60 minutes, expected 15 minutes or shorter"):
        checked_intraday(placed(bars(60, 7)), CALENDAR)
