"""The option chain behind a document: which one, how old, and what of it was used. No leg of it is ever in it."""

from typing import Annotated, Final, Literal

from pydantic import Field

from aegismatrix_engine.document.schema.block import Block, Day, Text, Timestamp
from aegismatrix_engine.document.schema.meaning import Kind, published
from aegismatrix_engine.document.schema.quantities import (
    Count,
    Distance,
    Level,
    Positive,
    Share,
    Size,
    VolPointChange,
    VolPoints,
)

OPTIONS_SINCE: Final = "2.4.0"
"""Version from which on a document may hold what an option chain says."""

UNUSABLE: Final = "the option chain could not be used"
"""How the reason of a degradation begins where a chain was asked for and could not be used."""

Minutes = Annotated[float, Kind("minutes")]


class OptionFile(Block):
    """A file that the chain was read from."""

    name: Text = published("Its name, without the folder.")
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = published("SHA-256 of the file as it was read.")


class OptionsLeftOut(Block):
    """Something of the chain that was not used, and why."""

    expiry: Day | None = published("The expiry it belongs to; absent where it belongs to several.", default=None)
    legs: Count = published(
        "How many legs were left out; 0 where only their prices or their open interest were.", unit="legs"
    )
    rule: Text = published("Why, in plain words.")


class Options(Block):
    """The option chain that was read for a document."""

    source: Text = published(
        "Layout of its files: nse, nse-v3, bhavcopy, udiff or upstox; of files of several layouts all, joined by +."
    )
    as_of: Timestamp = published("When its prices are of; of several files that of the oldest.")
    age_minutes: Minutes = published(
        "How much older it is than the document's as_of; negative where it is newer.", "as_of - options.as_of"
    )
    index: Level | None = published(
        "The level of the index that it states; absent where it states none, as a bhavcopy.", default=None
    )
    files: Annotated[list[OptionFile], Field(min_length=1)] = published(
        "The files it was read from.", does_not_say="What is in them: no leg of a chain is published."
    )
    legs_read: Count = published("Legs in these files, of all expiries.", unit="legs")
    legs_used: Count = published(
        "Legs read of the expiries in seller.expiries of which something was computed.", unit="legs"
    )
    left_out: list[OptionsLeftOut] = published(
        "What was not used, and why.", does_not_say="That the rest is right: it passed the checks."
    )


Days = Annotated[float, Field(gt=0.0), Kind("calendar days")]
Units = Annotated[float, Field(ge=0.0), Kind("units of the index")]


class Priced(Block):
    """What the prices of one expiry say."""

    kind: Literal["mid", "last"] = published(
        "mid: middles of bid and ask. last: trades of the day, as in a bhavcopy, each known to a few per cent only."
    )
    forward: Level = published(
        "The forward of the expiry, from which its distances count.",
        "put-call parity C - P = D (F - K) at the {{ STRIKES_NEAR_MONEY }} strikes nearest the money, D at "
        "{{ RATE | percent }} a year",
    )
    days: Days = published(
        "Time to the settlement, with its fraction of a day.", "official close of the expiry - as_of"
    )
    at_the_money: VolPoints = published(
        "Implied volatility at the forward, a year.", "by the formula of Black (1976) on the forward, calendar time"
    )
    straddle_points: Distance = published("What call and put at straddle_strike cost together, paid today.")
    straddle_strike: Level = published("The strike nearest the forward of which both have a usable price.")
    put_25_delta: VolPoints | None = published(
        "Implied volatility of the put whose forward delta is -{{ DELTA }}; absent where no quote reaches so far.",
        default=None,
    )
    call_25_delta: VolPoints | None = published(
        "Implied volatility of the call whose forward delta is {{ DELTA }}; absent likewise.", default=None
    )
    risk_reversal: VolPointChange | None = published(
        "Negative where puts are dearer; absent with either volatility.", "call_25_delta - put_25_delta", default=None
    )
    butterfly: VolPointChange | None = published(
        "How much dearer both wings are than the money; absent likewise.",
        "(call_25_delta + put_25_delta) / 2 - at_the_money",
        default=None,
    )
    quotes_used: Positive = published("Out-of-the-money prices that the distribution was fitted to.", unit="quotes")
    share_inside: Share | None = published(
        "Share of them that the fitted distribution prices within bid and ask, to a tick; absent for trades.",
        default=None,
    )


class Wall(Block):
    """A strike with much open interest."""

    strike: Level = published("The strike.")
    open_interest: Units = published("Its open interest on this side, in units of the index, never lots.")


Walls = Annotated[list[Wall], Field(max_length=3)]


class OpenInterest(Block):
    """Open interest of one expiry."""

    calls: Units = published("Of all its calls.")
    puts: Units = published("Of all its puts.")
    put_call_ratio: Size | None = published("Absent where no call is held.", "puts / calls", default=None)
    call_walls: Walls = published(
        "The {{ WALLS }} call strikes with the largest open interest, largest first.",
        does_not_say="That the index turns there: no such effect was found.",
    )
    put_walls: Walls = published(
        "The {{ WALLS }} put strikes with the largest open interest, largest first.",
        does_not_say="That the index turns there: no such effect was found.",
    )
    strikes: Count = published("How many strikes the chain has of this expiry.", unit="strikes")
    partial: bool = published(
        "Whether the chain was cut to a window, so that max pain is not over all strikes.",
        "fewer than {{ FEWEST_STRIKES }} strikes, or less than {{ LEAST_REACH | percent }} to either side",
    )
