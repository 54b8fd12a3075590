"""The end of an exchange's announced calendar: what an operator adds, and where, to go beyond it."""

import pandas as pd

from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.markets.scheduled_events import EventTable

CALENDAR_FILE_NAME = "calendar.toml"
"""The operator's file, in the folder that `aegis` runs in."""


def calendar_ends(market: Market) -> str:
    """The end in words: the last date that the announced calendar covers."""
    return f"the announced calendar ends {market.calendar.valid_through:%Y-%m-%d}"


EVENT_MARGIN = 30
"""Sessions before the end of the announced events at which `check-models` warns of it."""


def events_end(market: Market) -> tuple[pd.Timestamp, list[EventTable]] | None:
    """The last date up to which the model's events are complete, and the tables that end there; None without any."""
    tables = [table for table in market.events if table.column is not None]
    if not tables:
        return None
    end = min(table.valid_through for table in tables)
    return end, [table for table in tables if table.valid_through == end]


def events_remedy(market: Market, ending: list[EventTable]) -> str:
    """How to go beyond the end of some tables of events: what to add to which file, and where it is described."""
    kinds = " and ".join(table.kind for table in ending)
    return (
        f"add the announced dates of {kinds} under events, and the new end under events_through, to [{market.id}] in "
        f"{_file(market)} (docs/data.md#scheduled-events), or update the engine"
    )


def calendar_remedy(market: Market) -> str:
    """How to go beyond the end: what to add to which file, and where the documentation describes it."""
    year = (market.calendar.valid_through + pd.Timedelta(days=1)).year
    return (
        f"add the closures of {year} {market.closures_announced}, and valid_through = {year}-12-31, to "
        f"[{market.id}] in {_file(market)} (in the folder aegis runs in; for the scheduled job at the top of the "
        "branch main; docs/data.md#an-operators-own-calendar), or update the engine"
    )


def _file(market: Market) -> str:
    return CALENDAR_FILE_NAME if market.calendar_file is None else market.calendar_file.file
