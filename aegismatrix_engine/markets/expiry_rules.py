"""When a market's index options expire, by effective date: the part ``expiries`` of a market's entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pandas import Timestamp

from aegismatrix_engine.markets.sessions import Days
from aegismatrix_engine.typing import BoolArray

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")

Occurrence = Literal["second", "third", "last"]
"""Which of a weekday's dates in a month."""

Holidays = Literal["previous", "next"]
"""The session that takes an expiry over whose own day is none."""

_NEVER: Final = Timestamp.max.normalize().as_unit("ns")


@dataclass(frozen=True)
class ExpiryRule:
    """Expiries scheduled from ``since`` on, until the next rule.

    Attributes:
        since: the first date on which expiries are scheduled by the rule.
        monthly: which ``weekday`` of a month is the monthly expiry.
        weekday: 0 Monday to 4 Friday.
        weekly: the weekday of the weekly expiries, of which there is none in the week of a monthly one; None without.
        holidays: whether the session before or after takes over where the scheduled day is none.
    """

    since: Timestamp
    monthly: Occurrence
    weekday: int
    weekly: int | None
    holidays: Holidays = "previous"


@dataclass(frozen=True)
class MovedExpiry:
    """An expiry of the rules that the exchange lists on another session.

    Attributes:
        ours: naive date by the rules and the calendar.
        listed: naive date on which the exchange lists it, a regular session of the calendar.
        monthly: whether it is a monthly one, by the exchange's list.
    """

    ours: Timestamp
    listed: Timestamp
    monthly: bool


@dataclass(frozen=True)
class ExpiryRules:
    """All rules of a market.

    Attributes:
        rules: by rising ``since``; the first one also holds before its ``since``.
        weeklies_listed: the first session on which a weekly contract was listed.
        weeklies_ended: the expiry of the last weekly contract.
        valid_from: the date from which on the rules rest on a source; None where all do.
    """

    rules: tuple[ExpiryRule, ...]
    weeklies_listed: Timestamp = _NEVER
    weeklies_ended: Timestamp = _NEVER
    valid_from: Timestamp | None = None

    def lists_weeklies(self, after: Timestamp) -> bool:
        """Whether a weekly contract is listed after the close of a session."""
        return self.weeklies_listed <= after < self.weeklies_ended

    def weeklies_listed_at(self, after: Days) -> BoolArray:
        """The same of many sessions, (n,) datetime64[ns]."""
        listed: BoolArray = after >= self.weeklies_listed.to_datetime64()
        return listed & (after < self.weeklies_ended.to_datetime64())


def expiry_rules_of(entry: Mapping[str, Any]) -> ExpiryRules:
    """The rules of the part ``expiries`` of an entry that was checked."""
    dates = {
        key: Timestamp(entry[key]).as_unit("ns")
        for key in ("weeklies_listed", "weeklies_ended", "valid_from")
        if key in entry
    }
    return ExpiryRules(tuple(_rule(row) for row in entry["rules"]), **dates)


def _rule(row: Mapping[str, Any]) -> ExpiryRule:
    monthly, weekday = row["monthly"].split()
    return ExpiryRule(
        since=Timestamp(row["from"]).as_unit("ns"),
        monthly=monthly,
        weekday=WEEKDAYS.index(weekday),
        weekly=WEEKDAYS.index(row["weekly"]) if "weekly" in row else None,
        holidays=row.get("holidays", "previous"),
    )
