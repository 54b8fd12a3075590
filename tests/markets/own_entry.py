"""Entries of an invented market, as an operator writes them."""

from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.own_entries import own_market

ENTRY = """
id = "example40"
name = "Example 40"
zone = "Europe/Berlin"
strike_step = 25
session_windows = ["09:00", "09:30", "10:30", "12:00", "14:30", "16:30", "17:30"]
volatility_index = "none"

[calendar]
sessions = "weekdays"
name = "Example Exchange"
first_date = 2010-01-01
valid_through = 2026-12-31
closures = [2025-12-25, 2025-12-26, 2026-01-01, 2026-12-25]
fixed_closures = ["01-01", "12-25", "12-26"]
closed_on_good_friday = true

[[calendar.hours]]
from = 2010-01-01
opens = "09:00"
continuous_close = "17:30"
official_close = "17:35"

[symbols]
spot = "^EXAMPLE"

[expiries]
[[expiries.rules]]
from = 2010-01-15
monthly = "third friday"
"""

INDEX = 'volatility_index = { name = "VX", symbol = "^VX" }'
NIGHT = '[us_night]\nvolatility_index = "^VIX"\nindex = "^GSPC"'


def changed(*changes: tuple[str, str]) -> str:
    """The entry with parts of its text replaced, each of which must be there."""
    text = ENTRY
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def market_of_text(text: str, file: str = "example40.toml") -> Market:
    return own_market(text.encode(), f"own/{file}", file)


def tokyo() -> Market:
    """A market whose sessions stop for lunch."""
    start = ENTRY.index("[calendar]")
    calendar = (
        '[calendar]\nsessions = "library:XTKS"\nname = "Tokyo"\nfirst_date = 2000-01-01\nvalid_through = 2026-12-31\n\n'
    )
    text = ENTRY[:start] + calendar + ENTRY[ENTRY.index("[symbols]") :]
    windows = '["09:00", "09:30", "10:00", "10:30", "13:30", "14:30", "15:30"]'
    for old, new in (
        ("Europe/Berlin", "Asia/Tokyo"),
        ('["09:00", "09:30", "10:30", "12:00", "14:30", "16:30", "17:30"]', windows),
        ("strike_step", "lunch_break = true\nstrike_step"),
    ):
        text = text.replace(old, new)
    return market_of_text(text)
