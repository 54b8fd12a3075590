"""A market from its entry: the TOML that says what the engine has to know of an index.

`entry_schema` says what an entry holds. Entries of the package are checked by a test, those of others by
`own_entries` when they are read.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from pandas import Timestamp

from aegismatrix_engine.markets.dated_sessions import DatedSessions
from aegismatrix_engine.markets.expiry_rules import expiry_rules_of
from aegismatrix_engine.markets.library_sessions import LibrarySessions
from aegismatrix_engine.markets.market import (
    LARGEST_DAILY_CHANGE,
    SESSIONS_PER_YEAR,
    Companion,
    Market,
    VolatilityIndex,
)
from aegismatrix_engine.markets.nse_sessions import NseSessions
from aegismatrix_engine.markets.scheduled_events import event_tables_of
from aegismatrix_engine.markets.sessions import SessionCalendar, midnight

LIBRARY: Final = "library:"
"""What ``calendar.sessions`` begins with where exchange_calendars has them; its name of the calendar follows."""


def market_of(entry: Mapping[str, Any], companion: Companion | None = None) -> Market:
    """The market of an entry that was checked, as tomllib reads it; ``companion`` is the one that the entry names."""
    night = entry.get("us_night", {})
    averaged = entry.get("close_averaged_through")
    announced = {"closures_announced": entry["calendar"]["announced"]} if "announced" in entry["calendar"] else {}
    return Market(
        id=entry["id"],
        name=entry["name"],
        spot_symbol=entry["symbols"]["spot"],
        volatility_index=_volatility_index(entry["volatility_index"]),
        us_vix_symbol=night.get("volatility_index"),
        us_spot_symbol=night.get("index"),
        us_fund_symbol=night.get("fund"),
        zone=entry["zone"],
        strike_step=entry["strike_step"],
        calendar=calendar_of(entry),
        expiry_rules=expiry_rules_of(entry["expiries"]),
        events=event_tables_of(entry.get("events", {})),
        gamma_windows=tuple(pairwise(entry["session_windows"])),
        sessions_per_year=entry.get("sessions_per_year", SESSIONS_PER_YEAR),
        largest_daily_change=entry.get("largest_daily_change", LARGEST_DAILY_CHANGE),
        companion=companion,
        averaged_through=None if averaged is None else midnight(averaged),
        lunch_break=entry.get("lunch_break", False),
        **announced,
    )


def calendar_of(entry: Mapping[str, Any]) -> SessionCalendar:
    """The calendar of an entry that was checked; one of the library is loaded when it is first asked."""
    table, zone = entry["calendar"], entry["zone"]
    sessions: str = table["sessions"]
    if sessions == "nse":
        return NseSessions()
    if sessions == "weekdays":
        hours = [{"official_close": row["continuous_close"]} | row for row in table["hours"]]
        return DatedSessions(table["name"], zone, table | {"hours": hours})
    return LibrarySessions(
        sessions.removeprefix(LIBRARY),
        table["name"],
        zone,
        midnight(table["first_date"]),
        midnight(table["valid_through"]),
        lunch_break=entry.get("lunch_break", False),
    )


def _volatility_index(entry: str | Mapping[str, Any]) -> VolatilityIndex | None:
    if isinstance(entry, str):
        return None
    first = entry.get("from")
    since = None if first is None else Timestamp(first).as_unit("ns")
    return VolatilityIndex(entry["name"], entry["symbol"], since, entry.get("publisher"))
