"""The share of session minutes for which a valid document stood, against a count minute by minute."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.record.freshness import PublishedDocument, freshness, published_document

MARKET = get_market("nifty50")
DAY = "2022-06-15"
EVENING = pd.Timestamp("2022-06-15T18:00:00+05:30")
ONE_DAY = pd.Timedelta(hours=12)


def at(clock: str, day: str = DAY) -> int:
    return int(pd.Timestamp(f"{day}T{clock}+05:30").timestamp())


def document(since: str, until: str, made: str | None = None) -> PublishedDocument:
    return PublishedDocument(at(since), at(made or since), at(until))


def test_minutes_of_a_session_with_a_document_that_was_valid_throughout() -> None:
    found = freshness([document("08:41", "16:00")], MARKET, EVENING, ONE_DAY)
    assert (found.minutes, found.fresh, found.share) == (375, 375, 1.0)
    assert (found.longest_gap, found.gap_begin) == (0, "")
    assert (found.first, found.last) == ("2022-06-15T06:00:00+05:30", "2022-06-15T18:00:00+05:30")


def test_a_gap_is_told_with_its_length_and_its_begin() -> None:
    stands = [document("08:41", "10:00"), document("10:20", "15:30"), document("11:00", "11:00")]
    found = freshness([*stands, document("11:05", "15:30")], MARKET, EVENING, ONE_DAY)
    # 10:01 to 10:19 nothing is valid; the document of 11:00 is good for that minute alone.
    assert found.minutes - found.fresh == 19 + 4
    assert (found.longest_gap, found.gap_begin) == (19, "2022-06-15T10:01:00+05:30")


def test_a_document_from_the_future_is_none_until_its_time_has_nearly_come() -> None:
    found = freshness([document("09:00", "15:30", made="10:00")], MARKET, EVENING, ONE_DAY)
    assert (found.longest_gap, found.gap_begin) == (40, "2022-06-15T09:15:00+05:30")


def test_the_newest_commit_counts_whatever_stood_before_it() -> None:
    found = freshness(
        [document("09:00", "15:30"), published_document(at("12:00"), None, "nifty50")], MARKET, EVENING, ONE_DAY
    )
    assert (found.fresh, found.gap_begin) == (165, "2022-06-15T12:00:00+05:30")


def test_without_any_session_there_is_no_share() -> None:
    found = freshness([], MARKET, pd.Timestamp("2022-06-12T12:00:00+05:30"), pd.Timedelta(hours=20))
    assert (found.minutes, found.share, found.longest_gap) == (0, None, 0)


def test_minutes_still_to_come_do_not_count_and_special_sessions_never() -> None:
    found = freshness([], MARKET, pd.Timestamp("2022-06-15T09:19:30+05:30"), ONE_DAY)
    assert (found.minutes, found.fresh, found.longest_gap) == (5, 0, 5)
    diwali = freshness([], MARKET, pd.Timestamp("2022-10-24T22:00:00+05:30"), ONE_DAY)
    assert diwali.minutes == 0


def test_a_month_has_its_sessions() -> None:
    days = MARKET.calendar.regular(pd.Timestamp("2022-05-17"), pd.Timestamp("2022-06-15"))
    assert freshness([], MARKET, EVENING).minutes == 375 * len(days)


GOOD: dict[str, Any] = {
    "market_id": "nifty50",
    "generated_at": "2022-06-15T10:04:00+05:30",
    "valid_until": "2022-06-15T11:00:00+05:30",
}


def test_a_document_says_itself_when_it_was_made_and_how_long_it_holds() -> None:
    assert published_document(5, json.dumps(GOOD).encode(), "nifty50") == PublishedDocument(5, at("10:04"), at("11:00"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<<<<<<< HEAD",
        b"[]",
        b"\xff\xfe",
        json.dumps({**GOOD, "market_id": "sp500"}).encode(),
        json.dumps({**GOOD, "valid_until": "2022-06-15T11:00:00"}).encode(),
        json.dumps({**GOOD, "valid_until": "2022-13-45T11:00:00+05:30"}).encode(),
        json.dumps({**GOOD, "valid_until": 5}).encode(),
        b"[" * 100_000,
    ],
    ids=["empty", "merge", "list", "no text", "other market", "no zone", "no date", "number", "deep"],
)
def test_what_is_no_document_of_the_market_is_good_for_nothing(content: bytes) -> None:
    found = freshness([published_document(at("08:00"), content, "nifty50")], MARKET, EVENING, ONE_DAY)
    assert (found.fresh, found.longest_gap) == (0, 375)


MOMENTS = st.integers(at("08:30"), at("16:00"))


@settings(max_examples=60)
@given(drawn=st.lists(st.tuples(MOMENTS, st.integers(-1200, 1200), st.integers(-600, 7200)), max_size=12))
def test_it_is_what_a_reader_who_looks_each_minute_finds(drawn: list[tuple[int, int, int]]) -> None:
    documents = [PublishedDocument(since, since + made, since + until) for since, made, until in sorted(drawn)]
    found = freshness(documents, MARKET, EVENING, ONE_DAY)
    looks = []
    for minute in range(at("09:15"), at("15:30"), 60):
        newest = next((one for one in reversed(documents) if one.since <= minute), None)
        looks.append(newest is not None and newest.generated_at <= minute + 300 and newest.valid_until >= minute)
    assert found.fresh == sum(looks)
    runs = "".join("x" if look else "." for look in looks).split("x")
    assert found.longest_gap == max(map(len, runs))
    if found.longest_gap:
        begin = int(np.argmax([not any(looks[i : i + found.longest_gap]) for i in range(len(looks))]))
        assert pd.Timestamp(found.gap_begin).timestamp() == at("09:15") + 60 * begin
