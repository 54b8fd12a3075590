"""Whether bars are stamped by their start or their end: what whole sessions tell.

15-minute bars of a whole session run from 09:15 to 15:15 where stamps are of the start, from 09:30 to 15:30 where they
are of the end.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.typing import BoolArray, IntArray

BarStamp = Literal["start", "end"]
Times = NDArray[np.datetime64]


@dataclass(frozen=True)
class StampedBars:
    """Bars by their stamps, each with the hours of its session.

    Attributes:
        moments: (n,) naive datetime64[ns], the stamps in exchange time.
        flat: (n,) bool, bars whose prices are all the same, as those without a trade are.
        opens: (n,) naive datetime64[ns] in exchange time, the session's first trade.
        closes: (n,) likewise, the end of continuous trading.
        known: (n,) bool, whether the calendar has a session on the bar's day; where not, the two above mean nothing.
        auction_follows: (n,) bool, whether the official close comes from an auction after it.
        length: of every bar.
    """

    moments: Times
    flat: BoolArray
    opens: Times
    closes: Times
    known: BoolArray
    auction_follows: BoolArray
    length: np.timedelta64


def stamp_of_bars(name: str, bars: StampedBars, chosen: BarStamp | None) -> tuple[BarStamp, str]:
    """What stamps are of, by the sessions whose first and last bars are there, and the words for what proves it.

    Raises:
        DataError: no session is whole, or sessions differ, and nobody chose; or all whole sessions refute the choice.
    """
    found = _whole_sessions(bars)
    start, end = found["start"], found["end"]
    if chosen:
        other: BarStamp = "end" if chosen == "start" else "start"
        if found[other] and not found[chosen]:
            raise DataError(
                f"{name}: bars run from {found[other][0]}, as stamps of their {other} do; leave --bar-stamp out"
            )
        return chosen, "as chosen with --bar-stamp"
    if start and end:
        raise DataError(
            f"{name}: bars run from {start[0]}, as stamps of their start do, and from {end[0]}, as of their end; use "
            "--bar-stamp start or --bar-stamp end"
        )
    if not start and not end:
        raise DataError(
            f"{name}: no session from {pd.Timestamp(bars.moments.min()):%Y-%m-%d} on has its first and last bar, so "
            "that nothing shows whether stamps are of the start or the end of bars; use --bar-stamp start or "
            "--bar-stamp end"
        )
    proof = start or end
    return "start" if start else "end", f"{proof[0]} ({len(proof)} whole session{'s' if len(proof) > 1 else ''})"


def _whole_sessions(bars: StampedBars) -> dict[BarStamp, list[str]]:
    """Of each whole session its first and last stamp in words, by what the stamps are of."""
    found: dict[BarStamp, list[str]] = {"start": [], "end": []}
    days = bars.moments.astype("datetime64[D]")
    ordered = np.argsort(days, kind="stable")
    for rows in np.split(ordered, np.flatnonzero(np.diff(days[ordered]) > np.timedelta64(0)) + 1):
        stamp = _stamp_of_day(bars, rows) if bars.known[rows[0]] else None
        if stamp:
            stamps = bars.moments[rows]
            inside = stamps[(stamps >= bars.opens[rows]) & (stamps <= bars.closes[rows])]
            first, last = pd.Timestamp(inside.min()), pd.Timestamp(inside.max())
            found[stamp].append(f"{first:%H:%M} to {last:%H:%M} on {first:%Y-%m-%d}")
    return found


def _stamp_of_day(bars: StampedBars, rows: IntArray) -> BarStamp | None:
    """What the stamps of a session, at these rows, are of; None where its bars do not show it."""
    stamps, flat, length = bars.moments[rows], bars.flat[rows], bars.length
    opens, closes = bars.opens[rows[0]], bars.closes[rows[0]]

    def moves(moment: np.datetime64) -> bool:
        return bool((~flat[stamps == moment]).any())

    first, second, last, final = (moment in stamps for moment in (opens, opens + length, closes - length, closes))
    if not first:
        return "end" if second and final and moves(closes) else None
    if not last:
        return None
    # A bar that begins with the close has no trade in it, unless the auction's price falls into it.
    if not final or (moves(opens) and (bars.auction_follows[rows[0]] or not moves(closes))):
        return "start"
    return "end" if moves(closes) and not moves(opens) else None
