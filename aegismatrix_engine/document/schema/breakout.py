"""Breakouts: how likely the sessions ahead are to leave their usual range, and from which level on they do."""

from typing import Annotated, Literal

from pydantic import Field

from aegismatrix_engine.document.schema.block import Day, HeadSignal, Signal
from aegismatrix_engine.document.schema.meaning import HEALTHY, RATIO_CUTS, REPLACED, UNPROVEN, Kind, published
from aegismatrix_engine.document.schema.quantities import Count, Distance, Level, Probability, Size

BreakoutLabel = Literal["LOW", "MEDIUM", "HIGH"]
BrokenOut = Literal["up", "down", "both", "none"]
Offset = Annotated[int, Field(ge=1, le=5), Kind("sessions")]

BREAKOUT_EVENT = "Event: TR[t+k] above {{ BREAKOUT_MULTIPLE }} x ATR[t], ATR over {{ ATR_WINDOW }} sessions."
BREAKOUT_BASIS = {
    "model": f"{HEALTHY}; without VIX from the shape alone",
    "base_rate": f"{UNPROVEN}; the session in progress is not forecast by a head and needs no proof",
    "prior": f"{REPLACED}; or inside a session by the constants that ship",
}
BREAKOUT_MODELS = ("breakout", "distribution", "session")


class Breakout(HeadSignal):
    """P(true range of one session > a multiple of the average true range at the last close)."""

    score: Probability = published(
        "Probability of the breakout.",
        "logit mean of head and shape; shape: share of past TR[t+k] / b_k above {{ BREAKOUT_MULTIPLE }} x ATR / b_k; "
        "for the session in progress see inside a session: breakout",
    )
    label: BreakoutLabel = published(
        "The score against its base rate.",
        "ratio of score to base_rate",
        cut_offs=f"LOW, MEDIUM, HIGH for each k: {RATIO_CUTS}",
    )
    word: BreakoutLabel | None = published(
        "The label as a forecast: there only while the head has proven its skill; the label is MEDIUM elsewhere.",
        default=None,
    )
    session: Day = published("The session that is forecast, t+k.")
    base_rate: Probability = published(
        "Share of training sessions with a breakout; see event heads.", updates="training"
    )


class BreakoutToday(Breakout):
    """The session in progress, or the next one when the market is closed."""


class BreakoutNext(Breakout):
    """One of the five sessions after the last official close, the one in progress the first of them."""

    day_offset: Offset = published("Sessions after the last close.", "k", updates="constant")


class BreakoutLevels(Signal):
    """Levels at which the session becomes a breakout; once it is one they stay, and ``broken_out`` says the side."""

    upper: Level = published(
        "Lower of previous close and low so far, plus multiple x average true range.",
        "lo x exp({{ BREAKOUT_MULTIPLE }} x ATR), lo the lower of the two, before the breakout once there is one",
    )
    lower: Level = published(
        "Higher of previous close and high so far, less multiple x average true range.",
        "hi x exp(-{{ BREAKOUT_MULTIPLE }} x ATR), hi the higher of the two, likewise",
    )
    broken_out: BrokenOut = published(
        "Which of them the session in progress has gone beyond; none outside one.",
        "up: the high so far is above upper; down: the low so far is below lower; both; else none. In the bar that "
        "completes the range a close at or above its open means that its low came before its high",
    )
    atr_points: Distance = published("Average true range at the last close, {{ ATR_WINDOW }} sessions.", "spot x ATR")
    multiple: Size = published(
        "Average true ranges that make a breakout.",
        "{{ BREAKOUT_MULTIPLE }}",
        unit="average true ranges",
        updates="constant",
    )
    range_so_far: Size | None = published(
        "True range of the session so far in average true ranges, the previous close counted in: above multiple once "
        "the session is a breakout. Absent outside a session and in documents before 2.3.0.",
        "(hi - lo) / ATR, both in log points; hi the higher of previous close and high so far, lo the lower of the "
        "same close and low",
        unit="average true ranges",
        updates="event",
        default=None,
    )


class SpikeDirectionBias(HeadSignal):
    """Which way a breakout goes when there is one; the two shares sum to 1."""

    up_prob: Probability = published(
        "P(up | breakout), shrunk to the base rate by its evidence.",
        "w x (share up after weeks like the last one) + (1 - w) x base_up; weeks: falling or rising over five "
        "sessions; w = between / (between + sampling variance), beta-binomial by moments",
        cut_offs="base_up alone under {{ MINIMUM_BREAKOUTS }} breakouts in either state",
    )
    down_prob: Probability = published("P(down | breakout).", "1 - up_prob")
    base_up: Probability = published("Share of training breakouts that closed up.", "(ups + 1) / (breakouts + 2)")
    evidence: Count = published("Training breakouts behind it: k = 1, features complete.", unit="breakouts")
