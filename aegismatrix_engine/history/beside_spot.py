"""The volatility index beside spot: which of its closes and bars have a row, or a bar, of spot to stand by."""

import numpy as np
import pandas as pd

from aegismatrix_engine.history.bar_checks import CheckedBars
from aegismatrix_engine.history.repairs import Repair


def close_notes(vix: CheckedBars, sessions: pd.DatetimeIndex) -> tuple[Repair, ...]:
    """What to tell of closes where the dates are not the ``sessions`` of spot: those too many, and those missing."""
    dates = pd.DatetimeIndex(vix.bars.index)
    extra = dates[~dates.isin(sessions)]
    holes = sessions[(sessions > dates[0]) & ~sessions.isin(dates)]
    left_out = f"{vix.given.name}: rows of dates without a spot row were left out ({{dates}})."
    carried = f"{vix.given.name}: no close on {{dates}}; the close before is carried forward for at most 2 sessions."
    repairs = (Repair(left_out, tuple(extra), missing="spot"), Repair(carried, tuple(holes), missing="vix"))
    return tuple(repair for repair in repairs if repair.dates)


def joined_bars(spot: CheckedBars, vix: CheckedBars | None) -> tuple[pd.DataFrame, tuple[Repair, ...]]:
    """Quarter hours of spot with a column ``vix``, the index known at the end of each (NaN where none is); all notes.

    Columns open, high, low, close (points), vix (vol points).
    """
    if vix is None:
        return spot.bars.assign(vix=np.nan), spot.repairs
    repairs, extra = spot.repairs + vix.repairs, vix.bars.index.difference(spot.bars.index)
    if len(extra):
        text = f"{vix.given.name}: bars without a spot bar of the same quarter hour were left out ({{dates}})."
        repairs += (Repair(text, tuple(extra), of_intraday=True),)
    return spot.bars.assign(vix=vix.bars["close"].reindex(spot.bars.index)), repairs
