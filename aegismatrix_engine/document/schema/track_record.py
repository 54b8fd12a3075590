"""How past forecasts of the same kind have done."""

from typing import Literal

from pydantic import Field

from aegismatrix_engine.document.schema.quantities import (
    Basis,
    Block,
    Count,
    Day,
    Fraction,
    Positive,
    Probability,
    Share,
    Size,
    Text,
)


class MeasuredRate(Block):
    """A share of past calls that came true; with too little history n is 0 and the rate is nominal."""

    kind: Literal["walk_forward"] = Field(description="Measured on forecasts that saw only bars before them.")
    n: Count = Field(description="Calls measured; 0 where there is too little history.")
    events: Count = Field(description="Independent occasions among them: all ranges of one expiry are one.")
    rate: Share = Field(description="Share of the n that came true; the nominal rate where n is 0.")
    interval: tuple[Probability, Probability] | None = Field(
        default=None, description="95 % confidence interval of the rate, from the events; absent where n is 0."
    )
    first: Day | None = Field(default=None, description="First session measured; absent where n is 0.")
    last: Day | None = Field(default=None, description="Last session measured; absent where n is 0.")
    basis: Basis = Field(description="prior where n is 0.")


class SafeRangeRecord(MeasuredRate):
    """Share of past safe ranges that held the close at expiry."""

    nominal: Probability = Field(description="The share that should hold.")


class BreakoutCallRecord(MeasuredRate):
    """Share of past breakout calls that were followed by a breakout."""

    base_rate: Probability = Field(description="Share of all sessions that were breakouts.")


class Skill(Block):
    """A forecast's score beside climatology's on the same sessions."""

    signal: Text = Field(description="Dotted path of the signal scored.")
    measure: Literal["brier"] = Field(description="brier: mean squared error of the probability, lower is better.")
    score: Size = Field(description="The forecast's score.")
    climatology: Size = Field(description="The score of the base rate known at the time.")
    skill_pct: Fraction = Field(description="1 - score / climatology, a fraction; negative is worse than climatology.")
    n: Positive = Field(description="Forecasts scored.")
    first: Day = Field(description="First session scored.")
    last: Day = Field(description="Last session scored.")


class TrackRecord(Block):
    """Walk-forward measurements of the published signals."""

    safe_range: SafeRangeRecord = Field(description="Safe ranges that held.")
    breakout_calls: BreakoutCallRecord = Field(description="Breakout calls that came true.")
    skill: list[Skill] = Field(description="Scores of probability forecasts; empty with too little history.")
