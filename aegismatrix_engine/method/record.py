"""Track record in words: the walk through the past, the live record, and both pooled."""

from aegismatrix_engine.document.schema.quantities import Basis
from aegismatrix_engine.method.entry import Entry, Formula, number
from aegismatrix_engine.method.notation import FRACTION
from aegismatrix_engine.scores import MINIMUM_EVENTS
from aegismatrix_engine.volatility.conformal import COVERAGES

_SQUARED = "squared probability"
_BOOTSTRAP = "its 5 % and 95 % points by a block bootstrap of events"

_RATE = (
    Formula("kind", "", ""),
    Formula("n", "forecasts", "forecasts whose outcome is known; 0 with too few events"),
    Formula("events", "events", "expiries, or calls", f"the rate is not measured under {MINIMUM_EVENTS}"),
    Formula("rate", FRACTION, "share of the n that came true"),
    Formula("interval", FRACTION, "Wilson's (1927) 95 % interval of rate on events"),
    Formula("first", "", ""),
    Formula("last", "", ""),
)
_BASIS: tuple[tuple[Basis, str], ...] = (
    ("model", "measured"),
    ("prior", f"under {MINIMUM_EVENTS} events, or the model that holds it could not be used"),
)

_POOLED = Formula(
    "pooled",
    FRACTION,
    f"(events x rate + live.events x live rate) / (events + live.events); under {MINIMUM_EVENTS} events of the walk "
    f"its nominal rate weighs as {MINIMUM_EVENTS}",
)
_LIVE = (
    Formula("state", "", "", f"measured from {MINIMUM_EVENTS} events on, not enough yet before"),
    Formula("n", "forecasts", "live forecasts whose outcome is known"),
    Formula("events", "events", "expiries, or sessions"),
    Formula("rate", FRACTION, "share that came true, each event with the weight of one"),
    Formula("interval", FRACTION, "Wilson's (1927) 95 % interval of rate on events"),
    Formula("first", "", ""),
    Formula("last", "", ""),
)
_LIVE_SILENT = "What the walk said: replays of the past are never counted as live."

ENTRIES = (
    Entry(
        path="track_record.safe_range",
        about="Past safe ranges whose expiry has come, in the walk through the training history.",
        silent="What the next range does. Ranges of one expiry stand or fall together.",
        basis=_BASIS,
        fields=(*_RATE, _POOLED, Formula("nominal", FRACTION, number(COVERAGES[0]))),
    ),
    Entry(
        path="track_record.breakout_calls",
        about="Past next-session scores above the median of those before, and whether a breakout followed.",
        silent="Anything about the label HIGH: a call here is a score above its median.",
        basis=_BASIS,
        fields=(
            *_RATE,
            _POOLED,
            Formula("base_rate", FRACTION, "share of all sessions of the walk that were breakouts"),
        ),
    ),
    Entry(
        path="track_record.skill[]",
        about="Past probabilities of one signal against its base rate known at the time, in the same walk.",
        silent="Whether the gain is more than chance: small gains over a base rate are the rule here.",
        fields=(
            Formula("signal", "", "block and horizon or offset, such as seller.trap.5"),
            Formula("measure", "", "Brier (1950), see score"),
            Formula("score", _SQUARED, "mean of (probability - outcome)^2"),
            Formula("climatology", _SQUARED, "the same of the base rate"),
            Formula("skill_pct", FRACTION, "1 - score / climatology"),
            Formula("n", "forecasts", "forecasts whose outcome and base rate are known"),
            Formula("first", "", ""),
            Formula("last", "", ""),
        ),
    ),
    Entry(
        path="track_record.safe_range.live",
        about="Of safe ranges as they were published, those whose expiry has come by as_of.",
        silent=_LIVE_SILENT,
        fields=_LIVE,
    ),
    Entry(
        path="track_record.breakout_calls.live",
        about="Of breakout_today as it was published: sessions whose mean score is above the median of those before.",
        silent=_LIVE_SILENT,
        fields=_LIVE,
    ),
    Entry(
        path="track_record.live[]",
        about="Read from the record of published forecasts; nothing decided after as_of counts.",
        silent="That a difference will last: look at its interval, and at how many events it rests on.",
        fields=(
            Formula("signal", "", "block, and horizon or offset"),
            Formula("event", "", ""),
            Formula("state", "", "", f"measured from {MINIMUM_EVENTS} events on, not enough yet before"),
            Formula("n", "forecasts", "forecasts whose outcome is known"),
            Formula("events", "events", "sessions or expiries that decided them"),
            Formula("first", "", ""),
            Formula("last", "", ""),
            Formula("brier", _SQUARED, "mean of (probability - outcome)^2, each event with the weight of one"),
            Formula("came_true", FRACTION, "share of outcomes, weighted alike"),
            Formula("against_climatology", FRACTION, "1 - brier / that of the long run's frequency"),
            Formula("climatology_interval", FRACTION, _BOOTSTRAP),
            Formula("against_index", FRACTION, "1 - brier / that of the volatility index alone"),
            Formula("index_interval", FRACTION, _BOOTSTRAP),
        ),
    ),
)
