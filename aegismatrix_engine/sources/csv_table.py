"""Text of a csv file into bars: every cell is read strictly, and every row keeps the number of its line.

The standard library's reader is used rather than pandas': it counts lines, it refuses a row with a field too many, and
numbers go through one correctly rounded conversion, so that the same file gives the same bits under any pandas.
"""

import csv
import io
import re
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.files import stand_in
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.markets.sessions import FIRST_YEAR, LAST_YEAR
from aegismatrix_engine.state.plain_file import TABLE_LIMIT, FileFault, read_plain_file
from aegismatrix_engine.typing import FloatArray

LONGEST_VALUE_SHOWN = 40
IMPORT = "or let `aegis import` read the file"

_NO_CSV = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"<?xml", "XML"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)
_NOT_DECIMAL = re.compile(r"[^0-9.eE+\- \t\n]")
_SHAPES = {
    "date": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", re.ASCII),
}
_WRITTEN = {"date": "YYYY-MM-DD", "timestamp": "YYYY-MM-DD HH:MM:SS in exchange time, without a zone"}


def read_text(path: Path) -> str:
    """The text of a file, without a byte order mark.

    Raises:
        DataError: the file is missing, unreadable or not text, or is a pointer, a web page or an unfinished merge.
    """
    try:
        # It is the operator's own, who may keep it elsewhere and link to it.
        raw = read_plain_file(path, TABLE_LIMIT, follow_links=True)
    except FileFault as fault:
        if fault.kind == "missing":
            raise DataError(f"{path.name} is missing in {path.parent}; put it there or name another folder") from None
        raise DataError(f"{path} {fault.reason}; make it a readable csv file") from None
    instead = stand_in(raw)
    if instead is not None:
        raise DataError(f"{path.name} {instead}")
    return decoded(path.name, raw)


def decoded(name: str, content: bytes, encoding: str = "utf-8-sig") -> str:
    """The text of a file's bytes; raises DataError where they are not text, or something else than a table."""
    other = next((kind for start, kind in _NO_CSV if content.lstrip().startswith(start)), None)
    if other is not None:
        raise DataError(f"{name} is {other}, not a csv file; export it as csv")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is not UTF-8 text (byte {error.start}); save it as a UTF-8 csv file") from None
    if "\0" in text:
        raise DataError(f"{name} is a binary file; save it as a UTF-8 csv file")
    return text


def shown(text: str) -> str:
    """A cell or row as messages quote it."""
    return repr(text if len(text) <= LONGEST_VALUE_SHOWN else text[:LONGEST_VALUE_SHOWN] + "...")


def sourced_bars(
    name: str, text: str, *, moment: str, prices: Sequence[str], may_lack: Collection[str] = ()
) -> SourcedBars:
    """Bars out of csv text.

    Args:
        name: what opens each message, the file's name.
        text: the file's text; the first line that is not blank is the header.
        moment: the column that says when, "date" or "timestamp".
        prices: the columns to read as float64; all others are ignored.
        may_lack: those of them in which a cell may be empty; it becomes NaN.

    Returns:
        Rows in the file's order, blank lines left out, indexed by ``moment`` (naive, ns), with a column ``line``.

    Raises:
        DataError: no rows, a missing column, a row with a field too many or too few, an invalid date or number.
    """
    names, columns, lines = _columns(name, text)
    header = [column.strip().lower() for column in names]
    wanted = [moment, *prices]
    missing = [column for column in wanted if column not in header]
    if missing:
        raise DataError(f"{name}: column {missing[0]} is missing: {_header_remedy(header, wanted)}, {IMPORT}")
    doubled = [column for column in wanted if header.count(column) > 1]
    if doubled:
        raise DataError(f"{name}: column {doubled[0]} occurs twice in the header; keep one")
    if not lines:
        raise DataError(f"{name} has a header and no rows: expected bars")
    cell = dict(zip(header, columns, strict=True))
    index = pd.DatetimeIndex(_moments(name, moment, cell[moment], lines), name=moment)
    cells = {column: _numbers(name, column, cell[column], lines, may_lack=column in may_lack) for column in prices}
    return SourcedBars(name, pd.DataFrame({**cells, "line": np.asarray(lines, dtype=np.int64)}, index=index))


def _header_remedy(header: Sequence[str], wanted: Sequence[str]) -> str:
    delimiter = next((mark for mark in ";\t|" if mark in header[0]), None)
    if delimiter:
        return f"its fields are separated by {delimiter!r}; separate them with commas"
    return f"its header has {shown(','.join(header))}; name the columns {','.join(wanted)}"


def _columns(name: str, text: str) -> tuple[list[str], Sequence[Sequence[str]], Sequence[int]]:
    """The header, the columns below it, and the line each row ends on; blank lines are left out."""
    plain = text.strip().replace("\r\n", "\n")
    rows = plain.split("\n")
    commas = {row.count(",") for row in rows}
    if plain and len(commas) == 1 and text[0] == plain[0] and not any(mark in plain for mark in '"\r'):
        # No quotes, no blank lines and every row as wide: splitting all at once takes half the reader's time.
        width = commas.pop() + 1
        cells = ",".join(rows[1:]).split(",") if len(rows) > 1 else []
        return rows[0].split(","), [cells[at::width] for at in range(width)], range(2, len(rows) + 1)
    (_, header), *table = _rows(name, text)
    for line, row in table:
        if len(row) != len(header):
            found = f"{len(row)} fields where the header has {len(header)}: {shown(','.join(row))}"
            raise DataError(
                f"{name}, line {line}: {found}; write one comma between fields and none inside a number, {IMPORT}"
            )
    columns = list(zip(*(row for _, row in table), strict=True)) or [() for _ in header]
    return header, columns, [line for line, _ in table]


def _rows(name: str, text: str) -> list[tuple[int, list[str]]]:
    """Header and rows that are not blank, each with the line it ends on; at least the header."""
    reader = csv.reader(io.StringIO(text, newline=None), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DataError(f"{name}, line {reader.line_num}: not csv ({error}); repair the quotes of that line") from None
    if not rows:
        raise DataError(f"{name} is empty: expected a header and bars")
    return rows


def _numbers(name: str, column: str, texts: Sequence[str], lines: Sequence[int], *, may_lack: bool) -> FloatArray:
    try:
        if not _NOT_DECIMAL.search("\n".join(texts)):
            return np.array(list(map(float, texts)), dtype=np.float64)
    except ValueError:
        pass
    wrong = (row for row, text in enumerate(texts) if not (_is_number(text) or (may_lack and not text.strip())))
    row = next(wrong, None)
    if row is None:
        return np.array([float(text) if text.strip() else np.nan for text in texts], dtype=np.float64)
    what = f"invalid number {shown(texts[row])}" if texts[row].strip() else "the cell is empty"
    raise DataError(
        f"{name}, line {lines[row]}, column {column}: {what}: expected a decimal such as 1592.2; correct or "
        f"remove the row, {IMPORT}"
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return not _NOT_DECIMAL.search(text)


def _moments(name: str, column: str, texts: Sequence[str], lines: Sequence[int]) -> NDArray[np.datetime64]:
    stripped = list(map(str.strip, texts))
    moments = _strict_moments(stripped, column)
    if moments is not None:
        return moments
    row = next(row for row, text in enumerate(stripped) if _strict_moments([text], column) is None)
    what = f"invalid {column} {shown(texts[row])}" if stripped[row] else "the cell is empty"
    raise DataError(
        f"{name}, line {lines[row]}, column {column}: {what}: expected {_WRITTEN[column]}; correct it, {IMPORT}"
    )


def _strict_moments(texts: Sequence[str], column: str) -> NDArray[np.datetime64] | None:
    """All texts as datetime64[ns], or None where one does not have the one written form."""
    if not all(map(_SHAPES[column].fullmatch, texts)):
        return None
    try:
        moments = np.array(texts, dtype="datetime64[s]")
    except ValueError:
        return None
    years = moments.astype("datetime64[Y]").astype(np.int64) + 1970
    within = years.min() >= FIRST_YEAR and years.max() <= LAST_YEAR
    return moments.astype("datetime64[ns]") if within else None
