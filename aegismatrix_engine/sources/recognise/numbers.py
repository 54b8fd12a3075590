"""Prices as exports write them: thousands separators, currency signs, a decimal comma where the file proves it."""

import re

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.recognise.table import Column, Table

_SIGNS = re.compile(r"₹|\$|€|£|\bRs\.?|\bINR\b", re.IGNORECASE)
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})
NO_PRICE = frozenset({"", "-", "--", ".", "null", "nan", "none", "na", "n/a", "#n/a", "n.a.", "nat"})

_PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{2,3})*,\d{3}(\.\d+)?", re.ASCII)
_BLANK_GROUPED = re.compile(r"[-+]?\d{1,3}(?:[ ']\d{3})+(\.\d+)?", re.ASCII)
_COMMA = re.compile(r"[-+]?(?:\d{1,3}(?:[.']\d{3})+|\d{1,3}(?: \d{3})+|\d+),\d+", re.ASCII)
_COMMA_WHOLE = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+)", re.ASCII)


def read_numbers(table: Table, columns: dict[str, int]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Prices of a table.

    Args:
        table: the cells.
        columns: the position of each price's column.

    Returns:
        float64 columns as named, indexed by line, NaN where a cell says that there is none ("-", "null", empty); and
        what was understood of the way numbers are written.

    Raises:
        DataError: an invalid number; a comma that may be a decimal sign as well as a thousands separator.
    """
    cells = pd.DataFrame({name: table.cells.iloc[:, position] for name, position in columns.items()})
    quick = _plain_numbers(cells)
    if quick is not None:
        return quick, ()
    texts = cells.apply(lambda column: column.str.translate(_BLANKS).str.replace(_SIGNS, "", regex=True).str.strip())
    missing = texts.apply(lambda column: column.str.casefold().isin(NO_PRICE))
    decimal_comma, findings = _decimal_comma(table, texts.where(~missing, ""))
    numbers: dict[str, list[float | None]] = {}
    for name in columns:
        numbers[name] = [
            np.nan if absent else _number(text, decimal_comma=decimal_comma)
            for text, absent in zip(texts[name], missing[name], strict=True)
        ]
        if None in numbers[name]:
            row = numbers[name].index(None)
            raise DataError(
                f"{table.name}, line {texts.index[row]}, column {name}: invalid number {shown(texts[name].iloc[row])}: "
                "expected a decimal such as 1592.2, or an empty cell where there is no price"
            )
    return pd.DataFrame(numbers, index=cells.index, dtype=np.float64), findings


def _plain_numbers(cells: pd.DataFrame) -> pd.DataFrame | None:
    """All cells at once where each is a plain number; the conversion rounds correctly."""
    numbers = {}
    for name, column in cells.items():
        texts = column.tolist()
        if re.search(r"[^0-9.\n]", "\n".join(texts)):
            return None
        try:
            numbers[str(name)] = np.array(list(map(float, texts)), dtype=np.float64)
        except ValueError:
            return None
    return pd.DataFrame(numbers, index=cells.index)


def _decimal_comma(table: Table, texts: pd.DataFrame) -> tuple[bool, tuple[str, ...]]:
    """Whether numbers have a decimal comma, and what proves that they have or have not."""
    # Row by row, so that the first line that proves something is the one named.
    by_row = pd.Series(texts.to_numpy().ravel(), index=np.repeat(texts.index.to_numpy(), texts.shape[1]))
    column, cells = Column(table.name, by_row), list(enumerate(by_row))
    commas = [(at, text) for at, text in cells if "," in text]
    if not commas:
        return False, ()
    decimal = (at for at, text in commas if _COMMA.fullmatch(text) and not _GROUPED.fullmatch(text))
    thousands = (at for at, text in cells if re.search(r"\.(\d{1,2}|\d{4,})$|,.*\.\d+$", text))
    proves_comma, proves_point, first = next(decimal, None), next(thousands, None), commas[0][0]
    if proves_comma is not None and proves_point is not None:
        other = f"{column.quoted(proves_point)} a decimal point; write all numbers the same way"
        raise column.refusal(proves_comma, f"has a decimal comma and {other}")
    if proves_comma is None and proves_point is None:
        problem = "may have a decimal comma or a comma between thousands, and no other number shows which"
        raise column.refusal(first, f"{problem}; write numbers with a decimal point")
    at, sign = (first, "commas between thousands") if proves_comma is None else (proves_comma, "a decimal comma")
    return proves_comma is not None, (f"numbers have {sign}: line {by_row.index[at]} has {shown(by_row.iloc[at])}",)


def _number(text: str, *, decimal_comma: bool) -> float | None:
    if decimal_comma:
        if _COMMA.fullmatch(text) or _COMMA_WHOLE.fullmatch(text):
            return float(re.sub(r"[.' ]", "", text).replace(",", "."))
    elif _PLAIN.fullmatch(text):
        return float(text)
    elif _GROUPED.fullmatch(text) or _BLANK_GROUPED.fullmatch(text):
        return float(re.sub(r"[,' ]", "", text))
    return None
