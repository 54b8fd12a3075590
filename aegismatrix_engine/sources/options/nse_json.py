"""NSE's option chain as JSON, in the old layout and in v3: bare, under ``records``, or wrapped by a collector.

The old layout names a row's expiry ``expiryDate`` and quotes ``bidprice`` and ``askPrice``; v3 has ``expiryDates``,
``buyPrice1`` and ``sellPrice1``, and one expiry a file. Open interest and volume are in lots, and open interest may be
a fraction of one after a change of the lot. ``timestamp`` is the exchange's own time without a zone; any other clock in
a file is its collector's and not used.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.options.file_content import OptionFile
from aegismatrix_engine.sources.options.flaws import MISSING, Flaws, numbers
from aegismatrix_engine.sources.options.leg_rows import Dates, LegRows
from aegismatrix_engine.sources.options.lots import listed_lot, lot_of_orders
from aegismatrix_engine.sources.options.nse_records import JsonLegs, chain_records, json_legs
from aegismatrix_engine.sources.options.nse_underlying import UNDERLYING, agreed_underlying, check_symbol
from aegismatrix_engine.sources.options.written_moments import (
    DATES_EXPECTED,
    MOMENT_EXPECTED,
    written_date,
    written_moment,
)
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray

LARGEST_ORDER: Final = 2**40
"""Units; no order is larger."""

_NO_DATE: Final = int(np.iinfo(np.int64).min)
"""What numpy holds for a date that is none."""


@dataclass(frozen=True)
class _Layout:
    """The keys of a layout."""

    name: str
    bid: str
    ask: str
    orders: tuple[str, ...]


_OLD: Final = _Layout("nse", "bidprice", "askPrice", ("bidQty", "askQty", "totalBuyQuantity", "totalSellQuantity"))
_V3: Final = _Layout(
    "nse-v3",
    "buyPrice1",
    "sellPrice1",
    ("buyQuantity1", "sellQuantity1", "totalBuyQuantity", "totalSellQuantity"),
)


def read_nse_json(file: OptionFile, market: Market) -> LegRows:
    """The legs of a chain.

    Raises:
        DataError: not JSON, no chain or several, no usable ``timestamp``, rows that are no rows, another index, index
            levels of two snapshots more than 0.3 % apart.
    """
    records = chain_records(file)
    as_of = _moment(file.name, records.get("timestamp"), market)
    legs = json_legs(file.name, records["data"])
    check_symbol(file.name, legs.values("underlying", MISSING), market)
    flaws = Flaws(len(legs))
    strike, expiry = _strikes(legs, flaws), _expiries(legs, flaws)
    levels = numbers(legs.values(UNDERLYING, 0), UNDERLYING, flaws)
    underlying, told = agreed_underlying(file.name, levels[~flaws.flawed], records.get(UNDERLYING))
    _check_identifiers(legs, expiry, strike, flaws)

    def column(key: str, otherwise: object = MISSING) -> FloatArray:
        return numbers(legs.values(key, otherwise), key, flaws)

    layout = _layout(legs)
    lot = _lots(legs, layout, expiry, listed_lot(market.id, as_of.tz_localize(None)))
    return LegRows(
        name=file.name,
        layout=layout.name,
        as_of=as_of,
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        is_call=np.array(legs.is_call, dtype=np.bool_),
        bid=column(layout.bid),
        ask=column(layout.ask),
        last=column("lastPrice"),
        settlement=np.zeros(len(legs)),
        lots=column("totalTradedVolume"),
        lot=lot,
        # Units are whole, fractions of a lot are not.
        open_interest=np.round(column("openInterest") * lot),
        published_volatility=column("impliedVolatility", 0),
        flaws=flaws,
        told=told,
        listed=_listed(records.get("expiryDates")),
        sha256=file.sha256,
    )


def _moment(name: str, written: object, market: Market) -> pd.Timestamp:
    if written is None:
        raise DataError(f"{name} has no timestamp: {MOMENT_EXPECTED}; fetch the chain again")
    as_of = written_moment(written, market.calendar.zone)
    if as_of is None:
        raise DataError(f"{name}: timestamp {shown(str(written))}: {MOMENT_EXPECTED}; fetch the chain again")
    return as_of


def _layout(legs: JsonLegs) -> _Layout:
    """The layout that most legs have, so that one damaged leg does not decide."""
    v3 = sum(_V3.bid in leg for leg in legs.legs) > sum(_OLD.bid in leg for leg in legs.legs)
    return _V3 if v3 else _OLD


def _strikes(legs: JsonLegs, flaws: Flaws) -> FloatArray:
    of_rows = legs.values_of_rows("strikePrice", MISSING)
    of_legs = [leg.get("strikePrice", of_row) for leg, of_row in zip(legs.legs, of_rows, strict=True)]
    strikes = numbers(of_legs, "strikePrice", flaws)
    if of_legs == of_rows:
        return strikes
    for at, (of_row, of_leg) in enumerate(zip(of_rows, of_legs, strict=True)):
        if of_row is not of_leg and of_row is not MISSING and of_row != of_leg:
            flaws.mark_one(at, "the strike of the leg is not that of its row", f"row {of_row!r:.20}")
    return strikes


def _expiries(legs: JsonLegs, flaws: Flaws) -> Dates:
    of_rows = [row.get("expiryDate", row.get("expiryDates", MISSING)) for row in legs.rows]
    of_legs = [leg.get("expiryDate", of_row) for leg, of_row in zip(legs.legs, of_rows, strict=True)]
    found = _same_dates(of_rows, of_legs)
    return _dates_one_by_one(of_rows, of_legs, flaws) if found is None else found


def _same_dates(of_rows: list[object], of_legs: list[object]) -> Dates | None:
    """The expiries of a file without a flaw in any, in which each is written many times; else None."""
    if of_rows != of_legs or set(map(type, of_legs)) != {str}:
        return None
    dates = {written: _date(written) for written in set(of_legs)}
    values = {written: date.value for written, date in dates.items() if date is not None}
    if len(values) < len(dates):
        return None
    return np.array([values[written] for written in of_legs], dtype=np.int64).view("datetime64[ns]")


def _dates_one_by_one(of_rows: list[object], of_legs: list[object], flaws: Flaws) -> Dates:
    found: list[int] = []
    for at, (of_row, of_leg) in enumerate(zip(of_rows, of_legs, strict=True)):
        date = _date(of_leg)
        date_of_row = date if of_row is of_leg or of_row is MISSING else _date(of_row)
        if date is None:
            problem = "missing" if of_leg is MISSING else shown(str(of_leg))
            flaws.mark_one(at, f"the expiry cannot be read: {DATES_EXPECTED}", problem)
        elif date_of_row != date:
            flaws.mark_one(at, "the expiry of the leg is not that of its row", shown(str(of_leg)))
        # A leg with a damaged expiry is missing from that of its row, and counts against it.
        counted = date_of_row or date
        found.append(_NO_DATE if counted is None else counted.value)
    return np.array(found, dtype=np.int64).view("datetime64[ns]")


def _date(written: object) -> pd.Timestamp | None:
    return written_date(written) if isinstance(written, str) else None


def _check_identifiers(legs: JsonLegs, expiry: Dates, strike: FloatArray, flaws: Flaws) -> None:
    """NSE names each contract in full, which shows legs that were swapped or moved to another strike or expiry."""
    dates, which = np.unique(expiry, return_inverse=True)
    written = ["" if np.isnat(date) else f"{pd.Timestamp(date):%d-%m-%Y}" for date in dates]
    levels, place = np.unique(strike, return_inverse=True)
    sides = [[f"{side}{level:.2f}" for level in levels.tolist()] for side in ("PE", "CE")]
    identifiers = legs.values("identifier", None)
    of_legs = zip(identifiers, which.tolist(), legs.is_call, place.tolist(), strict=True)
    for at, (identifier, date, is_call, level) in enumerate(of_legs):
        if not written[date] or not isinstance(identifier, str) or not identifier.startswith("OPTIDX"):
            continue
        if not identifier.endswith(written[date] + sides[is_call][level]):
            flaws.mark_one(at, "the leg is not the contract that its identifier names", shown(identifier))


def _lots(legs: JsonLegs, layout: _Layout, expiry: Dates, listed: int) -> FloatArray:
    """Units of the index in a lot, for each leg: by the orders of its expiry, of the whole file, or by the table."""
    orders = np.stack([_quantities(legs.values(key, None)) for key in layout.orders], axis=1)
    otherwise = lot_of_orders(orders.ravel()) or listed
    lot = np.full(len(legs), float(otherwise))
    for date in np.unique(expiry):
        of_expiry: BoolArray = expiry == date
        lot[of_expiry] = lot_of_orders(orders[of_expiry].ravel()) or otherwise
    return lot


def _quantities(found: list[object]) -> IntArray:
    """Whole numbers of units, (n,); 0 for whatever else stands there."""
    whole = [one if type(one) is int and 0 < one < LARGEST_ORDER else 0 for one in found]
    return np.array(whole, dtype=np.int64)


def _listed(found: object) -> tuple[pd.Timestamp, ...]:
    dates = [written_date(one) for one in found if isinstance(one, str)] if isinstance(found, list) else []
    return tuple(sorted({date for date in dates if date is not None}))
