"""NSE's file of one day's derivatives (bhavcopy), in the legacy layout and in UDiFF, which replaced it in July 2024.

It has no quotes. Most legs have no trade: their close is an older one and their settlement theoretical, and neither is
a price. Open interest is in units of the index, contracts traded are in lots.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.options.bhavcopy_table import BhavcopyTable, day_of, read_table
from aegismatrix_engine.sources.options.file_content import OptionFile
from aegismatrix_engine.sources.options.flaws import Flaws, numbers
from aegismatrix_engine.sources.options.leg_rows import Dates, LegRows
from aegismatrix_engine.sources.options.lots import listed_lot, lot_of_turnover
from aegismatrix_engine.sources.options.nse_underlying import agreed_underlying
from aegismatrix_engine.sources.options.symbols import index_symbol
from aegismatrix_engine.sources.options.written_moments import DATES_EXPECTED, written_date
from aegismatrix_engine.typing import BoolArray, FloatArray

RUPEES_IN_A_LAKH: Final = 1e5
SIDES: Final = {"CE": True, "PE": False}


def read_bhavcopy(file: OptionFile, market: Market) -> LegRows:
    """The legs of a day.

    Raises:
        DataError: neither layout, a row that is cut off, no options of the market's index, several days, a day without
            a session, index levels more than 0.3 % apart.
    """
    table = read_table(file, index_symbol(market))
    layout, day, flaws = table.layout, day_of(table), Flaws(len(table.lines))

    def column(name: str) -> FloatArray:
        if name not in table.columns:
            return np.zeros(len(table.lines))
        return numbers(_cells(table.columns[name]), name, flaws)

    expiry, is_call = _expiries(table, flaws), _sides(table, flaws)
    levels = column(layout.underlying)
    underlying, told = agreed_underlying(file.name, levels, None) if layout.underlying else (np.nan, ())
    strike, last, lots = column(layout.strike), column(layout.last), column(layout.lots)
    _check_names(table, strike, is_call, flaws)
    turnover = column(layout.turnover) * RUPEES_IN_A_LAKH
    lot = column(layout.lot) if layout.lot else _lots(expiry, turnover, lots, strike, last, listed_lot(market.id, day))
    absent = np.zeros(len(strike))
    return LegRows(
        name=file.name,
        layout=layout.name,
        as_of=_closes_at(table, day, market),
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        is_call=is_call,
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
        sha256=file.sha256,
    )


def bhavcopy_close(file: OptionFile, market: Market) -> pd.Timestamp:
    """The moment of a day's file, the close of that day, without reading its legs' numbers; raises DataError."""
    table = read_table(file, index_symbol(market))
    return _closes_at(table, day_of(table), market)


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


def _closes_at(table: BhavcopyTable, day: pd.Timestamp, market: Market) -> pd.Timestamp:
    if not market.calendar.is_session(day):
        where = f"{table.name}, column {table.layout.day}"
        raise DataError(f"{where}: {day:%Y-%m-%d} is not a trading day of {market.calendar.name}; download it again")
    return market.calendar.closes_at(day)


def _sides(table: BhavcopyTable, flaws: Flaws) -> BoolArray:
    texts, label = table.columns[table.layout.side], table.layout.side
    for at, text in enumerate(texts):
        if text not in SIDES:
            flaws.mark_one(at, f"{label} is neither CE nor PE", shown(text))
    return np.array([SIDES.get(text, False) for text in texts], dtype=np.bool_)


def _first_filled(one: str, other: str) -> str:
    return one or other


def _check_names(table: BhavcopyTable, strike: FloatArray, is_call: BoolArray, flaws: Flaws) -> None:
    """UDiFF names each contract in full, which shows legs that were swapped or moved to another strike."""
    texts = table.columns.get(table.layout.contract, ())
    for at, (text, level, call) in enumerate(zip(texts, strike.tolist(), is_call.tolist(), strict=False)):
        if text and not text.endswith(f"{level:.10g}{'CE' if call else 'PE'}"):
            flaws.mark_one(at, f"the leg is not the contract that {table.layout.contract} names", shown(text))


def _expiries(table: BhavcopyTable, flaws: Flaws) -> Dates:
    texts = table.columns[table.layout.expiry]
    # A holiday moves the day on which a contract expires, not the day that it is named after.
    texts = tuple(map(_first_filled, table.columns.get(table.layout.actual_expiry, texts), texts))
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
