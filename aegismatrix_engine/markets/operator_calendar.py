"""What an operator knows of an exchange's sessions that the engine's own table does not: the file ``calendar.toml``.

A file has one table for each market in it. This module reads its shape; `calendar_rules` refuses what contradicts
itself or the engine's own table, and `MergedSessions` puts the rest in the place of that table's entries.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - entries have a field called date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.files import stand_in
from aegismatrix_engine.markets.scheduled_events import EVENT_KINDS, EventKind

VALUE_SHOWN = 40
"""Characters of a value that a message repeats."""

Text = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=300, pattern=r"^[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0a-\x1f\x7f-\x9f]*$"
    ),
]
"""Text in one line, without characters that control a terminal."""
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A clock time 'HH:MM' of the exchange's zone."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Closure(_Entry):
    """A day without any session, by the name of its holiday or event."""

    date: Date
    name: Text
    source: Text


class SpecialSession(_Entry):
    """A session that gives the index a row and is not counted in horizons."""

    date: Date
    kind: Literal["muhurat", "weekend", "other"]
    opens: Clock
    closes: Clock
    source: Text


class RegularSession(_Entry):
    """A regular session on a weekday that the engine's own table calls closed: a holiday that was moved."""

    date: Date
    source: Text


class Hours(_Entry):
    """Hours of the one session of ``date``, or of every ordinary session from ``since`` on (in the file: ``from``)."""

    date: Date | None = None
    since: Date | None = Field(default=None, alias="from")
    opens: Clock
    continuous_close: Clock
    official_close: Clock
    derivatives_close: Clock
    source: Text


class Event(_Entry):
    """A scheduled event, and the day on which its date was announced where that is not the rule of its kind."""

    date: Date
    kind: EventKind
    announced: Date | None = None
    source: Text


class EventsThrough(_Entry):
    """The last date up to which all events of a kind are listed, here or in the engine's own table."""

    date: Date
    kind: EventKind
    source: Text


class MarketEntries(_Entry):
    """The table of one market, with entries in the order of the file.

    Attributes:
        source: where entries come from that name no source of their own.
        valid_through: the last date whose closures the exchange has announced, all of them listed in the file.
    """

    source: Text | None = None
    valid_through: Date | None = None
    closures: list[Closure] = []
    special: list[SpecialSession] = []
    sessions: list[RegularSession] = []
    hours: list[Hours] = []
    events: list[Event] = []
    events_through: list[EventsThrough] = []


@dataclass(frozen=True)
class OperatorCalendar:
    """The entries of an operator's file for one market.

    Attributes:
        file: the file's name, without its folder.
        sha256: of the file's bytes, in hexadecimal digits.
        where: the file as the operator named it, and the market's table in it: how messages begin.
    """

    file: str
    sha256: str
    where: str
    entries: MarketEntries


_EXPECTED: Mapping[str, str] = {
    **dict.fromkeys(("date", "from", "valid_through", "announced"), "a date without quotes, such as 2027-01-26"),
    **dict.fromkeys(
        ("opens", "closes", "continuous_close", "official_close", "derivatives_close"),
        'a clock time in quotes, such as "09:15"',
    ),
    "name": "text in quotes, in one line",
    "source": "text in quotes, in one line, in the entry or once for the market",
    "kind": '"muhurat", "weekend" or "other"',
    **dict.fromkeys(
        ("closures", "special", "sessions", "hours", "events", "events_through"), "a list of tables, as in docs/data.md"
    ),
}
_EXPECTED_KIND = f"one of {', '.join(EVENT_KINDS)}, in quotes"
_ENTRY_OF: Mapping[str, type[_Entry]] = {
    "closures": Closure,
    "special": SpecialSession,
    "sessions": RegularSession,
    "hours": Hours,
    "events": Event,
    "events_through": EventsThrough,
}


def read_operator_calendar(
    content: bytes, path: str, file: str, market_id: str, known: tuple[str, ...]
) -> OperatorCalendar | None:
    """The entries of one market in the file ``content``; None where the file has no table of that market.

    Args:
        content: the file's bytes.
        path: the file as the operator named it, for messages.
        file: its name without the folder, for the document.
        market_id: whose entries are asked for; the tables of other markets are checked for their shape alone.
        known: the ids of all markets.

    Raises:
        DataError: the file is not TOML, or a table, entry or key of it is not what is expected there.
    """
    tables = toml_tables(content, path, "a file as in docs/data.md")
    for name in tables:
        if name not in known:
            expected = ", ".join(f"[{one}]" for one in known)
            raise DataError(f"{path}: unknown table [{name[:VALUE_SHOWN]}]: expected one of {expected}")
    found = {name: _market_entries(table, f"{path}: [{name}]") for name, table in tables.items()}
    if market_id not in found:
        return None
    digest = hashlib.sha256(content).hexdigest()
    return OperatorCalendar(file, digest, f"{path}: [{market_id}]", found[market_id])


def toml_tables(content: bytes, path: str, expected: str) -> dict[str, Any]:
    """The tables of an operator's TOML file, whose ``path`` and what was ``expected`` of it messages repeat.

    Raises:
        DataError: it is not TOML, with the line, or was put in the place of the file meant, as `files.stand_in` says.
    """
    instead = stand_in(content)
    if instead is not None:
        raise DataError(f"{path}: the file {instead}")
    try:
        # Some editors put a byte order mark before the first line.
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: invalid UTF-8 at byte {error.start}: expected a text file in UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DataError(f"{path}: invalid TOML: {error}; expected {expected}") from error


def _market_entries(table: Any, where: str) -> MarketEntries:
    if not isinstance(table, dict):
        raise DataError(f"{where}: invalid value {shown(table)}: expected a table of entries, as in docs/data.md")
    try:
        return MarketEntries.model_validate(_with_common_source(table))
    except ValidationError as error:
        # A key that is misspelt is missing, too: the misspelling is what helps.
        first = min(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
        raise DataError(_message(table, where, first["type"], first["loc"], first["input"])) from error


def _with_common_source(table: dict[str, Any]) -> dict[str, Any]:
    """The table with its own ``source`` in every entry that has none."""
    common = {"source": table["source"]} if "source" in table else {}
    return {
        name: [common | entry if isinstance(entry, dict) else entry for entry in value]
        if name in _ENTRY_OF and isinstance(value, list)
        else value
        for name, value in table.items()
    }


def _message(table: dict[str, Any], where: str, kind: str, loc: tuple[int | str, ...], value: Any) -> str:
    key, fields = str(loc[-1]), MarketEntries.model_fields
    wanted = _EXPECTED_KIND if key == "kind" and "events" in str(loc[0]) else _EXPECTED.get(key)
    if len(loc) > 1:
        place, row = str(loc[0]), int(loc[1])
        entry, fields = table[place][row], _ENTRY_OF[place].model_fields
        when = entry.get("date", entry.get("from")) if isinstance(entry, dict) else None
        where = f"{where} {place}, entry {row + 1}{f' ({shown(when)})' if when is not None else ''}"
        if len(loc) == 2:
            return f"{where}: invalid entry {shown(value)}: expected a table, as in docs/data.md"
    if kind == "extra_forbidden":
        expected = ", ".join(field.alias or name for name, field in fields.items())
        return f"{where}: unknown key {key[:VALUE_SHOWN]!r}: expected {expected}"
    if kind == "missing":
        return f"{where}: {key} is missing: expected {wanted}"
    return f"{where}: invalid {key} {shown(value)}: expected {wanted}"


def shown(value: Any) -> str:
    """A value as a message repeats it, in one line."""
    text = value.isoformat() if hasattr(value, "isoformat") else ascii(value)
    return text if len(text) <= VALUE_SHOWN else f"{text[:VALUE_SHOWN]}..."
