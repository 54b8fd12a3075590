"""The trading clock: which state the day is in, which bar is complete."""

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas import Timestamp

from aegismatrix_engine.errors import AegisError, DataError
from aegismatrix_engine.markets import BAR, Market, get_market, last_due_bar, trading_clock

NIFTY, SP = get_market("nifty50"), get_market("sp500")
FIRST, LAST = Timestamp("2015-01-05", tz="UTC"), Timestamp("2027-12-24", tz="UTC")
MARKETS = st.sampled_from([NIFTY, SP])
ZONES = st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"])


@st.composite
def moments(draw: st.DrawFn) -> Timestamp:
    seconds = draw(st.integers(0, int((LAST - FIRST).total_seconds())))
    return (FIRST + pd.Timedelta(seconds=seconds)).tz_convert(draw(ZONES))


def india(text: str) -> Timestamp:
    return Timestamp(text, tz="Asia/Kolkata")


def eastern(text: str) -> Timestamp:
    return Timestamp(text, tz="America/New_York")


@pytest.mark.parametrize(
    ("moment", "state", "last_closed", "bar"),
    [
        # An ordinary session.
        ("2022-12-30 00:00", "before_open", "2022-12-29", None),
        ("2022-12-30 09:14:59", "before_open", "2022-12-29", None),
        ("2022-12-30 09:15", "in_session", "2022-12-29", None),
        ("2022-12-30 09:29:59", "in_session", "2022-12-29", None),
        ("2022-12-30 09:30", "in_session", "2022-12-29", "09:30"),
        ("2022-12-30 11:07", "in_session", "2022-12-29", "11:00"),
        ("2022-12-30 15:29:59", "in_session", "2022-12-29", "15:15"),
        ("2022-12-30 15:30", "after_close", "2022-12-30", "15:30"),
        ("2022-12-30 23:59:59", "after_close", "2022-12-30", "15:30"),
        # The last day without a closing auction, and the first with one.
        ("2026-07-31 15:20", "in_session", "2026-07-30", "15:15"),
        ("2026-07-31 15:31", "after_close", "2026-07-31", "15:30"),
        ("2026-08-03 15:14:59", "in_session", "2026-07-31", "15:00"),
        ("2026-08-03 15:15", "in_session", "2026-07-31", "15:15"),
        ("2026-08-03 15:34:59", "in_session", "2026-07-31", "15:15"),
        ("2026-08-03 15:35", "after_close", "2026-08-03", "15:15"),
        # Trading stood still on that day and went on to 17:00.
        ("2021-02-24 15:45", "in_session", "2021-02-23", "15:45"),
        ("2021-02-24 17:00", "after_close", "2021-02-24", "17:00"),
        # A week's holiday and a weekend.
        ("2026-11-24 11:07", "holiday", "2026-11-23", None),
        ("2026-11-21 11:07", "holiday", "2026-11-20", None),
    ],
)
def test_a_regular_day_at_nse(moment: str, state: str, last_closed: str, bar: str | None) -> None:
    clock = trading_clock(NIFTY, india(moment))
    assert clock.state == state
    assert clock.last_closed == Timestamp(last_closed)
    assert last_due_bar(clock) == (None if bar is None else india(f"{moment[:10]} {bar}"))
    assert clock.session == (None if state == "holiday" else Timestamp(moment[:10]))
    assert not clock.special


@pytest.mark.parametrize(
    ("moment", "state", "last_closed", "bar"),
    [
        # Muhurat on a weekday that is a holiday otherwise: the day waits for its evening.
        ("2021-11-04 11:07", "before_open", "2021-11-03", None),
        ("2021-11-04 18:15", "in_session", "2021-11-03", None),
        ("2021-11-04 18:44", "in_session", "2021-11-03", "18:30"),
        ("2021-11-04 19:15", "after_close", "2021-11-04", "19:15"),
        # Muhurat on a Sunday.
        ("2026-11-08 12:00", "before_open", "2026-11-06", None),
        ("2026-11-08 18:30", "in_session", "2026-11-06", "18:30"),
        ("2026-11-08 23:00", "after_close", "2026-11-08", "19:15"),
        # The budget on a Saturday, and a drill of two hours on another, no whole number of bars.
        ("2020-02-01 11:07", "in_session", "2020-01-31", "11:00"),
        ("2020-02-01 15:30", "after_close", "2020-02-01", "15:30"),
        ("2024-05-18 12:39", "in_session", "2024-05-17", "12:30"),
        ("2024-05-18 12:40", "after_close", "2024-05-18", "12:40"),
    ],
)
def test_a_special_day_at_nse(moment: str, state: str, last_closed: str, bar: str | None) -> None:
    clock = trading_clock(NIFTY, india(moment))
    assert (clock.state, clock.special) == (state, True)
    assert clock.session == Timestamp(moment[:10])
    assert clock.last_closed == Timestamp(last_closed)
    assert last_due_bar(clock) == (None if bar is None else india(f"{moment[:10]} {bar}"))


@pytest.mark.parametrize(
    ("moment", "state", "bar"),
    [
        ("2018-11-23 12:59", "in_session", "12:45"),
        ("2018-11-23 13:00", "after_close", "13:00"),
        ("2018-11-22 12:00", "holiday", None),
    ],
)
def test_thanksgiving_at_nyse(moment: str, state: str, bar: str | None) -> None:
    clock = trading_clock(SP, eastern(moment))
    assert clock.state == state
    assert last_due_bar(clock) == (None if bar is None else eastern(f"2018-11-23 {bar}"))


def test_the_zone_of_the_moment_does_not_matter() -> None:
    here = trading_clock(NIFTY, india("2022-12-30 00:07"))
    for zone in ("UTC", "America/New_York"):
        assert trading_clock(NIFTY, india("2022-12-30 00:07").tz_convert(zone)) == here
    assert here.session == Timestamp("2022-12-30")
    assert here.moment.utcoffset() == pd.Timedelta(hours=5, minutes=30)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(AegisError, match="2022-12-30 11:07:00 has no zone; give it one") as refused:
        trading_clock(NIFTY, Timestamp("2022-12-30 11:07"))
    assert type(refused.value) is AegisError


def test_before_the_calendar_begins_nothing_is_known() -> None:
    with pytest.raises(DataError, match="is outside 2000-01-01"):
        trading_clock(NIFTY, india("1999-12-31 11:07"))


@given(market=MARKETS, moment=moments())
def test_the_state_is_the_one_whose_hours_hold_the_moment(market: Market, moment: Timestamp) -> None:
    clock = trading_clock(market, moment)
    today = moment.tz_convert(market.zone).tz_localize(None).normalize()
    if clock.hours is None:
        assert (clock.state, clock.session, clock.special) == ("holiday", None, False)
        assert not market.calendar.is_session(today)
    else:
        edges = [today.tz_localize(market.zone), clock.hours.opens, clock.hours.official_close]
        edges.append((today + pd.Timedelta(days=1)).tz_localize(market.zone))
        states = ("before_open", "in_session", "after_close")
        held = [state for state, (start, end) in zip(states, pairwise(edges), strict=True) if start <= moment < end]
        assert held == [clock.state]
        assert clock.session == today
    assert market.calendar.closes_at(clock.last_closed) <= moment
    assert (clock.last_closed == today) is (clock.state == "after_close")


@given(market=MARKETS, moment=moments())
def test_the_last_bar_is_complete_and_no_newer_one_is(market: Market, moment: Timestamp) -> None:
    clock = trading_clock(market, moment)
    bar = last_due_bar(clock)
    if clock.hours is None:
        assert bar is None
        return
    opens, ends = clock.hours.opens, clock.hours.continuous_close
    every = [*pd.date_range(opens + BAR, ends, freq=BAR), ends]
    complete = [end for end in every if end <= moment]
    assert bar == (complete[-1] if complete else None)
