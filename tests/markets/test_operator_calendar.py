"""What an operator's calendar.toml may say, and the one line in which each mistake of it is told."""

import re

import pytest
from calendar_file import CLOSURES_2027, HOURS, closures, market_with, year_2027
from pandas import Timestamp

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import get_market, known_markets
from aegismatrix_engine.markets.operator_calendar import read_operator_calendar

CLOSED = '{ date = 2026-12-01, name = "Polls", source = "s" }'
EARLY_EASTER = tuple(day for day in CLOSURES_2027 if day != "2027-03-26")

REFUSED = {
    "no TOML": ("[nifty50", ": invalid TOML: "),
    "nested without end": ("a = " + "[" * 9000, ": invalid TOML: "),
    "a date that does not exist": ("[nifty50]\nclosures = [{ date = 2026-02-30 }]", "invalid TOML: Invalid date"),
    "an unknown market": (
        "[nifty]\n",
        ": unknown table [nifty]: expected one of [banknifty], [nifty50], [sensex], [sp500]",
    ),
    "a market that is no table": ("nifty50 = 7\n", ": [nifty50]: invalid value 7: expected a table"),
    "an unknown key": (
        "[nifty50]\nholidays = []\n",
        ": [nifty50]: unknown key 'holidays': expected source, valid_through, closures, special, sessions, hours,",
    ),
    "an unknown key of an entry": (
        '[nifty50]\nclosures = [{ date = 2026-12-01, nam = "Polls", source = "s" }]',
        "closures, entry 1 (2026-12-01): unknown key 'nam': expected date, name, source",
    ),
    "an unknown key of hours": (
        f'[nifty50]\nhours = [{{ since = 2026-12-01, opens = "09:15", {HOURS} }}]',
        "unknown key 'since': expected date, from, opens,",
    ),
    "no list": ("[nifty50]\nclosures = 2026-12-01\n", ": invalid closures 2026-12-01: expected a list of tables"),
    "no entry": (
        "[nifty50]\nclosures = [2026-12-01]\n",
        "closures, entry 1: invalid entry 2026-12-01: expected a table",
    ),
    "a date in quotes": (
        f'[nifty50]\nclosures = [{CLOSED}, {{ date = "2026-12-02", name = "x", source = "s" }}]',
        "closures, entry 2 ('2026-12-02'): invalid date '2026-12-02': expected a date without quotes",
    ),
    "a date with a time": (
        '[nifty50]\nclosures = [{ date = 2026-12-02T00:00:00, name = "x", source = "s" }]',
        "invalid date 2026-12-02T00:00:00: expected a date without quotes",
    ),
    "no source": ('[nifty50]\nclosures = [{ date = 2026-12-02, name = "x" }]', "(2026-12-02): source is missing"),
    "an empty source": (
        '[nifty50]\nclosures = [{ date = 2026-12-02, name = "x", source = "" }]',
        "invalid source '': expected text",
    ),
    "no name": ('[nifty50]\nclosures = [{ date = 2026-12-02, source = "s" }]', "name is missing: expected text"),
    "an unknown kind": (
        '[nifty50]\nspecial = [{ date = 2026-12-05, kind = "drill", opens = "09:15", closes = "10:00", source = "s" }]',
        'invalid kind \'drill\': expected "muhurat", "weekend" or "other"',
    ),
    "a clock time of one digit": (
        '[nifty50]\nspecial = [{ date = 2026-12-05, kind = "other", opens = "9:15", closes = "10:00", source = "s" }]',
        "invalid opens '9:15': expected a clock time in quotes, such as \"09:15\"",
    ),
    "a clock time past midnight": (
        '[nifty50]\nspecial = [{ date = 2026-12-05, kind = "other", opens = "09:15", closes = "24:00", source = "s" }]',
        "invalid closes '24:00'",
    ),
    "closing before opening": (
        '[nifty50]\nspecial = [{ date = 2026-12-05, kind = "other", opens = "12:15", closes = "10:00", source = "s" }]',
        "special, 2026-12-05: closes 10:00 is not after opens 12:15",
    ),
    "hours that close before they open": (
        f'[nifty50]\nhours = [{{ date = 2026-12-04, opens = "15:15", {HOURS} }}]',
        "hours, 2026-12-04: opens 15:15, continuous_close 15:15,",
    ),
    "an official close within continuous trading": (
        f'[nifty50]\nhours = [{{ from = 2026-12-04, opens = "09:15", {HOURS.replace("15:35", "15:10")} }}]',
        "hours, from 2026-12-04: opens 09:15, continuous_close 15:15, official_close 15:10",
    ),
    "hours of neither a date nor from one on": (
        f'[nifty50]\nhours = [{{ opens = "09:15", {HOURS} }}]',
        "date and from: expected one of them",
    ),
    "hours of both": (
        f'[nifty50]\nhours = [{{ date = 2026-12-04, from = 2026-12-04, opens = "09:15", {HOURS} }}]',
        "date and from: expected one of them",
    ),
    "hours of a closed day": (
        f'[nifty50]\nhours = [{{ date = 2026-12-25, opens = "09:15", {HOURS} }}]',
        "hours, 2026-12-25: no session is held then",
    ),
    "hours of a day that the file closes": (
        f'[nifty50]\nclosures = [{CLOSED}]\nhours = [{{ date = 2026-12-01, opens = "09:15", {HOURS} }}]',
        "hours, 2026-12-01: that date is under closures",
    ),
    "the same hours twice": (
        "[nifty50]\nhours = [" + f'{{ from = 2026-12-04, opens = "09:15", {HOURS} }},' * 2 + "]",
        "hours, from 2026-12-04: that date is under hours already",
    ),
    "a closure twice": (
        f"[nifty50]\nclosures = [{CLOSED}, {CLOSED}]",
        "closures, 2026-12-01: that date is under closures already",
    ),
    "closed and special": (
        f"[nifty50]\nclosures = [{CLOSED}]\n"
        'special = [{ date = 2026-12-01, kind = "other", opens = "09:15", closes = "10:00", source = "s" }]',
        "special, 2026-12-01: that date is under closures already",
    ),
    "closed and held": (
        f'[nifty50]\nclosures = [{CLOSED}]\nsessions = [{{ date = 2026-12-01, source = "s" }}]',
        "sessions, 2026-12-01: that date is under closures already",
    ),
    "a regular session on a Sunday": (
        '[nifty50]\nsessions = [{ date = 2026-12-06, source = "s" }]',
        "sessions, 2026-12-06: is a Saturday or Sunday",
    ),
    "a weekend session on a weekday": (
        '[nifty50]\nsource = "s"\nspecial = [{ date = 2026-12-04, kind="weekend", opens="09:15", closes="10:15" }]',
        "special, 2026-12-04: kind weekend on a weekday",
    ),
    "before the exchange's table": (
        '[nifty50]\nclosures = [{ date = 1999-12-31, name = "x", source = "s" }]',
        "closures, 1999-12-31: invalid date: expected 2000-01-01 to 2027-12-31",
    ),
    "long after what is announced": (
        '[nifty50]\nclosures = [{ date = 2207-01-26, name = "x", source = "s" }]',
        "closures, 2207-01-26: invalid date: expected 2000-01-01 to 2027-12-31",
    ),
    "an event of an unknown kind": (
        '[nifty50]\nevents = [{ date = 2027-02-01, kind = "budget", source = "s" }]',
        "events, entry 1 (2027-02-01): invalid kind 'budget': expected one of union_budget, general_election_count,",
    ),
    "an event without its kind": (
        '[nifty50]\nevents = [{ date = 2027-02-01, source = "s" }]',
        "events, entry 1 (2027-02-01): kind is missing: expected one of union_budget,",
    ),
    "an event announced after it": (
        '[nifty50]\nevents = [{ date = 2027-02-01, kind = "union_budget", announced = 2027-02-01, source = "s" }]',
        "events, 2027-02-01: announced 2027-02-01: expected a day before it, or no such key",
    ),
    "an event twice": (
        "[nifty50]\nevents = [" + '{ date = 2027-02-01, kind = "union_budget", source = "s" },' * 2 + "]",
        "events, 2027-02-01: union_budget is listed on that date already: expected one entry",
    ),
    "an event long after what is announced": (
        '[nifty50]\nevents = [{ date = 2207-02-01, kind = "union_budget", source = "s" }]',
        "events, 2207-02-01: invalid date: expected 2000-01-01 to 2027-12-31",
    ),
    "an event past the end of its kind": (
        '[nifty50]\nevents = [{ date = 2027-02-01, kind = "union_budget", source = "s" }]',
        "events, 2027-02-01: union_budget is complete up to 2027-01-31 only: expected a later events_through",
    ),
    "two ends of a kind": (
        "[nifty50]\nevents_through = [" + '{ date = 2027-12-31, kind = "fomc", source = "s" },' * 2 + "]",
        "events_through, 2027-12-31: fomc has another entry: expected one",
    ),
    "a year without its source": (
        f"[nifty50]\nvalid_through = 2027-12-31\n{closures(*CLOSURES_2027)}",
        "valid_through: has no source",
    ),
    "a part of a year": (year_2027(through="2027-06-30"), "valid_through: 2027-06-30: expected a 31 December"),
    "a year without closures": (
        '[nifty50]\nsource = "s"\nvalid_through = 2027-12-31\n',
        "2027-12-31 covers 2027, whose closures lack 2027-01-26, a holiday of every year",
    ),
    "a year without Good Friday": (year_2027(days=EARLY_EASTER), "whose closures lack 2027-03-26"),
    "a year of too few closures": (
        year_2027(days=("2027-01-26", "2027-03-26", "2027-04-14", "2027-05-01", "2027-05-02")),
        "2027-12-31 covers 2027, of which closures has 3 on weekdays: expected all that the exchange announced, 8",
    ),
    "a year too many": (year_2027(through="2028-12-31"), "2028-12-31 covers 2028, whose closures lack 2028-01-26"),
    "a year of a typing error": (year_2027(through="9999-12-31"), "9999-12-31 covers 2028, whose closures lack"),
}


@pytest.mark.parametrize(("text", "told"), REFUSED.values(), ids=REFUSED)
def test_a_mistake_is_told_with_file_entry_what_was_found_and_what_was_expected(text: str, told: str) -> None:
    with pytest.raises(DataError, match=re.escape(told)) as refused:
        market_with(text)
    assert str(refused.value).startswith("on/calendar.toml: ")
    assert "expected" in str(refused.value)


def test_a_file_that_is_no_text_or_only_points_to_one_is_told() -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n"
    with pytest.raises(DataError, match=r"^on/calendar\.toml: the file is a Git LFS pointer, its content is not here"):
        read_operator_calendar(pointer, "on/calendar.toml", "calendar.toml", "nifty50", known_markets())
    with pytest.raises(DataError, match=r"calendar\.toml: invalid UTF-8 at byte 1: expected"):
        read_operator_calendar(b"a\xff", "calendar.toml", "calendar.toml", "nifty50", known_markets())


def test_the_file_of_an_editor_that_puts_a_mark_first_is_read() -> None:
    text = f"\ufeff[nifty50]\nclosures = [{CLOSED}]"
    assert not market_with(text).calendar.is_session(Timestamp("2026-12-01"))


def test_a_file_that_does_not_speak_of_the_market_leaves_it_alone() -> None:
    content = b"[sp500]\nclosures = []\n"
    assert read_operator_calendar(content, "calendar.toml", "calendar.toml", "nifty50", known_markets()) is None


def test_an_event_of_a_kind_that_the_market_does_not_know_is_told() -> None:
    text = '[sp500]\nevents = [{ date = 2027-02-01, kind = "union_budget", source = "s" }]'
    expected = r"\[sp500\] events, 2027-02-01: the market knows no events of kind union_budget: expected one of fomc"
    with pytest.raises(DataError, match=expected):
        market_with(text, "sp500")


def test_a_mistake_in_the_table_of_another_market_is_told_too() -> None:
    with pytest.raises(DataError, match=r"\[sp500\]: unknown key 'close'"):
        market_with("[nifty50]\n[sp500]\nclose = []\n")


def test_one_source_for_all_entries_may_stand_at_the_top() -> None:
    text = '[nifty50]\nsource = "circular"\nclosures = [{ date = 2026-12-01, name = "Polls" }]\n'
    assert not market_with(text).calendar.is_session(Timestamp("2026-12-01"))


def test_a_holiday_on_a_weekend_is_harmless() -> None:
    plain, with_file = get_market("nifty50").calendar, market_with(f"[nifty50]\n{closures('2026-12-06')}").calendar
    span = Timestamp("2026-01-01"), Timestamp("2026-12-31")
    assert with_file.regular(*span).equals(plain.regular(*span))
    assert with_file.special(*span).equals(plain.special(*span))


def test_a_year_that_the_engine_knows_by_now_is_told_and_stops_nothing() -> None:
    market = market_with('[nifty50]\nsource = "s"\nvalid_through = 2025-12-31\n')
    assert market.calendar.valid_through == Timestamp("2026-12-31")
    assert market.calendar_file is not None
    (warning,) = market.calendar_file.warnings
    assert "valid_through 2025-12-31 changes nothing, the engine's own calendar reaches 2026-12-31" in warning
