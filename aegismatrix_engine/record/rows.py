"""The rows of the ledger: a forecast as it was made, and what came of one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, astuple, dataclass, fields
from functools import cached_property
from typing import ClassVar, Literal

Event = Literal["up", "down", "close_beyond", "touch", "range", "trap", "straddle", "breakout"]
"""What a forecast speaks of; docs/record.md says how each is decided.

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

    as_of, generated_at: ISO-8601 with zone. standing: live, or replay, which is never scored with the live ones.
    signal: dotted path in the document. event: see Event. origin: date of the last official close known. until: date
    of the session whose close decides. sessions: counted from the origin to it. spot: index points. threshold, lower,
    upper: as the event says, else empty. probability: that the event happens; of a range its nominal coverage.
    climatology, vix: the same by the long-run frequency and by the volatility index alone, empty where not known.
    """

    kind: ClassVar[str] = "forecast"
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

    @cached_property
    def key(self) -> str:
        """Twelve hex digits that name the forecast: one model set says one thing by one signal from one moment.

        The origin tells a provisional close from the official one, whose moments may be the same.
        """
        return _forecast_key(self)


@dataclass(frozen=True)
class ResolutionRow:
    """What came of one forecast.

    forecast: its key. resolved_at: when it was resolved, ISO-8601 with zone. known_at: official close that decided it.
    outcome: 1 the event happened, 0 it did not. observed: the number that decided, in the threshold's unit.
    """

    kind: ClassVar[str] = "resolution"
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
        """Names the resolution: a forecast is resolved once."""
        return self.forecast


Row = ForecastRow | ResolutionRow

NAMES: dict[type[Row], tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (ForecastRow, ResolutionRow)
}


COLUMNS: dict[type[Row], tuple[str, ...]] = {kind: ("key", *names, "checksum") for kind, names in NAMES.items()}
"""The header of a file of such rows."""

_BLANK: dict[type[Row], Mapping[str, str]] = {
    kind: {field.name: "" if field.default is MISSING else str(field.default) for field in fields(kind)}
    for kind in NAMES
}
"""What stands in a row for a column that its file does not have: the field's default, else nothing."""


def header_of(line: str) -> tuple[str, ...] | None:
    """The columns that a line names, where it is the header of rows of any version; None for any other line.

    A header begins with ``key``, ends with ``checksum`` and names no column twice. It tells the columns of the lines
    after it, up to the next one.
    """
    if not (line.startswith("key,") and line.endswith(",checksum")):
        return None
    names = tuple(line.split(","))
    return names if len(set(names)) == len(names) else None


def cells(row: Row) -> tuple[str, ...]:
    """A row as it stands in a file."""
    content = (row.key, *astuple(row))
    return (*content, checksum(content))


def checksum(content: Sequence[str]) -> str:
    """Twelve hex digits over cells: every other one of a row, or those that name a forecast."""
    return hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:12]


def from_cells(kind: type[Row], written: Sequence[str], header: tuple[str, ...] | None = None) -> Row | str:
    """The row back from a file's cells, or in words what is wrong with them.

    Args:
        kind: what it is a row of.
        written: its cells, key first and checksum last.
        header: the columns of its file, by default those of this version. A field that they lack has its default; what
            they have besides is in the checksum and in nothing else.
    """
    header = header or COLUMNS[kind]
    if len(written) != len(header):
        return f"has {len(written)} cells, not {len(header)}"
    *content, written_checksum = written
    expected = checksum(content)
    if expected != written_checksum:
        return f"has the checksum {written_checksum[:20]!r}, not {expected!r}"
    row = kind.__new__(kind)
    held = vars(row)  # a year has a quarter of a million rows
    if header == COLUMNS[kind]:
        held.update(zip(NAMES[kind], content[1:], strict=True))
    else:
        blank = _BLANK[kind]
        held.update(blank)
        held.update((name, cell) for name, cell in zip(header, content, strict=False) if name in blank)
    key = _forecast_key(row) if isinstance(row, ForecastRow) else row.key
    if key != content[0]:
        return f"has the key {content[0][:20]!r}, not {key!r}"
    if isinstance(row, ForecastRow):
        held["key"] = key  # a cached property's own way to be computed takes twice the time of all it computes
    return row


def _forecast_key(row: ForecastRow) -> str:
    return checksum((row.as_of, row.origin, row.market, row.model_set, row.signal, row.event))


def number(value: float | None, digits: int = 6) -> str:
    """A number as a cell: significant digits enough to score by, nothing for None."""
    return "" if value is None else f"{value:.{digits}g}"


def parsed(cell: str) -> float:
    """The number of a cell, NaN where it is empty."""
    return float(cell) if cell else float("nan")


def session_of(row: Row) -> str:
    """The date by which a row's file is named: of a forecast its moment's, of a resolution that of its close."""
    return (row.as_of if isinstance(row, ForecastRow) else row.known_at)[:10]
