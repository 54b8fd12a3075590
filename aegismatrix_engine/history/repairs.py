"""What was mended in a history on its way in, and as of when each repair can be known."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

LISTED = 3


@dataclass(frozen=True)
class Repair:
    """One kind of repair and the bars it touched.

    Attributes:
        text: a sentence with the place-holder ``{dates}`` where the bars are listed.
        dates: the bars touched, as naive exchange dates (or bar starts for intraday bars), ascending.
        known: for each of ``dates`` the bar from which on the repair can be seen. A row is only out of order once a
            later one stands before it, so that cutting a history in time removes exactly the repairs that a file ending
            there would not have needed. Empty: the same as ``dates``.
        of_intraday: whether ``dates`` are intraday bar starts.
        missing: the daily series whose sessions without a row it tells of, which later comparison may explain.
    """

    text: str
    dates: tuple[pd.Timestamp, ...] = ()
    known: tuple[pd.Timestamp, ...] = ()
    of_intraday: bool = False
    missing: Literal["", "spot", "vix"] = ""

    def until(self, last: pd.Timestamp, known_by: pd.Timestamp | None = None) -> "Repair | None":
        """The part of the mend that touches bars up to and including ``last``; ``None`` where it touches none of them.

        known_by: the bar up to which one has to be there that shows it, ``last`` unless given.
        """
        if not self.dates:
            return self
        by = last if known_by is None else known_by
        pairs = [
            (date, known)
            for date, known in zip(self.dates, self.known or self.dates, strict=True)
            if date <= last and known <= by
        ]
        if not pairs:
            return None
        dates, known = zip(*pairs, strict=True)
        return replace(self, dates=dates, known=known)

    def without(self, dates: Collection[pd.Timestamp]) -> "Repair | None":
        """The part of the repair that touches none of ``dates``; ``None`` where nothing is left."""
        pairs = [pair for pair in zip(self.dates, self.known or self.dates, strict=True) if pair[0] not in dates]
        if len(pairs) == len(self.dates):  # also where it touches no bars at all
            return self
        if not pairs:
            return None
        left, known = zip(*pairs, strict=True)
        return replace(self, dates=left, known=known)

    def sentence(self) -> str:
        """The mend in one plain sentence; beyond three dates the rest is counted."""
        shown = [f"{date:%Y-%m-%d %H:%M}" if self.of_intraday else f"{date:%Y-%m-%d}" for date in self.dates[:LISTED]]
        rest = len(self.dates) - len(shown)
        return self.text.replace("{dates}", ", ".join(shown) + (f" and {rest} more" if rest else ""))


@dataclass(frozen=True)
class Doubt:
    """Why a close, or a change counted over it, may not be what it is taken for.

    Attributes:
        session: the session in doubt.
        reason: in words, without a full stop.
        of_close: whether its close, high or low is in doubt; else only what lies around it.
    """

    session: pd.Timestamp
    reason: str
    of_close: bool = True


def the_rest(found: int, what: str) -> tuple[Repair, ...]:
    """What to tell of more cases than are listed."""
    return (Repair(f"There are {found - LISTED} more {what}; they were treated alike."),) if found > LISTED else ()
