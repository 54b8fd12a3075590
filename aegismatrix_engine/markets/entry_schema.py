"""What a market's entry holds: the keys of a file ID.toml, each with its type and meaning.

Descriptions stand after the word "expected" in messages, and in the JSON Schema of an entry. Rules between keys are in
`entry_rules`.
"""

from datetime import date as Date  # noqa: N812 - as in operator_calendar
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from aegismatrix_engine.markets.expiry_rules import Holidays
from aegismatrix_engine.markets.market import LARGEST_DAILY_CHANGE, SESSIONS_PER_YEAR
from aegismatrix_engine.markets.operator_calendar import Clock, Text
from aegismatrix_engine.markets.scheduled_events import Shows

ID_PATTERN: Final = r"^[a-z][a-z0-9_-]{0,31}$"
WINDOWS: Final = 6
FEWEST_SESSIONS, MOST_SESSIONS = 200, 262
"""Sessions of a year: no exchange of shares holds fewer, and there are no more weekdays."""

LEAST_LIMIT, HIGHEST_LIMIT = 0.1, 1.0
"""Of ``largest_daily_change``: days beyond 0.1 have happened to the indices of most markets, and beyond 1 to none."""

Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.^=&-]{1,20}$")]
MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
Monthly = Annotated[str, StringConstraints(pattern=r"^(second|third|last) (monday|tuesday|wednesday|thursday|friday)$")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Hours(_Part):
    """Hours of every session from a date on."""

    since: Date = Field(alias="from", description="the first date of these hours, without quotes")
    opens: Clock = Field(description='the first trade as a clock time of the zone in quotes, such as "09:00"')
    continuous_close: Clock = Field(description='the end of continuous trading, a clock time such as "17:30"')
    official_close: Clock | None = Field(
        default=None, description='when the index\'s official close is known, a clock time such as "17:35"'
    )


class Calendar(_Part):
    """The exchange's sessions."""

    sessions: Annotated[str, StringConstraints(pattern=r"^(nse|weekdays|library:[A-Za-z0-9/_]{1,20})$")] = Field(
        description='"nse", "weekdays" (less closures), or "library:" and a calendar of exchange_calendars, such as '
        '"library:XETR"'
    )
    name: Text | None = Field(default=None, description="the name of the exchange, in one line")
    first_date: Date | None = Field(default=None, description="the first date that the calendar covers, without quotes")
    valid_through: Date | None = Field(
        default=None, description="the last date whose closures the exchange has announced, a 31 December"
    )
    announced: Text | None = Field(
        default=None, description='when closures are announced, after the word "closures": "that X announces yearly"'
    )
    closures: list[Date] | None = Field(default=None, description="a list of dates of weekdays without a session")
    fixed_closures: list[MonthDay] = Field(
        default=[], description='days closed in every year after valid_through, such as ["01-01", "12-25"]'
    )
    closed_on_good_friday: bool = Field(
        default=False, description="true where Good Friday is closed in every year after valid_through"
    )
    hours: list[Hours] | None = Field(default=None, description="a list of tables [[calendar.hours]], by rising from")


class Symbols(_Part):
    """The index at the source."""

    spot: Symbol = Field(description='Yahoo\'s symbol of the index, such as "^GDAXI"')


class VolatilityIndexEntry(_Part):
    """The index of the market's own implied volatility."""

    name: Text = Field(description="its name, in one line")
    symbol: Symbol = Field(description="Yahoo's symbol of it")
    since: Date | None = Field(
        default=None,
        alias="from",
        description="the first date on which Yahoo's rows are the publisher's, without quotes",
    )
    publisher: Text | None = Field(default=None, description="who calculates it, in one line")


class UsNight(_Part):
    """What happens in the US between a close of the market and its next open."""

    volatility_index: Symbol = Field(description='Yahoo\'s symbol of the US VIX, "^VIX"')
    index: Symbol = Field(description='Yahoo\'s symbol of the S&P 500, "^GSPC"')
    fund: Symbol | None = Field(default=None, description="Yahoo's symbol of a US-listed fund of the market's shares")


class Events(_Part):
    """Scheduled events that move the market, and the first session that shows what each brought."""

    union_budget: Shows | None = Field(default=None, description='"in its session" or "in the next session"')
    general_election_count: Shows | None = Field(default=None, description='"in its session" or "in the next session"')
    fomc: Shows | None = Field(default=None, description='"in its session" or "in the next session"')
    us_presidential_election: Shows | None = Field(
        default=None, description='"in its session" or "in the next session"'
    )


class Rule(_Part):
    """Expiries scheduled from a date on, until the next rule; the first rule also holds before its date."""

    since: Date = Field(
        alias="from", description="the first date on which expiries are scheduled by the rule, without quotes"
    )
    monthly: Monthly = Field(
        description='which weekday of a month, such as "third friday": second, third or last, and monday to friday, as '
        "no session is held on other days"
    )
    weekly: Weekday | None = Field(
        default=None,
        description="the weekday of weekly expiries, monday to friday; none falls in the week of a monthly one",
    )
    holidays: Holidays = Field(
        default="previous", description='"previous" or "next", the session that takes over on a holiday'
    )
    source: Text | None = Field(default=None, description="where the rule comes from, in one line")


class Expiries(_Part):
    """When the index options expire."""

    valid_from: Date | None = Field(
        default=None, description="the date from which on the rules rest on a source, without quotes"
    )
    weeklies_listed: Date | None = Field(
        default=None, description="the first session on which a weekly contract was listed, without quotes"
    )
    weeklies_ended: Date | None = Field(
        default=None, description="the expiry of the last weekly contract, without quotes"
    )
    rules: Annotated[list[Rule], Field(min_length=1)] = Field(
        description="a list of tables [[expiries.rules]], by rising from"
    )


def _kind(value: Any) -> str:
    return "table" if isinstance(value, dict) else "none"


class Entry(_Part):
    """A market, as docs/markets.md describes it."""

    id: Annotated[str, StringConstraints(pattern=ID_PATTERN)] = Field(
        description="the file's name without .toml: a small letter, then small letters, digits, - and _, at most 32"
    )
    name: Text = Field(description="the index's name, in one line")
    zone: Text = Field(description="the IANA name of the exchange's zone, such as Europe/Berlin")
    strike_step: int = Field(gt=0, description="whole index points above 0 between strikes near the money")
    sessions_per_year: int = Field(
        default=SESSIONS_PER_YEAR,
        ge=FEWEST_SESSIONS,
        le=MOST_SESSIONS,
        description=f"sessions that count as a year, {FEWEST_SESSIONS} to {MOST_SESSIONS}: a market that trades every "
        "day has no close and no night, and is not supported",
    )
    largest_daily_change: float = Field(
        default=LARGEST_DAILY_CHANGE,
        ge=LEAST_LIMIT,
        le=HIGHEST_LIMIT,
        description="the largest plausible change from one close to the next, in logarithms, "
        f"{LEAST_LIMIT:g} to {HIGHEST_LIMIT:g}: bars with a larger one are refused as wrong",
    )
    session_windows: Annotated[list[Clock], Field(min_length=WINDOWS + 1, max_length=WINDOWS + 1)] = Field(
        description=f"{WINDOWS + 1} rising clock times in quotes, from the open to the close, for {WINDOWS} windows"
    )
    publish: bool = Field(default=False, description="true where --all takes the market, else false")
    lunch_break: bool = Field(
        default=False, description="true where trading stops for lunch: no forecasts inside a session then"
    )
    close_averaged_through: Date | None = Field(
        default=None,
        description="the last date on which the official close is an average of the last half hour, without quotes",
    )
    calendar: Calendar = Field(description="a table [calendar]")
    symbols: Symbols = Field(description="a table [symbols]")
    volatility_index: Annotated[
        Annotated[Literal["none"], Tag("none")] | Annotated[VolatilityIndexEntry, Tag("table")], Discriminator(_kind)
    ] = Field(description='"none", or a table [volatility_index]')
    companion_index: Annotated[str, StringConstraints(pattern=ID_PATTERN)] | None = Field(
        default=None,
        description="the id of a market of the engine, such as nifty50, whose volatility index is a feature of the "
        "forecasts, for a market without one of its own",
    )
    us_night: UsNight | None = Field(
        default=None, description="a table [us_night], where the US trades between a close and the next open"
    )
    events: Events = Field(default=Events(), description="a table [events]")
    expiries: Expiries = Field(description="a table [expiries]")
