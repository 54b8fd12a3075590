"""Markets of one's own over bars that never were, for commands that take several."""

from pathlib import Path

from bars_folder import write_data
from synthetic import daily_frame

from aegismatrix_engine.markets.shipped_markets import shipped_text

SESSIONS = 560
"""Enough for a model set, and too few for a walk through the past, which takes the time."""


def own_entry(market: str, *, publish: bool = True) -> str:
    """The entry of a market that is as NIFTY 50 is, but for its id and name."""
    marked = f'id = "{market}"\npublish = {str(publish).lower()}'
    return (
        shipped_text("nifty50")
        .replace('id = "nifty50"', marked)
        .replace('name = "NIFTY 50"', f'name = "Index {market}"')
    )


def several_markets(at: Path, *own: str, sessions: int = SESSIONS) -> Path:
    """A folder with data/ID of nifty50 and of markets of one's own, and the entries of these in own/."""
    (at / "own").mkdir(parents=True)
    for number, market in enumerate(("nifty50", *own)):
        write_data(at / "data" / market, daily_frame(sessions, 7 + number))
        if number:
            (at / "own" / f"{market}.toml").write_text(own_entry(market), encoding="utf-8")
    return at
