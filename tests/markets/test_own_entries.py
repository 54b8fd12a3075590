import tomllib
import warnings

import pandas as pd
import pytest
from own_entry import ENTRY, INDEX, NIGHT, changed, market_of_text
from pandas import Timestamp

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import expiries, get_market, known_markets, nearest_expiry, next_expiries
from aegismatrix_engine.markets.market import Companion
from aegismatrix_engine.markets.own_entries import calendar_faults, faults, own_market
from aegismatrix_engine.markets.shipped_markets import shipped_entry, shipped_text

MIDDLE = "volatility" + ENTRY.partition("\nvolatility")[2].partition("[expiries]")[0]
WEEKDAYS = ENTRY.partition("[calendar]")[2].partition("[symbols]")[0]
TOKYO = '\nsessions = "library:XTKS"\nname = "Tokyo"\nfirst_date = 2000-01-01\nvalid_through = 2026-12-31\n'
TOKYO_HOURS = (
    '"09:00", "09:30", "10:30", "12:00", "14:30", "16:30", "17:30"',
    '"09:00", "09:30", "10:00", "10:30", "13:30", "14:30", "15:30"',
)
RULE = 'from = 2010-01-15\nmonthly = "third friday"'
ENDED = f"""[expiries]
weeklies_listed = 2010-01-01
weeklies_ended = 2020-01-10
[[expiries.rules]]
{RULE}
weekly = "friday"
[[expiries.rules]]
from = 2019-01-04
monthly = "third friday"
"""

REFUSED = {
    "unknown key": (("strike_step", "strike_stp"), "unknown key 'strike_stp': expected id, name, zone, strike_step"),
    "unknown key of a table": (
        ("first_date", "first"),
        "calendar: unknown key 'first': expected sessions, name, first",
    ),
    "a key that is missing": (('name = "Example 40"\n', ""), "name is missing: expected the index's name"),
    "a name that controls a terminal": (
        ('name = "Example 40"', r'name = "A\u001b[31mB"'),
        r"invalid name 'A\x1b[31mB': expected the index's name, in one line",
    ),
    "a table that is missing": (('[symbols]\nspot = "^EXAMPLE"', ""), "symbols is missing: expected a table [symbols]"),
    "unknown zone": (("Europe/Berlin", "Europe/Berlln"), "zone: unknown zone 'Europe/Berlln': expected an IANA name"),
    "unknown kind of calendar": (('"weekdays"', '"xetra"'), "calendar: invalid sessions 'xetra': expected \"nse\", "),
    "round the clock": (
        ('"weekdays"', '"library:24/7"'),
        "calendar sessions: library:24/7: a market that trades round",
    ),
    "no close": (
        (
            'opens = "09:00"\ncontinuous_close = "17:30"\nofficial_close = "17:35"',
            'opens = "00:00"\ncontinuous_close = "23:59"',
        ),
        "calendar hours, from 2010-01-01: 00:00 to 23:59: a market",
    ),
    "a key of another kind of calendar": (('"weekdays"', '"library:XETR"'), "calendar closed_on_good_friday: has no"),
    "hours out of order": (('opens = "09:00"', 'opens = "18:00"'), "calendar hours, from 2010-01-01: opens 18:00"),
    "closure on a weekend": (("2026-12-25]", "2026-12-27]"), "calendar closures: 2026-12-27 is a Saturday or Sunday"),
    "closure past the end": (("2026-12-25]", "2027-12-24]"), "calendar closures: 2027-12-24: expected a date from"),
    "no day of a year": (
        ('"01-01", ', '"01-32", '),
        "calendar fixed_closures, entry 1: invalid value '01-32': expected da",
    ),
    "closure twice": (("2026-12-25]", "2026-01-01]"), "calendar closures: 2026-01-01 is listed twice"),
    "an end inside a year": (("2026-12-31", "2026-12-30"), "calendar valid_through: 2026-12-30: expected a 31 Decem"),
    "rules out of order": (
        (RULE, f'{RULE}\n[[expiries.rules]]\nfrom = 2009-01-15\nmonthly = "last friday"'),
        "expiries rules, entry 2: from: 2009-01-15 follows 2010-01-15: expected a later date",
    ),
    "a weekday without sessions": (
        ("third friday", "third sunday"),
        "expiries rules, entry 1: invalid monthly 'third s",
    ),
    "fifth of a month": (("third friday", "fifth friday"), "invalid monthly 'fifth friday': expected which weekday of"),
    "weeklies without their first day": ((RULE, f'{RULE}\nweekly = "friday"'), "expiries weeklies_listed: is missing"),
    "weeklies that end too late": (
        (f"[expiries]\n[[expiries.rules]]\n{RULE}", ENDED),
        "expiries weeklies_ended: 2020-01-10: expected a date from 2010-01-15 to before 2019-01-04",
    ),
    "weeklies that no rule has": (("[expiries]", "[expiries]\nweeklies_listed = 2010-01-01"), "no rule has weekly"),
    "equal symbols": (
        ('volatility_index = "none"', INDEX.replace("^VX", "^EXAMPLE")),
        "volatility_index symbol: ^EXAMPLE is that of symbols spot, too: expected another symbol",
    ),
    "the index as its own US night": (
        ("[symbols]", f"{NIGHT}\n[symbols]".replace("^GSPC", "^EXAMPLE")),
        "us_night index: ^EXAMPLE is that of symbols spot, too",
    ),
    "a first date without publisher": (
        ('volatility_index = "none"', INDEX.replace(" }", ", from = 2012-01-01 }")),
        "volatility_index from: has no publisher",
    ),
    "half a volatility index": (
        ('volatility_index = "none"', 'volatility_index = { name = "VX" }'),
        "volatility_index: symbol is missing: expected Yahoo's symbol of it",
    ),
    "no step": (("strike_step = 25", "strike_step = 0"), "invalid strike_step 0: expected whole index points above 0"),
    "another year": (
        ("strike_step = 25", "strike_step = 25\nsessions_per_year = 365"),
        "invalid sessions_per_year 365: expected sessions that count as a year, 200 to 262: a market that trades every",
    ),
    "half a session a year": (
        ("strike_step = 25", "strike_step = 25\nsessions_per_year = 250.5"),
        "invalid sessions_per_year 250.5: expected sessions that count as a year",
    ),
    "a change in per cent": (
        ("strike_step = 25", "strike_step = 25\nlargest_daily_change = 40"),
        "invalid largest_daily_change 40: expected the largest plausible change from one close to the next, in logari",
    ),
    "a limit that a crash breaks": (
        ("strike_step = 25", "strike_step = 25\nlargest_daily_change = 0.05"),
        "invalid largest_daily_change 0.05: expected the largest",
    ),
    "a companion that is no market": (
        ("strike_step = 25", 'strike_step = 25\ncompanion_index = "vstoxx"'),
        "companion_index: vstoxx: expected a market with a volatility index: nifty50 or sp500",
    ),
    "a companion by its symbol": (
        ("strike_step = 25", 'strike_step = 25\ncompanion_index = "^VIX"'),
        "invalid companion_index '^VIX': expected the id of a market of the engine, such as nifty50",
    ),
    "a companion without a volatility index": (
        ("strike_step = 25", 'strike_step = 25\ncompanion_index = "sensex"'),
        "companion_index: sensex: expected a market with a volatility index: nifty50 or sp500",
    ),
    "a companion beside an own index": (
        ('volatility_index = "none"', f'companion_index = "sp500"\n{INDEX}'),
        "companion_index: the market has a volatility index of its own: expected one of the two, not both",
    ),
    "the companion as the index": (
        (MIDDLE, f'companion_index = "sp500"\n{MIDDLE}'.replace("^EXAMPLE", "^VIX")),
        "companion_index: ^VIX of sp500 is that of symbols spot, too",
    ),
    "slash in the id": (('"example40"', '"a/b"'), "invalid id 'a/b': expected the file's name without .toml"),
    "id of the engine's": (('"example40"', '"sp500"'), "id: 'sp500' is a market that ships with the engine: expected"),
    "id of another file": (('"example40"', '"other"'), "id: 'other' in a file called example40.toml: expected other."),
    "no TOML": (("strike_step = 25", "strike_step = "), "invalid TOML: Invalid value (at line 5, column 15); expected"),
    "windows out of order": (('"10:30", "12:00"', '"12:00", "10:30"'), "session_windows: 10:30 follows 12:00"),
    "five windows": (
        ('"09:30", ', ""),
        "invalid session_windows ['09:00', '10:30', '12:00', '14:30', '16...: expected 7 ",
    ),
    "windows from another open": (
        ('["09:00"', '["08:00"'),
        "session_windows: begin at 08:00: expected 09:00, the open",
    ),
    "windows to another close": (('"17:30"]', '"18:30"]'), "session_windows: end at 18:30: expected 17:30 to 17:35"),
    "unknown event": (
        ("[symbols]", '[events]\necb = "in its session"\n[symbols]'),
        "events: unknown key 'ecb': expecte",
    ),
    "a calendar that the library lacks": (
        (WEEKDAYS, TOKYO.replace("XTKS", "XNOT")),
        "exchange_calendars XNOT cannot be",
    ),
    "a calendar that the library ends": (
        (WEEKDAYS, TOKYO.replace("XTKS", "XBOM")),
        "exchange_calendars XBOM cannot be",
    ),
    "a day that begins before midnight": (
        (WEEKDAYS, TOKYO.replace("XTKS", "CMES")),
        "do not open and close on one day",
    ),
    "a lunch break that is not said": ((WEEKDAYS, TOKYO), "XTKS has a lunch break: set lunch_break = true"),
    "not its zone": ((WEEKDAYS, TOKYO.replace("XTKS", "XNZE")), "or correct the zone"),
    "nse in another zone": ((WEEKDAYS, '\nsessions = "nse"\n'), "zone: Europe/Berlin: expected Asia/Kolkata with sess"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_fault_of_an_entry_is_one_line_with_file_key_and_remedy(change: tuple[str, str], message: str) -> None:
    with pytest.raises(DataError) as refused:
        market_of_text(changed(change))
    line = str(refused.value)
    assert line.startswith("own/example40.toml: ")
    assert message in line
    assert "\n" not in line


def test_text_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(DataError, match=r"own/x\.toml: invalid UTF-8 at byte 1"):
        own_market(b"a\xff", "own/x.toml", "x.toml")


def test_every_fault_is_found_not_the_first_alone() -> None:
    text = changed(("Europe/Berlin", "Nowhere"), ("2026-12-31", "2026-12-30"))
    found = faults(tomllib.loads(text), "own/example40.toml", "example40.toml")
    assert len(found) == 2


@pytest.mark.parametrize("market_id", known_markets())
def test_entries_that_ship_keep_every_rule(market_id: str) -> None:
    assert faults(shipped_entry(market_id), market_id, f"{market_id}.toml", shipped=True) == []
    assert calendar_faults(get_market(market_id), market_id) == []
    for rule in shipped_entry(market_id)["expiries"]["rules"]:
        assert len(rule["source"]) > 15, "a rule without a source does not ship"


def test_an_entry_becomes_a_market() -> None:
    market = market_of_text(ENTRY)
    assert (market.id, market.name, market.strike_step, market.volatility_index) == (
        "example40",
        "Example 40",
        25,
        None,
    )
    assert market.calendar.hours(Timestamp("2026-06-30")).official_close == Timestamp("2026-06-30 17:35+02:00")
    assert not market.calendar.is_session(Timestamp("2026-12-25"))
    assert market.calendar.is_session(Timestamp("2026-04-03")), "announced dates are those of the list alone"
    assert not market.calendar.is_session(Timestamp("2027-03-26")), "past the list Good Friday is closed"
    assert market.calendar.provisional(Timestamp("2027-03-26"))
    assert market.us_symbols == {}


def test_an_entry_says_what_counts_as_a_year_and_as_a_plausible_change() -> None:
    plain = market_of_text(ENTRY)
    assert (plain.sessions_per_year, plain.largest_daily_change, plain.companion) == (252, 0.4, None)
    also = "strike_step = 25\nsessions_per_year = 245\nlargest_daily_change = 1\n"
    market = market_of_text(changed(("strike_step = 25", f'{also}companion_index = "sp500"')))
    assert (market.sessions_per_year, market.largest_daily_change) == (245, 1)
    assert market.companion == Companion(get_market("sp500"), same_sessions=False)
    own = shipped_text("banknifty").replace('"banknifty"', '"example40"')
    together = market_of_text(f'companion_index = "nifty50"\n{own}').companion
    assert together == Companion(get_market("nifty50"), same_sessions=True)


def test_hours_change_on_their_dates() -> None:
    later = '[[calendar.hours]]\nfrom = 2020-03-02\nopens = "08:00"\ncontinuous_close = "17:30"\n\n[symbols]'
    market = market_of_text(changed(("[symbols]", later), ('["09:00"', '["08:00"')))
    assert f"{market.calendar.opens_at(Timestamp('2020-02-28')):%H:%M}" == "09:00"
    assert f"{market.calendar.opens_at(Timestamp('2020-03-02')):%H:%M}" == "08:00"
    assert f"{market.calendar.closes_at(Timestamp('2020-03-02')):%H:%M}" == "17:30", "the official close, if not said"


def test_a_calendar_of_the_library_with_a_lunch_break_is_taken_where_that_is_said() -> None:
    text = changed((WEEKDAYS, TOKYO), ("Europe/Berlin", "Asia/Tokyo"), TOKYO_HOURS)
    market = market_of_text(text.replace("strike_step", "lunch_break = true\nstrike_step"))
    assert market.lunch_break
    assert not market.calendar.is_session(Timestamp("2026-05-04"))


def dates(rules: str, first: str, last: str, more: str = "") -> list[tuple[str, str]]:
    market = market_of_text(changed((RULE, rules), ("[expiries]", f"[expiries]\n{more}")))
    found = expiries(market, Timestamp(first), Timestamp(last))
    return [(f"{one.date:%Y-%m-%d}", one.kind) for one in found]


@pytest.mark.parametrize(
    ("monthly", "expected"),
    [("second friday", "2025-12-12"), ("third friday", "2025-12-19"), ("last friday", "2025-12-24")],
)
def test_a_monthly_expiry_is_the_second_third_or_last_weekday(monthly: str, expected: str) -> None:
    rules = f'from = 2010-01-15\nmonthly = "{monthly}"'
    assert dates(rules, "2025-12-01", "2025-12-31") == [(expected, "monthly")], "the 25th and 26th are closed"


def test_an_expiry_on_a_holiday_moves_to_the_next_session_where_the_rule_says_so() -> None:
    rules = 'from = 2010-01-15\nmonthly = "last friday"\nholidays = "next"'
    assert dates(rules, "2025-12-01", "2025-12-31") == [("2025-12-29", "monthly")]


def test_a_weekly_expiry_of_another_weekday_is_left_out_in_the_week_of_the_monthly() -> None:
    rules = 'from = 2010-01-15\nmonthly = "last thursday"\nweekly = "wednesday"'
    found = dates(rules, "2025-07-01", "2025-07-31", "weeklies_listed = 2010-01-15")
    assert found == [
        ("2025-07-02", "weekly"),
        ("2025-07-09", "weekly"),
        ("2025-07-16", "weekly"),
        ("2025-07-23", "weekly"),
        ("2025-07-31", "monthly"),
    ]


def test_a_week_over_the_new_year_has_one_expiry() -> None:
    rules = 'from = 2010-01-15\nmonthly = "last tuesday"\nweekly = "friday"'
    # The last Tuesday of 2024 is 31 December; the Friday of its week is in the new year.
    assert dates(rules, "2025-01-01", "2025-01-10", "weeklies_listed = 2010-01-15") == [("2025-01-10", "weekly")]


BANKNIFTY, SENSEX = get_market("banknifty"), get_market("sensex")
ANNOUNCED = [
    # NSE's circulars, as the entry names them.
    ("banknifty", "2016-06-02", "weekly"),
    ("banknifty", "2023-08-31", "monthly"),
    ("banknifty", "2023-09-06", "weekly"),
    ("banknifty", "2023-09-13", "weekly"),
    ("banknifty", "2023-09-20", "weekly"),
    ("banknifty", "2023-09-28", "monthly"),
    ("banknifty", "2024-02-29", "monthly"),
    ("banknifty", "2024-03-27", "monthly"),
    ("banknifty", "2024-04-24", "monthly"),
    ("banknifty", "2024-05-29", "monthly"),
    ("banknifty", "2024-06-26", "monthly"),
    ("banknifty", "2024-11-13", "weekly"),
    ("banknifty", "2024-12-24", "monthly"),
    ("banknifty", "2025-01-30", "monthly"),
    ("banknifty", "2025-08-28", "monthly"),
    ("banknifty", "2025-09-30", "monthly"),
    # BSE's.
    ("sensex", "2023-05-19", "weekly"),
    ("sensex", "2023-05-26", "monthly"),
    ("sensex", "2025-01-03", "weekly"),
    ("sensex", "2025-01-07", "weekly"),
    ("sensex", "2025-01-28", "monthly"),
    ("sensex", "2025-08-26", "monthly"),
    ("sensex", "2025-09-04", "weekly"),
    ("sensex", "2025-09-25", "monthly"),
]


@pytest.mark.parametrize(("market_id", "date", "kind"), ANNOUNCED)
def test_expiries_are_those_that_the_exchanges_announced(market_id: str, date: str, kind: str) -> None:
    found = expiries(get_market(market_id), Timestamp(date), Timestamp(date))
    assert [one.kind for one in found] == [kind]


def test_banknifty_has_no_weekly_expiries_after_november_2024() -> None:
    after = Timestamp("2024-11-13")
    assert nearest_expiry(BANKNIFTY, Timestamp("2024-11-12")).date == after  # type: ignore[union-attr]
    assert nearest_expiry(BANKNIFTY, after) is None
    assert next_expiries(BANKNIFTY, after, "weekly", 2) == ()
    later = expiries(BANKNIFTY, after + pd.Timedelta(days=1), Timestamp("2026-12-31"))
    assert {one.kind for one in later} == {"monthly"}
    assert len(later) == 26


def test_two_rules_of_sensex_meet_without_an_expiry_too_many_or_too_few() -> None:
    found = expiries(SENSEX, Timestamp("2024-12-20"), Timestamp("2025-01-10"))
    assert [f"{one.date:%m-%d}" for one in found] == ["12-20", "12-27", "01-03", "01-07"]
    found = expiries(SENSEX, Timestamp("2025-08-19"), Timestamp("2025-09-12"))
    assert [f"{one.date:%m-%d}" for one in found] == ["08-19", "08-26", "09-04", "09-11"]


def test_sessions_of_sensex_are_those_of_the_library_s_bse_on_every_date_that_both_have() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = pytest.importorskip("exchange_calendars.exchange_calendar_xbom")
        first, last = Timestamp("2000-01-01"), min(Timestamp("2026-12-31"), library.XBOMExchangeCalendar.bound_max())
        xbom = library.XBOMExchangeCalendar(start=first, end=last).sessions
    weekdays = {day for day in xbom if day.day_of_week < 5}
    differing = weekdays ^ set(SENSEX.calendar.regular(first, last))
    # Muharram of 2013 was moved from the 14th to the 15th of November, which the library does not have; it calls both
    # first days of January closed, on which NIFTY 50 has rows.
    assert {f"{day:%Y-%m-%d}" for day in differing} == {"2001-01-01", "2004-01-01", "2013-11-14", "2013-11-15"}


def test_markets_without_a_volatility_index_name_none() -> None:
    for market in (BANKNIFTY, SENSEX):
        assert market.volatility_index is None
        assert market.vix_symbol == ""
        assert market.us_symbols == get_market("nifty50").us_symbols
