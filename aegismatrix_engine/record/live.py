"""The live record as known at a document's moment, and how it is pooled with the walk through the past."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.scoring import SignalScore, resolved_frame, scores
from aegismatrix_engine.scores import MINIMUM_EVENTS, MeasuredRate, wilson_interval

NO_RATE: Final = MeasuredRate(0, 0, 0.0, 0.0, 1.0, math.nan, "", "")


@dataclass(frozen=True)
class LiveRecord:
    """The live record as it was known at a moment; empty where none is kept. Its rates weigh every event alike.

    Attributes:
        safe_range: of the 80 % range of the primary expiry, the share that held.
        nearest_range: the same of the nearest expiry, where that is another one.
        breakout_calls: the share of calls that came true.
        signals: the scores of every signal.
    """

    safe_range: MeasuredRate = NO_RATE
    nearest_range: MeasuredRate = NO_RATE
    breakout_calls: MeasuredRate = NO_RATE
    signals: tuple[SignalScore, ...] = ()


def live_record(ledger: Ledger, known_by: pd.Timestamp) -> LiveRecord:
    """The rates and scores of live forecasts that had been decided by ``known_by``; nothing later has any influence."""
    frame = resolved_frame(ledger, "live", known_by)
    if frame.empty:
        return LiveRecord()
    return LiveRecord(
        safe_range=_held(frame, "seller.safe_range"),
        nearest_range=_held(frame, "seller.expiries.nearest.80"),
        breakout_calls=_rate(_calls(frame[frame["signal"] == "buyer.breakout_today"])),
        signals=tuple(scores(frame)),
    )


def pooled_rate(walk: MeasuredRate, live: MeasuredRate) -> float:
    """Both rates weighted by their events, so that the first live events move the published rate only a little.

    Where the walk measured nothing, its reference rate counts as 30 events.
    """
    prior = walk.events if walk.measured else MINIMUM_EVENTS
    return (prior * walk.rate + live.events * live.rate) / (prior + live.events)


def _held(frame: pd.DataFrame, signal: str) -> MeasuredRate:
    return _rate(frame[(frame["signal"] == signal) & (frame["event"] == "range")])


def _calls(frame: pd.DataFrame) -> pd.DataFrame:
    """The forecasts that were calls: a probability above the median of those of the sessions before."""
    by_session = frame.groupby("until", sort=True)["probability"].mean()
    called = by_session > by_session.expanding().median().shift()
    return frame[frame["until"].isin(by_session.index[called])]


def _rate(frame: pd.DataFrame) -> MeasuredRate:
    if frame.empty:
        return NO_RATE
    rate = float(np.average(frame["outcome"], weights=frame["weight"]))
    events = int(frame["until"].nunique())
    low, high = wilson_interval(rate, events)
    return MeasuredRate(len(frame), events, rate, low, high, math.nan, str(frame["day"].min()), str(frame["day"].max()))
