"""Where a document came from: its bars and models, the clock it was made by, and its mode."""

from typing import Annotated, Literal

from pydantic import Field

from aegismatrix_engine.document.schema.block import Block, Day, Text, Timestamp
from aegismatrix_engine.document.schema.meaning import published
from aegismatrix_engine.document.schema.quantities import Count, Fraction, SessionCount, Sessions, Size

CloseState = Literal["official", "provisional", "in_session"]
ClockSource = Literal["machine", "set"]
Series = Literal[
    "spot_daily",
    "vix_daily",
    "spot_intraday",
    "vix_intraday",
    "us_vix_daily",
    "us_spot_daily",
    "inda_daily",
    "companion_daily",
]

UsSeries = Literal["us_vix_daily", "us_spot_daily", "inda_daily"]


class InputSeries(Block):
    """One series of bars behind the document, and its age."""

    series: Series = published("Which series.")
    symbol: Text | None = published("The source's name for it, where it has one.", default=None)
    served_by: Text = published("yahoo, csv, sample, or store: the last good bars, kept for when the source fails.")
    fetched_at: Timestamp | None = published("When the source gave it; absent for files.", default=None)
    last: Timestamp = published("When its last bar that was used was complete.")
    age_hours: Size = published("Hours from last to as_of, never below 0.", unit="hours", updates="document")


class UsNightSeries(Block):
    """One US series that the forecast of the night used."""

    series: UsSeries = published("Which series.")
    last: Day = published("US session of the newest close of it that was used.")


class UsNight(Block):
    """The US night that shifted the forecast."""

    change_pct: Fraction | None = published(
        "Log change of the US VIX since its value at the last session's close, unclipped; absent where not used.",
        default=None,
    )
    last_bar: Day = published("US session whose close is the newest used.", "as_of is its close")
    used: list[UsNightSeries] | None = published(
        "The US series that the forecast used, the US VIX first; absent before 2.2.0.",
        does_not_say="How much each of them moved the forecast.",
        default=None,
    )


class CalendarFile(Block):
    """The operator's own file that goes before the engine's calendar."""

    file: Text = published("Its name, without its folder.")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = published("SHA-256 of its bytes, in hexadecimal.")
    closures: SessionCount = published("Sessions of the engine's own calendar that it closes.")
    sessions: SessionCount = published("Sessions that it adds, or gives another kind or hours.")
    hours: Count = published("Hours that it changes; each first date counts once.", unit="entries")


class Provenance(Block):
    """Bars and models behind the document."""

    mode: Literal["live", "replay"] = published("live: made before valid_until by the machine's clock; else replay.")
    clock_source: ClockSource | None = published("machine, or set by `AEGIS_NOW`; absent before 2.1.0.", default=None)
    source: Text = published("Where the bars come from.", "yahoo, csv or sample")
    first_bar: Day = published("First session of spot bars used.")
    last_bar: Day = published("Last session of daily spot bars used, with an official close or a provisional one.")
    clock: Literal["before_open", "in_session", "after_close", "holiday"] = published(
        "The exchange's day at the moment the document was made for, or at as_of where that is in the past."
    )
    close: CloseState = published(
        "in_session while the newest session runs, provisional until the exchange's close is in, then official."
    )
    inputs: list[InputSeries] = published(
        "Every series used, daily ones first: who served it, and how old it was.",
        does_not_say="Which of its bars were used: a feature may look back on few of them.",
    )
    us_night: UsNight | None = published(
        "The US night that shifted the forecast; absent where none was known or applied.",
        does_not_say="How far it moved the forecast: see the US night.",
        default=None,
    )
    rows: Sessions = published("Daily spot bars used, special sessions included.", updates="session")
    vix_first_bar: Day | None = published("First volatility index bar; absent without any.", default=None)
    vix_last_bar: Day | None = published("Last volatility index bar; absent without any.", default=None)
    vix_age_sessions: SessionCount | None = published(
        "Sessions the last volatility index bar lags behind spot's; beyond {{ VIX_CARRIED_SESSIONS }}, unless the run "
        "allows more, the index is left out. Absent without any.",
        default=None,
    )
    model_set: Text = published("Identity of the model set.", "the first digits of a SHA-256 over the model files")
    trained_at: Timestamp = published("When the model set was trained.")
    training_end: Day = published("Last session of the training history.", "a regular session")
    in_sample: bool = published("Whether last_bar is before training_end: the models have then seen later bars.")
    engine_version: Text = published("Version of the engine that made the document.")
    engine_commit: Annotated[str, Field(pattern="^[0-9a-f]{40}$")] | None = published(
        "Commit of its source, in hexadecimal; absent where it is not known.", default=None
    )
    trained_by: Text | None = published("Engine version that trained the set; absent before 2.1.0.", default=None)
    calendar: CalendarFile | None = published(
        "The operator's own calendar file, compared with the engine's own; absent where the engine's alone was used.",
        does_not_say="Whether the file is right: it passed the checks of data.md.",
        default=None,
    )
