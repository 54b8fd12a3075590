"""A row counts as live only where a commit of the published branch held it in time.

Nothing here reads the branch: rows, and the times of the commits that first held them, are given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.markets.trading_clock import trading_clock
from aegismatrix_engine.record.deadline import live_until
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
    """Rows that are marked live and are not confirmed, for one reason.

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
    """How many rows are marked live, how many of them a commit held in time, and why the others count as replay.

    ``refusals`` has one entry for each reason, most rows first.
    """

    claimed: int
    confirmed: int
    refusals: tuple[Refusal, ...]


def first_held(versions: Iterable[tuple[int, Iterable[str]]]) -> dict[str, int]:
    """Line -> when a commit held it first.

    ``versions`` are the time of a commit (seconds of UTC since 1970) and lines it holds, in the order of the branch.
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
        now: a commit dated more than five minutes later proves nothing.
    """
    span = cache(lambda as_of: _live_span(market, as_of))  # a document's rows share theirs
    latest = (now + AHEAD).value
    refusals: dict[str, Refusal] = {}
    forecasts = dict(ledger.forecasts)
    claimed = 0
    for key, row in ledger.forecasts.items():
        if row.standing != "live":
            continue
        claimed += 1
        reason, late = _judged(span(row.as_of), held.get(ledger.lines[key]), latest)
        if reason is None:
            continue
        forecasts[key] = replace(row, standing="replay")
        refusal = refusals.setdefault(reason, Refusal(reason))
        refusal.rows += 1
        refusal.first = min(refusal.first or row.as_of, row.as_of)
        refusal.last = max(refusal.last, row.as_of)
        if reason == TOO_LATE:
            name = next(name for name, limit in DELAYS if limit is None or late <= limit)
            refusal.first_seen[name] = refusal.first_seen.get(name, 0) + 1
    by_size = tuple(sorted(refusals.values(), key=lambda refusal: -refusal.rows))
    confirmed = claimed - sum(refusal.rows for refusal in by_size)
    return replace(ledger, forecasts=forecasts), Findings(claimed, confirmed, by_size)


def _judged(span: tuple[int, int] | None, seconds: int | None, latest: int) -> tuple[str | None, int]:
    """Why a row is not confirmed, None where it is; and by how many nanoseconds it was too late."""
    if span is None:
        return NO_SESSION, 0
    if seconds is None:
        return NO_COMMIT, 0
    at = seconds * 1_000_000_000
    if at > latest:
        return DATED_AHEAD, 0
    if at < span[0] - AHEAD.value:
        return FROM_THE_FUTURE, 0
    return (TOO_LATE, at - span[1]) if at > span[1] else (None, 0)


def _live_span(market: Market, as_of: str) -> tuple[int, int] | None:
    """A moment and its deadline, nanoseconds of UTC since 1970; None where the calendar does not cover it."""
    moment = pd.Timestamp(as_of)
    try:
        in_session = trading_clock(market, moment).state == "in_session"
        until = live_until(market, moment, in_session=in_session)
    except DataError:
        return None
    return moment.as_unit("ns").value, until.as_unit("ns").value
