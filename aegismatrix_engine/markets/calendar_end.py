"""The end of an exchange's announced calendar: what an operator adds, and where, to go beyond it."""

import pandas as pd

from aegismatrix_engine.markets.market import Market

CALENDAR_FILE_NAME = "calendar.toml"
"""The operator's file, in the folder that `aegis` runs in."""

_ANNOUNCED = {
    "nifty50": "that NSE announces by circular each December",
    "sp500": "that NYSE announces years ahead",
}


def calendar_ends(market: Market) -> str:
    """The end in words: the last date that the announced calendar covers."""
    return f"the announced calendar ends {market.calendar.valid_through:%Y-%m-%d}"


def calendar_remedy(market: Market) -> str:
    """How to go beyond the end: what to add to which file, and where the documentation describes it."""
    year = (market.calendar.valid_through + pd.Timedelta(days=1)).year
    file = CALENDAR_FILE_NAME if market.calendar_file is None else market.calendar_file.file
    return (
        f"add the closures of {year} {_ANNOUNCED[market.id]}, and valid_through = {year}-12-31, to [{market.id}] in "
        f"{file} (in the folder aegis runs in; for the scheduled job at the top of the branch main; "
        "docs/data.md#an-operators-own-calendar), or update the engine"
    )
