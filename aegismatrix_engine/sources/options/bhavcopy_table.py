"""The rows of an index's options in NSE's file of one day's derivatives, as text by column."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.options.file_content import OptionFile
from aegismatrix_engine.sources.options.written_moments import DATES_EXPECTED, written_date


@dataclass(frozen=True)
class BhavcopyLayout:
    """The columns of a layout, empty where it has none, and how it names options on an index."""

    name: str
    instrument: str
    option: str
    symbol: str
    day: str
    expiry: str
    strike: str
    side: str
    last: str
    settlement: str
    lots: str
    open_interest: str
    turnover: str = ""
    lot: str = ""
    underlying: str = ""
    contract: str = ""
    actual_expiry: str = ""

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that it must have."""
        prices = (self.strike, self.side, self.last, self.settlement, self.lots, self.open_interest)
        return (self.instrument, self.symbol, self.day, self.expiry, *prices)


_LEGACY: Final = BhavcopyLayout(
    name="bhavcopy",
    instrument="INSTRUMENT",
    option="OPTIDX",
    symbol="SYMBOL",
    day="TIMESTAMP",
    expiry="EXPIRY_DT",
    strike="STRIKE_PR",
    side="OPTION_TYP",
    last="CLOSE",
    settlement="SETTLE_PR",
    lots="CONTRACTS",
    open_interest="OPEN_INT",
    turnover="VAL_INLAKH",
)
_UDIFF: Final = BhavcopyLayout(
    name="udiff",
    instrument="FinInstrmTp",
    option="IDO",
    symbol="TckrSymb",
    day="TradDt",
    expiry="XpryDt",
    strike="StrkPric",
    side="OptnTp",
    last="LastPric",
    settlement="SttlmPric",
    lots="TtlTradgVol",
    open_interest="OpnIntrst",
    lot="NewBrdLotQty",
    underlying="UndrlygPric",
    contract="FinInstrmNm",
    actual_expiry="FininstrmActlXpryDt",
)


@dataclass(frozen=True)
class BhavcopyTable:
    """The options on one index.

    Attributes:
        name: the file's name; it opens each message.
        layout: which columns there are.
        columns: cells without blanks around them, by column.
        lines: the line of each row in the file, 1-based.
    """

    name: str
    layout: BhavcopyLayout
    columns: dict[str, tuple[str, ...]]
    lines: tuple[int, ...]


def read_table(file: OptionFile, symbol: str) -> BhavcopyTable:
    """The options on the index of a symbol.

    Raises:
        DataError: neither layout, a column that is missing, a row that is cut off, no options of that index.
    """
    reader = csv.reader(io.StringIO(file.text), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
        layout = _layout(file.name, header)
        kind, of = header.index(layout.instrument), header.index(layout.symbol)
        rows: list[list[str]] = []
        lines: list[int] = []
        for row in reader:
            if len(row) != len(header) and any(row):
                found = f"{len(row)} fields where the header has {len(header)}"
                raise DataError(f"{file.name}, line {reader.line_num}: {found}, perhaps cut off; download it again")
            if row and row[of].strip() == symbol and row[kind].strip() == layout.option:
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise DataError(f"{file.name}, line {reader.line_num}: not csv ({error}); download it again") from None
    if not rows:
        raise DataError(
            f"{file.name} has no options of {symbol} ({layout.option} in column {layout.instrument}); use the "
            "exchange's file of derivatives of a trading day"
        )
    cells = [tuple(cell.strip() for cell in column) for column in zip(*rows, strict=True)]
    # A separator after the last name opens a column without one.
    columns = {label: column for label, column in zip(header, cells, strict=True) if label}
    return BhavcopyTable(file.name, layout, columns, tuple(lines))


def _layout(name: str, header: Sequence[str]) -> BhavcopyLayout:
    for layout in (_LEGACY, _UDIFF):
        if layout.instrument in header and layout.symbol in header:
            missing = [column for column in layout.needed if column not in header]
            if missing:
                raise DataError(f"{name}: column {missing[0]} of the exchange's file is missing; download it again")
            return layout
    found = shown(",".join(header))
    raise DataError(
        f"{name} is neither an option chain as JSON nor a bhavcopy of derivatives: its first line is {found}; download "
        "the exchange's file of derivatives (F&O)"
    )


def day_of(table: BhavcopyTable) -> pd.Timestamp:
    """The naive date that the rows are of; DataError where they are of several, or where one has none."""
    texts = table.columns[table.layout.day]
    days = {text: written_date(text) for text in set(texts)}
    wrong = next((at for at, text in enumerate(texts) if days[text] is None), None)
    if wrong is not None:
        place = f"{table.name}, line {table.lines[wrong]}, column {table.layout.day}"
        raise DataError(f"{place}: {shown(texts[wrong])}: {DATES_EXPECTED}; download it again")
    found = sorted({day for day in days.values() if day is not None})
    if len(found) > 1:
        raise DataError(
            f"{table.name} has rows of {len(found)} days, {found[0]:%Y-%m-%d} to {found[-1]:%Y-%m-%d}: expected one; "
            "download the exchange's file of one day"
        )
    return found[0]
