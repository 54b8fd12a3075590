import pandas as pd
import pytest

from aegismatrix_engine.errors import AsOfError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import parse_as_of

NIFTY, SP500 = get_market("nifty50"), get_market("sp500")


@pytest.mark.parametrize("text", ["2022-12-30", " 2022-12-30 "])
def test_a_date_is_a_naive_date(text: str) -> None:
    as_of = parse_as_of(text, NIFTY).moment
    assert (as_of, as_of.tz, as_of.unit) == (pd.Timestamp("2022-12-30"), None, "ns")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2022-12-30T11:00", "2022-12-30T05:30Z"),
        ("2022-12-30 11:00:05", "2022-12-30T05:30:05Z"),
        ("2022-12-30T00:00", "2022-12-29T18:30Z"),
        ("2022-12-30T11:00+05:30", "2022-12-30T05:30Z"),
        ("2022-12-30T11:00Z", "2022-12-30T11:00Z"),
        ("2022-12-30T11:00:00.5-0500", "2022-12-30T16:00:00.5Z"),
    ],
)
def test_a_timestamp_is_an_instant_in_exchange_time_unless_it_says_otherwise(text: str, utc: str) -> None:
    as_of = parse_as_of(text, NIFTY).moment
    assert as_of == pd.Timestamp(utc)
    assert as_of.unit == "ns"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "today",
            "now",
            "NaT",
            "20221230",
            "2022-12",
            "2022-13-01",
            "2022-02-30",
            "30-12-2022",
            "12/30/2022",
            "2022-364",
        ),
        *(
            "2022-12-30T25:00",
            "2022-12-30T11",
            "2022-12-30T11:00 IST",
            "2022-12-30T11:00+99:99",
            "9999-12-31",
            "1600-01-01",
        ),
        *("0000-00-00", "\u0662\u0660\u0662\u0662-12-30", "2022-12-30\n2022-12-31", "1" * 5000),
    ],
)
def test_anything_else_is_a_usage_error_of_one_line(text: str) -> None:
    with pytest.raises(AsOfError) as caught:
        parse_as_of(text, NIFTY)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("text", ["2022-03-13T02:30", "2022-11-06T01:30"])
def test_an_hour_that_new_york_skips_or_repeats_needs_a_zone(text: str) -> None:
    with pytest.raises(AsOfError):
        parse_as_of(text, SP500)
    assert parse_as_of(f"{text}-05:00", SP500).is_instant
