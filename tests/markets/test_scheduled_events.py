"""Scheduled events: tables that say where each date is from, and what a reader knew of it on a day."""

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any, get_args

import pandas as pd
import pytest
from calendar_file import market_with
from pandas import Timestamp

from aegismatrix_engine import markets
from aegismatrix_engine.markets import Market, get_market, known_markets
from aegismatrix_engine.markets.scheduled_events import (
    EVENT_KINDS,
    EventKind,
    EventTable,
    Known,
    Shows,
    events_ahead,
    known_from,
)
from aegismatrix_engine.volatility.near_sessions import EVENT_FEATURES

NIFTY, SP500 = get_market("nifty50"), get_market("sp500")


def content(kind: EventKind) -> dict[str, Any]:
    return tomllib.loads(files(markets).joinpath("events", f"{kind}.toml").read_text(encoding="utf-8"))


def table(kind: EventKind, market: Market = NIFTY) -> EventTable:
    return next(one for one in market.events if one.kind == kind)


def known(kind: EventKind, day: str, market: Market = NIFTY) -> list[str]:
    found = table(kind, market)
    return [f"{at:%Y-%m-%d}" for at in found.dates[known_from(found, market.calendar) <= Timestamp(day)]]


def ahead(day: str, market: Market = NIFTY) -> list[tuple[str, str]]:
    """Events of the next 20 sessions, as known at the close of a session."""
    close = Timestamp(day)
    until = market.calendar.following(close, 20)[-1]
    found = events_ahead(market.events, market.calendar, close, close, until)
    return [(f"{at:%Y-%m-%d}", kind) for at, kind in found]


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_a_table_is_what_is_expected_of_it(kind: EventKind) -> None:
    found = content(kind)
    assert set(found) == {"name", "known", "column", "valid_through", "dates"} - (
        set() if "column" in found else {"column"}
    )
    assert found["known"] in get_args(Known)
    days: list[date] = []
    for group in found["dates"]:
        assert set(group) <= {"source", "announced", "days"}
        assert len(group["source"]) > 5
        assert all(group.get("announced", date.min) < day for day in group["days"])
        days += group["days"]
    assert len(set(days)) == len(days)
    assert all(type(day) is date and day <= found["valid_through"] for day in days)
    assert found.get("column") in (None, *EVENT_FEATURES)
    assert all(found.shows in get_args(Shows) for market in map(get_market, known_markets()) for found in market.events)


def test_budgets_and_the_counting_of_votes_are_days_of_sessions_or_of_weekends() -> None:
    for kind in ("union_budget", "general_election_count"):
        for event in table(kind).events:  # type: ignore[arg-type]
            assert NIFTY.calendar.is_session(event.date) or event.date.day_of_week >= 5, event


def test_budgets_on_a_weekend_since_2015_had_a_special_session() -> None:
    weekends = [event.date for event in table("union_budget").events if event.date.day_of_week >= 5]
    assert [f"{day:%Y-%m-%d}" for day in weekends] == ["2015-02-28", "2020-02-01", "2025-02-01", "2026-02-01"]
    assert all(NIFTY.calendar.is_session(day) for day in weekends)


def test_decisions_of_the_fomc_are_eight_a_year_on_sessions_of_new_york() -> None:
    dates = table("fomc").dates
    assert all(SP500.calendar.is_session(day) for day in dates)
    counts = pd.Series(dates.year).value_counts()
    assert counts[2020] == 7
    assert (counts.drop([2020, 2028]) == 8).all()


def test_us_elections_are_the_tuesday_after_the_first_monday_of_november() -> None:
    for day in table("us_presidential_election").dates:
        assert (day.month, day.day_of_week, day.year % 4) == (11, 1, 0)
        assert 2 <= day.day <= 8


def test_a_count_of_votes_is_known_from_the_day_after_its_announcement() -> None:
    assert "2019-05-23" not in known("general_election_count", "2019-03-10")
    assert "2019-05-23" in known("general_election_count", "2019-03-11")


def test_a_budget_is_known_from_20_sessions_before() -> None:
    first = NIFTY.calendar.regular(Timestamp("2018-12-01"), Timestamp("2019-01-31"))[-20]
    assert "2019-02-01" in known("union_budget", f"{first:%Y-%m-%d}")
    assert "2019-02-01" not in known("union_budget", f"{first - pd.Timedelta(days=1):%Y-%m-%d}")


def test_a_decision_is_known_from_the_start_of_its_year_or_from_its_press_release() -> None:
    assert "2019-01-30" not in known("fomc", "2018-12-31")
    assert "2019-01-30" in known("fomc", "2019-01-01")
    assert "2027-01-27" in known("fomc", "2025-09-06")
    assert "2027-01-27" not in known("fomc", "2025-09-05")


def test_the_next_20_sessions_hold_what_one_of_them_shows_first() -> None:
    # The budget of Saturday the 1st had a special session; New York decides on the 29th after the close of NSE.
    assert ahead("2020-01-28") == [("2020-01-29", "fomc"), ("2020-02-01", "union_budget")]
    assert ahead("2020-01-29") == [("2020-01-29", "fomc"), ("2020-02-01", "union_budget")]
    assert ahead("2020-01-30") == [("2020-02-01", "union_budget")]
    assert ahead("2020-02-03") == []


def test_a_special_session_shows_an_event_too() -> None:
    assert ("2020-02-01", "union_budget") in ahead("2020-01-31")
    assert ("2020-02-01", "union_budget") not in ahead("2020-02-01")


def test_new_york_shows_a_decision_in_the_session_of_its_day() -> None:
    assert ("2020-01-29", "fomc") in ahead("2020-01-28", market=SP500)
    assert ("2020-01-29", "fomc") not in ahead("2020-01-29", market=SP500)


def test_an_event_that_is_not_announced_yet_is_not_ahead() -> None:
    assert ("2019-02-01", "union_budget") not in ahead("2019-01-03")
    assert ("2019-02-01", "union_budget") in ahead("2019-01-04")


ADDED = """[nifty50]
source = "press release"
events = [
    { date = 2027-02-01, kind = "union_budget", announced = 2027-01-04 },
    { date = 2027-02-03, kind = "union_budget" },
]
events_through = [{ kind = "union_budget", date = 2028-01-31 }]
"""


def test_an_operator_adds_dates_and_a_later_end() -> None:
    found = table("union_budget", market_with(ADDED))
    assert f"{found.valid_through:%Y-%m-%d}" == "2028-01-31"
    assert [f"{day:%Y-%m-%d}" for day in found.dates[-2:]] == ["2027-02-01", "2027-02-03"]
    assert found.events[-2].announced == Timestamp("2027-01-04")
    assert table("fomc", market_with(ADDED)) == table("fomc")


def test_an_operators_earlier_end_changes_nothing() -> None:
    text = '[nifty50]\nevents_through = [{ kind = "fomc", date = 2026-12-31, source = "s" }]\n'
    assert table("fomc", market_with(text)) == table("fomc")
