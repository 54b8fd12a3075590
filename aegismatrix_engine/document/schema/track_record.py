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

LiveState = Literal["measured", "not enough yet"]


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


class LiveRate(Block):
    """A share of live forecasts that came true; nothing is claimed below 30 events."""

    state: LiveState = Field(description="measured from 30 events on; before that: not enough yet.")
    n: Count = Field(description="Live forecasts that have been decided.")
    events: Count = Field(description="Of how many events: all forecasts of one expiry or session are one.")
    rate: Share | None = Field(default=None, description="Share that came true; withheld while not enough yet.")
    interval: tuple[Probability, Probability] | None = Field(
        default=None, description="95 % confidence interval of the rate; withheld while not enough yet."
    )
    first: Day | None = Field(default=None, description="First day of a live forecast; absent without any.")
    last: Day | None = Field(default=None, description="Last day of a live forecast; absent without any.")


class PooledRate(MeasuredRate):
    """A walk-forward rate, the live one beside it, and both pooled."""

    live: LiveRate = Field(description="The same, measured on forecasts as they were published.")
    pooled: Share = Field(description="Both rates weighted by their events: what the signal blocks give.")


class SafeRangeRecord(PooledRate):
    """Share of past safe ranges that held the close at expiry."""

    nominal: Probability = Field(description="The share that should hold.")


class BreakoutCallRecord(PooledRate):
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


class LiveSkill(Block):
    """One signal's published forecasts, scored as they were decided; nothing is claimed below 30 events."""

    signal: Text = Field(description="Dotted path of the signal, the record's name of it.")
    event: Text = Field(description="What was forecast; see docs/record.md.")
    state: LiveState = Field(description="measured from 30 events on; before that: not enough yet.")
    n: Positive = Field(description="Forecasts decided.")
    events: Positive = Field(description="Of how many events.")
    first: Day = Field(description="First day of a forecast.")
    last: Day = Field(description="Last day of a forecast.")
    brier: Size | None = Field(default=None, description="Mean squared error of the probability; withheld till enough.")
    came_true: Share | None = Field(default=None, description="Share that happened, or of ranges that held.")
    against_climatology: Fraction | None = Field(
        default=None,
        description="1 - Brier score / that of the long run's frequency, a fraction; withheld till enough.",
    )
    climatology_interval: tuple[Fraction, Fraction] | None = Field(
        default=None, description="90 % block-bootstrap interval of it."
    )
    against_index: Fraction | None = Field(
        default=None, description="The same against the volatility index alone; absent where it was not known."
    )
    index_interval: tuple[Fraction, Fraction] | None = Field(
        default=None, description="90 % block-bootstrap interval of it."
    )


class TrackRecord(Block):
    """What past forecasts of the published signals were worth, in walk-forward and live."""

    safe_range: SafeRangeRecord = Field(description="Safe ranges that held.")
    breakout_calls: BreakoutCallRecord = Field(description="Breakout calls that came true.")
    skill: list[Skill] = Field(description="Scores of probability forecasts; empty with too little history.")
    live: list[LiveSkill] = Field(description="Scores of published forecasts; empty where no record is kept.")
