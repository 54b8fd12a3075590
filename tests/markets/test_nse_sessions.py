import csv
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import Timestamp

from aegismatrix_engine.errors import AegisError, DataError
from aegismatrix_engine.markets import get_market

NSE = get_market("nifty50").calendar
FIRST, LAST = Timestamp("2000-01-01"), Timestamp("2026-12-31")
EVERY_SESSION = NSE.regular(FIRST, LAST).union(NSE.special(FIRST, LAST))
DATES = st.dates(pd.Timestamp("2000-01-03").date(), pd.Timestamp("2031-12-31").date()).map(Timestamp)

# Weekdays on which XBOM and this table differ. 2013: Muharram was moved to the 15th, XBOM kept the 14th. 2001 and 2004:
# XBOM is closed on 1 January, while NIFTY 50 has a row.
XBOM_DIFFERS = {"2001-01-01", "2004-01-01", "2013-11-14", "2013-11-15"}


def ist(text: str) -> Timestamp:
    return Timestamp(text, tz="Asia/Kolkata")


def dates_of(path: Path) -> set[Timestamp]:
    with path.open(newline="") as lines:
        return {Timestamp(row["date"]) for row in csv.DictReader(lines)}


def test_weekday_closures_are_the_listed_ones(shared: Path) -> None:
    listed = dates_of(shared / "data/calendar/nse_weekday_closures_2000_2026.csv")
    closed = set(pd.bdate_range("2000-01-03", LAST)) - set(NSE.regular(FIRST, LAST))
    assert closed == listed
    assert len(closed) == 370


def test_special_sessions_are_the_listed_ones_and_the_muhurat_of_2026(shared: Path) -> None:
    listed = dates_of(shared / "data/calendar/nse_special_sessions.csv")
    # NSE circular CMTR71775 of 2025-12-12 announces it; the list was made before it took place.
    assert set(NSE.special(FIRST, LAST)) == listed | {Timestamp("2026-11-08")}


def test_every_row_of_the_index_history_is_a_session_and_every_session_a_row(shared: Path) -> None:
    rows = dates_of(shared / "data/nifty50/spot_daily.csv")
    assert rows == {session for session in EVERY_SESSION if session <= Timestamp("2022-12-30")}


def test_hours_of_the_intraday_history_lie_within_the_sessions(shared: Path) -> None:
    bars = pd.read_csv(shared / "data/nifty50/spot_intraday.csv", usecols=["timestamp"], parse_dates=["timestamp"])
    start = bars.timestamp.dt.tz_localize("Asia/Kolkata")
    last_start = start.groupby(bars.timestamp.dt.normalize()).max()
    # The close follows the start of the last bar by at most the quarter of an hour that a bar lasts.
    outside = [day for day, at in last_start.items() if not at < NSE.closes_at(day) <= at + pd.Timedelta(minutes=15)]
    assert outside == []


def test_weekdays_agree_with_exchange_calendars_but_for_the_known_errors() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = pytest.importorskip("exchange_calendars.exchange_calendar_xbom")
        # Releases before 2026 end earlier.
        last = min(LAST, library.XBOMExchangeCalendar.bound_max())
        xbom = library.XBOMExchangeCalendar(start=FIRST, end=last).sessions
    theirs = {session for session in xbom if session.day_of_week < 5}
    differing = theirs ^ set(NSE.regular(FIRST, last))
    assert {f"{day:%Y-%m-%d}" for day in differing} == XBOM_DIFFERS


@pytest.mark.parametrize(
    ("date", "what"),
    [
        ("2024-01-22", "closure declared at short notice"),
        ("2026-11-24", "Guru Nanak Jayanti"),
        ("2021-11-04", "weekday Muhurat"),
        ("2025-10-21", "afternoon Muhurat"),
        ("2026-02-01", "Sunday of the budget"),
        ("2026-11-22", "ordinary Sunday"),
    ],
)
def test_days_that_do_not_count(date: str, what: str) -> None:
    assert len(NSE.regular(Timestamp(date), Timestamp(date))) == 0, what


def test_a_muhurat_is_a_session_that_does_not_count() -> None:
    muhurat = Timestamp("2021-11-04")
    assert NSE.is_session(muhurat)
    assert list(NSE.special(muhurat, muhurat)) == [muhurat]
    assert list(NSE.following(Timestamp("2021-11-03"), 1)) == [Timestamp("2021-11-08")]
    assert not NSE.is_session(Timestamp("2021-11-05"))


@pytest.mark.parametrize(
    ("session", "opens", "closes"),
    [
        ("2000-01-03", "09:55", "15:30"),
        ("2009-12-31", "09:55", "15:30"),
        ("2010-01-04", "09:00", "15:30"),
        ("2010-10-15", "09:00", "15:30"),
        ("2010-10-18", "09:15", "15:30"),
        ("2026-07-31", "09:15", "15:30"),
        ("2026-08-03", "09:15", "15:35"),
        ("2027-03-01", "09:15", "15:35"),
        ("2021-02-24", "09:15", "17:00"),
        ("2012-11-13", "15:45", "17:00"),
        ("2020-02-01", "09:15", "15:30"),
        ("2024-11-01", "18:00", "19:00"),
        ("2025-10-21", "13:45", "14:45"),
    ],
)
def test_hours_by_effective_date(session: str, opens: str, closes: str) -> None:
    assert NSE.opens_at(Timestamp(session)) == ist(f"{session} {opens}")
    assert NSE.closes_at(Timestamp(session)) == ist(f"{session} {closes}")


def test_the_closing_auction_parts_the_two_closes() -> None:
    before, after = NSE.hours(Timestamp("2026-07-31")), NSE.hours(Timestamp("2026-08-03"))
    assert before.continuous_close == before.official_close
    assert after.continuous_close == ist("2026-08-03 15:15")
    assert after.official_close == ist("2026-08-03 15:35")


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        ("2026-08-03 15:34:59", "2026-07-31"),
        ("2026-08-03 15:35", "2026-08-03"),
        ("2022-12-30 15:29:59", "2022-12-29"),
        ("2022-12-30 15:30", "2022-12-30"),
        ("2021-11-04 19:14", "2021-11-03"),
        ("2021-11-04 19:15", "2021-11-04"),
        ("2021-11-07 12:00", "2021-11-04"),
        ("2000-01-03 15:30", "2000-01-03"),
    ],
)
def test_last_closed_turns_over_at_the_official_close(moment: str, session: str) -> None:
    assert NSE.last_closed(ist(moment)) == Timestamp(session)
    assert NSE.last_closed(ist(moment).tz_convert("UTC")) == Timestamp(session)


def test_past_the_announced_year_weekdays_less_computed_holidays_are_provisional() -> None:
    assert NSE.valid_through == Timestamp("2026-12-31")
    assert not NSE.provisional(Timestamp("2026-12-31"))
    assert NSE.provisional(Timestamp("2027-01-01"))
    closed = set(pd.bdate_range("2027-01-01", "2028-12-31")) - set(
        NSE.regular(Timestamp("2027-01-01"), Timestamp("2028-12-31"))
    )
    # Good Friday is 2027-03-26, and in 2028 falls on Ambedkar Jayanti.
    expected = """2027-01-26 2027-03-26 2027-04-14
        2028-01-26 2028-04-14 2028-05-01 2028-08-15 2028-10-02 2028-12-25"""
    assert sorted(closed) == [Timestamp(day) for day in expected.split()]


def test_fixed_holidays_have_always_been_closures() -> None:
    for year in range(2000, 2027):
        for fixed in ("01-26", "04-14", "05-01", "08-15", "10-02", "12-25"):
            day = Timestamp(f"{year}-{fixed}")
            assert len(NSE.regular(day, day)) == 0


def test_a_fixed_holiday_on_a_weekend_closes_no_weekday_for_it() -> None:
    fixed = [Timestamp(f"{y}-{d}") for y in range(2000, 2027) for d in ("01-26", "04-14", "05-01", "08-15", "10-02")]
    fixed += [Timestamp(f"{year}-12-25") for year in range(2000, 2027)]
    weekend = [day for day in fixed if day.day_of_week >= 5]
    beside = {day - pd.Timedelta(days=day.day_of_week - 4) for day in weekend}
    beside |= {day + pd.Timedelta(days=7 - day.day_of_week) for day in weekend}
    assert len(weekend) == 44
    # Good Friday before the 14th of April, a Saturday.
    assert {day for day in beside if not NSE.is_session(day)} == {Timestamp("2001-04-13")}


# Western Easter; the Fridays before are closures of New York, too, in the library that knows them by itself.
EASTER = """2000-04-23 2001-04-15 2002-03-31 2003-04-20 2004-04-11 2005-03-27 2006-04-16 2007-04-08 2008-03-23
    2009-04-12 2010-04-04 2011-04-24 2012-04-08 2013-03-31 2014-04-20 2015-04-05 2016-03-27 2017-04-16 2018-04-01
    2019-04-21 2020-04-12 2021-04-04 2022-04-17 2023-04-09 2024-03-31 2025-04-20 2026-04-05"""


def test_good_friday_was_a_closure_of_every_year(shared: Path) -> None:
    listed = dates_of(shared / "data/calendar/nse_weekday_closures_2000_2026.csv")
    for sunday in map(Timestamp, EASTER.split()):
        friday = sunday - pd.Timedelta(days=2)
        assert friday in listed
        assert not NSE.is_session(friday)
        assert not get_market("sp500").calendar.is_session(friday)


@pytest.mark.parametrize("friday", ["2027-03-26", "2028-04-14", "2029-03-30", "2030-04-19", "2031-04-11", "2035-03-23"])
def test_good_friday_is_closed_without_announcement_and_provisional(friday: str) -> None:
    assert not NSE.is_session(Timestamp(friday))
    assert NSE.provisional(Timestamp(friday))


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    fresh = type(NSE)()
    before = fresh.regular(FIRST, Timestamp("2027-12-31"))
    fresh.regular(FIRST, Timestamp("2090-12-31"))
    assert fresh.regular(FIRST, Timestamp("2027-12-31")).equals(before)
    assert fresh.closes_at(Timestamp("2026-08-03")) == NSE.closes_at(Timestamp("2026-08-03"))


def test_indexes_and_instants_are_in_nanoseconds() -> None:
    assert NSE.regular(FIRST, LAST).dtype == np.dtype("datetime64[ns]")
    assert NSE.regular(LAST, FIRST).dtype == np.dtype("datetime64[ns]")
    assert NSE.special(FIRST, LAST).dtype == np.dtype("datetime64[ns]")
    assert NSE.following(LAST, 3).dtype == np.dtype("datetime64[ns]")
    assert NSE.following(LAST, 0).dtype == np.dtype("datetime64[ns]")
    assert NSE.closes_at(Timestamp("2022-12-30")).unit == "ns"
    assert NSE.last_closed(ist("2022-12-30 20:00")).unit == "ns"


@pytest.mark.parametrize("session", ["2026-11-24", "2021-11-05", "2026-11-22"])
def test_hours_of_a_closed_day_are_refused(session: str) -> None:
    with pytest.raises(DataError, match=f"NSE calendar: {session} is not a session; use"):
        NSE.opens_at(Timestamp(session))
    with pytest.raises(DataError, match=f"NSE calendar: {session} is not a session; use"):
        NSE.closes_at(Timestamp(session))


@pytest.mark.parametrize("date", ["1999-12-31", "2200-01-01"])
def test_dates_that_the_calendar_does_not_cover_are_refused(date: str) -> None:
    for ask in (NSE.is_session, NSE.provisional, NSE.opens_at, lambda day: NSE.regular(day, day)):
        with pytest.raises(DataError, match=f"{date} is outside 2000-01-01..2199-12-31, .*; use dates within"):
            ask(Timestamp(date))
    with pytest.raises(DataError, match="is outside"):
        NSE.last_closed(ist(f"{date} 12:00"))


def test_a_moment_before_the_first_close_has_no_closed_session() -> None:
    with pytest.raises(DataError, match="no session has closed by 2000-01-03T15:29"):
        NSE.last_closed(ist("2000-01-03 15:29"))


def test_mistaken_arguments_are_told() -> None:
    with pytest.raises(AegisError, match="not a plain date"):
        NSE.is_session(Timestamp("2022-12-30 09:15"))
    with pytest.raises(AegisError, match="not a plain date"):
        NSE.is_session(ist("2022-12-30"))
    with pytest.raises(AegisError, match="has no zone"):
        NSE.last_closed(Timestamp("2022-12-30 20:00"))
    with pytest.raises(AegisError, match="ask for 0 or more"):
        NSE.following(LAST, -1)


@settings(deadline=None)
@given(date=DATES, n=st.integers(0, 60))
def test_following_rises_and_never_meets_a_closed_day(date: Timestamp, n: int) -> None:
    ahead = NSE.following(date, n)
    assert len(ahead) == n
    assert ahead.is_monotonic_increasing
    assert ahead.is_unique
    assert all(day > date and day.day_of_week < 5 for day in ahead)
    if n:
        assert ahead.equals(NSE.regular(date + pd.Timedelta(days=1), ahead[-1]))
        assert ahead.intersection(NSE.special(date, ahead[-1])).empty


@settings(deadline=None)
@given(row=st.integers(1, len(EVERY_SESSION) - 2), seconds=st.integers(0, 3 * 3600))
def test_the_session_last_closed_is_the_one_whose_close_is_behind(row: int, seconds: int) -> None:
    session = EVERY_SESSION[row]
    close = NSE.closes_at(session)
    assert NSE.opens_at(session) < close < NSE.opens_at(EVERY_SESSION[row + 1])
    assert NSE.last_closed(close + pd.Timedelta(seconds=seconds)) == session
    assert NSE.last_closed(close - pd.Timedelta(nanoseconds=1)) == EVERY_SESSION[row - 1]
