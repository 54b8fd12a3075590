"""How long a document holds, when the next one is due, and whether one is due now."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_entry import tokyo
from pandas import Timestamp

from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.markets import (
    BAR,
    PREOPEN_LEAD,
    PUBLISHING_INTERVAL,
    VALIDITY,
    Market,
    PublishedClose,
    document_due,
    get_market,
    last_due_bar,
    longest_closure,
    next_due,
    night_missing,
    trading_clock,
    valid_until,
)

NIFTY, SP = get_market("nifty50"), get_market("sp500")
FIRST, LAST = Timestamp("2015-01-05", tz="UTC"), Timestamp("2027-12-24", tz="UTC")
MARKETS = st.sampled_from([NIFTY, SP])
ZONES = st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"])


@st.composite
def moments(draw: st.DrawFn) -> Timestamp:
    seconds = draw(st.integers(0, int((LAST - FIRST).total_seconds())))
    return (FIRST + pd.Timedelta(seconds=seconds)).tz_convert(draw(ZONES))


def india(text: str) -> Timestamp:
    return Timestamp(text, tz="Asia/Kolkata")


def eastern(text: str) -> Timestamp:
    return Timestamp(text, tz="America/New_York")


def made(as_of: str, generated_at: str, official: bool = True, healthy: bool = True) -> PublishedClose:
    return PublishedClose(india(as_of), official, india(generated_at), healthy)


def of_the_moment(market: Market, moment: Timestamp, *, official: bool = True) -> PublishedClose:
    """What a document made at a moment says of itself where its source has everything, but perhaps the last close."""
    clock = trading_clock(market, moment)
    bar = last_due_bar(clock)
    if clock.state == "in_session" and bar is not None:
        return PublishedClose(bar, False, moment)
    hours = market.calendar.hours(clock.last_closed)
    return PublishedClose(hours.official_close if official else hours.continuous_close, official, moment)


# as_of, moment, official, valid until, next due
DOCUMENTS = [
    # In session: the bar's end and an hour; the bar's end and half an hour, at most the end of continuous trading.
    ("2022-12-29 11:00", "2022-12-29 11:07", False, "2022-12-29 12:00", "2022-12-29 11:30"),
    ("2022-12-29 15:00", "2022-12-29 15:02", False, "2022-12-29 16:00", "2022-12-29 15:30"),
    ("2022-12-29 15:15", "2022-12-29 15:18", False, "2022-12-29 16:15", "2022-12-29 15:30"),
    # Before the first bar, and where no bar of the session is served at all.
    ("2022-12-29 01:30", "2022-12-29 09:20", True, "2022-12-29 10:15", "2022-12-29 09:30"),
    ("2022-12-29 01:30", "2022-12-29 11:07", True, "2022-12-29 11:15", "2022-12-29 11:15"),
    # A source that lags: due with the next bar, and no longer valid than the bar allows.
    ("2022-12-29 10:15", "2022-12-29 11:07", False, "2022-12-29 11:15", "2022-12-29 11:15"),
    ("2022-12-29 10:30", "2022-12-29 10:46", False, "2022-12-29 11:30", "2022-12-29 11:00"),
    # In a closing auction the last bar is that of continuous trading.
    ("2026-08-03 15:15", "2026-08-03 15:20", False, "2026-08-03 16:15", "2026-08-03 15:45"),
    # After the close, while the official one is not in.
    ("2022-12-29 15:30", "2022-12-29 15:31", False, "2022-12-29 16:30", "2022-12-29 16:00"),
    ("2022-12-29 15:30", "2022-12-29 17:52", False, "2022-12-29 18:45", "2022-12-29 18:15"),
    ("2022-12-29 15:30", "2022-12-30 02:59", False, "2022-12-30 03:45", "2022-12-30 03:15"),
    # With it: before the next open, over a weekend, a holiday, to a Saturday's session, to a Muhurat evening.
    ("2022-12-29 15:30", "2022-12-29 16:05", True, "2022-12-30 10:15", "2022-12-30 07:40"),
    ("2022-12-30 15:30", "2022-12-30 18:00", True, "2023-01-02 10:15", "2023-01-02 07:40"),
    ("2026-11-23 15:35", "2026-11-24 11:07", True, "2026-11-25 10:15", "2026-11-25 07:40"),
    ("2020-01-31 15:30", "2020-01-31 15:35", True, "2020-02-01 10:15", "2020-02-01 07:40"),
    ("2021-11-03 15:30", "2021-11-03 16:00", True, "2021-11-04 19:15", "2021-11-04 16:40"),
    ("2021-11-04 19:15", "2021-11-04 20:00", True, "2021-11-08 10:15", "2021-11-08 07:40"),
    # The document of the night holds to the first bar, and an hour from the open.
    ("2022-12-30 02:30", "2022-12-30 07:40", True, "2022-12-30 10:15", "2022-12-30 09:30"),
    ("2022-12-30 02:30", "2022-12-30 09:14", True, "2022-12-30 10:15", "2022-12-30 09:30"),
    ("2022-12-30 02:30", "2022-12-30 07:39", True, "2022-12-30 10:15", "2022-12-30 07:40"),
    # One that says official and lacks a session that had closed by then has the next of its own day.
    ("2022-12-28 15:30", "2022-12-29 18:00", True, None, "2022-12-29 07:40"),
    ("2022-12-29 11:00", "2022-12-29 16:05", True, None, "2022-12-29 16:30"),
]


@pytest.mark.parametrize(("as_of", "moment", "official", "until", "due"), DOCUMENTS)
def test_how_long_a_document_holds_and_when_the_next_is_due(
    as_of: str, moment: str, official: bool, until: str | None, due: str
) -> None:
    assert next_due(NIFTY, made(as_of, moment, official)) == india(due)
    if until is not None:
        assert valid_until(NIFTY, india(moment), india(as_of), official=official) == india(until)


def test_the_clocks_that_change_do_not_stretch_a_document() -> None:
    # New York's clocks go back on 2022-11-06, a Sunday, at 02:00.
    close = eastern("2022-11-04 16:00")
    assert valid_until(SP, close, close, official=True) == eastern("2022-11-07 10:30")
    assert next_due(SP, PublishedClose(close, True, close)) == eastern("2022-11-07 07:55")
    moment = Timestamp("2022-11-06 05:50", tz="UTC")  # 01:50 for the first time
    assert valid_until(SP, moment, close, official=False) == Timestamp("2022-11-06 06:45", tz="UTC")


CLOSING = made("2022-12-29 15:30", "2022-12-29 16:05")
PROVISIONAL = made("2022-12-29 15:30", "2022-12-29 15:41", official=False)
IN_SESSION = made("2022-12-29 15:00", "2022-12-29 15:04", official=False)
NIGHT = made("2022-12-30 02:30", "2022-12-30 07:58")


@pytest.mark.parametrize(
    ("moment", "published", "due", "why"),
    [
        ("2022-12-29 02:00", None, True, "no readable document"),
        # Before the open: only while the document of the night is absent, or degraded.
        ("2022-12-30 07:39", CLOSING, False, "official close of 2022-12-29; the next is due from 2022-12-30 07:40 IST"),
        ("2022-12-30 07:40", CLOSING, True, "the session of 2022-12-30 opens soon"),
        ("2022-12-30 08:01", NIGHT, False, "the next is due from 2022-12-30 09:30"),
        ("2022-12-30 08:01", replace(NIGHT, healthy=False), True, "the document of the night is degraded"),
        ("2022-12-30 09:15", replace(NIGHT, healthy=False), False, "the next is due from 2022-12-30 09:30"),
        ("2022-12-30 09:29", NIGHT, False, "the next is due from 2022-12-30 09:30"),
        (
            "2022-12-30 09:30",
            NIGHT,
            True,
            "the session of 2022-12-30 is open and the document uses data up to 2022-12-30",
        ),
        # In session: when a newer half hour is missing.
        (
            "2022-12-29 15:29",
            IN_SESSION,
            False,
            "uses data up to 2022-12-29 15:00; the next is due from 2022-12-29 15:30",
        ),
        ("2022-12-30 11:07", CLOSING, True, "the session of 2022-12-30 is open"),
        # After the close, until the official one is in.
        ("2022-12-29 15:31", IN_SESSION, True, "uses data up to 2022-12-29 15:00, before the close of 2022-12-29"),
        ("2022-12-29 15:59", PROVISIONAL, False, "the next is due from 2022-12-29 16:00"),
        ("2022-12-29 16:00", PROVISIONAL, True, "provisional close of 2022-12-29"),
        ("2022-12-30 03:00", PROVISIONAL, True, "provisional close of 2022-12-29"),
        ("2022-12-29 16:31", CLOSING, False, "due from 2022-12-30 07:40"),
        ("2022-12-31 12:00", CLOSING, True, "before the close of 2022-12-30"),
        # The future is never believed.
        ("2022-12-29 02:00", CLOSING, True, "uses data up to 2022-12-29 15:30 IST, which is later than now"),
        ("2022-12-29 16:00", CLOSING, True, "was made at 2022-12-29 16:05 IST, which is later than now"),
        # An old document stays old, however late it was made.
        ("2022-12-29 18:00", made("2020-12-29 15:30", "2022-12-29 17:00"), True, "before the close of 2022-12-29"),
    ],
)
def test_when_a_document_is_due(moment: str, published: PublishedClose | None, due: bool, why: str) -> None:
    told = document_due(NIFTY, india(moment), published)
    assert (told.due, why in told.why) == (due, True), told


def test_a_weekday_of_muhurat_is_quiet_until_its_evening() -> None:
    published = PublishedClose(india("2021-11-03 15:30").tz_convert("UTC"), True, india("2021-11-03 16:00"))
    assert document_due(NIFTY, india("2021-11-04 16:39"), published).why.endswith("from 2021-11-04 16:40 IST")
    assert document_due(NIFTY, india("2021-11-04 16:40"), published).due
    assert document_due(NIFTY, india("2021-11-04 19:15"), published).due
    after = made("2021-11-04 19:15", "2021-11-04 19:15")
    assert document_due(NIFTY, india("2021-11-04 19:16"), after).why.endswith("from 2021-11-08 07:40 IST")


@pytest.mark.parametrize(
    "ask",
    [
        lambda at: valid_until(NIFTY, at, india("2022-12-30 11:00"), official=False),
        lambda at: next_due(NIFTY, PublishedClose(at, True, india("2022-12-30 18:00"))),
        lambda at: next_due(NIFTY, PublishedClose(india("2022-12-30 11:00"), True, at)),
        lambda at: document_due(NIFTY, at, None),
    ],
)
def test_a_moment_without_a_zone_is_refused(ask: Callable[[Timestamp], object]) -> None:
    with pytest.raises(AegisError, match="2022-12-30 11:07:00 has no zone; give it one") as refused:
        ask(Timestamp("2022-12-30 11:07"))
    assert type(refused.value) is AegisError


@settings(deadline=None)  # the calendar's table is built on the way
@given(market=MARKETS, moment=moments(), official=st.booleans())
def test_the_next_is_due_after_the_making_and_before_the_document_is_out_of_date(
    market: Market, moment: Timestamp, official: bool
) -> None:
    document = of_the_moment(market, moment, official=official)
    until = valid_until(market, moment, document.as_of, official=document.official)
    assert moment < next_due(market, document) <= until
    clock = trading_clock(market, moment)
    if clock.state == "in_session" and last_due_bar(clock) is not None:
        assert until == document.as_of + VALIDITY


@settings(deadline=None)  # the calendar's table is built on the way
@given(market=MARKETS, moment=moments(), official=st.booleans(), minutes=st.integers(0, 24 * 60))
def test_what_is_due_is_what_the_document_said_and_it_stays_due(
    market: Market, moment: Timestamp, official: bool, minutes: int
) -> None:
    document = of_the_moment(market, moment, official=official)
    due = next_due(market, document)
    assert not document_due(market, moment, document).due
    assert not document_due(market, due - pd.Timedelta(seconds=1), document).due
    assert document_due(market, due, document).due
    assert document_due(market, due + pd.Timedelta(minutes=minutes), document).due
    assert document_due(market, moment, None).due


@settings(deadline=None)  # the calendar's table is built on the way
@given(market=MARKETS, pair=st.tuples(moments(), moments()), official=st.booleans())
def test_validity_never_shrinks_within_a_state(
    market: Market, pair: tuple[Timestamp, Timestamp], official: bool
) -> None:
    earlier, later = sorted(pair)
    first, second = (
        valid_until(market, moment, of_the_moment(market, moment, official=official).as_of, official=official)
        for moment in (earlier, later)
    )
    if trading_clock(market, earlier).state == trading_clock(market, later).state:
        assert first <= second


@settings(deadline=None)  # the calendar's table is built on the way
@given(market=MARKETS, moment=moments())
def test_with_the_official_close_published_work_rests_until_before_the_next_open(
    market: Market, moment: Timestamp
) -> None:
    clock = trading_clock(market, moment)
    weeks = pd.Timedelta(days=14)
    today = clock.moment.tz_localize(None).normalize()
    ahead = [*market.calendar.regular(today, today + weeks), *market.calendar.special(today, today + weeks)]
    opens = min(at for at in map(market.calendar.opens_at, ahead) if at > moment)
    closed = market.calendar.closes_at(clock.last_closed)
    published = PublishedClose(closed, True, closed)
    working = clock.state == "in_session" or moment >= opens - PREOPEN_LEAD
    assert document_due(market, moment, published).due is working


def test_the_spans_are_those_of_the_operators_page() -> None:
    assert (
        pd.Timedelta(minutes=15),
        pd.Timedelta(minutes=30),
        pd.Timedelta(minutes=60),
    ) == (BAR, PUBLISHING_INTERVAL, VALIDITY)


@pytest.mark.parametrize(
    ("moment", "generated_at", "missing"),
    [
        ("2022-12-30 09:04", "2022-12-29 16:05", False),
        ("2022-12-30 09:05", "2022-12-29 16:05", True),
        ("2022-12-30 09:05", "2022-12-30 07:39", True),
        ("2022-12-30 09:05", "2022-12-30 07:40", False),
        ("2022-12-30 15:29", "2022-12-29 16:05", True),
        ("2022-12-30 15:30", "2022-12-29 16:05", False),
        # A holiday, and the day of a Muhurat evening.
        ("2026-11-24 11:07", "2026-11-23 16:05", False),
        ("2021-11-04 11:07", "2021-11-03 16:05", False),
        ("2021-11-04 18:05", "2021-11-03 16:05", True),
    ],
)
def test_the_document_of_the_night_is_missed_from_ten_minutes_before_the_open(
    moment: str, generated_at: str, missing: bool
) -> None:
    assert night_missing(NIFTY, india(moment), india(generated_at)) is missing


TOKYO = tokyo()


def japan(text: str) -> Timestamp:
    return Timestamp(text, tz="Asia/Tokyo")


@pytest.mark.parametrize(
    ("moment", "as_of", "due", "until"),
    [
        # After the close: before the next open, and valid until the close after it has given way.
        ("2026-06-30 16:00", "2026-06-30 15:30", "2026-07-01 07:25", "2026-07-01 16:30"),
        # The document of the night, and one made inside the session: at its close.
        ("2026-07-01 07:30", "2026-06-30 15:30", "2026-07-01 15:30", "2026-07-01 16:30"),
        ("2026-07-01 11:00", "2026-06-30 15:30", "2026-07-01 15:30", "2026-07-01 16:30"),
        # On a holiday, of which Tokyo has three in a row here.
        ("2026-05-04 12:00", "2026-05-01 15:30", "2026-05-07 07:25", "2026-05-07 16:30"),
    ],
)
def test_a_market_with_a_lunch_break_has_no_documents_of_its_sessions(
    moment: str, as_of: str, due: str, until: str
) -> None:
    document = PublishedClose(japan(as_of), True, japan(moment))
    assert next_due(TOKYO, document) == japan(due)
    assert valid_until(TOKYO, japan(moment), japan(as_of), official=True) == japan(until)
    assert not document_due(TOKYO, japan(moment), document).due
    assert document_due(TOKYO, japan(due), document).due


def test_the_longest_validity_of_such_a_market_is_not_called_impossible() -> None:
    friday = japan("2019-04-26 15:30")
    until = valid_until(TOKYO, friday, friday, official=True)
    assert until - friday <= longest_closure(TOKYO) + VALIDITY
