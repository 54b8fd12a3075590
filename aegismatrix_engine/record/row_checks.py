"""What the cells of a row may hold: dates that exist, moments with a zone, numbers within their ranges.

A checksum proves that a row is as it was written, not that what was written is possible.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Final, get_args

from aegismatrix_engine.markets.sessions import FIRST_YEAR, LAST_YEAR
from aegismatrix_engine.record.rows import Event, ForecastRow, Mode, ResolutionRow, Row

LARGEST: Final = 1e12
"""Above every price and its square; a larger number would overflow in what is computed from it."""
MOST_SESSIONS: Final = 9999
SUM_ROUNDING: Final = 1e-9
"""How far a sum of probabilities may be below 0 or above 1."""
CELL_SHOWN: Final = 20

Check = tuple[Callable[[str], bool], str]
"""Whether a cell is allowed, and what was expected."""


@lru_cache(maxsize=1 << 14)
def _is_date(cell: str) -> bool:
    if len(cell) != 10 or cell[4] != "-" or cell[7] != "-":
        return False
    try:
        return FIRST_YEAR <= date.fromisoformat(cell).year <= LAST_YEAR
    except ValueError:
        return False


@lru_cache(maxsize=1 << 14)
def _is_moment(cell: str) -> bool:
    try:
        return _is_date(cell[:10]) and datetime.fromisoformat(cell).tzinfo is not None
    except ValueError:
        return False


@lru_cache(maxsize=1 << 10)
def _is_count(cell: str) -> bool:
    return cell.isascii() and cell.isdecimal() and len(cell) <= 9 and int(cell) <= MOST_SESSIONS


def _number(low: float, high: float, expected: str, *, or_empty: bool = False) -> Check:
    def check(cell: str) -> bool:
        try:
            return low <= float(cell) <= high
        except ValueError:
            return or_empty and not cell

    return check, expected


def _one_of(names: tuple[str, ...], expected: str) -> Check:
    return frozenset(names).__contains__, expected


_EVENTS = get_args(Event)
_DATE: Final = (_is_date, "expected a date that exists, YYYY-MM-DD")
_MOMENT: Final = (_is_moment, "expected an ISO timestamp with a zone")
_EVENT: Final = _one_of(_EVENTS, f"expected one of {', '.join(sorted(_EVENTS))}")
_PRICE: Final = _number(1 / LARGEST, LARGEST, "expected a finite number above 0")
_FRACTION: Final = (-SUM_ROUNDING, 1 + SUM_ROUNDING, "expected a number from 0 to 1")
_BASELINE: Final = _number(*_FRACTION[:2], f"{_FRACTION[2]}, or nothing", or_empty=True)

_FORECAST: Final[dict[str, Check]] = {
    "as_of": _MOMENT,
    "generated_at": _MOMENT,
    "standing": _one_of(get_args(Mode), "expected live or replay"),
    "event": _EVENT,
    "origin": _DATE,
    "until": _DATE,
    "sessions": (_is_count, f"expected a whole number from 0 to {MOST_SESSIONS}"),
    "spot": _PRICE,
    "probability": _number(*_FRACTION),
    "climatology": _BASELINE,
    "vix": _BASELINE,
    "priced": _BASELINE,
    "training_end": _DATE,
}
_BY_THRESHOLD: Final = _FORECAST | {"threshold": _number(0.0, LARGEST, "expected a finite number of at least 0")}
_BY_LEVELS: Final = _FORECAST | {"lower": _PRICE, "upper": _PRICE}
_RESOLUTION: Final[dict[str, Check]] = {
    "as_of": _MOMENT,
    "resolved_at": _MOMENT,
    "known_at": _MOMENT,
    "event": _EVENT,
    "until": _DATE,
    "outcome": _one_of(("0", "1"), "expected 0 or 1"),
    "observed": _number(-LARGEST, LARGEST, "expected a finite number"),
}


def impossible(row: Row) -> str | None:
    """Which field of a row holds an impossible value, and what was expected; None for a row that is possible."""
    of_range = isinstance(row, ForecastRow) and row.event == "range"
    checks = _RESOLUTION if isinstance(row, ResolutionRow) else _BY_LEVELS if of_range else _BY_THRESHOLD
    held = vars(row)
    for name, (check, expected) in checks.items():
        if not check(held[name]):
            return f"has the {name} {held[name][:CELL_SHOWN]!r}: {expected}"
    if of_range and float(held["lower"]) > float(held["upper"]):
        return f"has the lower {held['lower'][:CELL_SHOWN]!r} above its upper {held['upper'][:CELL_SHOWN]!r}"
    return None
