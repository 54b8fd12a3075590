"""The states that a series can be in, each made by a pure function from the sound series."""

import numpy as np
import pandas as pd
from world import MARKET, Seen

STATES = ("absent", "empty", "one_row", "stale", "partial", "contradicting", "whole")

STALE_SESSIONS = 4
"""More than a hole in the daily rows may be long, and than a close of the volatility index is carried."""

OTHER_SCALE, WRONG_VIX, WILD = 1.03, 1.2, 1.2


def in_state(state: str, name: str, seen: Seen, now: pd.Timestamp) -> pd.DataFrame | None:
    """A series of ``seen`` in a state: None where it is absent, no rows where it is empty.

    one_row: its last row alone. stale: it ends some sessions early. partial: rows are missing within it, and its last
    one. contradicting: see ``contradicting``.
    """
    sound = seen[name]
    match state:
        case "whole":
            return sound
        case "absent":
            return None
        case "empty":
            return sound.iloc[:0]
        case "one_row":
            return sound.iloc[-1:]
        case "stale":
            days = pd.DatetimeIndex(sound.index).normalize()
            return sound[days < days.unique()[-STALE_SESSIONS]]
        case "partial":
            return sound.drop(sound.index[_holes(sound, name)])
        case "contradicting":
            return contradicting(name, seen, now)
    raise ValueError(state)


def _holes(sound: pd.DataFrame, name: str) -> list[int]:
    """Daily: two rows in a row, one more, the last. Intraday: a whole session, three bars of another, the last bar."""
    if name.endswith("daily"):
        return [-21, -20, -7, -1]
    days = pd.DatetimeIndex(sound.index).normalize()
    session = np.flatnonzero(days == days.unique()[-7])
    some = np.flatnonzero(days == days.unique()[-5])[5:8]
    return [*session, *some, len(sound) - 1]


def contradicting(name: str, seen: Seen, now: pd.Timestamp) -> pd.DataFrame:
    """A series with values that another one, or itself, contradicts.

    spot_daily: the last close is the price half-way through its session, and a Sunday has a row. vix_daily: the last
    closes are a fifth too high. spot_intraday: a session is of another scale, and a bar of the last one shoots up and
    comes back. vix_intraday: all bars a fifth too high. Series of the US: a date is given twice, with two closes.
    """
    sound, daily = seen[name].copy(), pd.DatetimeIndex(seen["spot_daily"].index)
    closed = pd.Timestamp(daily[[MARKET.calendar.closes_at(day) <= now for day in daily]][-1])
    if name == "spot_daily":
        own = seen["spot_intraday"].loc[f"{closed:%Y-%m-%d}"]
        half = own.iloc[: len(own) // 2]
        sound.loc[closed] = [half["open"].iloc[0], half["high"].max(), half["low"].min(), half["close"].iloc[-1]]
        before = sound.loc[: _sunday(closed)].iloc[-1]
        sound.loc[_sunday(closed)] = before["close"] * np.array([1.0, 1.003, 0.998, 1.001])
        return sound.sort_index()
    if name == "vix_daily":
        sound.iloc[-3:] = (sound.iloc[-3:] * WRONG_VIX).round(2)
        return sound
    if name == "spot_intraday":
        days = pd.DatetimeIndex(sound.index).normalize()
        sound[days == days.unique()[-3]] *= OTHER_SCALE
        wild = np.flatnonzero(days == days.unique()[-1])[1]
        sound.iloc[wild, [1, 3]] *= WILD
        return sound
    if name == "vix_intraday":
        return (sound * WRONG_VIX).round(2)
    twice = sound.iloc[[-9]] * WRONG_VIX
    return pd.concat([sound.iloc[:-8], twice, sound.iloc[-8:]])


def _sunday(closed: pd.Timestamp) -> pd.Timestamp:
    """The last Sunday without a session before a date."""
    days = pd.date_range(closed - pd.Timedelta(days=20), closed - pd.Timedelta(days=1))
    return pd.Timestamp([day for day in days if day.day_of_week == 6 and not MARKET.calendar.is_session(day)][-1])
