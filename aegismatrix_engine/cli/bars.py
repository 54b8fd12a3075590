"""Bars as the commands read them: from the source named, complete by now, cut where the user asks."""

from pathlib import Path

import pandas as pd

from aegismatrix_engine.as_of import parse_as_of
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.source import open_source


def read_history(
    market_id: str, source_name: str, data: Path | None, as_of: str | None, now: pd.Timestamp, *, intraday: bool
) -> MarketHistory:
    """The history up to the last complete session, or up to ``as_of``; with intraday bars where asked for and there."""
    market = get_market(market_id)
    source = open_source(source_name, data)
    moment = None if as_of is None else parse_as_of(as_of, market)
    history = source.daily(market)
    if intraday:
        history = source.with_intraday(history)
    history = history.complete_by(now)
    return history if moment is None else history.until(moment)
