"""The moments inside past sessions, and why one has no forecast: hours of its own, bars missing, or a doubt."""

from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import BAR
from aegismatrix_engine.typing import BoolArray

SPECIAL: Final = "in special sessions"
SHORTENED: Final = "in shortened sessions"
OUTSIDE: Final = "outside the session's own hours"
MISSING: Final = "for bars missing up to then"
DOUBTED: Final = "for a close or bars in doubt"
"""Why a moment has no forecast, in the words that follow its number."""


class SessionMoments:
    """The moments of one history."""

    def __init__(self, history: MarketHistory, sessions: pd.DatetimeIndex) -> None:
        self._history, self._sessions = history, sessions
        calendar = history.market.calendar
        after = sessions.union(calendar.following(pd.Timestamp(sessions[-1]), 1))
        hours = calendar.local_hours(after)
        self._opens, self._closes = hours[:-1, 0], hours[:-1, 1]
        self._shortened = shorter_than_both_beside(hours[:, 1] - hours[:, 0])
        starts = pd.DatetimeIndex([]) if history.bars is None else pd.DatetimeIndex(history.bars.index)
        self._starts = starts.as_unit("ns").to_numpy()
        doubted = {*history.provisional_closes, *(doubt.session for doubt in history.doubts)}
        self._doubted: BoolArray = sessions.isin(list(doubted))

    def moment(self, row: int, time: str) -> pd.Timestamp | str:
        """A time of day in the session of a row, in the exchange's zone; or why there is no forecast from it."""
        at = self._sessions[row] + pd.Timedelta(f"{time}:00")
        moment, opens = at.to_datetime64(), self._opens[row]
        if self._shortened[row]:
            return SHORTENED
        if not opens < moment < self._closes[row] or (moment - opens) % BAR.to_timedelta64():
            return OUTSIDE
        first, after = np.searchsorted(self._starts, [opens, moment])
        if not np.array_equal(self._starts[first:after], np.arange(opens, moment, BAR.to_timedelta64())):
            return MISSING
        if self._doubted[max(row - 1, 0) : row + 1].any():
            return DOUBTED
        return at.tz_localize(self._history.market.zone)

    def in_special_sessions(self, row: int, times: int) -> dict[str, int]:
        """How many moments lie in special sessions between the session of a row and the one before it."""
        calendar, day = self._history.market.calendar, pd.Timedelta(days=1)
        found = calendar.special(self._sessions[row - 1] + day, self._sessions[row] - day)
        held = found.isin(self._history.spot.index)
        return {SPECIAL: int(held.sum()) * times} if held.any() else {}


def shorter_than_both_beside(length: np.ndarray) -> BoolArray:
    """Of n + 1 sessions the first n that are shorter than the session before and the one after.

    Hours that change for good leave no session so.
    """
    before = np.concatenate([length[:1], length[:-1]])[:-1]
    return np.asarray((length[:-1] < before) & (length[:-1] < length[1:]))
