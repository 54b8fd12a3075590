"""A calendar corrected by what the market did: every other day stays as the plan has it."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.observed_sessions import HeldSession, ObservedSessions, planned
from aegismatrix_engine.markets.sessions import SessionHours

PLAN = get_market("nifty50").calendar
FIRST, LAST = pd.Timestamp("2026-10-01"), pd.Timestamp("2027-02-28")
SPAN = list(pd.date_range(FIRST, LAST))
REGULAR, SPECIAL = set(PLAN.regular(FIRST, LAST)), set(PLAN.special(FIRST, LAST))


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    held=st.dictionaries(st.sampled_from(SPAN), st.booleans(), max_size=6),
    left_out=st.frozensets(st.sampled_from(sorted(REGULAR | SPECIAL)), max_size=6),
)
def test_facts_win_and_every_other_day_is_as_planned(
    held: dict[pd.Timestamp, bool], left_out: frozenset[pd.Timestamp]
) -> None:
    left_out = left_out - set(held)
    calendar = ObservedSessions(PLAN, {day: HeldSession(regular) for day, regular in held.items()}, left_out)
    regular = (REGULAR - left_out - set(held)) | {day for day, is_regular in held.items() if is_regular}
    special = (SPECIAL - left_out - set(held)) | {day for day, is_regular in held.items() if not is_regular}
    assert set(calendar.regular(FIRST, LAST)) == regular
    assert set(calendar.special(FIRST, LAST)) == special
    for day in SPAN:
        assert calendar.is_session(day) == (day in regular or day in special)
        if day in (regular | special) - set(held):
            assert calendar.hours(day) == PLAN.hours(day)
    sessions = sorted(regular | special)
    moment = pd.Timestamp("2026-12-15 08:00", tz="Asia/Kolkata")
    closed = [day for day in sessions if calendar.closes_at(day) <= moment]
    assert calendar.last_closed(moment) == closed[-1]


def test_a_session_has_its_own_hours_or_those_of_the_regular_ones_around_it() -> None:
    holiday, evening = pd.Timestamp("2026-11-24"), pd.Timestamp("2026-12-05")
    opens, closes = (pd.Timestamp(f"2026-12-05 {clock}", tz="Asia/Kolkata") for clock in ("18:00", "19:00"))
    hours = SessionHours(opens, closes, closes)
    calendar = ObservedSessions(PLAN, {holiday: HeldSession(), evening: HeldSession(hours=hours)}, frozenset())
    assert calendar.hours(evening) == hours
    monday = PLAN.hours(pd.Timestamp("2026-11-23"))
    assert calendar.opens_at(holiday) == monday.opens + pd.Timedelta(days=1)
    assert calendar.closes_at(holiday) == monday.official_close + pd.Timedelta(days=1)


def test_the_plan_behind_a_corrected_calendar_is_found_again() -> None:
    corrected = ObservedSessions(PLAN, {}, frozenset({pd.Timestamp("2026-11-23")}))
    assert planned(corrected) is PLAN
    assert planned(PLAN) is PLAN
    assert (corrected.name, corrected.valid_through) == (PLAN.name, PLAN.valid_through)
