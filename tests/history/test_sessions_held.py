"""Which sessions were held: the plan of the calendar corrected by what the series have."""

import numpy as np
import pandas as pd
import pytest

from aegismatrix_engine.history.repairs import Doubt
from aegismatrix_engine.history.sessions_held import NO_DAYS, SessionsHeld, sessions_held
from aegismatrix_engine.markets import get_market

MARKET = get_market("nifty50")
PLAN = MARKET.calendar
FIRST, LAST = pd.Timestamp("2026-10-01"), pd.Timestamp("2026-11-23")
HOLIDAY, SATURDAY, MUHURAT = pd.Timestamp("2026-11-24"), pd.Timestamp("2026-11-21"), pd.Timestamp("2026-11-08")
TODAY = pd.Timestamp("2026-11-25")
NONE = pd.DatetimeIndex([])


def planned(last: pd.Timestamp = LAST) -> pd.DatetimeIndex:
    """Every session of the plan, Muhurat among them."""
    return PLAN.regular(FIRST, last).union(PLAN.special(FIRST, last))


def bars(*days: pd.Timestamp, opens: str = "9h15min", number: int = 24, spread: float = 1.0) -> pd.DataFrame:
    starts = [day + pd.Timedelta(opens) + n * pd.Timedelta("15min") for day in days for n in range(number)]
    index = pd.DatetimeIndex(starts, name="timestamp").as_unit("ns")
    return pd.DataFrame({"open": 1.0, "high": 1.0 + spread, "low": 1.0, "close": 1.0, "vix": np.nan}, index=index)


def held(
    spot: pd.DatetimeIndex,
    vix: pd.DatetimeIndex | None = None,
    found: pd.DataFrame | None = None,
    before: pd.Timestamp = TODAY,
    running: pd.DatetimeIndex = NO_DAYS,
) -> SessionsHeld:
    return sessions_held(PLAN, spot, spot if vix is None else vix, found, before, running)


def told(found: SessionsHeld) -> list[str]:
    return [repair.sentence() for repair in found.repairs]


def test_a_plan_that_was_kept_is_the_calendar_itself() -> None:
    found = held(planned(), None, bars(LAST))
    assert found.calendar is PLAN
    assert (told(found), found.doubts) == ([], ())


@pytest.mark.parametrize("day", [HOLIDAY, SATURDAY])
@pytest.mark.parametrize("proof", ["both rows", "row and bars"])
def test_a_day_off_the_plan_is_a_special_session_with_the_usual_hours(day: pd.Timestamp, proof: str) -> None:
    rows = planned().union(pd.DatetimeIndex([day]))
    found = held(rows, rows if proof == "both rows" else planned(), None if proof == "both rows" else bars(day))
    assert list(found.off_plan) == [day]
    assert list(found.calendar.special(SATURDAY, HOLIDAY)) == [day]
    assert found.calendar.closes_at(day) == pd.Timestamp(f"{day:%Y-%m-%d} 15:35", tz=MARKET.zone)
    assert (told(found), found.doubts) == ([], ())


@pytest.mark.parametrize("with_row", [True, False])
def test_bars_show_a_session_off_the_plan_on_the_day_itself(with_row: bool) -> None:
    """A row is made after the close only; one that the source has of the session in progress leaves no doubt."""
    running = pd.DatetimeIndex([HOLIDAY] if with_row else [])
    found = held(planned(), None, bars(HOLIDAY, number=3), before=HOLIDAY, running=running)
    assert list(found.off_plan) == [HOLIDAY]
    assert found.calendar.is_session(HOLIDAY)
    assert told(found) == ["The calendar has no session on 2026-11-24, and bars show one: used as a special session."]
    doubt = Doubt(HOLIDAY, "the calendar has no session on 2026-11-24, and its bars alone show one")
    assert found.doubts == (() if with_row else (doubt,))


def test_bars_alone_show_no_session_on_a_day_gone_by() -> None:
    found = held(planned(), None, bars(SATURDAY))
    assert list(found.stale) == [SATURDAY]
    assert not found.calendar.is_session(SATURDAY)


def test_a_daily_row_alone_is_a_session_in_doubt() -> None:
    found = held(planned().union(pd.DatetimeIndex([HOLIDAY])), planned())
    assert list(found.calendar.special(HOLIDAY, HOLIDAY)) == [HOLIDAY]
    assert found.doubts == (
        Doubt(HOLIDAY, "the calendar has no session on 2026-11-24, and its daily row alone shows one"),
    )


def test_bars_of_an_evening_give_the_session_its_hours() -> None:
    found = held(planned(), None, bars(HOLIDAY, opens="18h15min", number=4), before=HOLIDAY)
    hours = found.calendar.hours(HOLIDAY)
    assert hours.opens == pd.Timestamp("2026-11-24 18:15", tz=MARKET.zone)
    assert hours.continuous_close == hours.official_close == pd.Timestamp("2026-11-24 19:15", tz=MARKET.zone)


@pytest.mark.parametrize(("number", "spread"), [(24, 0.0), (1, 1.0)])
def test_bars_that_show_no_trading_make_no_session(number: int, spread: float) -> None:
    found = held(planned(), None, bars(HOLIDAY, number=number, spread=spread), before=HOLIDAY)
    assert list(found.stale) == [HOLIDAY]
    assert not found.calendar.is_session(HOLIDAY)
    assert told(found) == [
        "The calendar has no session on 2026-11-24, and no daily row shows one; their bars were left out."
    ]


def test_a_session_of_the_plan_was_not_held_once_bars_of_a_later_one_are_there() -> None:
    rows = planned().drop(LAST)
    later = bars(pd.Timestamp("2026-11-20"), TODAY, number=3)
    found = held(rows, None, later)
    assert list(found.not_held) == [LAST]
    assert not found.calendar.is_session(LAST)
    assert told(found) == ["Sessions of the calendar on 2026-11-23 were not held: no series has a row or a bar."]
    assert found.doubts == ()


@pytest.mark.parametrize("seen", ["vix", "bar", "no later bars"])
def test_a_session_that_some_series_has_or_that_may_still_come_was_held(seen: str) -> None:
    rows = planned().drop(LAST)
    vix = planned() if seen == "vix" else rows
    days = {"vix": (TODAY,), "bar": (LAST, TODAY), "no later bars": (pd.Timestamp("2026-11-20"),)}[seen]
    found = held(rows, vix, bars(*days, number=3))
    assert found.not_held.empty
    assert found.calendar.is_session(LAST)


def test_a_hole_amid_daily_rows_before_the_bars_is_no_day_without_a_session() -> None:
    hole = pd.Timestamp("2026-10-15")
    found = held(planned().drop(hole), None, bars(LAST))
    assert found.not_held.empty
    assert found.calendar.is_session(hole)


def test_past_the_announced_calendar_a_weekday_without_a_row_was_not_held_and_one_with_a_row_was() -> None:
    first, last = pd.Timestamp("2027-01-04"), pd.Timestamp("2027-01-29")
    assert last > PLAN.valid_through
    fixed = pd.Timestamp("2027-01-26")  # closed by the law in every year
    unknown = pd.Timestamp("2027-01-14")
    days = PLAN.regular(first, last).drop(unknown).union(pd.DatetimeIndex([fixed]))
    found = sessions_held(PLAN, days, days, None, last + pd.Timedelta(days=1))
    assert list(found.not_held) == [unknown]
    assert fixed in found.calendar.regular(first, last)
    assert unknown not in found.calendar.regular(first, last)


def test_a_special_session_that_no_series_has_is_left_out_and_leaves_a_close_in_doubt() -> None:
    found = held(planned().drop(MUHURAT))
    assert list(found.unseen) == [MUHURAT]
    assert not found.calendar.is_session(MUHURAT)
    assert told(found) == [
        "No row and no bars of the special sessions 2026-11-08: changes after them span two sessions."
    ]
    assert found.doubts == (Doubt(MUHURAT, "the special session of 2026-11-08 has no row and no bars", of_close=False),)


def test_a_special_session_of_today_may_still_get_its_row() -> None:
    friday = pd.Timestamp("2026-11-06")
    found = held(planned(friday), before=MUHURAT)
    assert found.unseen.empty
    assert found.calendar is PLAN


def test_series_that_have_ended_lack_nothing() -> None:
    ended = held(planned(pd.Timestamp("2026-11-04")), before=TODAY)
    assert ended.unseen.empty
    assert ended.calendar is PLAN


def test_the_same_facts_give_the_same_calendar() -> None:
    rows = planned().drop(MUHURAT)
    assert held(rows).calendar is held(rows).calendar
