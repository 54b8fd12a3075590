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
from aegismatrix_engine.typing import BoolArray

BarStamp = Literal["start", "end"]
Times = NDArray[np.datetime64]


@dataclass(frozen=True)
class SessionHoursOfBars:
    """The hours of each bar's session.

    Attributes:
        opens: (n,) naive datetime64[ns] in exchange time, the first trade.
        closes: (n,) likewise, the end of continuous trading.
        known: (n,) bool, whether the calendar has a session on the bar's day; where not, the two above mean nothing.
        auction_follows: (n,) bool, whether the official close comes from an auction after it.
    """

    opens: Times
    closes: Times
    known: BoolArray
    auction_follows: BoolArray


def stamp_of_bars(
    name: str,
    moments: Times,
    flat: BoolArray,
    hours: SessionHoursOfBars,
    length: np.timedelta64,
    chosen: BarStamp | None,
) -> tuple[BarStamp, str]:
    """What stamps are of, by the sessions whose first and last bars are there, and the words for what proves it.

    Args:
        name: the file's name.
        moments: (n,) naive datetime64[ns], the stamps in exchange time.
        flat: (n,) bool, bars whose prices are all the same.
        hours: of each bar's session.
        length: of a bar.
        chosen: what the user chooses, where no session is whole or sessions differ.

    Raises:
        DataError: no session is whole, or sessions differ, and nobody chose; or all whole sessions refute the choice.
    """
    start, end = _whole_sessions(moments, flat, hours, length)
    if chosen:
        refuting = end if chosen == "start" else start
        if refuting and not (start and end):
            other = "end" if chosen == "start" else "start"
            raise DataError(
                f"{name}: bars run from {refuting[0]}, as stamps of their {other} do; leave --bar-stamp out"
            )
        return chosen, "as chosen with --bar-stamp"
    if start and end:
        raise DataError(
            f"{name}: bars run from {start[0]}, as stamps of their start do, and from {end[0]}, as of their end; say "
            "--bar-stamp start or --bar-stamp end"
        )
    if not start and not end:
        first = pd.Timestamp(moments.min())
        raise DataError(
            f"{name}: no session from {first:%Y-%m-%d} on has its first and last bar, so that nothing tells "
            "whether stamps are of the start or the end of bars; say --bar-stamp start or --bar-stamp end"
        )
    proof = start or end
    return "start" if start else "end", f"{proof[0]} ({len(proof)} whole session{'s' if len(proof) > 1 else ''})"


def _whole_sessions(
    moments: Times, flat: BoolArray, hours: SessionHoursOfBars, length: np.timedelta64
) -> tuple[list[str], list[str]]:
    """Of each whole session its first and last stamp in words: those stamped by the start, and by the end, of bars."""
    found: dict[BarStamp, list[str]] = {"start": [], "end": []}
    days = moments.astype("datetime64[D]")
    ordered = np.argsort(days, kind="stable")
    for rows in np.split(ordered, np.flatnonzero(np.diff(days[ordered]) > np.timedelta64(0)) + 1):
        one, stamps = rows[0], moments[rows]
        if not hours.known[one]:
            continue
        opens, closes = hours.opens[one], hours.closes[one]
        stamp = _stamp_of_day(
            stamps, flat[rows], opens, closes, length, auction_follows=bool(hours.auction_follows[one])
        )
        if stamp:
            inside = stamps[(stamps >= opens) & (stamps <= closes)]
            first, last = pd.Timestamp(inside.min()), pd.Timestamp(inside.max())
            found[stamp].append(f"{first:%H:%M} to {last:%H:%M} on {first:%Y-%m-%d}")
    return found["start"], found["end"]


def _stamp_of_day(
    moments: Times,
    flat: BoolArray,
    opens: np.datetime64,
    closes: np.datetime64,
    length: np.timedelta64,
    *,
    auction_follows: bool,
) -> BarStamp | None:
    """What the stamps of a session are of, None where its bars do not tell."""

    def holds(moment: np.datetime64) -> bool:
        return bool((moments == moment).any())

    def moves(moment: np.datetime64) -> bool:
        return bool((~flat[moments == moment]).any())

    first, second, last, final = holds(opens), holds(opens + length), holds(closes - length), holds(closes)
    if not first:
        return "end" if second and final and moves(closes) else None
    if not last:
        return None
    # A bar that begins with the close has no trade in it, unless the auction's price falls into it.
    if not final or (moves(opens) and (auction_follows or not moves(closes))):
        return "start"
    return "end" if moves(closes) and not moves(opens) else None
