"""A calendar under an operator's file: its entries win, everything else stays, and expiries follow."""

from datetime import date

import pandas as pd
import pytest
from calendar_file import CLOSURES_2027, HOURS, closures, market_with, year_2027
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import Timestamp

from aegismatrix_engine.markets import expiries, get_market, nearest_expiry, trading_clock

NSE = get_market("nifty50").calendar
FIRST, LAST = Timestamp("2026-01-01"), Timestamp("2027-12-31")
SPAN = [(FIRST + pd.Timedelta(days=n)).date() for n in range((LAST - FIRST).days + 1)]
PLAIN_REGULAR = {day.date() for day in NSE.regular(FIRST, LAST)}
PLAIN_SPECIAL = {day.date() for day in NSE.special(FIRST, LAST)}


def ist(day: date | str, clock: str) -> Timestamp:
    return Timestamp(f"{day} {clock}", tz="Asia/Kolkata")


@st.composite
def files(draw: st.DrawFn) -> dict[str, list[date]]:
    """Dates by kind of entry, none under two of them; ``hours`` are single sessions that stay or are added."""
    days = draw(st.lists(st.sampled_from(SPAN), unique=True, max_size=24))
    kinds = draw(st.lists(st.sampled_from(["closures", "special", "sessions"]), min_size=len(days), max_size=len(days)))
    found: dict[str, list[date]] = {"closures": [], "special": [], "sessions": []}
    for day, kind in zip(days, kinds, strict=True):
        found["special" if kind == "sessions" and day.weekday() >= 5 else kind].append(day)
    held = sorted((PLAIN_REGULAR - set(days)) | set(found["sessions"]))
    return found | {"hours": draw(st.lists(st.sampled_from(held), unique=True, max_size=4))}


def written(days: dict[str, list[date]], changed: date | None) -> str:
    special = ", ".join(
        f'{{ date = {day}, kind = "other", opens = "18:00", closes = "19:00", source = "s" }}'
        for day in days["special"]
    )
    hours = [f'{{ date = {day}, opens = "11:15", {HOURS} }}' for day in days["hours"]]
    if changed is not None:
        hours.append(f'{{ from = {changed}, opens = "09:00", {HOURS} }}')
    sessions = ", ".join(f'{{ date = {day}, source = "s" }}' for day in days["sessions"])
    return (
        f"[nifty50]\n{closures(*map(str, days['closures']))}special = [{special}]\nsessions = [{sessions}]\n"
        f"hours = [{', '.join(hours)}]\n"
    )


@settings(deadline=None, max_examples=60)
@given(days=files(), changed=st.none() | st.sampled_from(SPAN))
def test_entries_win_and_every_other_day_is_as_before(days: dict[str, list[date]], changed: date | None) -> None:
    calendar = market_with(written(days, changed)).calendar
    closed, special, sessions = (set(days[kind]) for kind in ("closures", "special", "sessions"))
    regular = (PLAIN_REGULAR - closed - special) | sessions
    assert {day.date() for day in calendar.regular(FIRST, LAST)} == regular
    assert {day.date() for day in calendar.special(FIRST, LAST)} == (PLAIN_SPECIAL - closed - sessions) | special
    for day in SPAN:
        at = Timestamp(day)
        assert calendar.is_session(at) == (day in regular or day in (PLAIN_SPECIAL - closed) | special)
        if day in special:
            assert (calendar.opens_at(at), calendar.closes_at(at)) == (ist(day, "18:00"), ist(day, "19:00"))
        elif day in days["hours"]:
            assert calendar.opens_at(at) == ist(day, "11:15")
        elif day in regular and changed is not None and day >= changed:
            assert (calendar.opens_at(at), calendar.closes_at(at)) == (ist(day, "09:00"), ist(day, "15:35"))
        elif day in regular:
            close = "15:35" if day >= date(2026, 8, 3) else "15:30"
            assert (calendar.opens_at(at), calendar.closes_at(at)) == (ist(day, "09:15"), ist(day, close))


def test_a_session_added_at_the_start_of_the_table_has_the_hours_of_the_one_before() -> None:
    calendar = market_with('[nifty50]\nsessions = [{ date = 2010-01-01, source = "s" }]\n').calendar
    first, whole = Timestamp("2010-01-01"), calendar.hours(Timestamp("2010-01-01"))
    part = calendar._build(2010, 2010)
    assert part.dates[0] == first.to_datetime64()
    assert part.hours[0, 0] == whole.opens.value == ist("2010-01-01", "09:55").value


def test_the_day_of_a_muhurat_may_stand_among_the_holidays_as_the_exchange_lists_it() -> None:
    text = (
        f"[nifty50]\n{closures('2027-10-29')}"
        'special = [{ date = 2027-10-29, kind = "muhurat", opens = "18:00", closes = "19:00", source = "s" }]\n'
    )
    day = Timestamp("2027-10-29")
    calendar = market_with(text).calendar
    assert list(calendar.special(day, day)) == [day]
    assert calendar.opens_at(day) == ist("2027-10-29", "18:00")


def test_a_closure_also_ends_a_special_session_of_the_engines_table() -> None:
    assert NSE.is_session(Timestamp("2026-11-08"))
    assert not market_with(f"[nifty50]\n{closures('2026-11-08')}").calendar.is_session(Timestamp("2026-11-08"))


def test_an_expiry_on_a_day_that_the_file_closes_moves_to_the_trading_day_before() -> None:
    after = Timestamp("2026-11-26")
    assert nearest_expiry(get_market("nifty50"), after) == next(
        iter(expiries(get_market("nifty50"), Timestamp("2026-12-01"), Timestamp("2026-12-01")))
    )
    market = market_with(f"[nifty50]\n{closures('2026-12-01')}")
    moved = nearest_expiry(market, after)
    assert moved is not None
    assert moved.date == Timestamp("2026-11-30")
    assert expiries(get_market("nifty50"), Timestamp("2026-12-01"), Timestamp("2026-12-01")), "the plain one stays"


def test_a_holiday_moved_at_short_notice_moves_the_session_and_the_expiry() -> None:
    # 2026-11-24, a Tuesday, is closed in the engine's table; the file holds it and closes the 25th.
    text = f'[nifty50]\n{closures("2026-11-25")}sessions = [{{ date = 2026-11-24, source = "circular" }}]\n'
    market = market_with(text)
    expiry = nearest_expiry(market, Timestamp("2026-11-23"))
    assert expiry is not None
    assert expiry.date == Timestamp("2026-11-24")
    assert trading_clock(market, ist("2026-11-24", "11:00")).state == "in_session"
    assert trading_clock(market, ist("2026-11-25", "11:00")).state == "holiday"


def test_a_newly_announced_year_is_provisional_no_more() -> None:
    market = market_with(year_2027())
    assert market.calendar.valid_through == Timestamp("2027-12-31")
    assert not market.calendar.provisional(Timestamp("2027-12-31"))
    assert market.calendar.provisional(Timestamp("2028-01-01"))
    closed = set(pd.bdate_range("2027-01-01", "2027-12-31")) - set(
        market.calendar.regular(Timestamp("2027-01-01"), LAST)
    )
    assert sorted(closed) == [Timestamp(day) for day in CLOSURES_2027]
    assert not any(e.provisional for e in expiries(market, Timestamp("2027-01-01"), LAST))


def test_what_the_file_changes_is_counted() -> None:
    text = f"""
[nifty50]
source = "s"
{closures("2026-12-01", "2026-12-25", "2026-12-06")}
special = [
    {{ date = 2026-11-08, kind = "muhurat", opens = "18:15", closes = "19:15" }},
    {{ date = 2026-12-05, kind = "weekend", opens = "09:15", closes = "12:30" }},
]
sessions = [{{ date = 2026-11-24 }}, {{ date = 2026-11-25 }}]
hours = [
    {{ date = 2026-12-03, opens = "09:15", {HOURS} }},
    {{ date = 2026-12-04, opens = "10:15", {HOURS} }},
    {{ from = 2027-02-01, opens = "09:00", {HOURS} }},
]
"""
    found = market_with(text).calendar_file
    assert found is not None
    assert (found.file, found.closures, found.sessions, found.hours) == ("calendar.toml", 1, 2, 2)


def test_half_days_of_new_york_keep_their_hours_when_the_ordinary_ones_change() -> None:
    hours = 'continuous_close = "17:00", official_close = "17:00", derivatives_close = "17:15", source = "s"'
    calendar = market_with(f'[sp500]\nhours = [{{ from = 2026-11-02, opens = "09:00", {hours} }}]\n', "sp500").calendar
    eastern = "America/New_York"
    assert calendar.opens_at(Timestamp("2026-10-30")) == Timestamp("2026-10-30 09:30", tz=eastern)
    # The clocks are set back on the Sunday between.
    assert calendar.opens_at(Timestamp("2026-11-02")) == Timestamp("2026-11-02 09:00", tz=eastern)
    assert calendar.closes_at(Timestamp("2026-11-27")) == Timestamp("2026-11-27 13:00", tz=eastern)
    assert calendar.closes_at(Timestamp("2026-11-30")) == Timestamp("2026-11-30 17:00", tz=eastern)


@pytest.mark.parametrize("text", ["[nifty50]\n", year_2027()], ids=["nothing", "a year"])
def test_the_past_is_untouched(text: str) -> None:
    calendar, first, last = market_with(text).calendar, Timestamp("2000-01-01"), Timestamp("2026-12-31")
    assert calendar.regular(first, last).equals(NSE.regular(first, last))
    assert calendar.special(first, last).equals(NSE.special(first, last))
    every = NSE.regular(first, last).union(NSE.special(first, last))
    assert all(calendar.hours(day) == NSE.hours(day) for day in every[::7])
    assert calendar.last_closed(ist("2026-11-09", "08:00")) == Timestamp("2026-11-08")
