"""Scheduled events that move a market: dated, sourced tables, which say when each date was known and where they end.

One file a kind, in ``events/``; which kinds a market knows is in its entry. Forecasts and documents alike know an event
from its ``known_from`` on, so that a replay knows no more than a reader did.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from pandas import DatetimeIndex, Timestamp

from aegismatrix_engine.markets.sessions import SessionCalendar, midnight

EventKind = Literal["union_budget", "general_election_count", "fomc", "us_presidential_election"]
EVENT_KINDS: Final[tuple[EventKind, ...]] = get_args(EventKind)

SESSIONS_BEFORE: Final = 20
Known = Literal["from 20 sessions before", "from the start of its year", "once announced", "always"]
"""When a date of a kind is known that has no day of announcement of its own."""

Shows = Literal["in its session", "in the next session"]
"""Which session is the first to show what an event brought: that of its date, or the one after it."""


@dataclass(frozen=True)
class ScheduledEvent:
    """One event: its date where it takes place, and the date on which that was announced, where it is on record."""

    date: Timestamp
    announced: Timestamp | None


@dataclass(frozen=True)
class EventTable:
    """The events of one kind, as one market sees them.

    Attributes:
        known: when a date without a day of announcement is known.
        shows: which session is the first to show what an event brought.
        column: the column of the model that counts them; None for a kind that is published alone.
        events: by rising date.
        valid_through: the last date up to which no event is missing.
    """

    kind: EventKind
    name: str
    known: Known
    shows: Shows
    column: str | None
    events: tuple[ScheduledEvent, ...]
    valid_through: Timestamp

    @property
    def dates(self) -> DatetimeIndex:
        """(e,) naive dates on which the events take place, rising."""
        return DatetimeIndex([event.date for event in self.events]).as_unit("ns")

    @property
    def first_days(self) -> DatetimeIndex:
        """(e,) the first date whose session can show what each event brought."""
        return self.dates if self.shows == "in its session" else self.dates + pd.Timedelta(days=1)

    def extended(self, events: tuple[ScheduledEvent, ...], valid_through: Timestamp | None) -> "EventTable":
        """The table with more events, which replace those of the same date, and a later end."""
        by_date = {event.date: event for event in (*self.events, *events)}
        through = self.valid_through if valid_through is None else max(self.valid_through, valid_through)
        return replace(self, events=tuple(by_date[day] for day in sorted(by_date)), valid_through=through)


def known_from(table: EventTable, calendar: SessionCalendar) -> DatetimeIndex:
    """(e,) the date from whose first moment on each event of the table was known.

    An announcement counts from the day after it: its hour is not on record.
    """
    if not table.events:
        return DatetimeIndex([]).as_unit("ns")
    announced = DatetimeIndex([event.announced for event in table.events]).as_unit("ns") + pd.Timedelta(days=1)
    rule = _known_by_rule(table, calendar)
    return DatetimeIndex(np.where(announced.isna(), rule, announced)).as_unit("ns")


def events_ahead(
    tables: tuple[EventTable, ...], calendar: SessionCalendar, day: Timestamp, after: Timestamp, until: Timestamp
) -> list[tuple[Timestamp, EventKind]]:
    """Date and kind of the events known on ``day`` that a session past ``after`` up to ``until`` shows first, by date.

    after: the last session, regular or special, whose close is known.
    """
    found = []
    for table in tables:
        known = (known_from(table, calendar) <= day) & (table.dates <= table.valid_through)
        shown = (table.first_days > after) & (table.first_days <= until)
        found += [(at, table.kind) for at in table.dates[known & shown]]
    return sorted(found, key=lambda event: (event[0], EVENT_KINDS.index(event[1])))


def event_tables_of(entry: Mapping[EventKind, Shows]) -> tuple[EventTable, ...]:
    """The tables of the kinds that a market's entry names under ``events``, in the order of EVENT_KINDS."""
    return tuple(_table(kind, _kind(kind), entry[kind]) for kind in EVENT_KINDS if kind in entry)


@cache
def _kind(kind: EventKind) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("events", f"{kind}.toml").read_text(encoding="utf-8"))


def _table(kind: EventKind, content: dict[str, Any], shows: Shows) -> EventTable:
    events = [
        ScheduledEvent(midnight(day), None if group.get("announced") is None else midnight(group["announced"]))
        for group in content["dates"]
        for day in group["days"]
    ]
    through: date = content["valid_through"]
    return EventTable(
        kind=kind,
        name=content["name"],
        known=content["known"],
        shows=shows,
        column=content.get("column"),
        events=tuple(sorted(events, key=lambda event: event.date)),
        valid_through=midnight(through),
    )


def _known_by_rule(table: EventTable, calendar: SessionCalendar) -> DatetimeIndex:
    dates = table.dates
    if table.known == "from the start of its year":
        return DatetimeIndex(dates.year.astype(str) + "-01-01").as_unit("ns")
    if table.known == "from 20 sessions before":
        sessions = calendar.regular(calendar.first_date, dates[-1])
        return sessions[np.maximum(sessions.searchsorted(dates) - SESSIONS_BEFORE, 0)]
    return dates if table.known == "once announced" else DatetimeIndex([calendar.first_date] * len(dates))
