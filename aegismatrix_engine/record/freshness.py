"""How fresh the published document was: the share of session minutes for which the branch held a valid one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.record.witness import AHEAD
from aegismatrix_engine.typing import BoolArray, IntArray

SPAN: Final = pd.Timedelta(days=30)
MINUTE_SECONDS: Final = 60


@dataclass(frozen=True)
class PublishedDocument:
    """The times of a document on the branch, and of its commit (``since``), in seconds of UTC since 1970.

    ``valid_until`` is the smallest integer where the document cannot be read.
    """

    since: int
    generated_at: int
    valid_until: int


@dataclass(frozen=True)
class Freshness:
    """Session minutes of a span, and those for which the branch held a valid document.

    Attributes:
        first: begin of the span, ISO-8601.
        last: its end.
        minutes: minutes of regular sessions in it, from the open to the official close.
        fresh: those at which the branch's newest commit held a valid document.
        share: fresh / minutes, a fraction; None without any minute.
        longest_gap: the most session minutes in a row without one.
        gap_begin: the first minute of that gap, ISO-8601; '' where there is none.
    """

    first: str
    last: str
    minutes: int
    fresh: int
    share: float | None
    longest_gap: int
    gap_begin: str


def published_document(since: int, content: bytes | None, market_id: str) -> PublishedDocument:
    """When a commit's document was made and how long it is valid; one that cannot be read, or of another market, never.

    ``content`` is None where the commit removed it.
    """
    nothing = PublishedDocument(since, 0, np.iinfo(np.int64).min)
    if content is None:
        return nothing
    try:
        described: Any = json.loads(content)
        made, until = (datetime.fromisoformat(described[name]) for name in ("generated_at", "valid_until"))
        if described["market_id"] != market_id or made.tzinfo is None or until.tzinfo is None:
            return nothing
        return PublishedDocument(since, int(made.timestamp()), int(until.timestamp()))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return nothing


def freshness(
    documents: Sequence[PublishedDocument], market: Market, now: pd.Timestamp, span: pd.Timedelta = SPAN
) -> Freshness:
    """The freshness over ``span`` up to ``now``.

    A minute is fresh where the newest commit by then holds a document that was made by then (its clock may be five
    minutes ahead) and is still valid. ``documents`` are what each commit that changed the document left there, in the
    order of the branch.
    """
    first, last = (now - span).tz_convert(market.zone), now.tz_convert(market.zone)
    minutes = _session_minutes(market, first, last)
    fresh = _fresh(documents, minutes)
    length, start = _longest_gap(fresh)
    gap = pd.Timestamp(int(minutes[start]), unit="s", tz="UTC").tz_convert(market.zone) if length else None
    return Freshness(
        first=first.isoformat(timespec="seconds"),
        last=last.isoformat(timespec="seconds"),
        minutes=len(minutes),
        fresh=int(fresh.sum()),
        share=int(fresh.sum()) / len(minutes) if len(minutes) else None,
        longest_gap=length,
        gap_begin="" if gap is None else gap.isoformat(timespec="seconds"),
    )


def _session_minutes(market: Market, begin: pd.Timestamp, end: pd.Timestamp) -> IntArray:
    """(n,) seconds of UTC since 1970 at which a minute of a regular session begins, from ``begin`` to ``end``."""
    calendar = market.calendar
    days = calendar.regular(*(moment.tz_localize(None).normalize().as_unit("ns") for moment in (begin, end)))
    spans = [(calendar.opens_at(day), calendar.closes_at(day)) for day in days]
    whole = [np.arange(int(opens.timestamp()), int(closes.timestamp()), MINUTE_SECONDS) for opens, closes in spans]
    minutes = np.concatenate([np.empty(0, dtype=np.int64), *whole])
    return minutes[(minutes >= begin.timestamp()) & (minutes <= end.timestamp())]


def _fresh(documents: Sequence[PublishedDocument], minutes: IntArray) -> BoolArray:
    table = np.array([(one.since, one.generated_at, one.valid_until) for one in documents], dtype=np.int64)
    since, made, until = table.reshape(-1, 3).T
    newest = np.searchsorted(since, minutes, side="right") - 1
    there = newest >= 0
    fresh = np.zeros(len(minutes), dtype=np.bool_)
    at, which = minutes[there], newest[there]
    fresh[there] = (until[which] >= at) & (made[which] <= at + int(AHEAD.total_seconds()))
    return fresh


def _longest_gap(fresh: BoolArray) -> tuple[int, int]:
    """Length and place of the longest run of minutes that are not fresh; the earlier one of two."""
    edges = np.flatnonzero(np.diff(np.concatenate(([1], fresh.astype(np.int8), [1]))))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return 0, 0
    longest = int(np.argmax(ends - starts))
    return int(ends[longest] - starts[longest]), int(starts[longest])
