"""How past forecasts of the same kind have done."""

from typing import Literal

from aegismatrix_engine.document.schema.block import Basis, Block, Day, Text
from aegismatrix_engine.document.schema.meaning import published
from aegismatrix_engine.document.schema.quantities import Brier, Count, Fraction, Positive, Probability, Share

LiveState = Literal["measured", "not enough yet"]
RateInterval = tuple[Probability, Probability]
GainInterval = tuple[Fraction, Fraction]

WITHHELD = "withheld while not enough yet"
WILSON = "Wilson's (1927) 95 % interval of the rate on events"
BOOTSTRAP = "90 % interval, by a block bootstrap of events,"
ENOUGH = "measured from {{ MINIMUM_EVENTS }} events on, not enough yet before"


class MeasuredRate(Block):
    """A share of past calls that came true; with too little history n is 0 and the rate is nominal."""

    kind: Literal["walk_forward"] = published("Measured on forecasts that saw only bars before them.")
    n: Count = published(
        "Calls whose outcome is known; 0 where there is too little history.", unit="forecasts", changes_with="training"
    )
    events: Count = published(
        "Expiries or calls; no rate is measured under {{ MINIMUM_EVENTS }}.", unit="events", changes_with="training"
    )
    rate: Share = published("Share of the n that came true; the nominal rate where n is 0.", changes_with="training")
    interval: RateInterval | None = published(f"{WILSON}; absent where n is 0.", changes_with="training", default=None)
    first: Day | None = published("First session measured; absent where n is 0.", default=None)
    last: Day | None = published("Last session measured; absent where n is 0.", default=None)
    basis: Basis = published("prior where n is 0.")


class LiveRate(Block):
    """A share of live forecasts that came true; nothing is claimed with too few events."""

    state: LiveState = published("Whether there are enough live forecasts.", "by events", cut_offs=ENOUGH)
    n: Count = published("Live forecasts whose outcome is known.", unit="forecasts")
    events: Count = published("Expiries, or sessions, among them.", unit="events")
    rate: Share | None = published(f"Share that came true, each event weighing the same; {WITHHELD}.", default=None)
    interval: RateInterval | None = published(f"{WILSON}; {WITHHELD}.", default=None)
    first: Day | None = published("First day of a live forecast; absent without any.", default=None)
    last: Day | None = published("Last day of a live forecast; absent without any.", default=None)


class PooledRate(MeasuredRate):
    """A walk-forward rate, the live one beside it, and both pooled."""

    live: LiveRate = published(
        "The same of published forecasts decided by as_of; calls are sessions whose mean score is above the median of "
        "those before.",
        does_not_say="What the walk measured: replays of the past are never counted as live.",
    )
    pooled: Share = published(
        "Both rates weighted by their events, under {{ MINIMUM_EVENTS }} events of the walk the nominal one as "
        "{{ MINIMUM_EVENTS }}.",
        "(events x rate + live.events x live rate) / (events + live.events)",
        changes_with="training",
    )


class SafeRangeRecord(PooledRate):
    """Share of past 80 % ranges that held the close at their expiry."""

    nominal: Probability = published("The share that should hold.", "{{ COVERAGES[0] }}", updates="constant")


class BreakoutCallRecord(PooledRate):
    """Share of past breakout calls that were followed by a breakout."""

    base_rate: Probability = published(
        "Share of all sessions of the walk that were breakouts.", changes_with="training"
    )


class Skill(Block):
    """A forecast's score beside climatology's on the same sessions."""

    signal: Text = published("Dotted path of the signal scored.", "block and horizon or offset, such as seller.trap.5")
    measure: Literal["brier"] = published("Brier (1950): mean squared error of the probability, lower is better.")
    score: Brier = published("Mean squared error of the forecast.", "mean of (probability - outcome)^2")
    climatology: Brier = published("The same of the base rate known at the time.")
    skill_pct: Fraction = published("Gain on climatology; negative is worse.", "1 - score / climatology")
    n: Positive = published("Forecasts whose outcome and base rate are known.", unit="forecasts")
    first: Day = published("First session scored.")
    last: Day = published("Last session scored.")


class LiveSkill(Block):
    """One signal's published forecasts, scored as they were decided; nothing is claimed with too few events."""

    signal: Text = published("Dotted path of the signal, the record's name of it.", "block, and horizon or offset")
    event: Text = published("What was forecast; see docs/record.md.")
    state: LiveState = published("Whether there are enough forecasts.", "by events", cut_offs=ENOUGH)
    n: Positive = published("Forecasts whose outcome is known.", unit="forecasts")
    events: Positive = published("Sessions or expiries that decided them.", unit="events")
    first: Day = published("First day of a forecast.")
    last: Day = published("Last day of a forecast.")
    brier: Brier | None = published(f"Mean squared error, each event weighing the same; {WITHHELD}.", default=None)
    came_true: Share | None = published("Share that happened, or of ranges that held, weighed alike.", default=None)
    against_climatology: Fraction | None = published(
        f"Gain on the Brier score of the long run's frequency; {WITHHELD}.", "1 - brier / that score", default=None
    )
    climatology_interval: GainInterval | None = published(f"{BOOTSTRAP} of against_climatology.", default=None)
    against_index: Fraction | None = published("The same on the volatility index alone; absent without.", default=None)
    index_interval: GainInterval | None = published(f"{BOOTSTRAP} of against_index.", default=None)


RATE_BASIS = {
    "model": "measured",
    "prior": "under {{ MINIMUM_EVENTS }} events, or the model that holds it could not be used",
}


class TrackRecord(Block):
    """What past forecasts of the published signals were worth, in walk-forward and live."""

    safe_range: SafeRangeRecord = published(
        "Share of past safe ranges that held the close at expiry, in the walk through the training history.",
        does_not_say="What the next range does. Ranges of one expiry hold or fail together.",
        basis=RATE_BASIS,
    )
    nearest_range: SafeRangeRecord | None = published(
        "Share of past {{ COVERAGES[0] | percent }} ranges of the close at the nearest expiry that held, in the same "
        "walk, where that is not the primary one. About four times as many expiries as those of safe_range; absent "
        "before weekly expiries, and in documents before 2.2.0.",
        does_not_say="How often the safe range holds: it looks further ahead, and is measured by itself.",
        basis=RATE_BASIS,
        default=None,
    )
    breakout_calls: BreakoutCallRecord = published(
        "Share of breakout calls (next-session scores above the median of those before) that came true.",
        does_not_say="Anything about the label HIGH: a call here is a score above its median.",
        basis=RATE_BASIS,
    )
    skill: list[Skill] = published(
        "Past probabilities against their base rates known at the time, in the same walk; empty with little history.",
        does_not_say="Whether the gain is more than chance: small gains over a base rate are the rule here.",
        changes_with="training",
    )
    live: list[LiveSkill] = published(
        "Scores of published forecasts by their record, as of as_of; empty where no record is kept.",
        does_not_say="That a difference will last: look at its interval, and at how many events it rests on.",
    )
