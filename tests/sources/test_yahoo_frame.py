"""What becomes of the frames that yfinance makes of Yahoo's answers."""

import numpy as np
import pandas as pd
import pytest

from aegismatrix_engine.errors import DataError, SourceUnavailable
from aegismatrix_engine.history.bar_checks import checked_spot
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.yahoo.frame import absurd_rows, sourced_daily, sourced_intraday

PRICES = ("open", "high", "low", "close")


def yahoo_frame(dates: list[str], zone: str = "Asia/Kolkata", level: float = 100.0) -> pd.DataFrame:
    index = pd.DatetimeIndex(dates).tz_localize(zone).rename("Date")
    close = np.full(len(dates), level)
    columns = {"Open": close, "High": close, "Low": close, "Close": close, "Adj Close": close, "Volume": 0}
    return pd.DataFrame(columns, index=index)


def test_bars_stand_on_the_exchange_s_own_dates() -> None:
    placed, repairs = sourced_daily("^NSEI", yahoo_frame(["2022-12-29", "2022-12-30"]), PRICES)
    assert list(placed.rows.index) == [pd.Timestamp("2022-12-29"), pd.Timestamp("2022-12-30")]
    assert placed.rows.index.dtype == np.dtype("datetime64[ns]")
    assert list(placed.bars().columns) == list(PRICES)
    assert repairs == ()


def test_an_index_in_another_zone_keeps_its_own_dates() -> None:
    placed, _ = sourced_daily("^VIX", yahoo_frame(["2022-12-30"], "America/Chicago", 20.0), ("close",))
    assert list(placed.rows.index) == [pd.Timestamp("2022-12-30")]


def test_rows_without_prices_are_left_out_and_told() -> None:
    frame = yahoo_frame(["2022-12-28", "2022-12-29", "2022-12-30"])
    frame.loc[frame.index[1], "Close"] = np.nan
    placed, repairs = sourced_daily("^NSEI", frame, PRICES)
    assert list(placed.rows.index.day) == [28, 30]
    assert [repair.sentence() for repair in repairs] == [
        "Yahoo has no prices for ^NSEI on 2022-12-29; those rows were left out."
    ]


def test_a_row_with_a_close_and_no_open_keeps_its_close() -> None:
    frame = yahoo_frame(["2022-12-28", "2022-12-29", "2022-12-30"])
    frame.loc[frame.index[1], "Open"] = np.nan
    placed, repairs = sourced_daily("^NSEI", frame, PRICES)
    assert list(placed.rows.index.day) == [28, 29, 30]
    assert placed.rows["close"].tolist() == frame["Close"].tolist()
    assert repairs == ()


def test_india_vix_begins_where_yahoo_s_series_is_nse_s() -> None:
    frame = yahoo_frame(["2010-07-29", "2010-07-30", "2010-08-02"], level=20.0)
    placed, repairs = sourced_daily("^INDIAVIX", frame, ("close",), index=get_market("nifty50").volatility_index)
    assert list(placed.rows.index) == [pd.Timestamp("2010-08-02")]
    assert "before 2010-08-01 is not NSE's series and was left out (2010-07-29, 2010-07-30)" in repairs[0].sentence()
    assert len(sourced_daily("^VIX", frame, ("close",), index=get_market("sp500").volatility_index)[0].rows) == 3


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        yahoo_frame([]),
        yahoo_frame(["2022-12-30"]).drop(columns="Close"),
        yahoo_frame(["2022-12-30"]).assign(Close=np.nan),
        yahoo_frame(["2022-12-30"]).assign(Close="text"),
        yahoo_frame(["2022-12-30"]).reset_index(drop=True),
    ],
    ids=["nothing", "no rows", "no close", "no prices", "text", "no dates"],
)
def test_an_empty_answer_is_no_history(frame: pd.DataFrame) -> None:
    with pytest.raises(SourceUnavailable, match=r"Yahoo has no .* for \^NSEI"):
        sourced_daily("^NSEI", frame, PRICES)


def test_an_error_in_bars_without_a_file_names_symbol_and_date() -> None:
    frame = yahoo_frame(["2022-12-28", "2022-12-29", "2022-12-30"])
    frame.iloc[1:, :4] = 10000.0
    spot: SourcedBars = sourced_daily("^NSEI", frame, PRICES)[0]
    with pytest.raises(
        Exception, match=r"^Yahoo \^NSEI, 2022-12-29, column close: 10000 follows 100 in Yahoo \^NSEI, 2022"
    ):
        checked_spot(spot, get_market("nifty50").calendar)


def intraday_frame(starts: list[str], level: float = 100.0) -> pd.DataFrame:
    index = pd.DatetimeIndex(starts).tz_localize("Asia/Kolkata").rename("Datetime")
    return pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), np.full(len(starts), level)), index=index)


def test_what_is_no_whole_bar_is_none() -> None:
    starts = ["2026-07-15 09:00", "2026-07-15 09:15", "2026-07-15 09:30", "2026-07-15 09:45", "2026-07-15 09:52:31"]
    now = pd.Timestamp("2026-07-15T09:52:31+05:30")
    calendar = get_market("nifty50").calendar
    placed, repairs = sourced_intraday("^NSEI", intraday_frame(starts), PRICES, calendar, now)
    assert [f"{at:%H:%M}" for at in placed.rows.index] == ["09:15", "09:30"]
    assert placed.rows.index.dtype == np.dtype("datetime64[ns]")
    assert repairs == ()
    later = pd.Timestamp("2026-07-15T04:30:00+00:00")
    whole = sourced_intraday("^NSEI", intraday_frame(starts), PRICES, calendar, later)[0]
    assert [f"{at:%H:%M}" for at in whole.rows.index] == ["09:15", "09:30", "09:45"]


def test_a_row_at_the_close_is_no_bar() -> None:
    frame = intraday_frame(["2026-07-15 15:00", "2026-07-15 15:15", "2026-07-15 15:30"])
    calendar = get_market("nifty50").calendar
    placed, _ = sourced_intraday("^NSEI", frame, PRICES, calendar, pd.Timestamp("2026-07-15T18:00+05:30"))
    assert [f"{at:%H:%M}" for at in placed.rows.index] == ["15:00", "15:15"]


def test_intraday_bars_without_a_zone_are_none() -> None:
    frame = intraday_frame(["2026-07-15 15:00"]).tz_localize(None)
    with pytest.raises(SourceUnavailable, match="no time zone"):
        sourced_intraday("^NSEI", frame, PRICES, get_market("nifty50").calendar, None)


DATES = ["2022-12-26", "2022-12-27", "2022-12-28", "2022-12-29", "2022-12-30"]


@pytest.mark.parametrize("factor", [100.0, 0.01, 0.0, -1.0])
def test_one_absurd_row_in_the_middle_is_left_out_and_told(factor: float) -> None:
    frame = yahoo_frame(DATES)
    frame.iloc[2, :4] *= factor
    placed, repairs = sourced_daily("^NSEI", frame, PRICES)
    assert list(placed.rows.index.day) == [26, 27, 29, 30]
    assert [repair.sentence() for repair in repairs] == [
        "Yahoo's prices for ^NSEI on 2022-12-28 are impossible in a market; those rows were left out."
    ]


@pytest.mark.parametrize("factor", [100.0, 0.01, 0.0])
def test_an_absurd_last_row_stays_and_is_refused(factor: float) -> None:
    frame = yahoo_frame(DATES)
    frame.iloc[-1, :4] *= factor
    placed, repairs = sourced_daily("^NSEI", frame, PRICES)
    assert repairs == ()
    with pytest.raises(DataError, match="2022-12-30"):
        checked_spot(placed, get_market("nifty50").calendar)


def test_a_crash_that_lasts_is_no_spike() -> None:
    frame = yahoo_frame(DATES)
    frame.iloc[2:, :4] *= 0.5
    assert not absurd_rows(frame.iloc[:, :4].rename(columns=str.lower)).any()


def test_many_absurd_rows_are_refused() -> None:
    frame = yahoo_frame([f"2022-12-{day}" for day in (19, 20, 21, 22, 23, 26, 27, 28, 29, 30)])
    frame.iloc[[1, 3, 5, 7], 2] = 0.0
    placed, repairs = sourced_daily("^NSEI", frame, PRICES)
    assert (len(placed.rows), repairs) == (10, ())
