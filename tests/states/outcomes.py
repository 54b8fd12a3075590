"""What must hold of the end of a run, whatever the states of its series."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from combinations import Combination
from served import STORED_BEFORE, Given, given
from world import BAR, CLOCKS, MARKET, Seen, last_closed, seen

from aegismatrix_engine.document import check_json

DONE, DEGRADED = 0, 10
CODES = (DONE, DEGRADED, 65, 69, 75)
FORMER = b"what stood here before\n"
PENNY = 0.0051
LATE = pd.Timedelta(minutes=45)
NOTHING = ("absent", "empty", "one_row")
INTRADAY = ("spot_intraday", "vix_intraday")


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, standard error, and what lies at ``--output`` and beside it."""

    code: int
    err: str
    place: Path

    @property
    def written(self) -> bytes:
        return (self.place / "aegismatrix.json").read_bytes()

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.written)
        return found


Infer = Callable[[Combination], Ended]
"""A run of ``aegis infer`` on a combination."""

InferFrom = Callable[[str, Given, pd.Timestamp], Ended]
"""A run of it from a source by its name, on its series, at a moment."""


def wrong(combination: Combination, ended: Ended) -> list[str]:
    """What of the run's end may not be, in words; empty where all is well."""
    if ended.code not in CODES:
        return [f"exit code {ended.code}: {ended.err}"]
    if ended.code not in (DONE, DEGRADED):
        return list(refusal(ended))
    if ended.err:
        return [f"exit code {ended.code} and yet {ended.err!r}"]
    now = CLOCKS[combination.clock]
    found = [*any_document(ended, list(sources_of(combination)), now, live=combination.source != "csv")]
    if ended.code == DONE:
        made = ended.document()
        if made["provenance"]["mode"] == "live":
            found += _never_sound(combination, made)
        found += _untrue(combination, made)
    return found


def refusal(ended: Ended) -> Iterator[str]:
    """What no run without a document may leave behind."""
    if ended.written != FORMER:
        yield "the former document was touched"
    if (ended.place / "recent.json").exists():
        yield "recent.json was written"
    if not (ended.err.startswith("aegis: error: ") and ended.err.count("\n") == 1 and ended.err.endswith("\n")):
        yield f"standard error is not one line: {ended.err!r}"


def any_document(ended: Ended, read: list[Given], now: pd.Timestamp, *, live: bool) -> Iterator[str]:
    """What no document may be, degraded or not; ``read`` is what the run could read, ``live`` whether of a live source.

    Raises InvalidDocument where the document breaks its contract.
    """
    check_json(ended.written)
    made = ended.document()
    as_of = pd.Timestamp(made["as_of"])
    if as_of > now:
        yield f"as_of {as_of} is later than now"
    if (ended.code == DEGRADED) != (made["health"]["status"] == "degraded"):
        yield f"exit code {ended.code}, and health says {made['health']['status']}"
    if not all(map(math.isfinite, numbers(made))):
        yield "a number is not finite"
    spot = made["market"]["spot"]
    if live and made["provenance"]["mode"] != "live":
        yield "a live source makes a document of the past"
    known = {price for frames in read for at, price in prices(frames) if at <= as_of}
    if not any(abs(spot - price) <= PENNY for price in known):
        yield f"spot {spot} is no close of a bar or row up to {as_of}"
    if made["market"]["previous_close_basis"] == "official":
        close, date = made["market"]["previous_close"], pd.Timestamp(made["market"]["previous_close_date"])
        if not any(abs(close - row) <= PENNY for row in closes_of(date, read)):
            yield f"previous close {close} is no row's of {date:%Y-%m-%d}, and is called official"


def closes_of(date: pd.Timestamp, read: list[Given]) -> Iterator[float]:
    """Every close that a daily row gives a session."""
    for frames in read:
        daily = frames["spot_daily"]
        if daily is not None:
            yield from daily["close"][np.asarray(daily.index == date)]


def sources_of(combination: Combination) -> Iterator[Given]:
    """What the run could read: the source's series, and those of a sound store."""
    yield given(combination)
    if combination.source == "yahoo with a store":
        yield dict(seen(CLOCKS[combination.clock] - STORED_BEFORE))


@cache
def closing(day: pd.Timestamp) -> pd.Timestamp | None:
    """When a session closes; None where there is none that day. Every combination asks for the same days."""
    return MARKET.calendar.closes_at(day) if MARKET.calendar.is_session(day) else None


def prices(frames: Given) -> Iterator[tuple[pd.Timestamp, float]]:
    """Every close of spot with the instant it is known at; of closes that are averages the mean that bars give, too."""
    daily, bars = frames["spot_daily"], frames["spot_intraday"]
    if daily is not None:
        for day, close in daily["close"].items():
            at = closing(day)
            if at is not None:
                yield at, close
    if bars is None or bars.empty:
        return
    yield from zip((bars.index + BAR).tz_localize(MARKET.zone), bars["close"], strict=True)
    for day, own in bars.groupby(pd.DatetimeIndex(bars.index).normalize()):
        at = closing(day)
        if at is not None and MARKET.averages_close(day):
            yield at, round(float(own[["high", "low", "close"]].iloc[-2:].to_numpy().mean()), 2)


def numbers(part: Any) -> Iterator[float]:
    """Every number of a document."""
    if isinstance(part, dict):
        for value in part.values():
            yield from numbers(value)
    elif isinstance(part, list):
        for value in part:
            yield from numbers(value)
    elif isinstance(part, (int, float)) and not isinstance(part, bool):
        yield float(part)


def _never_sound(combination: Combination, made: dict[str, Any]) -> Iterator[str]:
    """What a document of now lacks so much that it may not say that all is well.

    A csv folder that ends before the last close makes a document of the past, which says so by its mode.
    """
    now, as_of = CLOCKS[combination.clock], pd.Timestamp(made["as_of"])
    expected = max(MARKET.calendar.closes_at(last_closed(now)), _oldest_bar(now))
    if as_of < expected and made["provenance"]["close"] != "provisional":
        yield f"as_of {as_of} is older than {expected}"
    if combination.source == "yahoo with a store":
        return
    if combination.any_state(*NOTHING, "stale", of=("spot_daily",)):
        yield "said to be sound without the last daily rows of spot"
    without_bars = combination.any_state(*NOTHING, "stale", of=INTRADAY)
    if without_bars and combination.any_state(*NOTHING, "stale", of=("vix_daily",)):
        yield "said to be sound with no source of the volatility index"
    running = combination.clock in ("in_session", "auction", "after_special")
    if running and combination.any_state(*NOTHING, "stale", of=("spot_intraday",)):
        yield "said to be sound inside a session of which there are no bars"


def _untrue(combination: Combination, made: dict[str, Any]) -> Iterator[str]:
    """What a document without a word of doubt gets wrong of the sound market, where another series tells the truth."""
    truth, as_of, market = seen(CLOCKS[combination.clock]), pd.Timestamp(made["as_of"]), made["market"]
    if not any(abs(market["spot"] - price) <= PENNY for at, price in prices(dict(truth)) if at <= as_of):
        yield f"spot {market['spot']} is no price of the sound market"
    if combination.state("spot_daily") != "contradicting" or has_bars(combination):
        yield from _untrue_change(market, truth, as_of)
    daily, bars = combination.state("vix_daily"), combination.state("vix_intraday")
    stored = combination.source == "yahoo with a store"
    told_by_bars = daily != "contradicting" or has_bars(combination)
    rows = daily in ("whole", "partial", "stale") or (stored and daily in ("absent", "empty"))
    told_by_rows = rows or bars != "contradicting"
    if told_by_bars and told_by_rows:
        yield from _untrue_vix(market, truth)


def has_bars(combination: Combination) -> bool:
    """Whether the bars of both indices are there to tell what is wrong with the daily rows."""
    return not combination.any_state(*NOTHING, "stale", "contradicting", of=INTRADAY)


def _oldest_bar(now: pd.Timestamp) -> pd.Timestamp:
    """The end of the oldest bar that may be the newest one while a session runs; else long ago."""
    day = now.tz_localize(None).normalize()
    if not MARKET.calendar.is_session(day):
        return pd.Timestamp(0, tz="UTC")
    hours = MARKET.calendar.hours(day)
    if not hours.opens + LATE < now < hours.official_close:
        return pd.Timestamp(0, tz="UTC")
    return min(now, hours.continuous_close) - LATE


def _untrue_change(market: dict[str, Any], truth: Seen, as_of: pd.Timestamp) -> Iterator[str]:
    daily = truth["spot_daily"]
    closed = [day for day in daily.index if (at := closing(day)) is not None and at <= as_of]
    spoken = pd.Timestamp(as_of.tz_convert(MARKET.zone).tz_localize(None)).normalize()
    inside = spoken in daily.index and MARKET.calendar.opens_at(spoken) < as_of < MARKET.calendar.closes_at(spoken)
    before = closed[-1] if inside else closed[-2]
    if market["previous_close_date"] != f"{before:%Y-%m-%d}":
        yield f"the change is counted from {market['previous_close_date']}, the session before is {before:%Y-%m-%d}"
    elif abs(market["previous_close"] - daily["close"][before]) > PENNY:
        yield f"previous close {market['previous_close']}, where {daily['close'][before]} is right"


def _untrue_vix(market: dict[str, Any], truth: Seen) -> Iterator[str]:
    known = np.concatenate([truth["vix_daily"]["close"], truth["vix_intraday"]["close"]])
    if np.abs(known - market["vix"]).min() > PENNY:
        yield f"volatility index {market['vix']} was never that"
