"""What an option seller asks: which range holds, what leaves it, and when premium is paid too little."""

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
    Score,
    Share,
    Signal,
    SignedUnit,
    Text,
)

TrapLabel = Literal["LOW", "MEDIUM", "HIGH"]
StressLabel = Literal["CALM", "CAUTION", "HOSTILE"]
SellerFlagLabel = Literal["FAVOURABLE", "CAUTION", "HOSTILE"]
SellerRegime = Literal["CALM", "CAUTIOUS", "HOSTILE"]
DailyFlag = Literal["FAVOURABLE", "NEUTRAL", "RISKY"]
ExpiryKind = Literal["weekly", "monthly"]
RangeKind = Literal["close_at_expiry", "band_not_left"]


class SafeRange(Signal):
    """Central interval of the close at the primary expiry, conformally adjusted."""

    lower: Level = Field(description="Lower bound, an index level below spot.")
    upper: Level = Field(description="Upper bound, an index level above spot.")
    horizon_days: Count = Field(description="Calendar days from as_of to the expiry the range is for.")
    coverage: Probability = Field(description="Nominal share of such ranges that hold at expiry.")
    kind: Literal["close_at_expiry"] = Field(description="The range is about the close at expiry, not the way there.")
    touch_probability: Probability = Field(description="Probability that the range is left on the way to expiry.")
    expiry: Day = Field(description="The primary expiry: the next monthly at least 7 calendar days away.")
    sessions_left: Count = Field(description="Sessions from as_of to the close at expiry.")
    lower_level: Probability = Field(description="Probability level of the forecast quantile used as lower bound.")
    upper_level: Probability = Field(description="Probability level of the forecast quantile used as upper bound.")


class MaxPain(Signal):
    """Zone round the max-pain strike of the nearest expiry; without open interest, its expected expiry zone."""

    lower: Level = Field(description="Lower edge of the zone, an index level.")
    upper: Level = Field(description="Upper edge of the zone, an index level.")
    confidence: Probability = Field(description="Forecast probability that the close at expiry lies in the zone.")
    strike: Level = Field(description="The strike at the zone's centre, an index level.")
    expiry: Day = Field(description="The expiry the zone is for: the nearest listed one, weekly or monthly.")


class Trap(Signal):
    """Volatility trap: implied volatility pays less than what is about to be realised."""

    score: Score = Field(description="P(realised variance of the next sessions > implied): high is bad for sellers.")
    label: TrapLabel = Field(description="The score against its base rate.")
    iv_percentile: Share = Field(description="One-year percentile of the volatility index.")
    rv_percentile: Share = Field(description="One-year percentile of the 22-session realised volatility.")
    horizon_sessions: Positive = Field(description="Sessions the score looks ahead.")
    base_rate: Probability = Field(
        description="Share of training sessions after which more variance was realised than implied."
    )
    score_10: Score = Field(description="The same probability over the next 10 sessions.")


class Skew(Signal):
    """How heavy each tail of the expiry distribution is: the share of its variance that comes from there."""

    put_skew: Share = Field(
        description="Share of the variance that comes from the lowest 5 % of outcomes; 0.22 for a normal."
    )
    call_skew: Share = Field(
        description="Share of the variance that comes from the highest 5 % of outcomes; 0.22 for a normal."
    )
    net_skew: SignedUnit = Field(description="call_skew less put_skew; negative where falls weigh more.")
    expiry: Day = Field(description="The expiry whose distribution is read.")


class ExpiryStress(Signal):
    """Chance of a move to the nearest expiry that its premium did not price."""

    score: Score = Field(description="P(touch beyond distance_points up to the nearest expiry).")
    label: StressLabel = Field(description="The score against its base rate.")
    expiry: Day | None = Field(default=None, description="The nearest expiry; absent before weekly expiries existed.")
    sessions_left: Count = Field(description="Sessions from as_of to the close the score looks ahead to.")
    distance_points: Distance = Field(description="1.25 x the implied sigma of the time left, in index points.")
    base_rate: Probability = Field(description="Share of training sessions on which the distance was touched.")


class BreachPoint(Block):
    """Chances that the index goes a distance away from spot by the safe range's expiry."""

    distance: Positive = Field(description="Distance from spot, whole index points.")
    probability: Probability = Field(description="Touch on either side on the way.")
    close_beyond: Probability = Field(description="Close at expiry beyond it on either side.")
    touch_up: Probability = Field(description="Touch above on the way.")
    touch_down: Probability = Field(description="Touch below on the way.")
    close_up: Probability = Field(description="Close at expiry beyond it above.")
    close_down: Probability = Field(description="Close at expiry beyond it below.")


class Breach(Signal):
    """What ``breach_probabilities`` are for."""

    expiry: Day = Field(description="The expiry, equal to the safe range's.")
    sessions_left: Count = Field(description="Sessions from as_of to the close at expiry.")


class SellerFlag(Signal):
    """The seller's situation in one word, with reasons."""

    label: SellerFlagLabel = Field(description="From trap and expiry stress.")
    color: Color = Field(description="The label as a colour.")
    reasons: Annotated[list[Text], Field(min_length=1)] = Field(description="Why, naming the numbers.")


class ExpiryRange(Block):
    """One interval for one expiry."""

    coverage: Probability = Field(description="Nominal share of such ranges that hold.")
    lower: Level = Field(description="Lower bound, an index level below spot.")
    upper: Level = Field(description="Upper bound, an index level above spot.")
    kind: RangeKind = Field(description="close_at_expiry: holds the close; band_not_left: not left on the way either.")


class BreachCurvePoint(Block):
    """Chances that the index goes a distance away from spot by one expiry."""

    distance: Positive = Field(description="Distance from spot, whole index points.")
    touch: Probability = Field(description="Touch on either side on the way.")
    touch_up: Probability = Field(description="Touch above on the way.")
    touch_down: Probability = Field(description="Touch below on the way.")
    close: Probability = Field(description="Close at expiry beyond it on either side.")
    close_up: Probability = Field(description="Close at expiry beyond it above.")
    close_down: Probability = Field(description="Close at expiry beyond it below.")


class ExpiryMaxPain(Block):
    """The expected expiry zone of one expiry."""

    strike: Level = Field(description="The strike at the zone's centre, an index level.")
    lower: Level = Field(description="Lower edge of the zone, an index level.")
    upper: Level = Field(description="Upper edge of the zone, an index level.")
    confidence: Probability = Field(description="Forecast probability that the close at expiry lies in the zone.")
    basis: Basis = Field(description="options where open interest was read, else estimator.")


class Expiry(Signal):
    """Everything the seller's part says about one expiry."""

    expiry: Day = Field(description="Date of the expiry.")
    kind: ExpiryKind = Field(description="weekly or monthly; the week of the monthly has no weekly.")
    provisional: bool = Field(description="Whether the date is derived past the end of the announced calendar.")
    sessions_left: Count = Field(description="Sessions from as_of to the close at expiry.")
    horizon_days: Count = Field(description="Calendar days from as_of to the expiry.")
    ranges: Annotated[list[ExpiryRange], Field(min_length=1)] = Field(description="Intervals by coverage and kind.")
    breach_curve: Annotated[list[BreachCurvePoint], Field(min_length=1)] = Field(
        description="Chances by distance, nearest first."
    )
    max_pain: ExpiryMaxPain = Field(description="The expected expiry zone.")


class Seller(Block):
    """Signals for sellers of options."""

    safe_range: SafeRange = Field(description="Interval of the close at the primary expiry.")
    max_pain: MaxPain = Field(description="The expected zone of the nearest expiry.")
    trap: Trap = Field(description="Volatility trap.")
    skew: Skew = Field(description="Tails of the expiry distribution.")
    expiry_stress: ExpiryStress = Field(description="Stress up to the nearest expiry.")
    breach_probabilities: Annotated[list[BreachPoint], Field(min_length=4, max_length=4)] = Field(
        description="Four distances near 0.5, 1, 1.5 and 2 sigma to the safe range's expiry, nearest first."
    )
    breach: Breach = Field(description="What breach_probabilities are for and come from.")
    seller_flag: SellerFlag = Field(description="The seller's situation in one word.")
    historical_hit_rate: Share = Field(description="Measured share of past safe ranges that held; see track_record.")
    regime: SellerRegime = Field(description="The seller's environment.")
    daily_flag: DailyFlag = Field(description="The seller's day.")
    expiries: Annotated[list[Expiry], Field(min_length=1)] = Field(description="The next weekly and monthly expiries.")
