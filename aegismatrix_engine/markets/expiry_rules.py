"""When a market's index options expire, by effective date: the rules of ``expiry_rules.toml`` that ships beside it."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from pandas import Timestamp

_TABLE = "expiry_rules.toml"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True)
class ExpiryRule:
    """Expiries scheduled from ``since`` on, until the next rule.

    Attributes:
        weekday: 0 Monday to 4 Friday.
        monthly: which such weekday of a month is the monthly expiry.
        weekly: whether all the others are weekly expiries.
    """

    since: Timestamp
    weekday: int
    monthly: Literal["last", "third"]
    weekly: bool


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
    """

    rules: tuple[ExpiryRule, ...]
    weeklies_listed: Timestamp


def read_expiry_rules(market_id: str) -> ExpiryRules:
    """The rules of the market ``market_id``, which the table must hold."""
    table: dict[str, Any] = tomllib.loads(files(__package__).joinpath(_TABLE).read_text(encoding="utf-8"))[market_id]
    rules = tuple(
        ExpiryRule(Timestamp(row["from"]).as_unit("ns"), _WEEKDAYS.index(row["weekday"]), row["monthly"], row["weekly"])
        for row in table["rules"]
    )
    return ExpiryRules(rules, Timestamp(table["weeklies_listed"]).as_unit("ns"))
