"""The exchange's list of expiries against our calendar."""

from pathlib import Path

import pandas as pd
import pytest

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.options.listed_expiries import calendar_differences
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
    assert differences("2026-06-23", "2026-06-30", "2026-07-07", "2026-07-14", "2026-07-28", "2027-06-24") == ()


def test_an_expiry_that_has_settled_is_not_missing() -> None:
    close = pd.Timestamp("2026-06-23 15:30", tz="Asia/Kolkata")
    assert differences(*LISTED[1:], as_of=close) == ()
    before = differences(*LISTED[1:], as_of=close - pd.Timedelta(minutes=1))
    assert before == ("our calendar has an expiry on 2026-06-23, which the exchange does not list",)


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
