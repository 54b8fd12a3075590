"""What the cells of a row may hold: dates that exist, moments with a zone, numbers within their ranges.

A checksum tells that a row stands as it was written; it does not tell that what was written is possible.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Final, get_args

from aegismatrix_engine.markets.sessions import FIRST_YEAR, LAST_YEAR
from aegismatrix_engine.record.rows import Event, ForecastRow, Mode, ResolutionRow, Row

LARGEST: Final = 1e12
"""No price, and no square of one, comes near it; what is larger would overflow in what is computed from it."""
MOST_SESSIONS: Final = 9999
SUM_ROUNDING: Final = 1e-9
"""How far a sum of probabilities may lie beyond 0 or 1."""
CELL_SHOWN: Final = 20

_EVENTS: Final = frozenset(get_args(Event))
_MODES: Final = frozenset(get_args(Mode))
_OUTCOMES: Final = frozenset(("0", "1"))


@lru_cache(maxsize=1 << 14)
def is_date(cell: str) -> bool:
    """Whether a cell is a date of the Gregorian calendar, YYYY-MM-DD, of 1900 to 2199."""
    if len(cell) != 10 or cell[4] != "-" or cell[7] != "-":
        return False
    try:
        return FIRST_YEAR <= date.fromisoformat(cell).year <= LAST_YEAR
    except ValueError:
        return False


@lru_cache(maxsize=1 << 14)
def is_moment(cell: str) -> bool:
    """Whether a cell is an ISO-8601 timestamp with a zone, its date one of 1900 to 2199."""
    try:
        return is_date(cell[:10]) and datetime.fromisoformat(cell).tzinfo is not None
    except ValueError:
        return False


@lru_cache(maxsize=1 << 10)
def is_count(cell: str) -> bool:
    """Whether a cell is a whole number of at least 0 that a number of sessions may be."""
    return cell.isascii() and cell.isdecimal() and len(cell) <= 9 and int(cell) <= MOST_SESSIONS


def _number(cell: str, low: float, high: float) -> bool:
    try:
        return low <= float(cell) <= high
    except ValueError:
        return False


def is_probability(cell: str) -> bool:
    """Whether a cell is a number from 0 to 1."""
    return _number(cell, -SUM_ROUNDING, 1 + SUM_ROUNDING)


def is_price(cell: str) -> bool:
    """Whether a cell is a finite number above 0."""
    return _number(cell, 1 / LARGEST, LARGEST)


def is_threshold(cell: str) -> bool:
    """Whether a cell is a finite number of at least 0."""
    return _number(cell, 0.0, LARGEST)


def is_finite(cell: str) -> bool:
    """Whether a cell is a finite number."""
    return _number(cell, -LARGEST, LARGEST)


def _or_empty(check: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda cell: not cell or check(cell)


Check = tuple[str, Callable[[str], bool], str]

_DATE, _MOMENT = "expected a date that exists, YYYY-MM-DD", "expected an ISO timestamp with a zone"
_FRACTION, _PRICE = "expected a number from 0 to 1", "expected a finite number above 0"
_LIMIT = "expected a finite number of at least 0"

_FORECAST: Final[tuple[Check, ...]] = (
    ("as_of", is_moment, _MOMENT),
    ("generated_at", is_moment, _MOMENT),
    ("standing", _MODES.__contains__, "expected live or replay"),
    ("event", _EVENTS.__contains__, f"expected one of {', '.join(sorted(_EVENTS))}"),
    ("origin", is_date, _DATE),
    ("until", is_date, _DATE),
    ("sessions", is_count, f"expected a whole number from 0 to {MOST_SESSIONS}"),
    ("spot", is_price, _PRICE),
    ("probability", is_probability, _FRACTION),
    ("climatology", _or_empty(is_probability), f"{_FRACTION}, or none"),
    ("vix", _or_empty(is_probability), f"{_FRACTION}, or none"),
    ("training_end", is_date, _DATE),
)
_BY_THRESHOLD: Final[tuple[Check, ...]] = (*_FORECAST, ("threshold", is_threshold, _LIMIT))
_BY_LEVELS: Final[tuple[Check, ...]] = (*_FORECAST, ("lower", is_price, _PRICE), ("upper", is_price, _PRICE))
_RESOLUTION: Final[tuple[Check, ...]] = (
    ("as_of", is_moment, _MOMENT),
    ("resolved_at", is_moment, _MOMENT),
    ("known_at", is_moment, _MOMENT),
    ("event", _EVENTS.__contains__, f"expected one of {', '.join(sorted(_EVENTS))}"),
    ("until", is_date, _DATE),
    ("outcome", _OUTCOMES.__contains__, "expected 0 or 1"),
    ("observed", is_finite, "expected a finite number"),
)


def impossible(row: Row) -> str | None:
    """In words, which field of a row holds what cannot be, and what was expected; None for a row that can be."""
    if isinstance(row, ResolutionRow):
        return None if _plainly_possible_resolution(row) else _first(row, _RESOLUTION)
    if _plainly_possible(row):
        return None
    if row.event != "range":
        return _first(row, _BY_THRESHOLD)
    wrong = _first(row, _BY_LEVELS)
    if wrong is None and float(row.lower) > float(row.upper):
        return f"has the lower {row.lower[:CELL_SHOWN]!r} above its upper {row.upper[:CELL_SHOWN]!r}"
    return wrong


def _plainly_possible(row: ForecastRow) -> bool:
    """A quick look that passes nearly every row of a year's 130,000; what it does not is checked field by field."""
    try:
        return (
            is_moment(row.as_of)
            and is_moment(row.generated_at)
            and row.standing in _MODES
            and row.event in _EVENTS
            and is_date(row.origin)
            and is_date(row.until)
            and is_count(row.sessions)
            and is_date(row.training_end)
            and 1.0 <= float(row.spot) <= LARGEST
            and 0.0 <= float(row.probability) <= 1.0
            and (not row.climatology or 0.0 <= float(row.climatology) <= 1.0)
            and (not row.vix or 0.0 <= float(row.vix) <= 1.0)
            and (
                0.0 <= float(row.threshold) <= LARGEST
                if row.event != "range"
                else 1.0 <= float(row.lower) <= float(row.upper) <= LARGEST
            )
        )
    except ValueError:
        return False


def _plainly_possible_resolution(row: ResolutionRow) -> bool:
    try:
        return (
            is_moment(row.as_of)
            and is_moment(row.resolved_at)
            and is_moment(row.known_at)
            and row.event in _EVENTS
            and is_date(row.until)
            and row.outcome in _OUTCOMES
            and -LARGEST <= float(row.observed) <= LARGEST
        )
    except ValueError:
        return False


def _first(row: ForecastRow | ResolutionRow, checks: tuple[Check, ...]) -> str | None:
    held = vars(row)
    for name, check, expected in checks:
        if not check(held[name]):
            return f"has the {name} {held[name][:CELL_SHOWN]!r}: {expected}"
    return None
