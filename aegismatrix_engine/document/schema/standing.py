"""What the document says about itself: its health and where it comes from."""

from typing import Annotated, Literal

from pydantic import Field

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

    signal: Text = Field(description="Dotted path of the block or field; an item of a list by its index from 0.")
    basis: Basis = Field(description="What the signal comes from instead.")
    reason: Text = Field(description="Why, in one line.")


class FrozenSignal(Block):
    """A number that should have moved and did not."""

    signal: Text = Field(description="Dotted path of the number; an item of a list by its index from 0.")
    value: float = Field(description="The value it has stood at.")
    periods: Positive = Field(description="Over how many of its own periods it stood still while spot moved.")


class CalendarStanding(Block):
    """How far the exchange's announced calendar reaches."""

    valid_through: Day = Field(description="Last date the announced calendar covers.")
    provisional: bool = Field(description="Whether a horizon or expiry of this document lies past it.")


class Health(Block):
    """Whether every signal came from a healthy model."""

    status: Literal["ok", "degraded", "withdrawn"] = Field(
        description="degraded where degraded or frozen lists a signal, else ok; withdrawn where its publisher took the "
        "document back."
    )
    withdrawn: Text | None = Field(
        default=None, description="Why its publisher took the document back; absent unless status is withdrawn."
    )
    degraded: list[Degradation] = Field(description="Signals that did not come from a healthy model.")
    frozen: list[FrozenSignal] = Field(description="Numbers that stood still over at least 8 of their periods.")
    notes: list[Text] = Field(description="What was mended or is worth knowing, one line each.")
    calendar: CalendarStanding = Field(description="How far the exchange's calendar reaches.")


CloseStanding = Literal["official", "provisional", "in_session"]
ClockSource = Literal["machine", "set"]


class InputSeries(Block):
    """One series of bars behind the document, and its age."""

    series: Literal["spot_daily", "vix_daily", "spot_intraday", "vix_intraday", "us_vix_daily"] = Field(
        description="Which series."
    )
    symbol: Text | None = Field(default=None, description="The source's name for it, where it has one.")
    served_by: Text = Field(description="The source itself, or store: the last good bars, kept for when it fails.")
    fetched_at: Timestamp | None = Field(default=None, description="When the source gave it; absent for files.")
    last: Timestamp = Field(description="When its last bar that was used was complete.")
    age_hours: Size = Field(description="Hours from then to as_of.")


class UsNight(Block):
    """The US night that shifted the forecast."""

    change_pct: Fraction = Field(description="Change of the US VIX since NSE's close knew it last, a fraction.")
    last_bar: Day = Field(description="US session whose close of the US VIX is the newest used.")


class CalendarFile(Block):
    """The operator's own file that goes before the engine's calendar."""

    file: Text = Field(description="Its name, without its folder.")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = Field(description="SHA-256 of its bytes, in hexadecimal.")
    closures: Count = Field(description="Sessions of the engine's own calendar that it closes.")
    sessions: Count = Field(description="Regular and special sessions that it adds or changes.")
    hours: Count = Field(description="Hours that it changes; each first date counts once.")


class Provenance(Block):
    """Bars and models behind the document."""

    mode: Literal["live", "replay"] = Field(
        description="live: made before valid_until by the machine's own clock; replay: at any other time."
    )
    clock_source: ClockSource | None = Field(
        default=None,
        description="Who said what now was: machine, the computer's clock; set, a person. Absent before 2.1.0.",
    )
    source: Text = Field(description="Where the bars come from.")
    first_bar: Day = Field(description="First session of spot bars used.")
    last_bar: Day = Field(description="Last session of daily spot bars used.")
    clock: Literal["before_open", "in_session", "after_close", "holiday"] = Field(
        description="The exchange's day at the moment the document was made for."
    )
    close: CloseStanding = Field(
        description="Whether the newest session's official close is in; provisional: it is over and its close is not."
    )
    inputs: list[InputSeries] = Field(description="Every series used, who served it, and how old it was.")
    us_night: UsNight | None = Field(default=None, description="The US night; absent where none was known or applied.")
    rows: Positive = Field(description="Daily spot bars used.")
    vix_first_bar: Day | None = Field(default=None, description="First volatility index bar; absent without any.")
    vix_last_bar: Day | None = Field(default=None, description="Last volatility index bar; absent without any.")
    vix_age_sessions: Count | None = Field(
        default=None, description="Sessions the last volatility index bar lags behind spot's; absent without any."
    )
    model_set: Text = Field(description="Identity of the model set.")
    trained_at: Timestamp = Field(description="When the model set was trained.")
    training_end: Day = Field(description="Last session of the training history.")
    in_sample: bool = Field(description="Whether the models have seen bars of this document's future.")
    engine_version: Text = Field(description="Version of the engine that made the document.")
    engine_commit: Annotated[str, Field(pattern="^[0-9a-f]{40}$")] | None = Field(
        default=None, description="Commit of its source, in hexadecimal; absent where it is not known."
    )
    trained_by: Text | None = Field(
        default=None, description="Version of the engine that trained the model set; absent before schema 2.1.0."
    )
    calendar: CalendarFile | None = Field(
        default=None, description="The operator's own calendar; absent where the engine's alone was used."
    )
