"""Another market's volatility index as columns that a model sees; it is never an implied level of this market.

Each session uses the newest close of it that was known by the session's own close.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.realised_variance import trailing_mean

COMPANION_WINDOWS = (5, 22)
COMPANION_FEATURES = ("clv", *(f"dclv{window}" for window in COMPANION_WINDOWS))
COMPANION_CARRIED_SESSIONS = 2
"""Sessions of its own market by which the newest close may be older than the one that was due."""


@dataclass(frozen=True, eq=False)
class CompanionCloses:
    """Closes of a companion index.

    Attributes:
        closes: column ``close`` (vol points) by date of the companion's market, rising; at least one row.
        sessions: the companion's market's own, from the first close on to the last that can be asked about.
        same_sessions: whether its close of a date is known by the market's close of that date; else only those of
            earlier dates are used.
    """

    closes: pd.DataFrame
    sessions: pd.DatetimeIndex
    same_sessions: bool

    def rows(self, dates: pd.DatetimeIndex) -> tuple[IntArray, IntArray]:
        """The newest row that counts at each of n dates, -1 for none, and its age in sessions; (n,) each.

        The age is counted from the close that was due, in sessions of the companion's market.
        """
        side: Literal["left", "right"] = "right" if self.same_sessions else "left"
        index, wanted = pd.DatetimeIndex(self.closes.index).as_unit("ns"), dates.as_unit("ns")
        sessions = self.sessions.as_unit("ns")
        row = np.asarray(index.searchsorted(wanted, side=side), dtype=np.int64) - 1
        due = np.asarray(sessions.searchsorted(wanted, side=side), dtype=np.int64) - 1
        held = np.asarray(sessions.searchsorted(index, side="right"), dtype=np.int64) - 1
        return row, due - held[np.maximum(row, 0)]


def companion_block(companion: CompanionCloses | None, dates: pd.DatetimeIndex) -> FloatArray:
    """COMPANION_FEATURES at each date: ln of the squared index, less its means over the last 5 and 22 closes.

    Shape (n, 3), NaN where no close is known that is at most two sessions older than the one that was due.
    """
    result = np.full((len(dates), len(COMPANION_FEATURES)), np.nan)
    if companion is None or len(dates) == 0:
        return result
    level = 2 * np.log(companion.closes["close"].to_numpy(dtype=np.float64))
    block = np.column_stack([level, *(level - trailing_mean(level, window) for window in COMPANION_WINDOWS)])
    row, age = companion.rows(dates)
    known = (row >= 0) & (age <= COMPANION_CARRIED_SESSIONS)
    result[known] = block[row[known]]
    return result
