"""What can be mended without a guess is mended, and told in a sentence that names the dates."""

from pathlib import Path

import pandas as pd
import pytest
from csv_market import csv_text, intraday_bars, sessions, spot_bars, vix_bars, write_market

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_checks import regular_dates
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.csv_folder import CsvFolder

MARKET = get_market("nifty50")
DATES = sessions()
SPOT, VIX = spot_bars(DATES), vix_bars(DATES)


def read(folder: Path, spot: pd.DataFrame, vix: pd.DataFrame | None = VIX) -> MarketHistory:
    return CsvFolder(write_market(folder, spot, vix)).daily(MARKET)


def test_rows_out_of_order_are_sorted(tmp_path: Path) -> None:
    order = [*range(10), 12, 10, 11, *range(13, len(SPOT))]
    history = read(tmp_path, SPOT.iloc[order])
    pd.testing.assert_frame_equal(history.spot, SPOT, check_exact=True)
    assert history.notes == (
        f"spot_daily.csv: rows out of date order were sorted ({DATES[10]:%Y-%m-%d}, {DATES[11]:%Y-%m-%d}).",
    )


def test_a_file_that_begins_with_the_newest_row_is_sorted(tmp_path: Path) -> None:
    history = read(tmp_path, SPOT.iloc[::-1], VIX.iloc[::-1])
    pd.testing.assert_frame_equal(history.spot, SPOT, check_exact=True)
    assert history.vix is not None
    pd.testing.assert_frame_equal(history.vix, VIX, check_exact=True)
    assert [note.split(":")[0] for note in history.notes] == ["spot_daily.csv", "vix_daily.csv"]


def test_repeated_rows_with_equal_values_are_dropped(tmp_path: Path) -> None:
    history = read(tmp_path, SPOT.iloc[[*range(20), 19, *range(20, len(SPOT))]])
    pd.testing.assert_frame_equal(history.spot, SPOT, check_exact=True)
    assert history.notes == (f"spot_daily.csv: repeated rows with equal values were dropped ({DATES[19]:%Y-%m-%d}).",)


def test_up_to_three_missing_sessions_are_listed(tmp_path: Path) -> None:
    history = read(tmp_path, SPOT.drop(DATES[10:13]), VIX.drop(DATES[10:13]))
    listed = ", ".join(f"{date:%Y-%m-%d}" for date in DATES[10:13])
    assert history.notes == (
        f"spot_daily.csv: no rows for the sessions {listed}; changes there span more than one session.",
    )


def test_a_row_on_a_closed_day_is_kept_as_a_special_session(tmp_path: Path) -> None:
    saturday = pd.Timestamp("2019-11-16")
    dates = DATES.union([saturday])
    history = read(tmp_path, spot_bars(dates), None)
    assert saturday in history.spot.index
    assert saturday not in history.daily().index
    assert "spot_daily.csv: the calendar has no session on 2019-11-16" in history.notes[0]


def test_past_the_announced_calendar_a_weekday_with_a_row_is_a_session() -> None:
    republic_day, sunday = pd.Timestamp("2028-01-26"), pd.Timestamp("2028-01-30")
    assert MARKET.calendar.provisional(republic_day)
    dates = pd.DatetimeIndex([republic_day, sunday])
    assert list(regular_dates(MARKET.calendar, dates)) == [republic_day]


def test_closes_of_the_volatility_index_without_a_spot_row_are_left_out(tmp_path: Path) -> None:
    after = pd.Timestamp("2020-01-01")
    history = read(tmp_path, SPOT, vix_bars(DATES.union([after])))
    assert history.vix is not None
    assert after not in history.vix.index
    assert history.notes == ("vix_daily.csv: rows of dates without a spot row were left out (2020-01-01).",)


def test_a_volatility_index_with_no_date_in_common_is_none(tmp_path: Path) -> None:
    history = read(tmp_path, SPOT, vix_bars(sessions("2020-02-03", "2020-02-28")))
    assert history.vix is None
    assert history.notes[-1] == "No India VIX up to 2019-12-31."


def test_many_dates_are_counted_beyond_three(tmp_path: Path) -> None:
    history = read(tmp_path, SPOT, VIX.drop(VIX.index[5:30:5]))
    listed = ", ".join(f"{date:%Y-%m-%d}" for date in DATES[5:20:5])
    assert history.notes == (
        f"vix_daily.csv: no close on {listed} and 2 more; the close before is carried forward for at most 2 sessions.",
    )


def test_intraday_bars_of_the_volatility_index_without_a_spot_bar_are_left_out(tmp_path: Path) -> None:
    bars = intraday_bars(DATES[-3:])
    write_market(tmp_path, SPOT, VIX, bars.drop(bars.index[7]), bars[["close"]] / 700)
    source = CsvFolder(tmp_path)
    history = source.with_intraday(source.daily(MARKET))
    assert history.notes == (
        "vix_intraday.csv: bars without a spot bar of the same quarter hour were left out "
        f"({bars.index[7]:%Y-%m-%d %H:%M}).",
    )


def test_a_name_with_braces_stays_itself_in_a_note() -> None:
    assert Repair("{0} {dates} {x}", (pd.Timestamp("2019-12-30"),)).sentence() == "{0} 2019-12-30 {x}"


def test_a_repeated_file_with_one_other_value_is_not_mended(tmp_path: Path) -> None:
    text = csv_text(SPOT)
    other = csv_text(SPOT.assign(low=SPOT["low"] * 0.999)).split("\n", 1)[1]
    write_market(tmp_path, SPOT)
    (tmp_path / "spot_daily.csv").write_text(text + other)
    with pytest.raises(DataError, match=r"column low: .* is also given as"):
        CsvFolder(tmp_path).daily(MARKET)
