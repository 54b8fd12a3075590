"""Entries that do not ship with the engine: read, checked, and made a market; every fault in one line."""

from collections.abc import Mapping
from typing import Any, Final, get_args

import numpy as np
from pandas import Timedelta, Timestamp
from pydantic import BaseModel, ValidationError

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets.entry_rules import entry_faults
from aegismatrix_engine.markets.entry_schema import Entry
from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.markets.market_entry import market_of
from aegismatrix_engine.markets.operator_calendar import VALUE_SHOWN, shown, toml_tables
from aegismatrix_engine.markets.sessions import SessionCalendar
from aegismatrix_engine.markets.shipped_markets import SUFFIX, companion_of, known_markets

WEEKS_COMPARED: Final = Timedelta(weeks=9)

_TAGS = ("table", "none")
"""What pydantic names the two kinds of ``volatility_index`` by."""


def own_market(content: bytes, path: str, file: str) -> Market:
    """The market of an entry.

    Args:
        content: the file's bytes.
        path: the file as the operator named it, for messages.
        file: its name without the folder.

    Raises:
        DataError: the first fault of the entry, with file, key, what was found and what was expected.
    """
    table = parsed(content, path)
    for fault in faults(table, path, file):
        raise DataError(fault)
    market = market_of(table, companion_of(table))
    for fault in calendar_faults(market, path):
        raise DataError(fault)
    return market


def parsed(content: bytes, path: str) -> dict[str, Any]:
    """The tables of the file; raises DataError, with the line, where it is not TOML."""
    return toml_tables(content, path, "an entry as in docs/markets.md")


def faults(table: Mapping[str, Any], path: str, file: str, *, shipped: bool = False) -> list[str]:
    """Everything that is wrong with an entry by itself, one line each; ``shipped`` is whether it is the engine's."""
    try:
        entry = Entry.model_validate(table)
    except ValidationError as error:
        # A key that is misspelt is missing, too: the misspelling is what helps.
        found = sorted(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
        return [f"{path}: {_message(one['type'], one['loc'], one['input'])}" for one in found]
    found_rules = [f"{path}: {key}: {fault}" for key, fault in entry_faults(entry)]
    if f"{entry.id}{SUFFIX}" != file:
        fault = f"{entry.id!r} in a file called {file[:VALUE_SHOWN]}: expected {entry.id}{SUFFIX}, or another id"
        found_rules.insert(0, f"{path}: id: {fault}")
    if entry.id in known_markets() and not shipped:
        fault = f"{entry.id!r} is a market that ships with the engine: expected another id, and file name"
        found_rules.insert(0, f"{path}: id: {fault}")
    return found_rules


def calendar_faults(market: Market, path: str) -> list[str]:
    """What is wrong with the market's calendar once its sessions are made, one line each."""
    calendar = market.calendar
    try:
        day = usual_session(calendar)
        hours = calendar.hours(day)
    except DataError as error:
        return [f"{path}: calendar sessions: {error}"]
    clock = [f"{at:%H:%M}" for at in (hours.opens, hours.continuous_close, hours.official_close)]
    found, (first, _), (_, last) = [], market.gamma_windows[0], market.gamma_windows[-1]
    if first != clock[0]:
        found.append(f"{path}: session_windows: begin at {first}: expected {clock[0]}, the open of {day:%Y-%m-%d}")
    if not clock[1] <= last <= clock[2]:
        closes = " to ".join(dict.fromkeys(clock[1:]))
        found.append(f"{path}: session_windows: end at {last}: expected {closes}, the close of {day:%Y-%m-%d}")
    return found


def usual_session(calendar: SessionCalendar) -> Timestamp:
    """The last announced session with the hours of most in the weeks before it: some end early before a holiday."""
    through = calendar.valid_through
    days = calendar.regular(max(through - WEEKS_COMPARED, calendar.first_date), through)
    clock = calendar.local_hours(days) - np.asarray(days, dtype="datetime64[ns]")[:, None]
    _, kind, times = np.unique(clock.astype(np.int64), axis=0, return_inverse=True, return_counts=True)
    return Timestamp(days[np.flatnonzero(kind.ravel() == times.argmax())[-1]])


def _message(kind: str, loc: tuple[int | str, ...], value: Any) -> str:
    """A fault of one key in words."""
    at = [part for part in loc if part not in _TAGS]
    numbered = [f", entry {part + 1}" if isinstance(part, int) else f" {part}" for part in at]
    # One of a list of plain values has a number in place of a key.
    key, named = ("value", numbered) if isinstance(at[-1], int) else (numbered[-1].strip(), numbered[:-1])
    place = "".join(named).strip()
    where = f"{place}: " if place else ""
    model, expected = _described([part for part in at if isinstance(part, str)])
    if kind == "extra_forbidden":
        keys = ", ".join(field.alias or name for name, field in model.model_fields.items())
        return f"{where}unknown key {key[:VALUE_SHOWN]!r}: expected {keys}"
    if kind == "missing":
        return f"{where}{key} is missing: expected {expected}"
    return f"{where}invalid {key} {shown(value)}: expected {expected}"


def _described(names: list[str]) -> tuple[type[BaseModel], str]:
    """The part of the schema that the last name is looked for in, and what is expected of it."""
    model: type[BaseModel] = Entry
    expected = ""
    for position, name in enumerate(names):
        fields = {field.alias or own: field for own, field in model.model_fields.items()}
        if name not in fields:
            break
        expected = str(fields[name].description)
        inner = _model_in(fields[name].annotation)
        if inner is not None and position < len(names) - 1:
            model = inner
    return model, expected


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The part of the schema that a field holds, alone, in a list, or beside other types."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(one) for one in get_args(annotation))
    return next((one for one in found if one is not None), None)
