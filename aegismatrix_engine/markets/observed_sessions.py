"""A calendar corrected by what the market did: sessions held off the plan, and sessions of the plan that were not."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass

import numpy as np
from pandas import Timestamp

from aegismatrix_engine.markets.sessions import SessionCalendar, SessionHours, SessionTable
from aegismatrix_engine.typing import IntArray


@dataclass(frozen=True)
class HeldSession:
    """A session that the plan does not have.

    Attributes:
        regular: whether it counts in horizons.
        hours: its hours; None for those of the plan's nearest regular session.
    """

    regular: bool = False
    hours: SessionHours | None = None


class ObservedSessions(SessionCalendar):
    """A plan with sessions added and removed; every other answer is the plan's.

    Attributes:
        plan: the exchange's announced calendar.
        held: the sessions added, by naive date.
        left_out: dates of the plan's sessions that were not held, or that no series has.
    """

    def __init__(
        self, plan: SessionCalendar, held: Mapping[Timestamp, HeldSession], left_out: frozenset[Timestamp]
    ) -> None:
        super().__init__(plan.name, plan.zone.key, plan.first_date, plan.valid_through, plan.years)
        self.plan = plan
        self.held = dict(held)
        self.left_out = left_out

    def _build(self, first_year: int, last_year: int) -> SessionTable:
        table = self.plan.table(Timestamp(first_year, 1, 1), Timestamp(last_year, 12, 31))
        kept = ~np.isin(table.dates, np.array([*self.left_out, *self.held], dtype="datetime64[ns]"))
        added = sorted(self.held)
        dates = np.concatenate([table.dates[kept], np.array(added, dtype="datetime64[ns]")])
        regular = np.concatenate([table.regular[kept], np.array([self.held[day].regular for day in added], dtype=bool)])
        hours = np.concatenate([table.hours[kept], *(self._hours_of(day) for day in added)])
        return SessionTable.of(table.first_year, table.last_year, dates, regular, hours)

    def _hours_of(self, day: Timestamp) -> IntArray:
        hours = self.held[day].hours or self.plan.usual_hours(day)
        return np.array([[moment.as_unit("ns").value for moment in astuple(hours)]], dtype=np.int64)


def planned(calendar: SessionCalendar) -> SessionCalendar:
    """The announced calendar behind one that may have been corrected by what the market did."""
    return calendar.plan if isinstance(calendar, ObservedSessions) else calendar
