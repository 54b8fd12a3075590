"""What an option seller asks: which range holds, what leaves it, and when premium is paid too little."""

from typing import Annotated, Literal

from pydantic import Field

from aegismatrix_engine.document.schema.block import Basis, Block, Color, Day, HeadSignal, Reasons, Signal, Text
from aegismatrix_engine.document.schema.expiries import Breach, BreachPoint, Expiry, MaxPain, SafeRange
from aegismatrix_engine.document.schema.meaning import (
    FROM_MODELS,
    NO_OPEN_INTEREST,
    RATIO_CUTS,
    REPLACED,
    UNPROVEN,
    published,
)
from aegismatrix_engine.document.schema.quantities import (
    Distance,
    Probability,
    SessionCount,
    Sessions,
    Share,
    SignedUnit,
)
from aegismatrix_engine.document.schema.range_width import RangeWidth

TrapLabel = Literal["LOW", "MEDIUM", "HIGH"]
StressLabel = Literal["CALM", "CAUTION", "HOSTILE"]
SellerFlagLabel = Literal["FAVOURABLE", "CAUTION", "HOSTILE"]
SellerRegime = Literal["CALM", "CAUTIOUS", "HOSTILE"]
DailyFlag = Literal["FAVOURABLE", "NEUTRAL", "RISKY"]


class Trap(HeadSignal):
    """Volatility trap: implied volatility pays less than what is about to be realised."""

    score: Probability = published(
        "P(realised variance of the next sessions > implied): high is bad for sellers.",
        "logit mean of head and shape; shape: share of past sqrt(realised variance) / B_{{ TRAP_HORIZONS[0] }} above "
        "i / B_{{ TRAP_HORIZONS[0] }}",
    )
    label: TrapLabel = published(
        "The score against its base rate.", "ratio of score to base_rate", cut_offs=f"LOW, MEDIUM, HIGH: {RATIO_CUTS}"
    )
    word: TrapLabel | None = published(
        "The label as a forecast: there only while the head has proven its skill; the label is MEDIUM elsewhere.",
        default=None,
    )
    iv_percentile: Share = published("Percentile of VIX among its closes of the last year; without VIX, rv_percentile.")
    rv_percentile: Share = published(
        "One-year percentile of the {{ REALISED_SESSIONS }}-session realised volatility.",
        "of sqrt(mean of squared returns over {{ REALISED_SESSIONS }} sessions), over the last year",
    )
    horizon_sessions: Sessions = published("Sessions the score is about.", "{{ TRAP_HORIZONS[0] }}", updates="constant")
    base_rate: Probability = published(
        "Share of training sessions after which more variance was realised than implied; see event heads.",
        updates="training",
    )
    score_10: Probability = published("The same probability over the next {{ TRAP_HORIZONS[1] }} sessions.")
    base_rate_10: Probability | None = published(
        "The base rate of score_10; absent in documents before 2.2.0.", updates="training", default=None
    )
    basis_10: Basis | None = published(
        "What score_10 comes from: it is a head of its own; absent in documents before 2.2.0.", default=None
    )
    reason_10: Text | None = published("Why the head of score_10 is silent; absent while it is proven.", default=None)


class Skew(Signal):
    """How heavy each tail of the expiry distribution is: the share of its variance that comes from there."""

    put_skew: Share = published(
        "Share of the variance that comes from the lowest {{ TAIL | percent }} of outcomes; "
        "{{ NORMAL_TAIL_SHARE | round(2) }} for a normal distribution.",
        "sum of (q - m)^2 over the lowest {{ TAIL | percent }} of q, over its sum over all of q; q: Q_h at the middles "
        "of {{ SKEW_SAMPLE }} equal steps of probability, m their mean; options: the place of priced.put_25_delta / "
        "priced.at_the_money in the range {{ WING_RANGE[0] }} to {{ WING_RANGE[1] }}, at most 1, at least 0",
        saturates=False,
    )
    call_skew: Share = published("The same of the highest {{ TAIL | percent }} of outcomes.", saturates=False)
    net_skew: SignedUnit = published("Negative where falls weigh more.", "call_skew - put_skew, both as published")
    expiry: Day = published("The primary expiry, whose distribution is read.")


class ExpiryStress(HeadSignal):
    """Chance of a move to the nearest expiry that its premium did not price."""

    score: Probability = published(
        "P(touch of distance_points up to the expiry).",
        "touch_h({{ STRESS_MULTIPLE }} x i x sqrt(h))",
        updates="document",
    )
    label: StressLabel = published(
        "The score against its base rate.",
        "ratio of score to base_rate",
        cut_offs=f"CALM, CAUTION, HOSTILE: {RATIO_CUTS}",
    )
    word: StressLabel | None = published(
        "The label as a forecast: there only while the head has proven its skill; the label is CAUTION elsewhere.",
        default=None,
    )
    expiry: Day | None = published("The nearest expiry; absent before weekly expiries.", default=None)
    sessions_left: SessionCount = published("Sessions to the close the score looks ahead to.", "h", updates="event")
    distance_points: Distance = published(
        "{{ STRESS_MULTIPLE }} x the implied standard deviation of the time left.",
        "spot x {{ STRESS_MULTIPLE }} x i x sqrt(h); without VIX, i is B_22; inside a session h is the share of a "
        "session still open + the sessions after it",
        updates="document",
    )
    priced_close: Probability | None = published(
        "The chance of a close at the expiry beyond distance_points that option prices imply; of a close, not of a "
        "touch. Absent without a chain.",
        "as seller.expiries[].breach_curve[].priced_close",
        updates="event",
        default=None,
    )
    base_rate: Probability = published(
        "Share of training sessions with VIX on which the distance was touched.",
        "within h sessions; inside a session from that moment of the day, for its first {{ OWN_CLOSES }} closes",
        updates="training",
    )


class SellerFlag(Signal):
    """The seller's situation in one word, with reasons."""

    label: SellerFlagLabel = published(
        "From the words of trap and expiry stress while they are proven, else from the grade of range_width.",
        "both proven: grade of trap (LOW 0, MEDIUM 1, HIGH 2) + grade of stress (CALM 0, CAUTION 1, HOSTILE 2); else "
        "the grade of the proven one; with neither that of range_width (NARROW, USUAL, WIDE)",
        cut_offs="FAVOURABLE 0 or 1, CAUTION 2, HOSTILE 3 or 4; of one grade the lowest, middle and highest",
    )
    color: Color = published("The label as a colour.", "GREEN for FAVOURABLE, AMBER for CAUTION, RED for HOSTILE")
    reasons: Reasons = published("What it rests on, and why, in sentences on width, trap, stress and percentiles.")


class Seller(Block):
    """Signals for sellers of options."""

    safe_range: SafeRange = published(
        "Central interval of the close at the primary expiry, conformally adjusted. Primary: the next monthly at least "
        "{{ PRIMARY_DAYS }} calendar days away; h is its sessions left.",
        does_not_say="That the index stays inside on the way: `touch_probability` is the chance that it does not, "
        "never less than that of a close outside. {{ (1 - COVERAGES[0]) | percent }} of such ranges are meant to fail.",
        basis=FROM_MODELS,
        models=("breach", "distribution", "night", "session"),
        updates="session",
    )
    max_pain: MaxPain = published(
        "Where the close at the nearest listed expiry is expected, weekly or monthly and today's until its close, in "
        "strikes round the median of the forecast; with basis options the strike at which its holders would be paid "
        "least, by open interest. The same as that expiry's in seller.expiries.",
        does_not_say="That the close is drawn there: no pull was found, and `confidence` is the forecast's own chance. "
        "With basis estimator no open interest is read, and it is not the strike at which options pay least.",
        basis={"options": "by the open interest of a chain", "estimator": NO_OPEN_INTEREST, "prior": REPLACED},
        models=("distribution", "night", "session"),
        updates="event",
    )
    trap: Trap = published(
        "Volatility trap over the next {{ TRAP_HORIZONS[0] }} sessions after the last close: mean of squared "
        "close-to-close returns over t+1..t+{{ TRAP_HORIZONS[0] }} above i^2. The seller is then paid too little.",
        does_not_say="How large the loss is, or which way the index goes. Realised variance here is close to close; a "
        "path that swings and comes back counts little.",
        basis={
            "model": "VIX known and the head proven",
            "base_rate": UNPROVEN,
            "prior": "VIX not known, too few training rows, or one of its models could not be used: scores are base "
            "rates",
        },
        models=("distribution", "trap"),
        updates="session",
    )
    skew: Skew = published(
        "How much of the distribution's variance at the primary expiry, h sessions away, is in each of its tails of "
        "{{ TAIL | percent }}. The larger, the heavier; a tail of a normal distribution holds "
        "{{ NORMAL_TAIL_SHARE | round(2) }}. With basis options: how dear each side is beside the money, on a scale "
        "whose ends lie beyond all that the chains shared with the engine showed.",
        does_not_say="With basis estimator what options cost at either side: it is the forecast's skew, not the "
        "market's. Nor how wide the distribution is, which forecast.horizons says.",
        basis={
            "options": "by the prices of the primary expiry",
            "estimator": "from a healthy model, as long as no option prices are read",
            "prior": REPLACED,
        },
        models=("distribution", "night", "session"),
        updates="session",
    )
    expiry_stress: ExpiryStress = published(
        "Chance of a high or low more than {{ STRESS_MULTIPLE }} x i x sqrt(h) away from now to the nearest expiry. "
        "After the close of an expiry day it is about the next expiry.",
        does_not_say="That the index ends there: a touch may come back. Nor the side.",
        basis={
            "model": "VIX known and the head proven",
            "estimator": "healthy, but the walk through the past has not proven that its chance beats the base rate: "
            "the touch probability of the distribution, without a word",
            "prior": "VIX not known, or one of its models could not be used: the base rate",
        },
        models=("distribution", "night", "session", "stress"),
    )
    breach_probabilities: Annotated[list[BreachPoint], Field(min_length=4, max_length=4)] = published(
        "Chances that the index goes a distance away from spot by the primary expiry, h sessions away. Four distances, "
        "nearest first.",
        does_not_say="What a breach costs, or when it comes. `probability` is of a touch, `close_beyond` of a close.",
        updates="session",
    )
    breach: Breach = published(
        "What breach_probabilities are for and come from.",
        does_not_say="Numbers of its own.",
        basis=FROM_MODELS,
        models=("distribution", "night", "session"),
        updates="session",
    )
    range_width: RangeWidth | None = published(
        "How wide the {{ COVERAGES[0] | percent }} range to the nearest expiry is for its year, and what the index did "
        "after such ranges in the walk through the past. Absent in documents before 2.2.0.",
        does_not_say="That an option is cheap or dear: premiums follow the width. Nor that the range holds; "
        "`held` and `touched` are what past ones did. It grades how far the index moves.",
        basis=FROM_MODELS,
        models=("breach", "distribution", "night", "session"),
        updates="event",
        default=None,
    )
    seller_flag: SellerFlag = published(
        "The seller's situation in one word: trap at the last close and expiry stress, as far as they are proven; "
        "where neither is, how wide the range to the nearest expiry is for its year.",
        does_not_say="That selling pays, or that it does not. FAVOURABLE says that moves were smaller after such days, "
        "not that their premium was too high: of a narrow range the premium is small as well.",
        basis=FROM_MODELS,
        models=("breach", "distribution", "night", "session", "stress", "trap"),
    )
    historical_hit_rate: Share = published(
        "Share of past safe ranges that held, nominal under {{ MINIMUM_EVENTS }} expiries.",
        "track_record.safe_range.pooled",
        updates="event",
        changes_with="training",
    )
    regime: SellerRegime = published(
        "The seller's environment.",
        "the larger grade of trap and stress, as far as they are proven; else that of range_width",
        cut_offs="CALM 0, CAUTIOUS 1, HOSTILE 2",
    )
    daily_flag: DailyFlag = published(
        "The seller's day.",
        "grade of stress, one more if trap is HIGH; with one of them proven its grade, with neither range_width's",
        cut_offs="FAVOURABLE 0, NEUTRAL 1, RISKY from 2",
    )
    expiries: Annotated[list[Expiry], Field(min_length=1)] = published(
        "The next two monthly and, once listed, two weekly expiries, in order of date; h is the sessions left of each.",
        does_not_say="Whether a contract of that expiry is liquid. A provisional date can still move to an earlier "
        "session.",
        basis={"model": "from healthy models; its max_pain is an estimator", "prior": REPLACED},
        models=("breach", "distribution", "night", "session"),
        updates="session",
    )
