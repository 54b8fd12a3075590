"""Text into a table of cells: separator, header of one to three rows, and a line number for every row."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.recognise.labels import Role, label_and_ticker, role_of
from aegismatrix_engine.typing import BoolArray

SEPARATORS = ("\t", ";", "|", ",")
LATEST_HEADER_ROW = 10
_HEADER_CELLS = {"", "ticker", "price", "date", "datetime"}
_NUMBER = re.compile(r"[-+]?[\d.,]*\d")
_DECIMALS = re.compile(r"\.(\d+)$")

Names = tuple[str, ...]


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

    def refusal(self, row: int, problem: str) -> DataError:
        """The error that the row at a position has a problem."""
        return DataError(f"{self.name}, line {self.cells.index[row]}: {problem}")

    def column(self, position: int) -> "Column":
        """One column."""
        return Column(self.name, self.cells.iloc[:, position])

    def left_out(self, mask: BoolArray, why: str) -> str:
        """The finding that rows are left out, counted, with the first of their lines."""
        lines = self.cells.index[mask].tolist()
        return f"left out, {why}: {len(lines)} row{'s' if len(lines) > 1 else ''} ({lines_named(lines)})"

    def rows(self, kept: BoolArray) -> Self:
        """The same table with those rows alone."""
        return replace(self, cells=self.cells[kept])


@dataclass(frozen=True)
class Column:
    """One column of a file, and how messages quote it.

    Attributes:
        name: the file's name.
        texts: its cells, indexed by line.
    """

    name: str
    texts: "pd.Series[str]"

    def refusal(self, row: int, problem: str) -> DataError:
        """The error that the cell at a position has a problem; its place and text come first."""
        return DataError(f"{self.name}, line {self.texts.index[row]}: {shown(self.texts.iloc[row])} {problem}")

    def refuse(self, wrong: BoolArray, problem: str) -> None:
        """Raise the error of the first cell that is wrong; (n,) bool."""
        if wrong.any():
            raise self.refusal(int(wrong.argmax()), problem)

    def quoted(self, row: int) -> str:
        """The cell and its line, as "'04/01/2021' in line 2"."""
        return f"{shown(self.texts.iloc[row])} in line {self.texts.index[row]}"

    def finding(self, row: int) -> str:
        """The line and its cell, as "line 2 has 04/01/2021"."""
        return f"line {self.texts.index[row]} has {self.texts.iloc[row]}"


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
    findings = [f"fields are separated by {separator!r}"] if separator != "," else []
    begin = header[-1] + 1 if header else top[0][0]
    above = {number: row for number, row in top if header and number < header[0]}
    for number, row in above.items():
        if _count_of_numbers(row) >= 3:
            raise DataError(f"{name}, line {number}: a row of numbers above the header; put the header first")
    if above:
        findings.append(f"left out above the header: {lines_named(list(above))}")
    cells = _cells(name, lines[begin - 1 :], begin, separator, len(labels))
    again = pd.Series(False, index=cells.index)
    for number, row in top:
        if number in header and len(row) == len(labels):
            again |= (cells == row).all(axis=1)
    if again.any():
        findings.append(f"left out where the header is repeated: {lines_named(list(cells.index[again]))}")
        cells = cells[~again]
    if not text.endswith("\n"):
        _refuse_cut_number(name, cells)
    if cells.empty:
        raise DataError(f"{name} has a header and no rows: expected a table of prices")
    return Table(name, labels, tickers, header, cells, tuple(findings))


def _fields(name: str, number: int, line: str, separator: str) -> list[str]:
    if '"' not in line:
        return [cell.strip() for cell in line.split(separator)]
    reader = csv.reader([line], delimiter=separator, skipinitialspace=separator != "\t", strict=True)
    try:
        return [cell.strip() for cell in next(reader)]
    except csv.Error as error:
        raise DataError(f"{name}, line {number}: not csv ({error}); repair the quotes of that line") from None


def _count_of_numbers(row: Sequence[str]) -> int:
    return sum(_NUMBER.fullmatch(cell) is not None for cell in row)


def _header(name: str, top: Sequence[tuple[int, list[str]]]) -> tuple[tuple[int, ...], Names, Names]:
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
            if under[0].casefold() not in _HEADER_CELLS or _count_of_numbers(under[1:]):
                break
            block.append(below)
        labels, tickers = zip(*(label_and_ticker(cell) for cell in cells), strict=True)
        others = [top[at][1] for at in block if at != row]
        return tuple(top[at][0] for at in block), *_with_other_rows(labels, tickers, others)
    number, first = top[0]
    if _count_of_numbers(first) >= 4:
        return (), ("",) * len(first), ("",) * len(first)
    raise DataError(
        f"{name}, line {number}: no header was found in {shown(','.join(first))}: expected a row that names the "
        "columns, such as Date,Open,High,Low,Close"
    )


def _names_columns(roles: Sequence[Role | None]) -> bool:
    """Whether a row is a header: it names a close, or a date and a price of any kind."""
    moments, prices = {"date", "stamp", "time"}, {"open", "high", "low", "price", "adjusted", "returns"}
    return len(roles) > 1 and ("close" in roles or (bool(moments & set(roles)) and bool(prices & set(roles))))


def _with_other_rows(labels: Names, tickers: Names, others: Sequence[Sequence[str]]) -> tuple[Names, Names]:
    """Labels and tickers with what the other header rows of yfinance add: tickers, and the name of the first column."""
    first, names = labels[0], list(tickers)
    for row in others:
        if role_of(row[0]) in ("date", "stamp"):
            first = row[0]
        elif any(row[1:]):
            names = list(row)
    if others:
        names[0] = ""
        # The name of the header's own level is in the place of the date's name.
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
        problem = "ends the file without a line end and has fewer decimals than all above it: the file is cut off"
        raise Column(name, cells.iloc[:, -1]).refusal(-1, f"{problem}; download it again")
