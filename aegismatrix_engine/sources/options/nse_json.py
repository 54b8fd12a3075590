"""NSE's option chain as JSON, in the old layout and in v3: bare, under ``records``, or wrapped by a collector.

The old layout names a row's expiry ``expiryDate`` and quotes ``bidprice`` and ``askPrice``; v3 has ``expiryDates``,
``buyPrice1`` and ``sellPrice1``, and one expiry a file. Open interest and volume are in lots, and open interest may be
a fraction of one after a change of the lot. ``timestamp`` is the exchange's own time without a zone; any other clock in
a file is its collector's and not used.
"""

from collections.abc import Sequence
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
from aegismatrix_engine.sources.options.nse_records import JsonLeg, chain_records, json_legs
from aegismatrix_engine.sources.options.nse_underlying import UNDERLYING, agreed_underlying, check_symbol
from aegismatrix_engine.sources.options.written_moments import (
    DATES_EXPECTED,
    MOMENT_EXPECTED,
    written_date,
    written_moment,
)
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray

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
    check_symbol(file.name, [one.leg.get("underlying", MISSING) for one in legs], market)
    flaws = Flaws(len(legs))
    strike, expiry = _strikes(legs, flaws), _expiries(legs, flaws)
    levels = numbers([one.leg.get(UNDERLYING, 0) for one in legs], UNDERLYING, flaws)
    underlying, told = agreed_underlying(file.name, levels[~flaws.flawed], records.get(UNDERLYING))
    _check_identifiers(legs, expiry, strike, flaws)

    def column(key: str, otherwise: object = MISSING) -> FloatArray:
        return numbers([one.leg.get(key, otherwise) for one in legs], key, flaws)

    layout = _layout(legs)
    lot = _lots(legs, layout, expiry, listed_lot(market.id, as_of.tz_localize(None)))
    return LegRows(
        name=file.name,
        layout=layout.name,
        as_of=as_of,
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        is_call=np.array([one.is_call for one in legs], dtype=np.bool_),
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
    as_of = written_moment(written, market.calendar.zone)
    if as_of is None:
        raise DataError(f"{name}: timestamp {shown(str(written))}: {MOMENT_EXPECTED}; fetch the chain again")
    return as_of


def _layout(legs: Sequence[JsonLeg]) -> _Layout:
    """The layout that most legs have, so that one damaged leg does not decide."""
    v3 = sum(_V3.bid in one.leg for one in legs) > sum(_OLD.bid in one.leg for one in legs)
    return _V3 if v3 else _OLD


def _strikes(legs: Sequence[JsonLeg], flaws: Flaws) -> FloatArray:
    of_rows = [one.row.get("strikePrice", MISSING) for one in legs]
    of_legs = [one.leg.get("strikePrice", of_row) for one, of_row in zip(legs, of_rows, strict=True)]
    strikes = numbers(of_legs, "strikePrice", flaws)
    for at, (of_row, of_leg) in enumerate(zip(of_rows, of_legs, strict=True)):
        if of_row is not of_leg and of_row is not MISSING and of_row != of_leg:
            flaws.mark_one(at, "the strike of the leg is not that of its row", f"row {of_row!r:.20}")
    return strikes


def _expiries(legs: Sequence[JsonLeg], flaws: Flaws) -> Dates:
    found: list[int] = []
    for at, one in enumerate(legs):
        of_row = one.row.get("expiryDate", one.row.get("expiryDates", MISSING))
        of_leg = one.leg.get("expiryDate", of_row)
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


def _check_identifiers(legs: Sequence[JsonLeg], expiry: Dates, strike: FloatArray, flaws: Flaws) -> None:
    """NSE names each contract in full, which shows legs that were swapped or moved to another strike or expiry."""
    dates, which = np.unique(expiry, return_inverse=True)
    written = ["" if np.isnat(date) else f"{pd.Timestamp(date):%d-%m-%Y}" for date in dates]
    for at, (one, date, level) in enumerate(zip(legs, which.tolist(), strike.tolist(), strict=True)):
        identifier = one.leg.get("identifier")
        if not written[date] or not isinstance(identifier, str) or not identifier.startswith("OPTIDX"):
            continue
        side = "CE" if one.is_call else "PE"
        if not identifier.endswith(f"{written[date]}{side}{level:.2f}"):
            flaws.mark_one(at, "the leg is not the contract that its identifier names", shown(identifier))


def _lots(legs: Sequence[JsonLeg], layout: _Layout, expiry: Dates, listed: int) -> FloatArray:
    """Units of the index in a lot, for each leg: by the orders of its expiry, of the whole file, or by the table."""
    orders: IntArray = np.array(
        [[_quantity(one.leg.get(key)) for key in layout.orders] for one in legs], dtype=np.int64
    )
    otherwise = lot_of_orders(orders.ravel()) or listed
    lot = np.full(len(legs), float(otherwise))
    for date in np.unique(expiry):
        of_expiry: BoolArray = expiry == date
        lot[of_expiry] = lot_of_orders(orders[of_expiry].ravel()) or otherwise
    return lot


def _quantity(found: object) -> int:
    return found if type(found) is int and 0 < found < 2**40 else 0


def _listed(found: object) -> tuple[pd.Timestamp, ...]:
    dates = [written_date(one) for one in found if isinstance(one, str)] if isinstance(found, list) else []
    return tuple(sorted({date for date in dates if date is not None}))
