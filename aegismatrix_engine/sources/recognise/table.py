"""Text into a table of cells: separator, header of one to three rows, and a line number for every row."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.sources.recognise.labels import Role, label_and_ticker, role_of
from aegismatrix_engine.typing import BoolArray

SEPARATORS = ("\t", ";", "|", ",")
LATEST_HEADER_ROW = 10
_HEADER_CELLS = {"", "ticker", "price", "date", "datetime"}
_NUMBER = re.compile(r"[-+]?[\d.,]*\d")
_DECIMALS = re.compile(r"\.(\d+)$")
_SHOWN = 40


@dataclass(frozen=True)
class Table:
    """A file's cells.

    Attributes:
        name: the file's name; it opens each message.
        labels: what the header calls each column; empty strings where there is no header.
        tickers: what a second header row names for each column, else empty strings.
        header: the lines of the header (1-based); empty where the file has none.
        cells: one column of text for each label, blanks around it removed, indexed by line (int64, 1-based).
        findings: what was understood, in words.
    """

    name: str
    labels: tuple[str, ...]
    tickers: tuple[str, ...]
    header: tuple[int, ...]
    cells: pd.DataFrame
    findings: tuple[str, ...]

    def place(self, line: int) -> str:
        """Where a row stands, in words."""
        return f"{self.name}, line {line}"

    def rows(self, kept: BoolArray) -> Self:
        """The same table with those rows alone."""
        return replace(self, cells=self.cells[kept])


def shown(text: str) -> str:
    """A cell or row as messages quote it."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def lines_named(lines: Sequence[int]) -> str:
    """The first of some lines, in words."""
    named = ", ".join(str(line) for line in lines[:3]) + (", ..." if len(lines) > 3 else "")
    return f"line {named}" if len(lines) == 1 else f"lines {named}"


def read_table(name: str, text: str) -> Table:
    """The table of a file.

    Raises:
        DataError: no header and no row of prices, a header without rows, a row with fields too many or too few, an
            open quote.
    """
    lines = text.rstrip("\n").split("\n")
    opening = [(number, line) for number, line in enumerate(lines, 1) if line.strip()][: LATEST_HEADER_ROW + 3]
    separator = next(
        (mark for mark in SEPARATORS if 2 * sum(mark in line for _, line in opening) > len(opening)), SEPARATORS[-1]
    )
    top = [(number, _fields(name, number, line, separator)) for number, line in opening]
    header, labels, tickers = _header(name, top)
    width = len(labels)
    findings: list[str] = []
    if separator != ",":
        findings.append(f"fields are separated by {separator!r}")
    begin = header[-1] + 1 if header else top[0][0]
    above = [(number, row) for number, row in top if header and number < header[0]]
    for number, row in above:
        if sum(_NUMBER.fullmatch(cell) is not None for cell in row) >= 3:
            raise DataError(f"{name}, line {number}: a row of numbers above the header; put the header first")
    before = [number for number, _ in above]
    if before:
        findings.append(f"left out above the header: {lines_named(before)}")
    cells = _cells(name, lines[begin - 1 :], begin, separator, width)
    again = _header_again(cells, top, header)
    if again.any():
        findings.append(f"the header stands again and was left out: {lines_named(list(cells.index[again]))}")
        cells = cells[~again]
    if not text.endswith("\n"):
        _refuse_cut_number(name, cells)
    if cells.empty:
        raise DataError(f"{name} has a header and no rows; expected a table of prices")
    return Table(name, labels, tickers, header, cells, tuple(findings))


def _fields(name: str, number: int, line: str, separator: str) -> list[str]:
    if '"' not in line:
        return [cell.strip() for cell in line.split(separator)]
    try:
        return [
            cell.strip()
            for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=separator != "\t", strict=True))
        ]
    except csv.Error as error:
        raise DataError(f"{name}, line {number}: not csv ({error}); repair the quotes of that line") from None


def _header(
    name: str, top: Sequence[tuple[int, list[str]]]
) -> tuple[tuple[int, ...], tuple[str, ...], tuple[str, ...]]:
    """The header's lines, and of each column its label and ticker."""
    for row, (_, cells) in enumerate(top[:LATEST_HEADER_ROW]):
        if not _names_columns([role_of(label_and_ticker(cell)[0]) for cell in cells]):
            continue
        block = [row]
        if row and top[row - 1][1][0].casefold() == "ticker" and len(top[row - 1][1]) == len(cells):
            block.insert(0, row - 1)
        for below in range(row + 1, len(top)):
            # yfinance writes up to two more rows: the tickers, and the name of the index column alone.
            under = top[below][1]
            if under[0].casefold() not in _HEADER_CELLS or any(_NUMBER.fullmatch(cell) for cell in under[1:]):
                break
            block.append(below)
        labels, tickers = zip(*(label_and_ticker(cell) for cell in cells), strict=True)
        return tuple(top[at][0] for at in block), *_with_other_rows(
            labels, tickers, [top[at][1] for at in block], cells
        )
    first = top[0][1]
    if sum(_NUMBER.fullmatch(cell) is not None for cell in first) >= 4:
        return (), tuple("" for _ in first), tuple("" for _ in first)
    raise DataError(
        f"{name}, line {top[0][0]}: no header was found in {shown(','.join(first))}; expected a row that names the "
        "columns, such as Date,Open,High,Low,Close"
    )


def _names_columns(roles: Sequence[Role | None]) -> bool:
    """Whether a row is a header: it names a close, or a date and a price of any kind."""
    moments, prices = {"date", "stamp", "time"}, {"open", "high", "low", "price", "adjusted", "returns"}
    return len(roles) > 1 and ("close" in roles or (bool(moments & set(roles)) and bool(prices & set(roles))))


def _with_other_rows(
    labels: tuple[str, ...], tickers: tuple[str, ...], block: Sequence[Sequence[str]], own: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Labels and tickers with what the other header rows of yfinance add: tickers, and the name of the first column."""
    first, names = labels[0], list(tickers)
    for row in block:
        if row is own:
            continue
        if role_of(row[0]) in ("date", "stamp"):
            first = row[0]
        elif any(row[1:]):
            names = list(row)
    if len(block) > 1:
        names[0] = ""
        # The name of the header's own level stands where the date's name should.
        first = first if role_of(first) in ("date", "stamp") else "Date"
    return (first, *labels[1:]), tuple(names)


def _cells(name: str, lines: Sequence[str], begin: int, separator: str, width: int) -> pd.DataFrame:
    """Text of the rows, indexed by line; blank rows are left out."""
    widest = width
    for number, line in enumerate(lines, begin):
        count = line.count(separator) + 1 if '"' not in line else len(_fields(name, number, line, separator))
        if count != width and line.strip(f' \t"{separator}'):
            # A separator after the last field opens an empty one.
            if count == width + 1 and line.rstrip(" ").endswith(separator):
                widest = width + 1
                continue
            raise DataError(
                f"{name}, line {number}: {count} fields where {width} are expected: {shown(line.strip())}; "
                "complete or remove the row, and quote numbers that hold the separator"
            )
        widest = max(widest, count)
    cells = pd.read_csv(
        io.StringIO("\n".join(lines)),
        sep=separator,
        header=None,
        names=list(range(widest)),
        index_col=False,
        dtype=str,
        keep_default_na=False,
        skip_blank_lines=False,
        # Between tabs a blank field would be skipped with the blanks.
        skipinitialspace=separator != "\t",
    )
    if len(cells) != len(lines):
        raise DataError(f"{name}: {len(lines)} lines hold {len(cells)} rows; repair its quotes")
    cells.index = pd.RangeIndex(begin, begin + len(cells))
    cells = pd.DataFrame({at: cells[at].fillna("").str.strip() for at in range(width)})
    return cells[(cells != "").any(axis=1)]


def _refuse_cut_number(name: str, cells: pd.DataFrame) -> None:
    """The last number of a file without a last line end is cut off where all above it have more decimals alike."""
    found = [_DECIMALS.search(text) for text in cells.iloc[:, -1].tolist()]
    *above, last = [len(digits.group(1)) if digits else 0 for digits in found] or [0]
    if len(above) > 1 and len(set(above)) == 1 and 0 < last < above[0]:
        line, text = cells.index[-1], cells.iloc[-1, -1]
        raise DataError(
            f"{name}, line {line}: {shown(str(text))} ends the file without a line end and has fewer decimals than all "
            "above it: the file is cut off; download it again"
        )


def _header_again(
    cells: pd.DataFrame, top: Sequence[tuple[int, list[str]]], header: tuple[int, ...]
) -> "pd.Series[bool]":
    again = pd.Series(False, index=cells.index)
    for number, row in top:
        if number in header and len(row) == cells.shape[1]:
            again |= (cells == row).all(axis=1)
    return again
