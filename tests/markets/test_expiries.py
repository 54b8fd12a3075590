import csv
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import Timestamp

from aegismatrix_engine.errors import AegisError, DataError
from aegismatrix_engine.markets import (
    Market,
    expiries,
    expiries_ahead,
    get_market,
    nearest_expiry,
    nearest_horizon,
    nearest_horizons,
    next_expiries,
    primary_expiry,
    primary_horizons,
    sessions_left,
)

NIFTY, SP500 = get_market("nifty50"), get_market("sp500")
MARKETS = st.sampled_from([NIFTY, SP500])
DATES = st.dates(pd.Timestamp("2000-01-03").date(), pd.Timestamp("2030-12-31").date()).map(Timestamp)


def on(market: Market, date: str) -> list[tuple[str, bool]]:
    return [(e.kind, e.provisional) for e in expiries(market, Timestamp(date), Timestamp(date))]


def test_every_listed_expiry_comes_out_and_nothing_else(shared: Path) -> None:
    with (shared / "data/calendar/nifty_expiries_2000_2026.csv").open(newline="") as lines:
        listed = [(Timestamp(row["expiry"]), row["kind"]) for row in csv.DictReader(lines)]
    found = expiries(NIFTY, listed[0][0], Timestamp("2026-12-31"))
    assert [(e.date, e.kind) for e in found] == listed
    assert not any(e.provisional for e in found)
    assert len(found) == 636


@pytest.mark.parametrize(
    ("date", "kind", "why"),
    [
        ("2021-11-03", "weekly", "the Thursday is a Muhurat"),
        ("2025-10-20", "weekly", "the Tuesday is a Muhurat"),
        ("2026-11-23", "monthly", "the Tuesday is a holiday"),
        ("2026-03-30", "monthly", "the Tuesday is a holiday"),
        ("2025-08-28", "monthly", "the last Thursday of the old rule"),
        ("2025-09-02", "weekly", "the first Tuesday of the new rule"),
        ("2019-02-14", "weekly", "the first weekly"),
        ("2008-10-29", "monthly", "the Thursday is a holiday"),
        ("2000-02-24", "monthly", "the rule extends backwards"),
    ],
)
def test_nifty_expiries(date: str, kind: str, why: str) -> None:
    assert on(NIFTY, date) == [(kind, False)], why


@pytest.mark.parametrize("date", ["2021-11-04", "2025-10-21", "2026-11-24", "2025-09-04", "2019-02-07", "2018-06-07"])
def test_no_nifty_expiry(date: str) -> None:
    assert on(NIFTY, date) == []


def test_past_the_announced_year_expiries_are_provisional() -> None:
    # Republic Day 2027 falls on the last Tuesday of January.
    assert on(NIFTY, "2027-01-26") == []
    assert on(NIFTY, "2027-01-25") == [("monthly", True)]
    assert on(NIFTY, "2026-12-29") == [("monthly", False)]
    assert on(NIFTY, "2027-01-05") == [("weekly", True)]


@pytest.mark.parametrize(
    ("date", "kind", "why"),
    [
        ("2014-04-17", "monthly", "Good Friday is the third Friday"),
        ("2008-03-20", "monthly", "Good Friday is the third Friday"),
        ("2022-12-16", "monthly", "third Friday"),
        ("2001-09-21", "monthly", "third Friday"),
        ("2005-11-04", "weekly", "the first weekly"),
        ("2018-11-23", "weekly", "a half day is a session"),
        ("2015-07-02", "weekly", "Independence Day is observed on the Friday"),
        ("2026-06-18", "monthly", "Juneteenth is the third Friday"),
        ("2019-03-15", "monthly", "the third Friday as early as it can be"),
        ("2019-03-22", "weekly", "the fourth Friday as early as it can be"),
        ("2019-06-14", "weekly", "the second Friday as late as it can be"),
        ("2019-06-21", "monthly", "the third Friday as late as it can be"),
    ],
)
def test_sp500_expiries(date: str, kind: str, why: str) -> None:
    assert on(SP500, date) == [(kind, False)], why


@pytest.mark.parametrize("date", ["2005-10-28", "2014-04-18", "2022-12-14", "2026-06-19"])
def test_no_sp500_expiry(date: str) -> None:
    assert on(SP500, date) == []


def test_the_nearest_expiry_is_of_any_kind_and_strictly_later() -> None:
    monthly = nearest_expiry(NIFTY, Timestamp("2026-11-20"))
    assert monthly is not None
    assert (monthly.date, monthly.kind) == (Timestamp("2026-11-23"), "monthly")
    after = nearest_expiry(NIFTY, Timestamp("2026-11-23"))
    assert after is not None
    assert (after.date, after.kind) == (Timestamp("2026-12-01"), "weekly")
    assert nearest_horizon(NIFTY, Timestamp("2026-11-20")) == 1
    assert nearest_horizon(NIFTY, Timestamp("2026-11-23")) == 5


@pytest.mark.parametrize(
    ("market", "before", "first"), [(NIFTY, "2019-02-08", "2019-02-11"), (SP500, "2005-10-27", "2005-10-28")]
)
def test_before_weeklies_the_nearest_expiry_is_five_sessions(market: Market, before: str, first: str) -> None:
    assert nearest_expiry(market, Timestamp(before)) is None
    assert nearest_horizon(market, Timestamp(before)) == 5
    assert next_expiries(market, Timestamp(before), "weekly", 2) == ()
    assert nearest_expiry(market, Timestamp(first)) is not None
    assert nearest_horizons(market, pd.DatetimeIndex([before])).tolist() == [5]


def test_nearest_horizon_once_weeklies_are_listed() -> None:
    assert nearest_horizon(NIFTY, Timestamp("2019-02-11")) == 3
    assert nearest_horizon(SP500, Timestamp("2005-10-28")) == 5


@pytest.mark.parametrize(
    ("after", "expiry"),
    [
        ("2022-12-30", "2023-01-25"),
        ("2022-12-21", "2022-12-29"),
        ("2022-12-22", "2022-12-29"),
        ("2022-12-23", "2023-01-25"),
        ("2000-01-03", "2000-01-27"),
    ],
)
def test_the_primary_expiry_is_a_week_or_more_away(after: str, expiry: str) -> None:
    found = primary_expiry(NIFTY, Timestamp(after))
    assert (found.date, found.kind) == (Timestamp(expiry), "monthly")


def test_next_expiries_of_each_kind() -> None:
    after = Timestamp("2026-11-20")
    weekly = [e.date for e in next_expiries(NIFTY, after, "weekly", 2)]
    monthly = [e.date for e in next_expiries(NIFTY, after, "monthly", 2)]
    assert weekly == [Timestamp("2026-12-01"), Timestamp("2026-12-08")]
    assert monthly == [Timestamp("2026-11-23"), Timestamp("2026-12-29")]
    assert next_expiries(NIFTY, after, "monthly", 0) == ()


def test_sessions_left_counts_neither_the_close_behind_nor_special_sessions() -> None:
    # 21 October 2025 is a Muhurat, the 22nd a holiday: the 23rd, 24th, 27th and 28th are left.
    assert sessions_left(NIFTY, Timestamp("2025-10-20"), Timestamp("2025-10-28")) == 4
    assert sessions_left(NIFTY, Timestamp("2025-10-21"), Timestamp("2025-10-28")) == 4
    assert sessions_left(NIFTY, Timestamp("2025-10-28"), Timestamp("2025-10-28")) == 0
    assert sessions_left(NIFTY, Timestamp("2025-10-30"), Timestamp("2025-10-28")) == 0


def test_dates_that_the_calendar_does_not_cover_are_refused() -> None:
    with pytest.raises(DataError, match="1999-12-31 is outside"):
        expiries(NIFTY, Timestamp("1999-12-31"), Timestamp("2000-12-31"))
    assert expiries(NIFTY, Timestamp("2020-12-31"), Timestamp("2020-01-01")) == ()


@pytest.mark.parametrize("horizons", [primary_horizons, nearest_horizons])
def test_horizons_want_plain_sorted_sessions(horizons: object) -> None:
    assert callable(horizons)
    days = pd.DatetimeIndex(["2022-12-29", "2022-12-30"])
    assert horizons(NIFTY, days).dtype == np.int64
    assert horizons(NIFTY, days[:0]).tolist() == []
    with pytest.raises(AegisError, match="not in rising order"):
        horizons(NIFTY, days[::-1])
    with pytest.raises(AegisError, match="have a zone"):
        horizons(NIFTY, days.tz_localize("Asia/Kolkata"))


@pytest.mark.parametrize("market", [NIFTY, SP500])
def test_horizons_of_all_sessions_agree_with_the_scalar_functions(market: Market) -> None:
    sessions = market.calendar.regular(Timestamp("2000-01-03"), Timestamp("2027-12-31"))
    chosen = sessions.union(market.calendar.special(sessions[0], sessions[-1]))[::7]
    primary = [sessions_left(market, day, primary_expiry(market, day).date) for day in chosen]
    assert primary_horizons(market, chosen).tolist() == primary
    assert nearest_horizons(market, chosen).tolist() == [nearest_horizon(market, day) for day in chosen]


def test_horizons_of_a_walk_forward_are_fast() -> None:
    sessions = NIFTY.calendar.regular(Timestamp("2000-01-03"), Timestamp("2022-12-30"))[-5000:]
    primary_horizons(NIFTY, sessions[-100:])
    start = time.perf_counter()
    primary_horizons(NIFTY, sessions)
    nearest_horizons(NIFTY, sessions)
    assert time.perf_counter() - start < 0.2


@settings(deadline=None)
@given(market=MARKETS, after=DATES)
def test_expiries_ahead_are_sessions_within_reach(market: Market, after: Timestamp) -> None:
    two = next_expiries(market, after, "monthly", 2)
    assert len(two) == 2
    assert after < two[0].date < two[1].date
    assert all(len(market.calendar.regular(e.date, e.date)) == 1 for e in two)
    left = [sessions_left(market, after, e.date) for e in two]
    assert 1 <= left[0] < left[1] <= 45
    primary = primary_expiry(market, after)
    assert primary in two
    assert primary.date - after >= pd.Timedelta(days=7)
    assert (two[0].date - after < pd.Timedelta(days=7)) == (primary == two[1])


@pytest.mark.parametrize("market", [NIFTY, SP500])
def test_the_second_monthly_is_never_more_than_45_sessions_away(market: Market) -> None:
    # It is furthest from the close of an expiry day.
    monthlies = [e for e in expiries(market, Timestamp("2000-01-03"), Timestamp("2030-12-31")) if e.kind == "monthly"]
    pairs = zip(monthlies, monthlies[2:], strict=False)
    assert max(sessions_left(market, a.date, b.date) for a, b in pairs) <= 45
    assert len(monthlies) == 31 * 12


@settings(deadline=None)
@given(market=MARKETS, after=DATES, n=st.integers(1, 45))
def test_sessions_left_inverts_following(market: Market, after: Timestamp, n: int) -> None:
    assert sessions_left(market, after, market.calendar.following(after, n)[-1]) == n


@settings(deadline=None)
@given(market=MARKETS, days=st.lists(DATES, min_size=1, max_size=5))
def test_horizons_agree_with_the_scalar_functions(market: Market, days: list[Timestamp]) -> None:
    index = pd.DatetimeIndex(sorted(days))
    primary = [sessions_left(market, day, primary_expiry(market, day).date) for day in index]
    assert primary_horizons(market, index).tolist() == primary
    assert nearest_horizons(market, index).tolist() == [nearest_horizon(market, day) for day in index]


@pytest.mark.parametrize("market_id", ["nifty50", "sp500"])
def test_the_expiries_ahead_of_many_sessions_are_those_of_each(market_id: str) -> None:
    market = get_market(market_id)
    sessions = market.calendar.regular(pd.Timestamp("2018-11-01"), pd.Timestamp("2021-03-31"))
    ahead = expiries_ahead(market, sessions)
    for row, session in enumerate(sessions):
        shown = list(next_expiries(market, session, "monthly", 2))
        if nearest_expiry(market, session) is not None:
            shown += next_expiries(market, session, "weekly", 2)
        shown.sort(key=lambda expiry: expiry.date)
        count = len(shown)
        assert list(pd.DatetimeIndex(ahead.dates[row, :count])) == [expiry.date for expiry in shown]
        assert (ahead.dates[row, count:] == ahead.dates[row, count - 1]).all()
        assert ahead.sessions[row, :count].tolist() == [sessions_left(market, session, one.date) for one in shown]
        assert shown[ahead.primary[row]] == primary_expiry(market, session)
        assert ahead.listed[row] == (count == 4)
