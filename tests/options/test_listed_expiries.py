"""The exchange's list of expiries against our calendar."""

from pathlib import Path

import pandas as pd
import pytest

from aegismatrix_engine.markets import expiries, get_market, next_expiries, primary_expiry
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.options.listed_expiries import as_listed, calendar_differences, moved_expiries
from aegismatrix_engine.sources.options import read_chain

MARKET = get_market("nifty50")
AS_OF = pd.Timestamp("2026-06-19 15:30", tz="Asia/Kolkata")
LISTED = ("2026-06-23", "2026-06-30", "2026-07-07", "2026-07-14", "2026-07-21", "2026-07-28", "2026-08-25")


def differences(*listed: str, as_of: pd.Timestamp = AS_OF) -> tuple[str, ...]:
    dates = tuple(pd.Timestamp(date) for date in listed)
    return calendar_differences(OptionChain("nse", as_of, 24000.0, (), (), (), dates), MARKET)


def test_a_list_like_our_calendar_has_no_difference() -> None:
    assert differences(*LISTED) == ()


def test_a_file_without_a_list_says_nothing() -> None:
    assert differences() == ()


def test_an_expiry_moved_by_a_holiday_differs_twice() -> None:
    assert differences("2026-06-23", "2026-06-29", *LISTED[2:]) == (
        "the exchange lists an expiry on 2026-06-29, which our calendar lacks",
        "our calendar has an expiry on 2026-06-30, which the exchange does not list",
    )


def test_weeklies_that_are_not_listed_yet_and_far_expiries_are_not_compared() -> None:
    assert (
        differences("2026-06-23", "2026-06-30", "2026-07-07", "2026-07-14", "2026-07-28", "2026-08-25", "2027-06-24")
        == ()
    )


def test_an_expiry_that_has_settled_is_not_missing() -> None:
    close = pd.Timestamp("2026-06-23 15:30", tz="Asia/Kolkata")
    assert differences(*LISTED[1:], as_of=close) == ()
    before = differences(*LISTED[1:], as_of=close - pd.Timedelta(minutes=1))
    assert before == ("our calendar has an expiry on 2026-06-23, which the exchange does not list",)


def moves(*listed: str, as_of: pd.Timestamp = AS_OF) -> dict[str, str]:
    dates = tuple(pd.Timestamp(date) for date in listed)
    found = moved_expiries(OptionChain("nse", as_of, 24000.0, (), (), (), dates), MARKET)
    return {f"{one.ours:%Y-%m-%d}": f"{one.listed:%Y-%m-%d}" + " monthly" * one.monthly for one in found}


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (LISTED, {}),
        # A holiday that our calendar does not know: a weekly and a monthly expiry a session earlier.
        (("2026-06-23", "2026-06-30", "2026-07-06", *LISTED[3:]), {"2026-07-07": "2026-07-06"}),
        (("2026-06-23", "2026-06-29", *LISTED[2:]), {"2026-06-30": "2026-06-29 monthly"}),
        # A monthly beyond the fourth that is listed: monthly ones are listed for months ahead.
        ((*LISTED[:5], "2026-07-27", "2026-08-25"), {"2026-07-28": "2026-07-27 monthly"}),
        # Another weekday from now on: the last of a month is its monthly.
        (
            ("2026-06-25", "2026-07-02", "2026-07-09", "2026-07-16", "2026-07-23", "2026-07-30", "2026-08-27"),
            {
                "2026-06-23": "2026-06-25 monthly",
                "2026-06-30": "2026-07-02",
                "2026-07-07": "2026-07-09",
                "2026-07-14": "2026-07-16",
                "2026-07-28": "2026-07-30 monthly",
                "2026-08-25": "2026-08-27 monthly",
            },
        ),
        # The nearer one is not taken by an expiry that is not listed at all.
        (("2026-06-30", "2026-07-06", *LISTED[3:]), {"2026-07-07": "2026-07-06"}),
        (("2026-06-29", *LISTED[2:]), {"2026-06-30": "2026-06-29 monthly"}),
        # A list that ends there: ours tells what it is.
        (("2026-06-23", "2026-06-29"), {}),
        (("2026-06-23", "2026-07-01"), {"2026-06-30": "2026-07-01 monthly"}),
        # One more than ours, one less, one on a day without a session, and lists that are no whole ones.
        (("2026-06-19", *LISTED, "2026-06-26"), {}),
        (LISTED[1:], {}),
        (("2026-06-23", "2026-06-28", *LISTED[2:]), {}),
        (("2026-07-28", "2026-08-25"), {}),
        (("2026-06-23",), {}),
    ],
)
def test_an_expiry_that_is_listed_elsewhere_in_its_week_is_there(
    listed: tuple[str, ...], found: dict[str, str]
) -> None:
    assert moves(*listed) == found


def test_a_weekly_that_is_carried_into_the_month_before_is_no_monthly() -> None:
    listed = "2026-07-21", "2026-07-28", "2026-07-31", "2026-08-11", "2026-08-18", "2026-08-25"
    assert moves(*listed, as_of=pd.Timestamp("2026-07-17 15:30", tz="Asia/Kolkata")) == {"2026-08-04": "2026-07-31"}
    after = pd.Timestamp("2026-07-30 15:30", tz="Asia/Kolkata")
    assert moves(*listed[2:], as_of=after) == {"2026-08-04": "2026-07-31"}


def test_a_market_with_the_exchanges_dates_has_them_everywhere_and_no_other_differs() -> None:
    dates = tuple(pd.Timestamp(one) for one in ("2026-06-22", "2026-06-30", "2026-07-07", "2026-07-14", "2026-07-27"))
    chain = OptionChain("nse", AS_OF, 24000.0, (), (), (), (*dates, pd.Timestamp("2026-08-25")))
    moved = as_listed(MARKET, moved_expiries(chain, MARKET))
    after = pd.Timestamp("2026-06-19")
    assert [one.date for one in next_expiries(moved, after, "weekly", 2)] == [dates[0], dates[2]]
    assert [one.date for one in next_expiries(moved, after, "monthly", 2)] == [dates[1], dates[4]]
    assert primary_expiry(moved, pd.Timestamp("2026-06-26")).date == dates[4]
    assert calendar_differences(chain, moved) == ()
    # Not one more or less than before, in order.
    span = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-12-31")
    both = [[(one.kind, one.date) for one in expiries(market, *span)] for market in (MARKET, moved)]
    assert [kind for kind, _ in both[0]] == [kind for kind, _ in both[1]]
    assert [date for _, date in both[1]] == sorted(date for _, date in both[1])
    assert len(set(both[0]) ^ set(both[1])) == 4


def test_a_list_like_our_calendar_leaves_the_market_as_it_is() -> None:
    assert as_listed(MARKET, ()) is MARKET


@pytest.mark.parametrize(
    "name",
    [
        "bhavcopy_legacy_2021-03-18_index_rows.csv.gz",
        "bhavcopy_legacy_2026-06-19_nifty_rows.csv.gz",
        "chain_json_2023-07-07_1530.json.gz",
        "chain_json_2025-08-05_1359.json.gz",
        "chain_v3_2026-06-19_1530.json.gz",
    ],
)
def test_our_calendar_has_what_real_chains_list(shared: Path, name: str) -> None:
    assert calendar_differences(read_chain(shared / "data" / "options" / name, MARKET), MARKET) == ()
