"""The rows of the ledger: a forecast as it was made, and what came of one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, astuple, dataclass, fields
from functools import cached_property
from typing import Literal

Event = Literal["up", "down", "close_beyond", "touch", "range", "trap", "straddle", "breakout"]
"""What a forecast is about; docs/record.md says how each is decided.

up, down: the close lies further than ``threshold`` (log points) above, below spot. close_beyond, touch: the close lies,
or a price on the way lay, ``threshold`` index points away from spot on either side. range: the close lies from
``lower`` to ``upper`` (index levels). trap: mean squared daily log return of ``sessions`` sessions above the square of
``threshold`` (log points). straddle: the close is further than ``threshold`` (log points) from spot on either side.
breakout: true range of the session ``until`` above ``threshold`` (log points).
"""

Mode = Literal["live", "replay"]


@dataclass(frozen=True)
class ForecastRow:
    """One forecast of one document, everything as text, so that a file is read and written without loss.

    Attributes:
        standing: live, or replay, which is never scored with the live ones.
        signal: dotted path in the document.
        origin: date of the last official close known.
        until: date of the session whose close decides.
        sessions: how many from the origin to ``until``.
        threshold: distance from spot, where the event has one; empty elsewhere.
        lower: of a range (index level); empty elsewhere, as is ``upper``.
        probability: that the event happens; of a range its nominal coverage.
        climatology: the same by the long-run frequency alone; empty where not known.
        vix: the same by the volatility index alone; empty where not known.
        priced: the same by option prices, of closes at expiries that a chain prices; empty elsewhere, and in rows of
            documents before 2.4.0.
    """

    as_of: str
    generated_at: str
    standing: str
    market: str
    signal: str
    event: str
    origin: str
    until: str
    sessions: str
    spot: str
    threshold: str
    lower: str
    upper: str
    probability: str
    climatology: str
    vix: str
    model_set: str
    training_end: str
    basis: str
    schema_version: str
    priced: str = ""

    @cached_property
    def key(self) -> str:
        """Twelve hex digits that identify the forecast: by model set, signal and event one from each moment.

        The origin distinguishes a provisional close from the official one, whose moments may be the same.
        """
        return checksum((self.as_of, self.origin, self.market, self.model_set, self.signal, self.event))


@dataclass(frozen=True)
class ResolutionRow:
    """What came of one forecast.

    Attributes:
        forecast: its key.
        resolved_at: when it was resolved, ISO-8601 with zone.
        known_at: the official close that decided it.
        outcome: 1 the event happened, 0 it did not.
        observed: the number that decided, in the threshold's unit.
    """

    forecast: str
    as_of: str
    resolved_at: str
    known_at: str
    market: str
    signal: str
    event: str
    until: str
    outcome: str
    observed: str

    @property
    def key(self) -> str:
        """Identifies the resolution: a forecast is resolved once."""
        return self.forecast


Row = ForecastRow | ResolutionRow

_BLANK: dict[type[Row], Mapping[str, str]] = {
    kind: {field.name: "" if field.default is MISSING else str(field.default) for field in fields(kind)}
    for kind in (ForecastRow, ResolutionRow)
}
"""The value of each field whose column a file does not have: the field's default, else nothing."""

COLUMNS: dict[type[Row], tuple[str, ...]] = {kind: ("key", *blank, "checksum") for kind, blank in _BLANK.items()}
"""The header of a file of such rows."""


def header_of(line: str) -> tuple[str, ...] | None:
    """The columns that a line names, where it is the header of rows of any version; None for any other line.

    A header begins with ``key``, ends with ``checksum`` and names no column twice. It holds up to the next one.
    """
    if not (line.startswith("key,") and line.endswith(",checksum")):
        return None
    names = tuple(line.split(","))
    return names if len(set(names)) == len(names) else None


def cells(row: Row) -> tuple[str, ...]:
    """A row as in a file."""
    content = (row.key, *astuple(row))
    return (*content, checksum(content))


def checksum(content: Sequence[str]) -> str:
    """Twelve hex digits over cells: all others of a row, or those that identify a forecast."""
    return hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:12]


def from_cells(kind: type[Row], written: Sequence[str], header: tuple[str, ...] | None = None) -> Row | str:
    """The row of a file's cells, key first and checksum last, or what is wrong with them.

    ``header`` are the columns of its file, by default those of this version. A field without a column has its default;
    a column without a field counts in the checksum alone.
    """
    header = header or COLUMNS[kind]
    if len(written) != len(header):
        return f"has {len(written)} cells, expected {len(header)}"
    *content, written_checksum = written
    expected = checksum(content)
    if expected != written_checksum:
        return f"has the checksum {written_checksum[:20]!r}, expected {expected!r}"
    row = kind.__new__(kind)
    held = vars(row)  # a year has a quarter of a million rows
    if header == COLUMNS[kind]:
        held.update(zip(_BLANK[kind], content[1:], strict=True))
    else:
        blank = _BLANK[kind]
        held.update(blank)
        held.update((name, cell) for name, cell in zip(header, content, strict=False) if name in blank)
    if row.key != content[0]:
        return f"has the key {content[0][:20]!r}, expected {row.key!r}"
    return row


def number(value: float | None, digits: int = 6) -> str:
    """A number as a cell of so many significant digits; nothing for None."""
    return "" if value is None else f"{value:.{digits}g}"


def parsed(cell: str) -> float:
    """The number of a cell, NaN where it is empty."""
    return float(cell) if cell else float("nan")


def session_of(row: Row) -> str:
    """The date in the name of a row's file: that of a forecast's moment, that of a resolution's close."""
    return (row.as_of if isinstance(row, ForecastRow) else row.known_at)[:10]
