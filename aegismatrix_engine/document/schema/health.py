"""How healthy a document is: what is degraded or frozen, and how far the calendar is known."""

from typing import Literal

from aegismatrix_engine.document.schema.block import Basis, Block, Day, Text
from aegismatrix_engine.document.schema.meaning import published
from aegismatrix_engine.document.schema.quantities import Positive


class Degradation(Block):
    """A signal that did not come the way it should, and why."""

    signal: Text = published("Dotted path of the block, field or rate; an item of a list by its index from 0.")
    basis: Basis = published("What the signal comes from instead.")
    reason: Text = published("Why, in one line.", "what is missing and what is shown instead")


class FrozenSignal(Block):
    """A number that should have moved and did not."""

    signal: Text = published("Dotted path of a number of the signal blocks; an item of a list by its index from 0.")
    value: float = published("The value, as published, over all these periods.", unit="that of the signal")
    periods: Positive = published("Its own periods in a row in which spot moved and it did not.", unit="periods")


class CalendarState(Block):
    """How far the exchange's announced calendar reaches."""

    valid_through: Day = published("Last date the announced calendar covers.")
    provisional: bool = published(
        "Whether session t+{{ MAX_HORIZON + 1 }}, past every horizon and expiry, is after valid_through."
    )


class Health(Block):
    """Whether every signal came from a healthy model."""

    status: Literal["ok", "degraded", "withdrawn"] = published(
        "degraded where degraded or frozen lists a signal; withdrawn where the publisher took it back; else ok."
    )
    withdrawn: Text | None = published(
        "Why the publisher took it back; its labels are then at their middle word. Absent unless withdrawn.",
        default=None,
    )
    degraded: list[Degradation] = published(
        "Signals that did not come from a healthy model.",
        does_not_say="By how much they are worse.",
        basis={
            "model": "made without VIX, or without bars of today",
            "prior": "a base rate, a nominal rate, or the historical average",
        },
    )
    frozen: list[FrozenSignal] = published(
        "Numbers that did not move over at least {{ FROZEN_AFTER }} of their periods, by recent.json.",
        does_not_say="Why a number does not move. The cause may be a model, the bars, or a market that hardly moves.",
    )
    notes: list[Text] = published(
        "What was repaired or is worth knowing, one line each.",
        "a training or roll-back before, other library versions than in training, a set put in place with "
        "--force, repairs, VIX carried forward or not live, missing bars of today, a special session, priors in use, "
        "provisional dates",
    )
    calendar: CalendarState = published(
        "How far the exchange's announced calendar reaches, against the dates of this document.",
        does_not_say="Which provisional date will move.",
    )
