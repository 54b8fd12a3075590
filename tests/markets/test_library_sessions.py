import pandas as pd
import pytest
from pandas import Timestamp

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.market_entry import calendar_of
from aegismatrix_engine.markets.sessions import SessionCalendar
from aegismatrix_engine.markets.shipped_markets import shipped_entry

NYSE = get_market("sp500").calendar


def fresh_calendar() -> SessionCalendar:
    return calendar_of(shipped_entry("sp500"))


def eastern(text: str) -> Timestamp:
    return Timestamp(text, tz="America/New_York")


@pytest.mark.parametrize(
    ("session", "closes"),
    [
        ("2018-11-23", "13:00"),
        ("2018-11-26", "16:00"),
        ("2026-11-27", "13:00"),
        ("2028-07-03", "13:00"),
        ("2022-07-05", "16:00"),
    ],
)
def test_half_days_close_at_one(session: str, closes: str) -> None:
    hours = NYSE.hours(Timestamp(session))
    assert hours.opens == eastern(f"{session} 09:30")
    assert hours.continuous_close == hours.official_close == eastern(f"{session} {closes}")


def test_announced_holidays_of_2026_to_2028_are_closed() -> None:
    # NYSE Group's release of 2025-12-23.
    expected = """2026-01-01 2026-01-19 2026-02-16 2026-04-03 2026-05-25 2026-06-19 2026-07-03 2026-09-07 2026-11-26
        2026-12-25 2027-01-01 2027-01-18 2027-02-15 2027-03-26 2027-05-31 2027-06-18 2027-07-05 2027-09-06 2027-11-25
        2027-12-24 2028-01-17 2028-02-21 2028-04-14 2028-05-29 2028-06-19 2028-07-04 2028-09-04 2028-11-23 2028-12-25"""
    first, last = Timestamp("2026-01-01"), Timestamp("2028-12-31")
    closed = set(pd.bdate_range(first, last)) - set(NYSE.regular(first, last))
    assert sorted(closed) == [Timestamp(day) for day in expected.split()]
    assert last == NYSE.valid_through
    assert not NYSE.provisional(last)
    assert NYSE.provisional(Timestamp("2029-01-02"))


@pytest.mark.parametrize("closed", ["2001-09-11", "2012-10-29", "2025-01-09"])
def test_days_lost_to_events_are_closed(closed: str) -> None:
    assert not NYSE.is_session(Timestamp(closed))
    with pytest.raises(DataError, match=f"NYSE calendar: {closed} is not a session"):
        NYSE.closes_at(Timestamp(closed))


def test_there_are_no_special_sessions() -> None:
    assert len(NYSE.special(Timestamp("1999-01-01"), Timestamp("2045-12-31"))) == 0


def test_the_span_reaches_from_1999_to_2045_and_grows_on_demand() -> None:
    fresh = fresh_calendar()
    assert fresh.is_session(Timestamp("1999-01-04"))
    assert fresh.is_session(Timestamp("2045-12-29"))
    before = fresh.regular(Timestamp("1999-01-01"), Timestamp("2045-12-31"))
    assert fresh.is_session(Timestamp("1987-10-19"))
    assert len(fresh.following(Timestamp("2045-12-29"), 45)) == 45
    assert fresh.regular(Timestamp("1999-01-01"), Timestamp("2045-12-31")).equals(before)


def test_last_closed_looks_back_past_the_first_year_held() -> None:
    assert fresh_calendar().last_closed(eastern("1999-01-04 15:59")) == Timestamp("1998-12-31")


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        ("2018-11-23 12:59", "2018-11-21"),
        ("2018-11-23 13:00", "2018-11-23"),
        ("2022-12-30 15:59", "2022-12-29"),
        ("2022-12-30 16:00", "2022-12-30"),
    ],
)
def test_last_closed_turns_over_at_the_close(moment: str, session: str) -> None:
    assert NYSE.last_closed(eastern(moment)) == Timestamp(session)
    assert NYSE.last_closed(eastern(moment).tz_convert("UTC")) == Timestamp(session)


def test_daylight_saving_moves_the_instant_and_not_the_clock() -> None:
    assert NYSE.closes_at(Timestamp("2022-03-11")) == Timestamp("2022-03-11 21:00", tz="UTC")
    assert NYSE.closes_at(Timestamp("2022-03-14")) == Timestamp("2022-03-14 20:00", tz="UTC")


def test_dates_with_saturday_trading_are_refused() -> None:
    with pytest.raises(DataError, match="NYSE calendar: 1952-12-31 is outside 1953-01-01"):
        NYSE.is_session(Timestamp("1952-12-31"))
