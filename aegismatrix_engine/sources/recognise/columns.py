"""Which column of a table says when, and which hold prices."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_rules import PRICES
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.recognise.labels import Role, role_of
from aegismatrix_engine.sources.recognise.table import Table

_DAY_CELL = re.compile(r"\d{8}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\d{1,2}[- ][A-Za-z]{3}[- ]\d{4}.*|\d{10}|\d{13}")
_CLOCK_CELL = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_TEXT_CELL = re.compile(r"[A-Za-z^&][\w ^&.:-]*")


@dataclass(frozen=True)
class Columns:
    """Positions of columns in a table.

    Attributes:
        moment: the date, or date and time.
        clock: the time of day where it has a column of its own.
        prices: "open", "high", "low" and "close", as far as they are there; close always is.
        tickers: the column that names the instrument in each row.
        findings: what was understood, in words.
    """

    moment: int
    clock: int | None
    prices: dict[str, int]
    tickers: int | None
    findings: tuple[str, ...]


def find_columns(table: Table) -> Columns:
    """The columns of a table, by its header or, where it has none, by what the first row holds.

    Raises:
        DataError: no column of dates or closes, two of one kind, a total return index, a future or an option.
    """
    return _by_header(table) if table.header else _by_first_row(table)


def _by_header(table: Table) -> Columns:
    found: dict[Role, list[int]] = {}
    for position, label in enumerate(table.labels):
        role = role_of(label)
        if role is not None:
            found.setdefault(role, []).append(position)
    _refuse_other_instruments(table, found)
    once: tuple[Role, ...] = ("open", "high", "low", "close", "date", "time")
    doubled = next((role for role in once if len(found.get(role, [])) > 1), None)
    if doubled is not None:
        raise DataError(f"{table.name}: column {doubled} occurs twice in the header; keep one")
    close = found.get("close") or found.get("price")
    if not close:
        what = " (Adj Close is not a close)" if "adjusted" in found else ""
        raise DataError(f"{table.name}: no column of closes in {shown(','.join(table.labels))}{what}; name one close")
    prices = {role: found[role][0] for role in ("open", "high", "low") if role in found} | {"close": close[0]}
    moment, clock = _moment(table, found)
    used = {moment, *prices.values()} | ({clock} if clock is not None else set()) | set(found.get("ticker", [])[:1])
    read = [table.labels[position] or "(first)" for position in sorted(used)]
    ignored = [label for position, label in enumerate(table.labels) if position not in used and label]
    findings = f"columns {', '.join(read)} (line {table.header[-1]})"
    findings += f"; not read: {', '.join(ignored)}" if ignored else ""
    return Columns(moment, clock, prices, next(iter(found.get("ticker", [])), None), (findings,))


def _refuse_other_instruments(table: Table, found: dict[Role, list[int]]) -> None:
    if "returns" in found:
        label = table.labels[found["returns"][0]]
        raise DataError(f"{table.name}: column {label} is a total return index: expected the price index")
    for position in found.get("contract", []):
        if table.cells.iloc[:, position].str.strip("-").ne("").any():
            label = table.labels[position]
            raise DataError(f"{table.name}: column {label} means futures or options: expected the index itself")
    several = sorted({ticker for ticker in table.tickers if ticker})
    if len(several) > 1:
        raise DataError(f"{table.name}: its header names {' and '.join(several[:3])}; give a file of one index alone")


def _moment(table: Table, found: dict[Role, list[int]]) -> tuple[int, int | None]:
    """Positions of the column that says when, and of the time of day beside it."""
    if "stamp" in found:
        return found["stamp"][0], None
    if "date" in found:
        return found["date"][0], next(iter(found.get("time", [])), None)
    if "time" in found:
        return found["time"][0], None
    # pandas writes an index without a name under an empty header.
    if table.labels[0].casefold() in ("", "index", "unnamed: 0") and _DAY_CELL.fullmatch(str(table.cells.iat[0, 0])):
        return 0, None
    raise DataError(f"{table.name}: no column of dates in {shown(','.join(table.labels))}; name one date or timestamp")


def _by_first_row(table: Table) -> Columns:
    first: Sequence[str] = list(table.cells.iloc[0])
    tickers = 0 if _TEXT_CELL.fullmatch(first[0]) and not _DAY_CELL.fullmatch(first[0]) else None
    at = 0 if tickers is None else 1
    if not _DAY_CELL.fullmatch(first[at]):
        remedy = "add a row that names the columns, such as Date,Open,High,Low,Close"
        raise table.refusal(0, f"no header, and {shown(first[at])} is not a date; {remedy}")
    clock = at + 1 if at + 1 < len(first) and _CLOCK_CELL.fullmatch(first[at + 1]) else None
    begin = at + 1 + (clock is not None)
    if len(first) < begin + 4:
        raise DataError(
            f"{table.name}: no header, and {len(first)} fields a row: expected a date and four prices; add a row that "
            "names the columns"
        )
    prices = dict(zip(PRICES, range(begin, begin + 4), strict=True))
    return Columns(at, clock, prices, tickers, ())
