"""Sessions of the National Stock Exchange of India, from the dated table ``nse_sessions.toml`` that ships beside it.

Past the table's ``valid_through`` a session is a weekday that is neither one of the fixed national holidays nor Good
Friday, on each of which NSE was closed from 2000 to 2026; holidays of other moving calendars are not known by then, and
every such date is provisional.
"""

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any

from aegismatrix_engine.markets.dated_sessions import DatedSessions

ZONE = "Asia/Kolkata"
_TABLE = "nse_sessions.toml"


class NseSessions(DatedSessions):
    """The NSE calendar from 2000 on: closures, special sessions and hours by effective date."""

    def __init__(self) -> None:
        table: dict[str, Any] = tomllib.loads(files(__package__).joinpath(_TABLE).read_text(encoding="utf-8"))
        # What follows the date in an entry is the name of the holiday, for readers of the table.
        by_year: dict[str, list[str]] = table["closures"]
        closures = [date.fromisoformat(f"{year}-{row[:5]}") for year, rows in by_year.items() for row in rows]
        super().__init__("NSE", ZONE, table | {"closures": closures, "closed_on_good_friday": True})
