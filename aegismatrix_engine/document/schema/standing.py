"""What the document says about itself: its health and where it comes from."""

from typing import Annotated, Literal

from pydantic import Field

from aegismatrix_engine.document.schema.meaning import published
from aegismatrix_engine.document.schema.quantities import (
    Basis,
    Block,
    Count,
    Day,
    Fraction,
    Positive,
    Size,
    Text,
    Timestamp,
)


class Degradation(Block):
    """A signal that did not come the way it should, and why."""

    signal: Text = published(
        "Dotted path of the block or field; an item of a list by its index from 0.",
        "market, forecast, direction.today without bars, or a block or rate with basis prior",
    )
    basis: Basis = published("What the signal comes from instead.")
    reason: Text = published("Why, in one line.", "what is missing and what is shown instead")


class FrozenSignal(Block):
    """A number that should have moved and did not."""

    signal: Text = published(
        "Dotted path of the number; an item of a list by its index from 0.",
        "a number of market, direction, seller, buyer or forecast",
    )
    value: float = published(
        "The value it has kept.", "equal, as published, over all these periods", unit="that of the signal"
    )
    periods: Positive = published(
        "Over how many of its own periods it has not moved while spot did.",
        "at least {{ FROZEN_AFTER }}; see frozen signals",
        unit="periods",
    )


class CalendarStanding(Block):
    """How far the exchange's announced calendar reaches."""

    valid_through: Day = published("Last date the announced calendar covers.")
    provisional: bool = published(
        "Whether a horizon or expiry of this document lies past it.",
        "true where session t+{{ MAX_HORIZON + 1 }} lies past valid_through",
    )


class Health(Block):
    """Whether every signal came from a healthy model."""

    status: Literal["ok", "degraded", "withdrawn"] = published(
        "degraded where degraded or frozen lists a signal, else ok; withdrawn where its publisher took the document "
        "back."
    )
    withdrawn: Text | None = published(
        "Why its publisher took the document back; absent unless status is withdrawn.",
        "as its publisher wrote it; the numbers are those of before, labels are at their middle word, valid_until is "
        "when it was taken back",
        default=None,
    )
    degraded: list[Degradation] = published(
        "Signals that did not come from a healthy model.",
        does_not_say="By how much they are worse.",
        basis={
            "model": "a forecast without VIX, or without bars of today",
            "prior": "a base rate, a nominal rate, or the historical average",
        },
    )
    frozen: list[FrozenSignal] = published(
        "Numbers that did not move over at least {{ FROZEN_AFTER }} of their periods. Read from recent.json, which "
        "lies beside the document and holds what was published last.",
        does_not_say="Why a number does not move. The cause may be a model, the bars, or a market that hardly moves.",
    )
    notes: list[Text] = published(
        "What was repaired or is worth knowing, one line each.",
        "a training before this document, models that were rolled back, other library versions than in training, a set "
        "put in place with --force, repairs of the bars, VIX carried forward or not live, bars of today that are "
        "missing, a special session, priors in use, provisional dates",
    )
    calendar: CalendarStanding = published(
        "How far the exchange's announced calendar reaches, against the dates of this document.",
        does_not_say="Which provisional date will move.",
    )


CloseStanding = Literal["official", "provisional", "in_session"]
ClockSource = Literal["machine", "set"]


class InputSeries(Block):
    """One series of bars behind the document, and its age."""

    series: Literal["spot_daily", "vix_daily", "spot_intraday", "vix_intraday", "us_vix_daily"] = published(
        "Which series."
    )
    symbol: Text | None = published("The source's name for it, where it has one.", default=None)
    served_by: Text = published(
        "The source itself, or store: the last good bars, kept for when it fails.", "yahoo, csv, sample, or store"
    )
    fetched_at: Timestamp | None = published("When the source gave it; absent for files.", default=None)
    last: Timestamp = published(
        "When its last bar that was used was complete.",
        "official close of the session, end of the bar, or US close",
    )
    age_hours: Size = published(
        "Hours from then to as_of.", "as_of - last, never below 0", unit="hours", updates="document"
    )


class UsNight(Block):
    """The US night that shifted the forecast."""

    change_pct: Fraction = published(
        "Change of the US VIX since its value that was known at the last session's close.",
        "x, a log change, before it is clipped",
    )
    last_bar: Day = published("US session whose close of the US VIX is the newest used.", "as_of is its close")


class CalendarFile(Block):
    """The operator's own file that goes before the engine's calendar."""

    file: Text = published("Its name, without its folder.")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = published("SHA-256 of its bytes, in hexadecimal.")
    closures: Count = published(
        "Sessions of the engine's own calendar that it closes.",
        "closures of the file on what is a session of the engine's own calendar",
        unit="sessions",
    )
    sessions: Count = published(
        "Regular and special sessions that it adds or changes.",
        "those of the file that are none there, or of another kind or hours",
        unit="sessions",
    )
    hours: Count = published(
        "Hours that it changes; each first date counts once.",
        "hours of the file that are others there",
        unit="entries",
    )


class Provenance(Block):
    """Bars and models behind the document."""

    mode: Literal["live", "replay"] = published(
        "live: made before valid_until by the machine's own clock; replay: at any other time.",
        "live where generated_at is before valid_until and clock_source is machine, else replay",
    )
    clock_source: ClockSource | None = published(
        "Where the time of the run came from: machine, the computer's clock; set, a person. Absent before 2.1.0.",
        "set where `AEGIS_NOW` gave the time; only machine makes a live document",
        default=None,
    )
    source: Text = published("Where the bars come from.", "yahoo, csv or sample")
    first_bar: Day = published("First session of spot bars used.")
    last_bar: Day = published(
        "Last session of daily spot bars used.", "the last session with an official close, or a provisional one"
    )
    clock: Literal["before_open", "in_session", "after_close", "holiday"] = published(
        "The exchange's day at the moment the document was made for.", "of as_of where the document is of the past"
    )
    close: CloseStanding = published(
        "Whether the newest session's official close is in; provisional: it is over and its close is not.",
        "in_session while the session of the newest bar runs; provisional once it is over, until its official close is "
        "in; else official",
    )
    inputs: list[InputSeries] = published(
        "Every series used, daily ones first: who served it, and how old it was.",
        does_not_say="Which of its bars were used: a feature may look back on few of them.",
    )
    us_night: UsNight | None = published(
        "The US night that shifted the forecast, between the US close and the open; absent where none was known or "
        "applied.",
        does_not_say="How far it moved the forecast: see the US night.",
        default=None,
    )
    rows: Positive = published("Daily spot bars used.", "special sessions included", unit="sessions", updates="session")
    vix_first_bar: Day | None = published("First volatility index bar; absent without any.", default=None)
    vix_last_bar: Day | None = published("Last volatility index bar; absent without any.", default=None)
    vix_age_sessions: Count | None = published(
        "Sessions the last volatility index bar lags behind spot's; absent without any.",
        "beyond {{ VIX_CARRIED_SESSIONS }}, unless the run allows more, the index is left out and health says so",
        unit="sessions",
        default=None,
    )
    model_set: Text = published("Identity of the model set.", "the first digits of a SHA-256 over the model files")
    trained_at: Timestamp = published("When the model set was trained.")
    training_end: Day = published("Last session of the training history.", "a regular session")
    in_sample: bool = published(
        "Whether the models have seen bars of this document's future.", "true where last_bar lies before training_end"
    )
    engine_version: Text = published("Version of the engine that made the document.")
    engine_commit: Annotated[str, Field(pattern="^[0-9a-f]{40}$")] | None = published(
        "Commit of its source, in hexadecimal; absent where it is not known.", default=None
    )
    trained_by: Text | None = published(
        "Version of the engine that trained the model set; absent before schema 2.1.0.", default=None
    )
    calendar: CalendarFile | None = published(
        "The operator's own calendar file, compared with the engine's own calendar for the market of this document; "
        "absent where the engine's alone was used.",
        does_not_say="Whether the file is right: it passed the checks of data.md.",
        default=None,
    )
