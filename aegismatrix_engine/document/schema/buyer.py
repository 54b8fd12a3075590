"""What an option buyer asks: will it break out, when in the session, and does the move pay for the premium."""

from typing import Annotated, Literal

from pydantic import Field

from aegismatrix_engine.document.schema import breakout
from aegismatrix_engine.document.schema.block import Basis, Block, Color, Day, HeadSignal, Reasons, Signal
from aegismatrix_engine.document.schema.meaning import FROM_MODELS, UNPROVEN, published
from aegismatrix_engine.document.schema.quantities import (
    Distance,
    Probability,
    Ratio,
    SessionCount,
    Sessions,
    Share,
    Size,
)

ThetaLabel = Literal["DONT_WASTE_PREMIUM", "BORDERLINE", "EDGE_JUSTIFIES_PREMIUM"]
BuyerRegime = Literal["TREND_FOLLOWING", "MEAN_REVERTING", "CHOPPY"]
BuyerEnvironmentLabel = Literal["PREMIUM_FRIENDLY", "SPECULATIVE_ONLY", "UNFAVOURABLE"]
EnvironmentState = Literal["PREMIUM_FRIENDLY", "CAUTIOUS", "AVOID_FULL_RISK"]
WINDOW_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"


class GammaWindow(Block):
    """A part of the session and its share of the session's variance."""

    window: Annotated[str, Field(pattern=WINDOW_PATTERN)] = published("Start and end, HH:MM-HH:MM, exchange time.")
    score: Share = published(
        "The share, scaled so that an even spread over time is 0.5.",
        "x / (1 + x), x = share of variance / share of the session's minutes",
    )
    share: Share = published(
        "Share of the session's variance in the window: usual at a close; inside a session what it has shown and what "
        "is forecast of the rest.",
        "mean over sessions of: sum of ln(H/L)^2 over the window's bars / that of the session; inside a session v "
        "shown by its bars + S_1^2 spread over the rest of each window by that mean, over their sum",
    )
    state: Literal["past", "running", "ahead"] = published("By the newest complete bar; ahead outside a session.")
    against_usual: Size = published(
        "Its variance, shown or forecast, over its usual part of a session's; 1 outside a session.",
        "inside: v shown and forecast / (mean share x the session's part, the night left out, of the variance forecast "
        "for today at the close before)",
    )
    basis: Basis = published("model with intraday history, else a stated prior.")


class Gamma(Signal):
    """What ``gamma_windows`` come from."""


class ThetaEdge(HeadSignal):
    """Whether the move to the nearest expiry pays for the at-the-money straddle."""

    score: Probability = published(
        "P(absolute move to the nearest expiry > straddle cost); with a chain still of proxy_cost_points, by which the "
        "head learnt.",
        "logit mean of head and shape, close_h(cost); inside a session and after the US night close_h(cost) alone",
    )
    label: ThetaLabel = published(
        "EDGE_JUSTIFIES_PREMIUM only where the ratio is above 1 beyond its error.",
        "expected_payoff_ratio, give or take payoff_error",
        cut_offs="EDGE_JUSTIFIES_PREMIUM: ratio - {{ ERRORS_BEYOND }} x error > 1. DONT_WASTE_PREMIUM: "
        "ratio + {{ ERRORS_BEYOND }} x error < 1. Else BORDERLINE. BORDERLINE without a forecast",
    )
    word: ThetaLabel | None = published(
        "The label as a forecast: there only while the head has proven its skill; the label is BORDERLINE elsewhere.",
        default=None,
    )
    expected_payoff_ratio: Size = published(
        "Mean pay-off of the straddle over its cost.",
        "forecast mean of abs(C[t+h] - C[t]) / cost; under basis base_rate and prior the mean of the same over past "
        "sessions, each with the cost of its own day, where VIX was ever known; with a chain of the last "
        "{{ PAYOFF_SESSIONS }} sessions, each with the cost of today",
    )
    payoff_error: Size = published(
        "Standard error of expected_payoff_ratio as the forecast of one day, not of a mean of all days.",
        "ratio x sqrt(variance between blocks of {{ PAYOFF_BLOCK_SESSIONS }} sessions of the mean of abs(return) / its "
        "forecast mean in the walk - what sampling explains + that of the mean of all)",
        updates="event",
    )
    straddle_cost_points: Distance = published(
        "Cost of the straddle: with a chain what it is quoted at, else implied by the volatility index.",
        "spot x cost; without VIX, i is B_22; inside a session h is the share of a session still open + the sessions "
        "after it; with a chain priced.straddle_points of the expiry",
    )
    cost_basis: Literal["options"] | None = published(
        "There where straddle_cost_points is quoted; absent where it is implied.", default=None
    )
    proxy_cost_points: Distance | None = published(
        "The cost that the volatility index implies, beside the quoted one; absent without that.",
        "spot x cost",
        default=None,
    )
    sessions_left: SessionCount = published("Sessions to the close the score looks ahead to.", "h", updates="event")
    expiry: Day | None = published("The nearest expiry; absent before weekly expiries.", default=None)
    base_rate: Probability = published(
        "Share of training sessions whose move exceeded the cost, same h and moment of the day; see event heads.",
        updates="training",
    )


class RegimeEvidence(Signal):
    """The variance ratio behind ``buyer.regime``."""

    variance_ratio: Size = published(
        "Above 1 where returns trend.", "variance of {{ REGIME_LAG }}-session returns / ({{ REGIME_LAG }} x of one)"
    )
    z_statistic: Ratio = published(
        "Its heteroskedasticity-robust z statistic.",
        "(variance_ratio - 1) / its standard error",
        unit="standard errors",
    )
    lag: Sessions = published("Sessions in the long return.", "{{ REGIME_LAG }}", updates="constant")
    window: Sessions = published("Returns the ratio is measured on, at most {{ REGIME_WINDOW }}.", updates="event")


class BuyerEnvironment(Signal):
    """The buyer's situation in one word, with reasons."""

    label: BuyerEnvironmentLabel = published(
        "From the words of breakout and theta while they are proven, and from seller.range_width while theta is not.",
        "the first of these that holds",
        cut_offs="PREMIUM_FRIENDLY: theta EDGE_JUSTIFIES_PREMIUM, or breakout HIGH and moves not small. UNFAVOURABLE: "
        "moves small and breakout not HIGH. Else SPECULATIVE_ONLY. Moves are small where theta says "
        "DONT_WASTE_PREMIUM, or where theta is silent and the range is NARROW",
    )
    color: Color = published(
        "The label as a colour.", "GREEN for PREMIUM_FRIENDLY, AMBER for SPECULATIVE_ONLY, RED for UNFAVOURABLE"
    )
    reasons: Reasons = published("What it rests on, and why, in sentences on theta, breakout and width.")


class Buyer(Block):
    """Signals for buyers of options."""

    breakout_today: breakout.BreakoutToday = published(
        "Breakout of the session in progress, else of the next one; the same as day_offset {{ BREAKOUT_OFFSETS[0] }}. "
        + breakout.BREAKOUT_EVENT,
        does_not_say="Which way it breaks, or that it closes there: the true range counts, not the close. HIGH is high "
        "against its own past.",
        basis=breakout.BREAKOUT_BASIS,
        models=breakout.BREAKOUT_MODELS,
        updates="document",
    )
    breakout_next: Annotated[list[breakout.BreakoutNext], Field(min_length=5, max_length=5)] = published(
        "Breakouts of each of the sessions k = {{ BREAKOUT_OFFSETS }} after the last close, nearest first, by a head "
        "and a shape of its own. " + breakout.BREAKOUT_EVENT,
        does_not_say="That one of the five breaks out: the five overlap in what they know, so their chances do not "
        "multiply.",
        basis=breakout.BREAKOUT_BASIS,
        models=breakout.BREAKOUT_MODELS,
        updates="session",
    )
    breakout_levels: breakout.BreakoutLevels = published(
        "Levels at which the session in progress, else the next, becomes a breakout: the event's own threshold. They "
        "follow the range so far until it is complete; from then on they stay where they were before, the crossed one "
        "behind the index.",
        does_not_say="How likely they are to be reached: that is breakout_today. A gap makes the range wider than the "
        "session.",
        basis={"estimator": "always: prices and a multiple, no model"},
        updates="session",
    )
    spike_direction_bias: breakout.SpikeDirectionBias = published(
        "Given that the next session is a breakout: whether it closes above or below the last close.",
        does_not_say="That the index goes either way: it is conditional on a breakout. Where rising and falling weeks "
        "do not differ by more than sampling error it is the base rate.",
        basis={**FROM_MODELS, "base_rate": f"{UNPROVEN}; or rising and falling weeks share one rate"},
        models=("spike",),
        updates="event",
        changes_with="training",
    )
    gamma_windows: Annotated[list[GammaWindow], Field(min_length=6, max_length=6)] = published(
        "How the variance of a session, the night left out, is spread over its six windows in order of time: of an "
        "average session, the latest weighing most (half as much {{ PROFILE_HALF_LIFE }} sessions earlier), and inside "
        "a session of this one.",
        does_not_say="Anything about option gamma. Before the open it is a mean over past sessions and says nothing of "
        "the coming one.",
        basis={
            "model": "training saw at least {{ PROFILE_SESSIONS }} complete intraday sessions",
            "prior": "otherwise, and `health.notes` says so; or a model that gamma names could not be used",
        },
        updates="event",
    )
    gamma: Gamma = published(
        "What gamma_windows come from.",
        does_not_say="Numbers of its own.",
        basis={"model": "as the windows", "prior": "as the windows"},
        models=("distribution", "gamma", "session"),
    )
    theta_edge: ThetaEdge = published(
        "From now to the nearest expiry, at most {{ STRADDLE_HORIZONS[-1] }} sessions: whether abs(C[t+h] - C[t]) "
        "exceeds the cost of the at-the-money straddle, {{ STRADDLE_WIDTH }} x i x sqrt(h) (Brenner and Subrahmanyam, "
        "1988).",
        does_not_say="Without a chain what a straddle costs on the screen: the cost is implied by the volatility "
        "index, which covers a month. Nor what hedging or an exit before expiry pays.",
        basis={
            "model": "VIX known and the head of this many sessions proven",
            "base_rate": f"{UNPROVEN}, and the ratio of past straddles",
            "prior": "VIX not known, too few training rows, or one of its models could not be used: the score is the "
            "base rate, the ratio that of past straddles",
        },
        models=("distribution", "night", "session", "theta"),
        updates="document",
    )
    regime: BuyerRegime = published(
        "Trending, reverting or neither; see regime_evidence.",
        "by regime_evidence.z_statistic",
        cut_offs="TREND_FOLLOWING from {{ REGIME_Z }} on, MEAN_REVERTING up to -{{ REGIME_Z }}, else CHOPPY",
    )
    regime_evidence: RegimeEvidence = published(
        "The variance ratio behind regime: whether returns of the last {{ REGIME_WINDOW }} sessions trended or "
        "reverted (Lo and MacKinlay, 1988).",
        does_not_say="That the coming sessions trend: it describes the past year.",
        basis={"estimator": "always: a statistic of past returns"},
        updates="session",
    )
    buyer_environment: BuyerEnvironment = published(
        "The buyer's situation in one word: theta and the breakout of today or the next session, as far as they are "
        "proven, and how wide the range to the nearest expiry is for its year where theta is not.",
        does_not_say="That buying pays: PREMIUM_FRIENDLY can rest on a high breakout chance alone, and is never there "
        "without a proven head.",
        basis=FROM_MODELS,
        models=("breach", "breakout", "distribution", "night", "session", "theta"),
    )
    historical_spike_rate: Share = published(
        "Measured share of past breakout calls that came true; the base rate under {{ MINIMUM_EVENTS }} calls, until "
        "live ones move it.",
        "track_record.breakout_calls.pooled",
        updates="event",
        changes_with="training",
    )
    environment_state: EnvironmentState = published(
        "buyer_environment.label in other words.",
        cut_offs="PREMIUM_FRIENDLY, CAUTIOUS for SPECULATIVE_ONLY, AVOID_FULL_RISK for UNFAVOURABLE",
    )
