"""The US series of a csv folder and of frames: each optional, each judged, none of them a reason to end a run."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from csv_market import sessions, spot_bars, vix_bars, write_market

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.history.us_series import checked_fund, checked_us_spot, fund_steps, up_to_fault
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.sources.frames import BarFrames

MARKET = get_market("nifty50")
DATES = sessions()
SPOT, VIX = spot_bars(DATES), vix_bars(DATES)
US_DATES = get_market("sp500").calendar.regular(DATES[0], DATES[-1]).as_unit("ns")
NAMES = ("us_vix", "us_spot", "inda")


def us_tables() -> dict[str, pd.DataFrame]:
    """A file of each US series: the S&P 500 with two closes alone, INDA with prices that are not read."""
    draws = np.random.default_rng(5)
    level = np.cumsum(0.01 * draws.standard_normal(len(US_DATES)))
    spot = pd.DataFrame({"open": 3000 * np.exp(np.append(0, level[:-1])), "close": 3000 * np.exp(level)}, US_DATES)
    spot["high"], spot["low"] = spot.max(axis=1) * 1.001, spot.min(axis=1) * 0.999
    spot = spot[["open", "high", "low", "close"]].round(2)
    spot.iloc[[4, -2], :3] = np.nan
    inda = pd.DataFrame({"open": np.nan, "high": np.nan, "low": 1e9, "close": 33 * np.exp(level)}, US_DATES).round(2)
    vix = pd.DataFrame({"close": 16 + draws.standard_normal(len(US_DATES))}, US_DATES).round(2)
    return {"us_vix": vix, "us_spot": spot, "inda": inda}


TABLES = us_tables()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_market(tmp_path, SPOT, VIX)
    for name, table in TABLES.items():
        write(tmp_path, name, table)
    return tmp_path


def write(folder: Path, name: str, table: pd.DataFrame) -> None:
    table.rename_axis("date").to_csv(folder / f"{name}_daily.csv", date_format="%Y-%m-%d")


def read(folder: Path) -> MarketHistory:
    source = CsvFolder(folder)
    return source.with_us_series(source.daily(MARKET))


def series(history: MarketHistory, name: str) -> pd.DataFrame:
    frame = getattr(history, name)
    assert isinstance(frame, pd.DataFrame)
    return frame


def test_a_folder_may_hold_each_series_of_the_us(folder: Path) -> None:
    history = read(folder)
    assert [given.series for given in history.inputs][2:] == ["us_vix_daily", "us_spot_daily", "inda_daily"]
    assert history.notes == ()
    for name, table in TABLES.items():
        expected = table if name == "us_spot" else table[["close"]]
        pd.testing.assert_frame_equal(
            series(history, name), expected, check_exact=True, check_names=False, check_freq=False
        )


@pytest.mark.parametrize("absent", NAMES)
def test_each_is_optional(folder: Path, absent: str) -> None:
    (folder / f"{absent}_daily.csv").unlink()
    history = read(folder)
    assert {name for name in NAMES if getattr(history, name) is None} == {absent}
    assert history.notes == ()


def test_the_other_market_reads_none_of_them(tmp_path: Path) -> None:
    for name, table in TABLES.items():
        write(tmp_path, name, table)
    market = get_market("sp500")
    write_market(tmp_path, spot_bars(pd.DatetimeIndex(US_DATES)), None)
    source = CsvFolder(tmp_path)
    history = source.daily(market)
    assert source.with_us_series(history) is history


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a web page": lambda path: path.write_text("<!DOCTYPE html><html></html>"),
    "no rows": lambda path: path.write_text("date,open,high,low,close\n"),
    "nothing": lambda path: path.write_text(""),
    "another header": lambda path: path.write_text("day,price\n2019-01-02,3\n"),
    "a word": lambda path: path.write_text(path.read_text() + "2019-12-31,x,x,x,x\n"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "bytes": lambda path: path.write_bytes(b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_that_cannot_be_read_is_left_out_and_reported(folder: Path, name: str, damage: str) -> None:
    DAMAGE[damage](folder / f"{name}_daily.csv")
    history = read(folder)
    assert {other for other in NAMES if getattr(history, other) is None} == {name}
    (note,) = history.notes
    assert note.startswith(f"{name}_daily was left out: ")
    assert "\n" not in note


def changed(table: pd.DataFrame, row: int, **prices: float) -> pd.DataFrame:
    table = table.copy()
    for column, price in prices.items():
        table.iloc[row, table.columns.get_loc(column)] = price
    return table


AT = 50
WRONG: dict[str, tuple[str, pd.DataFrame]] = {
    "a close of nothing": ("us_spot", changed(TABLES["us_spot"], AT, close=0.0)),
    "an open below 0": ("us_spot", changed(TABLES["us_spot"], AT, open=-1.0)),
    "a high below its close": ("us_spot", changed(TABLES["us_spot"], AT, high=2000.0)),
    "a close far off": ("us_spot", changed(TABLES["us_spot"], AT, open=np.nan, high=np.nan, low=np.nan, close=90.0)),
    "a fund for nothing": ("inda", changed(TABLES["inda"], AT, close=0.0)),
    "a volatility index of a fund": ("us_vix", changed(TABLES["us_vix"], AT, close=2400.0)),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_row_and_all_after_it_are_left_out_and_reported(folder: Path, what: str) -> None:
    name, table = WRONG[what]
    write(folder, name, table)
    history = read(folder)
    assert series(history, name).index[-1] == US_DATES[AT - 1]
    (note,) = history.notes
    assert note.startswith(f"{name}_daily.csv, line {AT + 2}, ")
    assert note.endswith(f". Rows from {US_DATES[AT]:%Y-%m-%d} on were left out.")


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_row_changes_nothing_of_a_moment_before_it(folder: Path, what: str) -> None:
    moment = AsOf.of((US_DATES[AT - 1] + pd.Timedelta("16h15min")).tz_localize("America/New_York"))
    without = read(folder).until(moment)
    write(folder, *WRONG[what])
    found = read(folder).until(moment)
    assert found.content_hash() == without.content_hash()
    assert found.notes == without.notes == ()


def test_a_series_that_is_wrong_from_its_first_row_is_left_out(folder: Path) -> None:
    write(folder, "us_vix", TABLES["us_vix"] * 100)
    history = read(folder)
    assert history.us_vix is None
    assert history.notes[0].startswith("us_vix_daily was left out: us_vix_daily.csv, line 2, column close: ")


def test_dates_that_a_time_zone_has_shifted_are_found_by_their_weekends(folder: Path) -> None:
    shifted = TABLES["us_spot"].set_axis(US_DATES - pd.Timedelta(days=1), axis=0)
    write(folder, "us_spot", shifted)
    first = next(date for date in shifted.index if date.day_of_week == 6)
    (note,) = read(folder).notes
    assert f"{first:%Y-%m-%d} is a Sunday: expected US session dates" in note


def test_repairs_of_us_rows_are_known_once_their_session_is_over(folder: Path) -> None:
    table = TABLES["us_spot"]
    write(folder, "us_spot", table.iloc[[*range(AT + 1), AT, *range(AT + 1, len(table))]])
    over = (US_DATES[AT] + pd.Timedelta("16h15min")).tz_localize("America/New_York")
    expected = f"us_spot_daily.csv: repeated rows with equal values were dropped ({US_DATES[AT]:%Y-%m-%d})."
    assert read(folder).until(AsOf.of(over)).notes == (expected,)
    assert read(folder).until(AsOf.of(over - pd.Timedelta(minutes=1))).notes == ()


def test_rows_of_closes_alone_that_are_given_twice_are_equal(folder: Path) -> None:
    table = TABLES["us_spot"]
    write(folder, "us_spot", table.iloc[[*range(5), 4, *range(5, len(table))]])
    (note,) = read(folder).notes
    assert "repeated rows with equal values were dropped" in note


def sourced(closes: list[float]) -> SourcedBars:
    return SourcedBars("inda_daily.csv", pd.DataFrame({"close": closes, "line": 0}, US_DATES[: len(closes)]))


def test_the_date_of_a_split_is_found_and_a_day_of_panic_is_none() -> None:
    """A share becomes two on the third date; INDA fell by 15.5 % on 2020-03-16."""
    given = sourced([40.0, 40.4, 20.1, 19.9, 16.8])
    assert list(fund_steps(given.rows["close"])) == [US_DATES[2]]
    checked = checked_fund(given)
    assert list(checked.bars["close"]) == [40.0, 40.4, 20.1, 19.9, 16.8]
    assert [repair.dates for repair in checked.repairs] == [(US_DATES[2],)]


def test_a_fourth_leap_ends_the_series() -> None:
    given = sourced([40.0, 20.0, 40.0, 20.0, 20.1, 40.0, 40.1])
    with pytest.raises(DataError, match=r"column close: 40 is change 4 by more than a market moves"):
        checked_fund(given)
    assert list(up_to_fault(given, checked_fund).bars["close"]) == [40.0, 20.0, 40.0, 20.0, 20.1]


def test_a_price_that_never_moves_is_a_feed_that_stopped() -> None:
    with pytest.raises(DataError, match="at most 5 unchanged closes"):
        checked_fund(sourced([40.0] * 6))


def test_frames_give_them_under_any_zone_of_their_dates() -> None:
    """yfinance's index is midnight in New York, or Chicago for ^VIX; the date is the session's in both."""
    zoned = {
        "us_vix_daily": TABLES["us_vix"].tz_localize("America/Chicago"),
        "us_spot_daily": TABLES["us_spot"].tz_localize("America/New_York"),
        "inda_daily": TABLES["inda"],
    }
    source = BarFrames(SPOT, VIX, **zoned)
    history = source.with_us_series(source.daily(MARKET))
    for name in NAMES:
        assert list(series(history, name).index) == list(US_DATES)
    lacking = replace(source, us_spot_daily=zoned["us_spot_daily"].drop(columns="open"))
    (note,) = lacking.with_us_series(lacking.daily(MARKET)).notes
    assert note == (
        "us_spot_daily was left out: us_spot_daily: column open is missing: expected open, high, low, close."
    )


def test_the_checks_keep_what_a_row_lacks() -> None:
    rows = TABLES["us_spot"].assign(line=0)
    checked = checked_us_spot(SourcedBars("us_spot_daily.csv", rows))
    assert list(checked.bars.columns) == ["open", "high", "low", "close"]
    assert checked.bars[["open", "high", "low"]].isna().all(axis=1).sum() == 2
    assert checked.closes_alone == frozenset()
