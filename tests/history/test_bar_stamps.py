"""Intraday bars by their stamps: what is no bar is left out and named, what can only mean something else is refused."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_checks import checked_intraday, checked_vix_intraday
from aegismatrix_engine.history.bar_rules import SourcedBars, out_of_order
from aegismatrix_engine.history.history import joined_bars
from aegismatrix_engine.markets import get_market

CALENDAR = get_market("nifty50").calendar
DAYS = pd.DatetimeIndex(["2022-01-03", "2022-01-04", "2022-01-05"])
PRICES = ["open", "high", "low", "close"]


def bars(minutes: int = 15, days: pd.DatetimeIndex = DAYS, until: str = "") -> pd.DataFrame:
    """Bars of whole sessions from 09:15 to 15:30; with ``until`` those of the last day that begin before it."""
    parts = [pd.date_range(f"{day:%Y-%m-%d} 09:15", f"{day:%Y-%m-%d} 15:29", freq=f"{minutes}min") for day in days]
    starts = pd.DatetimeIndex(np.concatenate(parts)).as_unit("ns").rename("timestamp")
    if until:
        starts = starts[starts < pd.Timestamp(f"{days[-1]:%Y-%m-%d} {until}")]
    path = 17000 + 10 * np.sin(np.arange(len(starts) + 1) / 7)
    high, low = np.maximum(path[:-1], path[1:]) + 1, np.minimum(path[:-1], path[1:]) - 1
    return pd.DataFrame(np.column_stack([path[:-1], high, low, path[1:]]), index=starts, columns=PRICES)


def placed(frame: pd.DataFrame, name: str = "spot_intraday.csv") -> SourcedBars:
    return SourcedBars(name, frame.assign(line=np.arange(2, len(frame) + 2)))


def read(frame: pd.DataFrame, vix: pd.DataFrame | None = None) -> tuple[pd.DataFrame, list[str]]:
    spot = checked_intraday(placed(frame), CALENDAR)
    index = None if vix is None else checked_vix_intraday(placed(vix, "vix_intraday.csv"), CALENDAR)
    found, told = joined_bars(spot, index)
    return found, [repair.sentence() for repair in told]


def shifted(frame: pd.DataFrame, by: str, days: slice = slice(None)) -> pd.DataFrame:
    """With the stamps of some days moved."""
    index = pd.DatetimeIndex(frame.index)
    moved = index.normalize().isin(DAYS[days])
    return frame.set_axis(index.where(~moved, index + pd.Timedelta(by)), axis=0)


def row(stamp: str, price: float = 17000.0, spread: float = 1.0) -> pd.DataFrame:
    index = pd.DatetimeIndex([stamp], name="timestamp").as_unit("ns")
    return pd.DataFrame([[price, price + spread, price - spread, price]], index=index, columns=PRICES)


def test_bars_that_keep_to_the_calendar_stay_as_they_are() -> None:
    found, told = read(bars())
    pd.testing.assert_frame_equal(found[PRICES], bars(), check_freq=False)
    assert told == []


@pytest.mark.parametrize(
    ("damaged", "place", "looks"),
    [
        pytest.param(
            lambda: shifted(bars(), "-330min"), "line 2", "03:45 to 09:45 .*looks like UTC; add 5:30", id="utc"
        ),
        pytest.param(
            lambda: shifted(bars(), "-330min", slice(1, 2)), "line 27", "looks like UTC; add 5:30", id="one day in UTC"
        ),
        pytest.param(
            lambda: shifted(bars(until="11:00"), "-330min", slice(2, 3)), "line 52", "looks like UTC", id="today in UTC"
        ),
        pytest.param(lambda: shifted(bars(1), "-330min"), "line 2", "looks like UTC; add 5:30", id="minutes in UTC"),
        pytest.param(
            lambda: shifted(bars(), "15min"), "line 2", "09:30 to 15:30 .*stamped by the end.*subtract 15", id="by end"
        ),
        pytest.param(
            lambda: shifted(bars(1), "1min"),
            "line 2",
            "09:16 to 15:30 .*stamped by the end.*subtract 1",
            id="by minute end",
        ),
        pytest.param(
            lambda: shifted(bars(), "15min", slice(0, 1)), "line 2", "stamped by the end", id="one day by its end"
        ),
        pytest.param(lambda: shifted(bars(), "-15min"), "line 2", "09:00 to 15:00 .*shifted; add 0:15", id="early"),
        pytest.param(
            lambda: shifted(bars(until="11:00"), "-15min", slice(2, 3)),
            "line 52",
            "shifted; add 0:15",
            id="today early",
        ),
        pytest.param(
            lambda: shifted(bars().drop(bars().index[30]), "-30min", slice(1, 2)),
            "line 27",
            "shifted; add 0:30",
            id="early with a bar missing",
        ),
        pytest.param(lambda: shifted(bars(), "60min"), "line 2", "10:15 to 16:15 .*shifted; subtract 1:00", id="late"),
        pytest.param(
            lambda: pd.concat([bars(), row("2022-01-05 18:00")]),
            "line 52",
            "expected within the session",
            id="evening bar",
        ),
    ],
)
def test_stamps_that_mean_something_else_are_refused(
    damaged: Callable[[], pd.DataFrame], place: str, looks: str
) -> None:
    with pytest.raises(DataError, match=rf"^spot_intraday.csv, ({place}): .*{looks}") as refused:
        read(damaged())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("frame", "rule"),
    [
        (pd.concat([bars(), bars(60, pd.DatetimeIndex(["2022-01-06"]))]), "line 77: bars of 60 minutes on this day"),
        (
            pd.concat([bars(), bars(1, pd.DatetimeIndex(["2022-01-06"]))]),
            "line 77: bars of 1 minutes on this day, expected 15 as in",
        ),
        (pd.concat([bars(), bars(1, DAYS[1:2]).iloc[1::15]]).sort_index(), "bars of 1 minutes on this day"),
        (bars(10), "bars of 10 minutes do not fit into quarter hours"),
        (bars(2), "bars of 2 minutes do not fit into quarter hours"),
        (bars(30), "bars of 30 minutes, expected 15 minutes or shorter"),
        (shifted(bars(), "7min"), "begins between two bars of 15 minutes"),
    ],
)
def test_one_file_holds_bars_of_one_length_on_the_grid(frame: pd.DataFrame, rule: str) -> None:
    with pytest.raises(DataError, match=rule):
        read(frame)


def test_one_sound_day_with_a_bar_before_the_open_does_not_make_a_shift_usual() -> None:
    early = pd.concat([row(f"{day:%Y-%m-%d} 09:00") for day in DAYS])
    with pytest.raises(DataError, match="line 2: bars of 08:45 to 15:00 on this day, expected within the session from"):
        read(shifted(pd.concat([bars(), early]).sort_index(), "-15min", slice(0, 2)))


@pytest.mark.parametrize("minutes", [3, 5, 15])
def test_a_stray_row_between_the_bars_is_none_of_their_length(minutes: int) -> None:
    found, told = read(pd.concat([bars(minutes), row("2022-01-04 09:16")]).sort_index())
    assert found.index.equals(pd.DatetimeIndex(bars().index))
    assert told == ["spot_intraday.csv: rows that begin between two bars were left out (2022-01-04 09:16)."]


def test_bars_of_half_an_hour_are_none_of_a_quarter_for_two_bars_before_the_open() -> None:
    early = pd.concat([row(f"{day:%Y-%m-%d} {stamp}") for day in DAYS for stamp in ("08:45", "09:00")])
    with pytest.raises(DataError, match="bars of 30 minutes"):
        read(shifted(pd.concat([bars(30), early]).sort_index(), "30min"))


def test_bars_before_the_open_that_fill_part_of_a_shift_do_not_hide_it() -> None:
    early = pd.concat([row(f"{day:%Y-%m-%d} {stamp}") for day in DAYS for stamp in ("08:45", "09:00")])
    with pytest.raises(DataError, match="line 2: bars of 09:15 to 15:55 on this day, expected within the session from"):
        read(shifted(pd.concat([bars(5), early]).sort_index(), "30min"))


@pytest.mark.parametrize("stamp", ["08:45", "09:00", "09:07", "09:08", "09:14"])
def test_bars_before_the_open_are_left_out_and_told(stamp: str) -> None:
    early = pd.concat([row(f"{day:%Y-%m-%d} {stamp}") for day in DAYS])
    found, told = read(pd.concat([bars(until="11:00"), early]).sort_index())
    pd.testing.assert_frame_equal(found[PRICES], bars(until="11:00"), check_freq=False)
    listed = ", ".join(f"{day:%Y-%m-%d} {stamp}" for day in DAYS)
    assert told == [f"spot_intraday.csv: bars before the open were left out ({listed})."]


@pytest.mark.parametrize(("stamp", "spread"), [("15:30", 0.0), ("15:30", 1.0), ("15:45", 0.0), ("16:00", 0.0)])
def test_closing_bars_are_left_out_and_told(stamp: str, spread: float) -> None:
    late = pd.concat([row(f"{day:%Y-%m-%d} {stamp}", spread=spread) for day in DAYS])
    found, told = read(pd.concat([bars(), late]).sort_index())
    pd.testing.assert_frame_equal(found[PRICES], bars(), check_freq=False)
    assert told[0].startswith(
        "spot_intraday.csv: bars after the close of continuous trading were left out (2022-01-03 "
    )


def test_the_price_of_now_that_some_files_end_with_is_left_out_and_told() -> None:
    found, told = read(pd.concat([bars(until="11:00"), row("2022-01-05 11:07")]))
    assert found.index[-1] == pd.Timestamp("2022-01-05 10:45")
    assert told == ["spot_intraday.csv: rows that begin between two bars were left out (2022-01-05 11:07)."]


def test_a_stamp_a_second_after_its_minute_is_moved_and_told() -> None:
    frame = bars()
    index = frame.index.where(frame.index != frame.index[30], frame.index[30] + pd.Timedelta("1s"))
    found, told = read(frame.set_axis(index, axis=0))
    pd.testing.assert_frame_equal(found[PRICES], frame, check_freq=False)
    assert told == [
        "spot_intraday.csv: stamps a second or two after their minute were moved onto it (2022-01-04 10:30)."
    ]


def test_minutes_that_end_within_a_quarter_hour_make_no_bar_of_it() -> None:
    found, told = read(bars(1, until="11:07"))
    assert found.index[-1] == pd.Timestamp("2022-01-05 10:45")
    assert told == ["spot_intraday.csv: quarter hours that lack some of their bars were left out (2022-01-05 11:00)."]


@pytest.mark.parametrize(("missing", "kept"), [([3], True), ([3, 4, 5], True), ([3, 4, 5, 6], False), ([14], False)])
def test_a_quarter_hour_needs_its_last_bar_and_four_in_five(missing: list[int], kept: bool) -> None:
    minutes = bars(1)
    found, _ = read(minutes.drop(minutes.index[missing]))
    assert (pd.Timestamp("2022-01-03 09:15") in found.index) is kept
    assert len(found) == 75 - (not kept)


def test_the_last_quarter_hour_of_a_session_that_ends_within_one_is_whole() -> None:
    """2024-05-18 traded from 09:15 to 12:40."""
    starts = pd.date_range("2024-05-18 09:15", "2024-05-18 12:39", freq="min", name="timestamp").as_unit("ns")
    frame = pd.DataFrame({"open": 1.0, "high": 1.1, "low": 0.95, "close": 1.0}, index=starts)
    found, told = read(frame)
    assert (found.index[-1], told) == (pd.Timestamp("2024-05-18 12:30"), [])


def test_the_volatility_index_is_the_last_one_known_at_the_end_of_the_quarter_hour() -> None:
    spot, minutes = bars(until="11:00"), bars(1, until="11:00")
    vix = pd.DataFrame({"close": 14 + np.arange(len(minutes)) / 1000}, index=minutes.index)
    found, told = read(spot, vix)
    assert told == []
    known = [vix["close"].loc[: start + pd.Timedelta("14min")].iloc[-1] for start in found.index]
    assert found["vix"].tolist() == known


def test_a_volatility_index_that_ends_within_a_quarter_hour_stands_by_its_last_minute() -> None:
    spot, minutes = bars(until="11:00"), bars(1, until="10:52")
    vix = pd.DataFrame({"close": 14 + np.arange(len(minutes)) / 1000}, index=minutes.index)
    found, _ = read(spot, vix)
    assert found["vix"].iloc[-1] == vix["close"].iloc[-1]


def test_the_volatility_index_in_utc_is_refused_by_its_own_name() -> None:
    with pytest.raises(DataError, match=r"^vix_intraday.csv, line 2: .*looks like UTC"):
        read(bars(), shifted(bars(), "-330min")[["close"]] / 1000)


@pytest.mark.parametrize("hours", [2, 4])
def test_longer_bars_after_shorter_ones_within_a_session_are_refused(hours: int) -> None:
    """A bar of an hour read as one of a quarter would be known three quarters of an hour early."""
    frame = bars()
    day = frame.loc["2022-01-05"]
    parts = [day.iloc[4 * n : 4 * n + 4] for n in range(2, 3 + hours)]
    prices = [[part["open"].iloc[0], part["high"].max(), part["low"].min(), part["close"].iloc[-1]] for part in parts]
    hourly = pd.DataFrame(prices, index=pd.DatetimeIndex([part.index[0] for part in parts]), columns=PRICES)
    mixed = pd.concat([frame.loc[:"2022-01-04"], day.iloc[:8], hourly.rename_axis("timestamp")])  # type: ignore[misc]
    with pytest.raises(DataError, match="bars of 60 minutes from here on, expected 15"):
        read(mixed)


@pytest.mark.parametrize("minutes", [1, 3, 5, 15])
@pytest.mark.parametrize("calm", [1, 100])
def test_holes_between_single_bars_are_no_longer_bars(minutes: int, calm: int) -> None:
    """In a quiet hour hardly any price moves further than between two bars: what tells is the move within the bars."""
    frame = bars(minutes)
    quiet = 17000 + (frame - 17000) / calm
    count = len(frame) // len(DAYS)
    found, told = read(quiet.drop(quiet.index[[count + 4, count + 6, count + 8]]))
    quarter_hours = {1: 75, 3: 73, 5: 73, 15: 72}
    assert len(found) == quarter_hours[minutes]
    assert not any("minutes" in sentence for sentence in told)


@pytest.mark.parametrize("minutes", [1, 3, 5, 15])
@pytest.mark.parametrize("left", [4, 7])
def test_a_session_in_progress_of_which_every_second_bar_is_missing_has_holes(minutes: int, left: int) -> None:
    frame = bars(minutes)
    start = 2 * len(frame) // len(DAYS)
    holed = pd.concat([frame.iloc[:start], frame.iloc[start : start + 2 * left : 2]])
    assert set(DAYS[:2]) <= set(pd.DatetimeIndex(read(holed)[0].index).normalize())


def test_a_missing_first_bar_beside_closing_bars_is_no_stamp_by_the_end() -> None:
    closing = pd.concat([row(f"{day:%Y-%m-%d} 15:30", spread=0.0) for day in DAYS])
    found, told = read(pd.concat([bars(), closing]).sort_index().drop(pd.Timestamp("2022-01-04 09:15")))
    assert (len(found), len(told)) == (74, 1)


@pytest.mark.parametrize("early", [["09:08"], ["08:45", "09:00"]])
@pytest.mark.parametrize("until", ["09:20", "09:35", "09:47"])
def test_bars_before_the_open_are_no_shorter_bars_of_a_session_that_has_begun(early: list[str], until: str) -> None:
    before = pd.concat([row(f"{day:%Y-%m-%d} {stamp}") for day in DAYS for stamp in early])
    frame = bars(until=until)
    found, told = read(pd.concat([frame, before]).sort_index())
    pd.testing.assert_frame_equal(found[PRICES], frame, check_freq=False)
    assert len(told) == 1
    assert "bars before the open were left out" in told[0]


def test_a_session_of_whose_bars_every_second_is_there_is_refused_whatever_the_prices() -> None:
    frame = bars()
    with pytest.raises(DataError, match="line 52: bars of 30 minutes on this day, expected 15"):
        read(pd.concat([frame.iloc[:50], frame.iloc[50::2]]))


def test_longer_bars_of_a_session_in_progress_are_refused() -> None:
    frame = bars()
    day = frame.loc["2022-01-05"].iloc[:8]
    halves = pd.DataFrame(
        {
            "open": day["open"][::2],
            "high": day["high"][::2],
            "low": day["low"][::2],
            "close": day["close"][1::2].to_numpy(),
        }
    )
    halves["high"], halves["low"] = halves.max(axis=1) + 1, halves.min(axis=1) - 1
    with pytest.raises(DataError, match="line 52: bars of 30 minutes on this day, expected 15"):
        read(pd.concat([frame.loc[:"2022-01-04"], halves]))  # type: ignore[misc]


@pytest.mark.parametrize("by", ["-15min", "15min", "90min", "-270min"])
def test_a_special_session_keeps_the_hours_of_its_bars(by: str) -> None:
    """Muhurat of 2021-11-04 was announced for 18:15 to 19:15."""
    starts = pd.date_range("2021-11-04 18:15", periods=4, freq="15min") + pd.Timedelta(by)
    evening = bars().iloc[:4].set_axis(pd.DatetimeIndex(starts, name="timestamp").as_unit("ns"), axis=0)
    found, _ = read(pd.concat([evening, bars()]))
    assert list(found.loc["2021-11-04"].index) == list(starts)


def test_a_bar_before_a_special_session_that_is_whole_is_left_out() -> None:
    """As on 2015-11-11, whose bar of 17:30 stands before a session of 17:45 to 18:45."""
    starts = pd.date_range("2015-11-11 17:30", periods=5, freq="15min")
    evening = bars().iloc[:5].set_axis(pd.DatetimeIndex(starts, name="timestamp").as_unit("ns"), axis=0)
    found, told = read(pd.concat([evening, bars()]))
    assert list(found.loc["2015-11-11"].index) == list(starts[1:])
    assert told == ["spot_intraday.csv: bars before the open were left out (2015-11-11 17:30)."]


def test_bars_before_the_calendar_begins_are_refused_by_their_line() -> None:
    early = bars().iloc[:25].set_axis(bars().index[:25] - pd.DateOffset(years=23), axis=0)
    with pytest.raises(DataError, match=r"^spot_intraday.csv, line 2: 1999-01-03 is before 2000-01-01"):
        read(early)


@given(st.lists(st.integers(0, 12), min_size=2, max_size=14))
def test_rows_out_of_order_are_told_with_the_row_that_shows_it(order: list[int]) -> None:
    moments = pd.DatetimeIndex(pd.Timestamp("2022-01-03") + pd.to_timedelta(order, unit="D")).as_unit("ns")
    late, known = out_of_order(moments)
    expected: dict[pd.Timestamp, pd.Timestamp] = {}
    for at, moment in enumerate(moments):
        above = [before for before in moments[:at] if before > moment]
        if above:
            expected[moment] = min([*above, expected.get(moment, above[0])])
    assert dict(zip(late, known, strict=True)) == expected
    assert list(late) == sorted(late)
