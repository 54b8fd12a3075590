"""The option chain behind a document: which one, how old, and what of it was used. No leg of it is ever in it."""

from typing import Annotated, Final

from pydantic import Field

from aegismatrix_engine.document.schema.block import Block, Day, Text, Timestamp
from aegismatrix_engine.document.schema.meaning import Kind, published
from aegismatrix_engine.document.schema.quantities import Count, Level

OPTIONS_SINCE: Final = "2.4.0"
"""Version from which on a document may hold what an option chain says."""

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
