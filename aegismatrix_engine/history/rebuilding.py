"""A history with rows made from bars, bars taken out, and closes of the volatility index put in."""

from dataclasses import replace

import pandas as pd

from aegismatrix_engine.history.bar_spans import session_row
from aegismatrix_engine.history.history import MarketHistory


def rebuilt(history: MarketHistory, session: pd.Timestamp) -> MarketHistory:
    """With the daily row of ``session`` made from its intraday bars, if there are any; its close is provisional."""
    if history.bars is None:
        return history
    row, _ = session_row(history.bars, session, averaged=history.market.averages_close(session))
    spot = pd.concat([history.spot.drop(index=session, errors="ignore"), row]).sort_index()
    return replace(history, spot=spot, provisional_closes=history.provisional_closes | {session})


def with_range_of_bars(history: MarketHistory, session: pd.Timestamp) -> MarketHistory:
    """With open, high and low of a daily row taken from its bars, its close left as it is."""
    if history.bars is None:
        return history
    row, _ = session_row(history.bars, session, averaged=False)
    spot, close = history.spot.copy(), float(history.spot["close"].loc[session])
    high, low = max(float(row["high"].iloc[0]), close), min(float(row["low"].iloc[0]), close)
    spot.loc[session, ["open", "high", "low"]] = [float(row["open"].iloc[0]), high, low]
    return replace(history, spot=spot, closes_alone=history.closes_alone - {session})


def without_bars(history: MarketHistory, starts: pd.DatetimeIndex) -> MarketHistory:
    """Without the intraday bars that begin at ``starts``."""
    if history.bars is None:
        return history
    kept = history.bars[~history.bars.index.isin(starts)]
    return replace(history, bars=kept if len(kept) else None)


def without_bars_of(history: MarketHistory, sessions: pd.DatetimeIndex) -> MarketHistory:
    """Without the intraday bars of some days."""
    if history.bars is None or sessions.empty:
        return history
    starts = pd.DatetimeIndex(history.bars.index)
    return without_bars(history, starts[starts.normalize().isin(sessions)])


def with_vix_closes(history: MarketHistory, closes: "pd.Series[float]") -> MarketHistory:
    """With closes of the volatility index (vol points, by session date) put in, or in place of those there."""
    own = closes.rename("close").to_frame().rename_axis("date")
    vix = own if history.vix is None else pd.concat([history.vix.drop(index=own.index, errors="ignore"), own])
    return replace(history, vix=vix.sort_index())
