"""Live is what a witness can confirm: a row counts as live only where a commit held it in time.

The witness is the history of the published branch. Nothing here reads it: rows, the moments at which they were first
held, and the market's calendar are given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.record.deadline import lies_in_session, live_until
from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.state.time_policy import DOCUMENT_AHEAD

AHEAD: Final = pd.Timedelta(DOCUMENT_AHEAD)
"""How far clocks of two machines may differ."""

TOO_LATE: Final = "no commit held it in time"
DATED_AHEAD: Final = "the first commit that holds it is dated later than now"
FROM_THE_FUTURE: Final = "a commit held it before its own moment"
NO_COMMIT: Final = "no commit holds it"
NO_SESSION: Final = "its moment lies outside the calendar"

DELAYS: Final = (
    ("up to an hour late", pd.Timedelta(hours=1).value),
    ("up to a day late", pd.Timedelta(days=1).value),
    ("later", None),
)


@dataclass
class Refusal:
    """Rows that call themselves live and are not confirmed, for one reason.

    Attributes:
        reason: why.
        rows: how many.
        first: the earliest of their moments, ISO-8601.
        last: the latest.
        first_seen: of rows that no commit held in time, how many were first seen how late.
    """

    reason: str
    rows: int = 0
    first: str = ""
    last: str = ""
    first_seen: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """What the witness says of the rows that call themselves live.

    Attributes:
        claimed: how many do.
        confirmed: how many of them a commit held in time.
        refusals: the others by reason, most rows first; they count as replay.
    """

    claimed: int
    confirmed: int
    refusals: tuple[Refusal, ...]


def first_held(versions: Iterable[tuple[int, Iterable[str]]]) -> dict[str, int]:
    """Line -> when a commit held it first.

    Args:
        versions: the time of a commit (seconds of UTC since 1970) and lines it holds, in the order of the branch.
    """
    held: dict[str, int] = {}
    for time, lines in versions:
        for line in lines:
            held.setdefault(line, time)
    return held


def witnessed(ledger: Ledger, held: Mapping[str, int], market: Market, now: pd.Timestamp) -> tuple[Ledger, Findings]:
    """The ledger with every row as a replay that no commit held in time, and what was found.

    Args:
        ledger: read with its lines.
        held: line -> when a commit of the branch held it first, seconds of UTC since 1970.
        market: whose sessions and opens count.
        now: a commit dated more than five minutes later is no witness.
    """
    deadlines = _Deadlines(market)
    latest = (now + AHEAD).value
    refusals: dict[str, Refusal] = {}
    forecasts = dict(ledger.forecasts)
    claimed = 0
    for key, row in ledger.forecasts.items():
        if row.standing != "live":
            continue
        claimed += 1
        seconds = held.get(ledger.lines[key])
        reason, late = deadlines.judged(row.as_of, seconds, latest)
        if reason is None:
            continue
        forecasts[key] = replace(row, standing="replay")
        refusal = refusals.setdefault(reason, Refusal(reason))
        refusal.rows += 1
        refusal.first = min(refusal.first or row.as_of, row.as_of)
        refusal.last = max(refusal.last, row.as_of)
        if late is not None:
            name = next(name for name, limit in DELAYS if limit is None or late <= limit)
            refusal.first_seen[name] = refusal.first_seen.get(name, 0) + 1
    by_size = tuple(sorted(refusals.values(), key=lambda refusal: -refusal.rows))
    confirmed = claimed - sum(refusal.rows for refusal in by_size)
    return replace(ledger, forecasts=forecasts), Findings(claimed, confirmed, by_size)


class _Deadlines:
    """Until when rows of a moment count as live; a document's rows share theirs."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._known: dict[str, tuple[int, int] | None] = {}

    def judged(self, as_of: str, seconds: int | None, latest: int) -> tuple[str | None, int | None]:
        """Why a row is not confirmed, None where it is; and by how many nanoseconds it was too late, where it was."""
        if as_of not in self._known:
            self._known[as_of] = self._span(as_of)
        span = self._known[as_of]
        if span is None:
            return NO_SESSION, None
        if seconds is None:
            return NO_COMMIT, None
        at = seconds * 1_000_000_000
        if at > latest:
            return DATED_AHEAD, None
        if at < span[0] - AHEAD.value:
            return FROM_THE_FUTURE, None
        return (TOO_LATE, at - span[1]) if at > span[1] else (None, None)

    def _span(self, as_of: str) -> tuple[int, int] | None:
        """A moment and its deadline, nanoseconds of UTC since 1970; None where the calendar does not cover it."""
        moment = pd.Timestamp(as_of)
        try:
            until = live_until(self._market, moment, in_session=lies_in_session(self._market, moment))
        except DataError:
            return None
        return moment.as_unit("ns").value, until.as_unit("ns").value
