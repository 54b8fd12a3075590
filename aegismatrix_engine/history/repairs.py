"""What was repaired in a history when it was read, and from when on each repair can be known."""

from collections.abc import Callable, Collection, Iterable, Sequence
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
            later one is before it, so that cutting a history in time removes exactly the repairs that a file ending
            there would not have needed. Empty: the same as ``dates``.
        of_intraday: whether ``dates`` are intraday bar starts.
        of_us: whether ``dates`` are US session dates, known once the US has closed.
        missing: the daily series whose sessions without a row it names, which later comparison may explain.
    """

    text: str
    dates: tuple[pd.Timestamp, ...] = ()
    known: tuple[pd.Timestamp, ...] = ()
    of_intraday: bool = False
    of_us: bool = False
    missing: Literal["", "spot", "vix"] = ""

    def until(self, last: pd.Timestamp, known_by: pd.Timestamp | None = None) -> "Repair | None":
        """The part of the repair that touches bars up to and including ``last``; ``None`` where there is none.

        ``known_by`` is the bar up to which one has to be there that shows it, ``last`` unless given.
        """
        by = last if known_by is None else known_by
        return self._only(lambda date, known: date <= last and known <= by)

    def without(self, dates: Collection[pd.Timestamp]) -> "Repair | None":
        """The part of the repair that touches none of ``dates``; ``None`` where nothing is left."""
        return self._only(lambda date, _: date not in dates)

    def _only(self, wanted: Callable[[pd.Timestamp, pd.Timestamp], bool]) -> "Repair | None":
        pairs = [pair for pair in zip(self.dates, self.known or self.dates, strict=True) if wanted(*pair)]
        if len(pairs) == len(self.dates):  # also where it touches no bars at all
            return self
        if not pairs:
            return None
        dates, known = zip(*pairs, strict=True)
        return replace(self, dates=dates, known=known)

    def sentence(self) -> str:
        """The repair in one plain sentence; beyond three dates the rest is counted."""
        shown = [f"{date:%Y-%m-%d %H:%M}" if self.of_intraday else f"{date:%Y-%m-%d}" for date in self.dates[:LISTED]]
        rest = len(self.dates) - len(shown)
        return self.text.replace("{dates}", ", ".join(shown) + (f" and {rest} more" if rest else ""))


def of_us(repairs: Iterable[Repair]) -> tuple[Repair, ...]:
    """Repairs of a series whose dates are US session dates."""
    return tuple(replace(repair, of_us=True) for repair in repairs)


@dataclass(frozen=True)
class Doubt:
    """Why a close, or a change counted over it, may not be what it is taken for.

    Attributes:
        session: the session in doubt.
        reason: without a full stop.
        of_close: whether its close, high or low is in doubt; else only the changes around it.
    """

    session: pd.Timestamp
    reason: str
    of_close: bool = True


def listed(repairs: Sequence[Repair], what: str) -> tuple[Repair, ...]:
    """The first repairs of one kind; of more than three the rest is counted."""
    rest = Repair(f"There are {len(repairs) - LISTED} more {what}; they were handled in the same way.")
    return (*repairs[:LISTED], *((rest,) if len(repairs) > LISTED else ()))
