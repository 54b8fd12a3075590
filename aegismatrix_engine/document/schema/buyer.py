"""What an option buyer asks: will it break out, when in the session, and does the move pay for the premium."""

from typing import Annotated, Literal

from pydantic import Field

from aegismatrix_engine.document.schema.quantities import (
    Basis,
    Block,
    Color,
    Count,
    Day,
    Distance,
    Level,
    Positive,
    Probability,
    Ratio,
    Score,
    Share,
    Signal,
    Size,
    Text,
)

BreakoutLabel = Literal["LOW", "MEDIUM", "HIGH"]
ThetaLabel = Literal["DONT_WASTE_PREMIUM", "BORDERLINE", "EDGE_JUSTIFIES_PREMIUM"]
BuyerRegime = Literal["TREND_FOLLOWING", "MEAN_REVERTING", "CHOPPY"]
BrokenOut = Literal["up", "down", "both", "none"]
BuyerEnvironmentLabel = Literal["PREMIUM_FRIENDLY", "SPECULATIVE_ONLY", "UNFAVOURABLE"]
EnvironmentState = Literal["PREMIUM_FRIENDLY", "CAUTIOUS", "AVOID_FULL_RISK"]
WINDOW_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"


class Breakout(Signal):
    """P(true range of one session > 1.25 x the 14-session average true range at the last close)."""

    score: Score = Field(description="Probability of the breakout.")
    label: BreakoutLabel = Field(description="The score against its base rate.")
    session: Day = Field(description="The session it speaks of.")
    base_rate: Probability = Field(description="Share of training sessions that were breakouts.")


class BreakoutToday(Breakout):
    """The session in progress, or the next one when the market is closed."""


class BreakoutNext(Breakout):
    """One of the five sessions after the last official close, the one in progress the first of them."""

    day_offset: Annotated[int, Field(ge=1, le=5)] = Field(description="Sessions after the last close, 1..5.")


class BreakoutLevels(Signal):
    """Levels at which the session becomes a breakout; once it is one they stay, and ``broken_out`` says the side."""

    upper: Level = Field(description="Lower of previous close and low so far, plus multiple x average true range.")
    lower: Level = Field(description="Higher of previous close and high so far, less multiple x average true range.")
    broken_out: BrokenOut = Field(
        description="Which of them the session in progress has gone beyond; none outside one."
    )
    atr_points: Distance = Field(description="14-session average true range at the last close, in index points.")
    multiple: Size = Field(description="How many average true ranges make a breakout.")


class SpikeDirectionBias(Signal):
    """Which way a breakout goes when there is one; the two shares sum to 1."""

    up_prob: Probability = Field(description="P(up | breakout), shrunk to the base rate by its evidence.")
    down_prob: Probability = Field(description="P(down | breakout).")
    base_up: Probability = Field(description="Share of training breakouts that went up.")
    evidence: Count = Field(description="Number of training breakouts behind it.")


class GammaWindow(Block):
    """A part of the session and its share of the session's variance."""

    window: Annotated[str, Field(pattern=WINDOW_PATTERN)] = Field(description="HH:MM-HH:MM, exchange time.")
    score: Score = Field(description="The share, scaled so that an even spread over time is 0.5.")
    share: Share = Field(
        description="Share of the session's variance in the window: usual at a close; inside a session what it has "
        "shown and what is forecast of the rest."
    )
    state: Literal["past", "running", "ahead"] = Field(description="Whether the window is over, begun or to come.")
    against_usual: Size = Field(description="Its variance, shown or forecast, over its usual part of a session's.")
    basis: Basis = Field(description="model with intraday history, else a stated prior.")


class Gamma(Signal):
    """What ``gamma_windows`` come from."""


class ThetaEdge(Signal):
    """Whether the move to the nearest expiry pays for the at-the-money straddle."""

    score: Score = Field(description="P(absolute move to the nearest expiry > straddle cost).")
    label: ThetaLabel = Field(description="EDGE_JUSTIFIES_PREMIUM only where the ratio is above 1 beyond its error.")
    expected_payoff_ratio: Size = Field(description="Mean pay-off of the straddle over its cost.")
    payoff_error: Size = Field(description="Bootstrap standard error of expected_payoff_ratio.")
    straddle_cost_points: Distance = Field(description="Implied cost of the straddle, in index points.")
    sessions_left: Count = Field(description="Sessions from as_of to the close the score looks ahead to.")
    expiry: Day | None = Field(default=None, description="The nearest expiry; absent before weekly expiries existed.")
    base_rate: Probability = Field(description="Share of training sessions on which the move paid.")


class RegimeEvidence(Signal):
    """The variance ratio behind ``buyer.regime``."""

    variance_ratio: Size = Field(description="Variance of lag-session returns over lag x that of one-session returns.")
    z_statistic: Ratio = Field(description="The ratio's heteroskedasticity-robust z statistic.")
    lag: Positive = Field(description="Sessions in the long return.")
    window: Positive = Field(description="Sessions the ratio is measured on.")


class BuyerEnvironment(Signal):
    """The buyer's situation in one word, with reasons."""

    label: BuyerEnvironmentLabel = Field(description="From breakout, theta and regime.")
    color: Color = Field(description="The label as a colour.")
    reasons: Annotated[list[Text], Field(min_length=1)] = Field(description="Why, naming the numbers.")


class Buyer(Block):
    """Signals for buyers of options."""

    breakout_today: BreakoutToday = Field(description="Breakout of the session in progress or next.")
    breakout_next: Annotated[list[BreakoutNext], Field(min_length=5, max_length=5)] = Field(
        description="Breakouts of the five sessions after the last close, nearest first."
    )
    breakout_levels: BreakoutLevels = Field(description="Levels at which the session becomes a breakout.")
    spike_direction_bias: SpikeDirectionBias = Field(description="Which way a breakout goes.")
    gamma_windows: Annotated[list[GammaWindow], Field(min_length=6, max_length=6)] = Field(
        description="Six windows of the session in order of time."
    )
    gamma: Gamma = Field(description="What gamma_windows come from.")
    theta_edge: ThetaEdge = Field(description="Whether the move pays for the premium.")
    regime: BuyerRegime = Field(description="Trending, reverting or neither; see regime_evidence.")
    regime_evidence: RegimeEvidence = Field(description="The variance ratio behind regime.")
    buyer_environment: BuyerEnvironment = Field(description="The buyer's situation in one word.")
    historical_spike_rate: Share = Field(
        description="Measured share of past breakout calls that were followed by a breakout; see track_record."
    )
    environment_state: EnvironmentState = Field(description="The buyer's environment.")
