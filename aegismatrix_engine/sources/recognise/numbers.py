"""Prices as exports write them: thousands separators, currency signs, a decimal comma where the file proves it."""

import re

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.sources.recognise.table import Table, shown

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
        DataError: a cell that is no number; a comma that may be a decimal sign as well as a thousands separator.
    """
    cells = pd.DataFrame({name: table.cells.iloc[:, position] for name, position in columns.items()})
    quick = _plain_numbers(cells)
    if quick is not None:
        return quick, ()
    texts = cells.apply(lambda column: column.str.translate(_BLANKS).str.replace(_SIGNS, "", regex=True).str.strip())
    missing = texts.apply(lambda column: column.str.casefold().isin(NO_PRICE))
    decimal_comma, findings = _decimal_comma(table, texts.where(~missing, ""))
    numbers = {
        name: [
            np.nan if absent else _number(table, line, name, text, decimal_comma=decimal_comma)
            for line, text, absent in zip(texts.index, texts[name], missing[name], strict=True)
        ]
        for name in cells.columns
    }
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
    commas = [
        (line, text)
        for row, line in zip(texts.itertuples(index=False), texts.index, strict=True)
        for text in row
        if "," in text
    ]
    if not commas:
        return False, ()
    proves_comma = next(
        ((line, text) for line, text in commas if _COMMA.fullmatch(text) and not _GROUPED.fullmatch(text)), None
    )
    points = (
        (line, text)
        for row, line in zip(texts.itertuples(index=False), texts.index, strict=True)
        for text in row
        if "." in text
    )
    proves_point = next(
        ((line, text) for line, text in points if re.search(r"\.(\d{1,2}|\d{4,})$|,.*\.\d+$", text)), None
    )
    if proves_comma and proves_point:
        (line, text), (other, point) = proves_comma, proves_point
        raise DataError(
            f"{table.place(line)}: {shown(text)} has a decimal comma and {shown(point)} in line {other} a decimal "
            "point; write all numbers the same way"
        )
    if proves_comma:
        return True, (f"numbers have a decimal comma: line {proves_comma[0]} has {shown(proves_comma[1])}",)
    if proves_point:
        line, text = next(((line, text) for line, text in commas), proves_point)
        return False, (f"numbers have commas between thousands: line {line} has {shown(text)}",)
    line, text = commas[0]
    raise DataError(
        f"{table.place(line)}: {shown(text)} may have a decimal comma or a comma between thousands, and no other "
        "number tells; write numbers with a decimal point"
    )


def _number(table: Table, line: int, column: str, text: str, *, decimal_comma: bool) -> float:
    if decimal_comma:
        if _COMMA.fullmatch(text) or _COMMA_WHOLE.fullmatch(text):
            return float(re.sub(r"[.' ]", "", text).replace(",", "."))
    elif _PLAIN.fullmatch(text):
        return float(text)
    elif _GROUPED.fullmatch(text) or _BLANK_GROUPED.fullmatch(text):
        return float(re.sub(r"[,' ]", "", text))
    raise DataError(
        f"{table.place(line)}, column {column}: {shown(text)} is not a number; write a decimal such as 1592.2, or "
        "leave the cell empty where there is no price"
    )
