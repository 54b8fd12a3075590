"""Rules between the keys of a market's entry, which types cannot express."""

from collections.abc import Iterator
from datetime import date
from itertools import chain, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aegismatrix_engine.markets.entry_schema import Calendar, Entry, Hours
from aegismatrix_engine.markets.market_entry import LIBRARY
from aegismatrix_engine.markets.nse_sessions import ZONE as NSE_ZONE
from aegismatrix_engine.markets.sessions import minutes_of_day
from aegismatrix_engine.markets.shipped_markets import get_market, known_markets

ROUND_THE_CLOCK = frozenset({"24/7", "24/5"})
LONGEST_SESSION = 20 * 60
"""Minutes from open to close beyond which a market has no night; no exchange of shares trades for so long."""

_NO_CLOSE = "a market that trades round the clock has no close and no night to forecast: it is not supported"

Fault = tuple[str, str]
"""The key, and what is wrong with it, with what was expected."""


def entry_faults(entry: Entry) -> Iterator[Fault]:
    """Every rule that the entry breaks."""
    # Rules out of order first: others are about their order.
    return chain(
        _faults_of_rules(entry),
        _faults_of_zone(entry.zone),
        _faults_of_calendar(entry),
        _faults_of_windows(entry),
        _faults_of_symbols(entry),
        _faults_of_companion(entry),
        _faults_of_weeklies(entry),
    )


def _faults_of_zone(zone: str) -> Iterator[Fault]:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield "zone", f"unknown zone {zone[:40]!r}: expected an IANA name, such as Europe/Berlin"


def _faults_of_calendar(entry: Entry) -> Iterator[Fault]:
    calendar = entry.calendar
    if calendar.sessions.removeprefix(LIBRARY) in ROUND_THE_CLOCK:
        yield "calendar sessions", f"{calendar.sessions}: {_NO_CLOSE}"
    dated = ("name", "first_date", "valid_through")
    needed = {"nse": (), "weekdays": (*dated, "closures", "hours")}.get(calendar.sessions, dated)
    own = {"sessions", "announced", *needed}
    if calendar.sessions == "weekdays":
        own |= {"fixed_closures", "closed_on_good_friday"}
    for key in needed:
        if getattr(calendar, key) is None:
            yield f"calendar {key}", f'is missing: expected with sessions = "{calendar.sessions}"'
    for key in sorted(calendar.model_fields_set - own):
        yield f"calendar {key}", f'has no meaning with sessions = "{calendar.sessions}": remove it'
    if calendar.sessions == "nse" and entry.zone != NSE_ZONE:
        yield "zone", f'{entry.zone}: expected {NSE_ZONE} with sessions = "nse"'
    if calendar.valid_through is not None and (calendar.valid_through.month, calendar.valid_through.day) != (12, 31):
        fault = f"{calendar.valid_through}: expected a 31 December, an exchange announces whole years"
        yield "calendar valid_through", fault
    if calendar.first_date and calendar.valid_through and calendar.first_date >= calendar.valid_through:
        yield "calendar first_date", f"{calendar.first_date}: expected a date before valid_through"
    yield from _faults_of_closures(calendar)
    yield from _faults_of_hours(calendar.hours or [])


def _faults_of_closures(calendar: Calendar) -> Iterator[Fault]:
    first, last = calendar.first_date or date.min, calendar.valid_through or date.max
    seen: set[date] = set()
    for day in calendar.closures or []:
        if day.weekday() >= 5:
            yield "calendar closures", f"{day} is a Saturday or Sunday, where no session counts: remove it"
        elif not first <= day <= last:
            yield "calendar closures", f"{day}: expected a date from first_date {first} to valid_through {last}"
        elif day in seen:
            yield "calendar closures", f"{day} is listed twice: expected once"
        seen.add(day)


def _faults_of_hours(hours: list[Hours]) -> Iterator[Fault]:
    for row in hours:
        where, official = f"calendar hours, from {row.since}", row.official_close or row.continuous_close
        if not row.opens < row.continuous_close <= official:
            fault = f"opens {row.opens}, continuous_close {row.continuous_close}, official_close {official}"
            yield where, f"{fault}: expected the first before the second, and the third no earlier"
        elif minutes_of_day(official) - minutes_of_day(row.opens) > LONGEST_SESSION:
            yield where, f"{row.opens} to {official}: {_NO_CLOSE}"
    for before, after in pairwise(hours):
        if after.since <= before.since:
            yield f"calendar hours, from {after.since}", f"follows {before.since}: expected a later date"


def _faults_of_windows(entry: Entry) -> Iterator[Fault]:
    for before, after in pairwise(entry.session_windows):
        if after <= before:
            yield "session_windows", f"{after} follows {before}: expected a later clock time"


def _faults_of_symbols(entry: Entry) -> Iterator[Fault]:
    taken = {entry.symbols.spot: "symbols spot"}
    index = None if isinstance(entry.volatility_index, str) else entry.volatility_index
    named = [] if index is None else [("volatility_index symbol", index.symbol)]
    night = entry.us_night
    if night is not None:
        named += [("us_night index", night.index), ("us_night volatility_index", night.volatility_index)]
        named += [] if night.fund is None else [("us_night fund", night.fund)]
    for key, symbol in named:
        if symbol in taken:
            yield key, f"{symbol} is that of {taken[symbol]}, too: expected another symbol"
        taken[symbol] = key
    if index is not None and index.since is not None and index.publisher is None:
        yield "volatility_index from", "has no publisher: expected publisher, whose rows begin then, beside it"


def _faults_of_companion(entry: Entry) -> Iterator[Fault]:
    named, having = entry.companion_index, [name for name in known_markets() if get_market(name).vix_symbol]
    if named is None:
        return
    if named not in having:
        yield "companion_index", f"{named}: expected a market with a volatility index: {' or '.join(having)}"
    elif get_market(named).vix_symbol == entry.symbols.spot:
        yield (
            "companion_index",
            f"{entry.symbols.spot} of {named} is that of symbols spot, too: expected another market",
        )
    if not isinstance(entry.volatility_index, str):
        yield "companion_index", "the market has a volatility index of its own: expected one of the two, not both"


def _faults_of_rules(entry: Entry) -> Iterator[Fault]:
    for number, (before, after) in enumerate(pairwise(entry.expiries.rules), start=2):
        if after.since <= before.since:
            fault = f"{after.since} follows {before.since}: expected a later date than that of the rule before"
            yield f"expiries rules, entry {number}: from", fault


def _faults_of_weeklies(entry: Entry) -> Iterator[Fault]:
    expiries = entry.expiries
    weekly = [rule.since for rule in expiries.rules if rule.weekly is not None]
    if not weekly:
        for key in ("weeklies_listed", "weeklies_ended"):
            if getattr(expiries, key) is not None:
                yield f"expiries {key}", "no rule has weekly expiries: expected weekly in a rule, or no such key"
        return
    if expiries.weeklies_listed is None:
        yield "expiries weeklies_listed", "is missing: expected with weekly in a rule"
    elif expiries.weeklies_listed > weekly[0]:
        fault = f"{expiries.weeklies_listed} is after {weekly[0]}, the first weekly expiry: expected a date before"
        yield "expiries weeklies_listed", fault
    ended = expiries.rules[-1].weekly is None
    if ended and expiries.weeklies_ended is None:
        yield "expiries weeklies_ended", "is missing: expected where the last rule has no weekly expiries"
    if not ended and expiries.weeklies_ended is not None:
        yield "expiries weeklies_ended", "the last rule has weekly expiries: expected none, or no such key"
    without = min((rule.since for rule in expiries.rules if rule.since > weekly[-1]), default=date.max)
    if ended and expiries.weeklies_ended is not None and not weekly[-1] <= expiries.weeklies_ended < without:
        fault = (
            f"{expiries.weeklies_ended}: expected a date from {weekly[-1]} to before {without}, the rule without them"
        )
        yield "expiries weeklies_ended", fault
