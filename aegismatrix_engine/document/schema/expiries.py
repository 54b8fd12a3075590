"""What is forecast for one expiry: its ranges, its zone, and the chances of a move away from spot."""

from typing import Annotated, Literal

from pydantic import Field

from aegismatrix_engine.document.schema.block import Basis, Block, Day, Signal
from aegismatrix_engine.document.schema.meaning import NO_OPEN_INTEREST, published
from aegismatrix_engine.document.schema.options import OpenInterest, Priced
from aegismatrix_engine.document.schema.quantities import (
    Count,
    Level,
    Probability,
    SessionCount,
    SignedUnit,
    WholePoints,
)

ExpiryKind = Literal["weekly", "monthly"]
RangeKind = Literal["close_at_expiry", "band_not_left"]

SessionsLeft = Annotated[SessionCount, published("Sessions from as_of to the close at expiry.", "h")]
HorizonDays = Annotated[Count, published("From the date of as_of to that of the expiry.", unit="calendar days")]

ZoneStrike = Annotated[
    Level,
    published(
        "The strike at the zone's centre; with basis options max pain.",
        "the strike nearest to level(Q_h({{ ZONE_LEVELS[1] }})); options: the strike K with the least sum over legs of "
        "open interest x what a close at K pays, of several the nearest to the forward",
    ),
]
ZoneLower = Annotated[
    Level,
    published(
        "Lower edge of the zone.",
        "level(Q_h({{ ZONE_LEVELS[0] }})) down to a strike, a step or more below the centre; options: the lowest level "
        "round max pain that pays at most {{ ZONE_EXCESS | percent }} more than it, between strikes too",
    ),
]
ZoneUpper = Annotated[
    Level,
    published(
        "Upper edge of the zone.",
        "level(Q_h({{ ZONE_LEVELS[2] }})) up to a strike, a step or more above the centre; options: the highest such "
        "level",
    ),
]
ZoneConfidence = Annotated[
    Probability,
    published(
        "Forecast probability of a close in the zone.",
        "F_h(ln(upper / spot)) - F_h(ln(lower / spot))",
        updates="document",
    ),
]

STEPS = "x spot x S_h, each to the nearest strike step, each at least one step beyond the last"
TOUCH = "touch_h at ln(1 + distance / spot) above and -ln(1 - distance / spot) below"
TouchUp = Annotated[Probability, published("Touch above on the way.", "up_h(ln(1 + distance / spot))")]
TouchDown = Annotated[Probability, published("Touch below on the way.", "down_h(-ln(1 - distance / spot))")]
CloseBeyond = Annotated[Probability, published("Close at expiry beyond it on either side.", "close_up + close_down")]
CloseUp = Annotated[Probability, published("Close at expiry beyond it above.", "1 - F_h(ln(1 + distance / spot))")]
CloseDown = Annotated[Probability, published("Close at expiry beyond it below.", "F_h(ln(1 - distance / spot))")]


LEFT_ON_THE_WAY = "touch_h with the distance to each bound on its side"


class SafeRange(Signal):
    """Central interval of the close at the primary expiry, conformally adjusted."""

    lower: Level = published(
        "Lower bound.",
        "level(m + w (Q_h(a/2) - m)), at most that of the expiry before; see conformal intervals",
        updates="document",
    )
    upper: Level = published(
        "Upper bound.", "level(m + w (Q_h(1 - a/2) - m)), at least that of the expiry before", updates="document"
    )
    horizon_days: HorizonDays
    coverage: Probability = published("Share of such ranges meant to hold.", "{{ COVERAGES[0] }}", updates="constant")
    kind: Literal["close_at_expiry"] = published("The range is about the close at expiry, not the way there.")
    touch_probability: Probability = published("Probability that it is left on the way.", LEFT_ON_THE_WAY)
    expiry: Day = published("The primary expiry: the next monthly {{ PRIMARY_DAYS }} or more calendar days away.")
    sessions_left: SessionsLeft
    lower_level: Probability = published("Quantile at the lower bound.", "a/2, before widening by w", updates="event")
    upper_level: Probability = published(
        "Quantile at the upper bound.", "1 - a/2, before widening by w", updates="event"
    )


class MaxPain(Signal):
    """Zone round the max-pain strike of the nearest expiry; without open interest, its expected expiry zone."""

    lower: ZoneLower
    upper: ZoneUpper
    confidence: ZoneConfidence
    strike: ZoneStrike
    expiry: Day = published("The nearest listed expiry; the next monthly before weekly expiries.")


class BreachPoint(Block):
    """Chances that the index goes a distance away from spot by the safe range's expiry."""

    distance: WholePoints = published("Distance from spot.", "{{ BREACH_SIGMAS }} " + STEPS, updates="event")
    probability: Probability = published("Touch on either side on the way.", TOUCH, updates="document")
    close_beyond: CloseBeyond
    touch_up: TouchUp
    touch_down: TouchDown
    close_up: CloseUp
    close_down: CloseDown


class Breach(Signal):
    """What ``breach_probabilities`` are for."""

    expiry: Day = published("The primary expiry, equal to the safe range's.")
    sessions_left: SessionsLeft


class ExpiryRange(Block):
    """One interval for one expiry."""

    coverage: Probability = published("Share of such ranges meant to hold.", "{{ COVERAGES }}", updates="constant")
    lower: Level = published(
        "Lower bound.",
        "close_at_expiry: as seller.safe_range, at most the lower bound of the coverage below. band_not_left: "
        "level(-d), touch_h(d) = 1 - coverage, d between {{ BAND_STEPS }} steps up to {{ BAND_SIGMAS }} x S_h. Both at "
        "most that of the expiry before",
    )
    upper: Level = published(
        "Upper bound.",
        "close_at_expiry: likewise, at least that below. band_not_left: level(d). Both at least that of the expiry "
        "before",
    )
    kind: RangeKind = published("close_at_expiry: holds the close; band_not_left: not left on the way either.")
    touch_probability: Probability | None = published(
        "Probability that a close_at_expiry range is left on the way. Absent for band_not_left, where it is "
        "1 - coverage or less, and in documents before 2.3.0.",
        LEFT_ON_THE_WAY,
        updates="session",
        default=None,
    )


class BreachCurvePoint(Block):
    """Chances that the index goes a distance away from spot by one expiry."""

    distance: WholePoints = published("Distance from spot.", "{{ CURVE_SIGMAS }} " + STEPS, updates="event")
    touch: Probability = published("Touch on either side on the way.", TOUCH)
    touch_up: TouchUp
    touch_down: TouchDown
    close: CloseBeyond
    close_up: CloseUp
    close_down: CloseDown
    priced_close: Probability | None = published(
        "The chance of a close at expiry beyond the distance that option prices imply. Absent without a chain, "
        "and farther out than usable strikes tell. There is none of a touch: prices do not give one.",
        "priced_close_up + priced_close_down",
        updates="event",
        default=None,
    )
    priced_close_up: Probability | None = published(
        "The same above.", "P(close > priced.forward + distance), fitted to prices", updates="event", default=None
    )
    priced_close_down: Probability | None = published(
        "The same below.", "P(close < priced.forward - distance), fitted to prices", updates="event", default=None
    )
    centred_close: Probability | None = published(
        "The forecast chance of a close beyond the distance, counted from the forecast's own mean as priced_close is "
        "from the forward. There exactly where priced_close is.",
        "1 - F_h(ln((M + distance) / spot)) + F_h(ln((M - distance) / spot)), M = spot x the mean of exp(return)",
        updates="event",
        default=None,
    )
    premium: SignedUnit | None = published(
        "Above 0 where the market charges for more closes beyond the distance than are forecast, both counted from "
        "their own mean.",
        "priced_close - centred_close",
        updates="event",
        default=None,
    )


class ExpiryMaxPain(Block):
    """The expected expiry zone of one expiry."""

    strike: ZoneStrike
    lower: ZoneLower
    upper: ZoneUpper
    confidence: ZoneConfidence
    basis: Basis = published("options where open interest was read, else estimator.")


class Expiry(Signal):
    """Everything the seller's part says about one expiry."""

    expiry: Day = published(
        "The last regular session up to the scheduled day; another session where an option chain lists it there."
    )
    kind: ExpiryKind = published("By the rules of the market; the week of the monthly has no weekly.")
    provisional: bool = published("Whether its scheduled day is after health.calendar.valid_through.")
    sessions_left: SessionsLeft
    horizon_days: HorizonDays
    ranges: Annotated[list[ExpiryRange], Field(min_length=1)] = published(
        "Intervals by coverage and kind: a range of the close at the expiry, and a band not left on the way there.",
        does_not_say="That the two are alike: the band is wider, because it has to hold every session. Bands are not "
        "conformally adjusted.",
        updates="document",
    )
    breach_curve: Annotated[list[BreachCurvePoint], Field(min_length=1)] = published(
        "Chances by distance, nearest first; the expiry is h sessions away.",
        does_not_say="What a breach costs, or when it comes.",
    )
    max_pain: ExpiryMaxPain = published(
        "Strikes that hold the middle {{ (ZONE_LEVELS[2] - ZONE_LEVELS[0]) | percent }} of the forecast of its close; "
        "with basis options max pain by open interest, as in seller.max_pain.",
        does_not_say="That the close is drawn there: no pull was found. With basis estimator no open interest is read.",
        basis={
            "options": "by open interest, as seller.max_pain",
            "estimator": NO_OPEN_INTEREST,
            "prior": "as the expiry's distribution",
        },
        updates="event",
    )
    priced: Priced | None = published(
        "What option prices of this expiry say. Absent without a chain, or where too few of its strikes are quoted.",
        does_not_say="What will happen: these are prices, with the market's charge for risk in them.",
        updates="event",
        default=None,
    )
    open_interest: OpenInterest | None = published(
        "Open interest of this expiry. Absent without a chain, or where none is held.",
        does_not_say="Who holds it, or that the close is drawn to where much is held: no pull was found.",
        updates="event",
        default=None,
    )
