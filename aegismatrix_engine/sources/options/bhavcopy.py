"""NSE's file of one day's derivatives (bhavcopy), in the legacy layout and in UDiFF, which replaced it in July 2024.

It has no quotes. Most legs have no trade: their close is an older one and their settlement theoretical, and neither is
a price. Open interest is in units of the index, contracts traded are in lots.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.options.file_content import OptionFile
from aegismatrix_engine.sources.options.flaws import Flaws, numbers
from aegismatrix_engine.sources.options.leg_rows import Dates, LegRows
from aegismatrix_engine.sources.options.lots import listed_lot, lot_of_turnover
from aegismatrix_engine.sources.options.nse_underlying import agreed_underlying
from aegismatrix_engine.sources.options.symbols import index_symbol
from aegismatrix_engine.sources.options.written_moments import DATES_EXPECTED, written_date
from aegismatrix_engine.typing import FloatArray


@dataclass(frozen=True)
class _Layout:
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

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that it must have."""
        prices = (self.strike, self.side, self.last, self.settlement, self.lots, self.open_interest)
        return (self.instrument, self.symbol, self.day, self.expiry, *prices)


_LEGACY: Final = _Layout(
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
_UDIFF: Final = _Layout(
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
)
RUPEES_IN_A_LAKH: Final = 1e5
SIDES: Final = {"CE": True, "PE": False}


@dataclass(frozen=True)
class _Table:
    """The rows of the market's options, as text by column, with the line of each."""

    name: str
    layout: _Layout
    columns: dict[str, tuple[str, ...]]
    lines: tuple[int, ...]


def read_bhavcopy(file: OptionFile, market: Market) -> LegRows:
    """The legs of a day.

    Raises:
        DataError: neither layout, a row that is cut off, no options of the market's index, several days, a day without
            a session, index levels more than 0.3 % apart.
    """
    table = _table(file, index_symbol(market))
    layout, legs = table.layout, len(table.lines)
    flaws = Flaws(legs)

    def column(name: str) -> FloatArray:
        if not name or name not in table.columns:
            return np.zeros(legs)
        return numbers(_cells(table.columns[name]), name, flaws)

    sides = np.array([SIDES.get(side, False) for side in table.columns[layout.side]], dtype=np.bool_)
    for at, side in enumerate(table.columns[layout.side]):
        if side not in SIDES:
            flaws.mark_one(at, f"{layout.side} is neither CE nor PE", shown(side))
    underlying, told = (
        agreed_underlying(file.name, column(layout.underlying), None) if layout.underlying else (np.nan, ())
    )
    strike, last, lots, expiry = (
        column(layout.strike),
        column(layout.last),
        column(layout.lots),
        _expiries(table, flaws),
    )
    day = _day(table)
    turnover = column(layout.turnover) * RUPEES_IN_A_LAKH
    lot = column(layout.lot) if layout.lot else _lots(expiry, turnover, lots, strike, last, listed_lot(market.id, day))
    absent = np.zeros(legs)
    return LegRows(
        name=file.name,
        layout=layout.name,
        as_of=_closes_at(table, day, market),
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        is_call=sides,
        bid=absent,
        ask=absent,
        last=last,
        settlement=column(layout.settlement),
        lots=lots,
        lot=lot,
        open_interest=column(layout.open_interest),
        published_volatility=absent,
        flaws=flaws,
        told=told,
        listed=tuple(pd.Timestamp(date).as_unit("ns") for date in np.unique(expiry[~np.isnat(expiry)])),
        digest=file.sha256,
    )


def bhavcopy_close(file: OptionFile, market: Market) -> pd.Timestamp:
    """The moment of a day's file, the close of that day, without reading its legs' numbers; raises DataError."""
    table = _table(file, index_symbol(market))
    return _closes_at(table, _day(table), market)


def _table(file: OptionFile, symbol: str) -> _Table:
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
    return _Table(file.name, layout, dict(zip(header, cells, strict=True)), tuple(lines))


def _layout(name: str, header: Sequence[str]) -> _Layout:
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


def _cells(texts: Sequence[str]) -> list[object]:
    """Cells as numbers where they are numbers; other text as it is, and nothing where the cell is empty."""
    try:
        return list(map(float, texts))
    except ValueError:
        return [_cell(text) for text in texts]


def _cell(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text or None


def _day(table: _Table) -> pd.Timestamp:
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


def _closes_at(table: _Table, day: pd.Timestamp, market: Market) -> pd.Timestamp:
    if not market.calendar.is_session(day):
        where = f"{table.name}, column {table.layout.day}"
        raise DataError(f"{where}: {day:%Y-%m-%d} is not a trading day of {market.calendar.name}; download it again")
    return market.calendar.closes_at(day)


def _expiries(table: _Table, flaws: Flaws) -> Dates:
    texts = table.columns[table.layout.expiry]
    dates = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[ns]")
    for at, text in enumerate(texts):
        date = written_date(text)
        if date is None:
            flaws.mark_one(at, f"the expiry cannot be read: {DATES_EXPECTED}", shown(text))
        else:
            dates[at] = date.to_datetime64()
    return dates


def _lots(
    expiry: Dates, turnover: FloatArray, lots: FloatArray, strike: FloatArray, price: FloatArray, listed: int
) -> FloatArray:
    """Units of the index in a lot, for each leg: by the turnover of its expiry, else by the table."""
    lot = np.full(len(expiry), float(listed))
    for date in np.unique(expiry):
        legs = expiry == date
        lot[legs] = lot_of_turnover(turnover[legs], lots[legs], strike[legs], price[legs]) or listed
    return lot
