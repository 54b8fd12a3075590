"""A market whose volatility index foretells the opposite from one session on: what was learnt is then worse than none.

Wild and calm spells follow each other at random; until the turn the index knows a few sessions ahead which comes, after
it the index tells the other.
"""

import numpy as np
import pandas as pd
from synthetic import FIRST, MARKET, STEPS

SPELL, AHEAD = 15, 3
WILD, CALM = 0.018, 0.005


def inverted_frame(sessions: int = 1050, turn: int = 800) -> pd.DataFrame:
    """Columns open, high, low, close (points) and vix (vol points), one row a regular session."""
    draws = np.random.default_rng(3)
    spells = draws.integers(0, 2, sessions // SPELL + 2)
    rows, vix, close = np.empty((sessions, 4)), np.empty(sessions), np.log(8000.0)
    for t in range(sessions):
        sd = WILD if spells[t // SPELL] else CALM
        steps = 0.8 * sd * draws.standard_normal(STEPS) / np.sqrt(STEPS)
        path = close + 0.6 * sd * draws.standard_normal() + np.concatenate([[0.0], np.cumsum(steps)])
        rows[t] = path[0], path.max(), path.min(), path[-1]
        close = path[-1]
        told_wild = bool(spells[(t + AHEAD) // SPELL]) == (t < turn)
        vix[t] = (24 if told_wild else 10) * np.exp(0.05 * draws.standard_normal())
    dates = MARKET.calendar.following(FIRST, sessions).rename("date").as_unit("ns")
    return pd.DataFrame(np.exp(rows), index=dates, columns=["open", "high", "low", "close"]).assign(vix=vix)
