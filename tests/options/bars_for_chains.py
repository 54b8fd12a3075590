"""Bars that end at the day, the level and the volatility of a chain: the synthetic market, moved to there."""

from dataclasses import replace

import numpy as np
import pandas as pd
import synthetic

from aegismatrix_engine.history import MarketHistory

PRICES = ["open", "high", "low", "close"]


def bars_up_to(last: str, close: float, volatility: float, sessions: int = synthetic.SESSIONS) -> pd.DataFrame:
    """Columns open, high, low, close (points) and vix (vol points) of the regular sessions up to ``last``.

    Args:
        last: a regular session, YYYY-MM-DD; the synthetic market's last one is put there.
        close: its close, index points.
        volatility: its volatility index, vol points; every move is as much smaller or larger.
        sessions: how many.
    """
    plain = synthetic.daily_frame(sessions)
    dates = synthetic.MARKET.calendar.regular(pd.Timestamp(last) - pd.Timedelta(days=2 * sessions), pd.Timestamp(last))
    times = volatility / float(plain["vix"].iloc[-1])
    moved = _moved(plain[PRICES], float(plain["close"].iloc[-1]), close, times)
    return moved.assign(vix=times * plain["vix"]).set_axis(dates[-sessions:].as_unit("ns").rename("date"))


def session_up_to(last: str, at: str, level: float, volatility: float) -> MarketHistory:
    """A history that ends with the session of ``last``; its bar that begins ``at``, HH:MM, closes at the level."""
    plain = synthetic.intraday_frame().iloc[-synthetic.BARS :]
    begins = pd.DatetimeIndex([pd.Timestamp(f"{last} {moment:%H:%M}") for moment in plain.index]).as_unit("ns")
    times = volatility / float(plain["vix"].iloc[-1])
    then = float(plain["close"].to_numpy()[begins == pd.Timestamp(f"{last} {at}")][0])
    bars = (
        _moved(plain[PRICES], then, level, times).assign(vix=times * plain["vix"]).set_axis(begins.rename("timestamp"))
    )
    daily = synthetic.history(bars_up_to(last, float(bars["close"].iloc[-1]), volatility))
    return replace(daily, bars=bars)


def _moved(prices: pd.DataFrame, reference: float, to: float, times: float) -> pd.DataFrame:
    """Prices of which the reference is ``to`` and every log move so many times as large."""
    logs = np.log(prices.to_numpy() / reference) * times
    return pd.DataFrame(to * np.exp(logs), index=prices.index, columns=PRICES)
