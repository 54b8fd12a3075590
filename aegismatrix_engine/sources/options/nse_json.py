"""NSE's option chain as JSON, in the old layout and in v3: bare, under ``records``, or wrapped by a collector.

The old layout names a row's expiry ``expiryDate`` and quotes ``bidprice`` and ``askPrice``; v3 has ``expiryDates``,
``buyPrice1`` and ``sellPrice1``, and one expiry a file. Open interest and volume are in lots, and open interest may be
a fraction of one after a change of the lot. ``timestamp`` is the exchange's own time without a zone; any other clock in
a file is its collector's and not used.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.options.file_content import OptionFile
from aegismatrix_engine.sources.options.flaws import MISSING, Flaws, numbers
from aegismatrix_engine.sources.options.leg_rows import Dates, LegRows
from aegismatrix_engine.sources.options.lots import listed_lot, lot_of_orders
from aegismatrix_engine.sources.options.nse_underlying import UNDERLYING, agreed_underlying, check_symbol
from aegismatrix_engine.sources.options.written_moments import (
    DATES_EXPECTED,
    MOMENT_EXPECTED,
    written_date,
    written_moment,
)
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray

DEEPEST_WRAPPING: Final = 4
SIDES: Final = (("PE", False), ("CE", True))


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


@dataclass(frozen=True)
class _Leg:
    """One side of one row."""

    row: dict[str, Any]
    leg: dict[str, Any]
    is_call: bool


def read_nse_json(file: OptionFile, market: Market) -> LegRows:
    """The legs of a chain.

    Raises:
        DataError: not JSON, no chain or several, no usable ``timestamp``, rows that are no rows, another index, index
            levels of two snapshots more than 0.3 % apart.
    """
    records = _records(file)
    as_of = written_moment(records.get("timestamp"), market.calendar.zone)
    if as_of is None:
        found = shown(str(records.get("timestamp")))
        raise DataError(f"{file.name}: timestamp {found}: {MOMENT_EXPECTED}; fetch the chain again")
    legs = _legs(file.name, records["data"])
    # Most legs tell, so that one damaged leg does not.
    v3 = sum(_V3.bid in one.leg for one in legs) > sum(_OLD.bid in one.leg for one in legs)
    layout = _V3 if v3 else _OLD
    check_symbol(file.name, [one.leg.get("underlying", MISSING) for one in legs], market)
    flaws = Flaws(len(legs))
    strike, expiry = _strikes(legs, flaws), _expiries(legs, flaws)
    is_call = np.array([one.is_call for one in legs], dtype=np.bool_)
    levels = numbers([one.leg.get(UNDERLYING, 0) for one in legs], UNDERLYING, flaws)
    underlying, told = agreed_underlying(file.name, levels[~flaws.flawed], records.get(UNDERLYING))
    _check_identifiers(legs, expiry, strike, flaws)

    def column(key: str, otherwise: object = MISSING) -> FloatArray:
        return numbers([one.leg.get(key, otherwise) for one in legs], key, flaws)

    lot = _lots(legs, layout, expiry, market, as_of)
    return LegRows(
        name=file.name,
        layout=layout.name,
        as_of=as_of,
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        is_call=is_call,
        bid=column(layout.bid),
        ask=column(layout.ask),
        last=column("lastPrice"),
        settlement=np.zeros(len(legs)),
        lots=column("totalTradedVolume"),
        lot=lot,
        open_interest=_units(column("openInterest"), lot),
        published_volatility=column("impliedVolatility", 0),
        flaws=flaws,
        told=told,
        listed=_listed(records.get("expiryDates")),
        digest=file.sha256,
    )


def _records(file: OptionFile) -> dict[str, Any]:
    try:
        found = json.loads(file.text)
    except RecursionError:
        raise DataError(f"{file.name}: JSON nested too deeply for an option chain; fetch it again") from None
    except ValueError as error:
        raise DataError(f"{file.name} is not JSON ({error}), perhaps cut off; fetch the chain again") from None
    chains = list(_chains(found, DEEPEST_WRAPPING))
    if len(chains) == 1:
        return chains[0]
    if chains:
        raise DataError(f"{file.name} holds {len(chains)} option chains; write each to a file of its own")
    what = "is empty JSON, which NSE answers when it refuses" if found in ({}, []) else "holds no option chain"
    raise DataError(f"{file.name} {what}: expected `records` with `timestamp` and `data`; fetch the chain again")


def _chains(found: object, depth: int) -> Iterator[dict[str, Any]]:
    """Every object that has the rows of a chain, inside whatever a collector put around it."""
    if isinstance(found, dict):
        rows = found.get("data")
        if isinstance(rows, list) and ("timestamp" in found or "expiryDates" in found):
            yield found
            return
        inside: Sequence[object] = list(found.values())
    elif isinstance(found, list):
        inside = found
    else:
        return
    if depth:
        for one in inside:
            yield from _chains(one, depth - 1)


def _legs(name: str, rows: list[Any]) -> list[_Leg]:
    wrong = [at for at, row in enumerate(rows) if not isinstance(row, dict)]
    if wrong:
        found = type(rows[wrong[0]]).__name__
        raise DataError(f"{name}, row {wrong[0] + 1} of `data` is not an object but {found}; fetch the chain again")
    legs = []
    for at, row in enumerate(rows):
        for side, is_call in SIDES:
            leg = row.get(side)
            if isinstance(leg, dict):
                legs.append(_Leg(row, leg, is_call))
            elif leg is not None:
                found = type(leg).__name__
                raise DataError(f"{name}, row {at + 1} of `data`: {side} is not an object but {found}; fetch it again")
    if not legs:
        raise DataError(f"{name} has an option chain without a single CE or PE; fetch it again in market hours")
    return legs


def _strikes(legs: Sequence[_Leg], flaws: Flaws) -> FloatArray:
    of_rows = [one.row.get("strikePrice", MISSING) for one in legs]
    of_legs = [one.leg.get("strikePrice", of_row) for one, of_row in zip(legs, of_rows, strict=True)]
    strikes = numbers(of_legs, "strikePrice", flaws)
    for at, (of_row, of_leg) in enumerate(zip(of_rows, of_legs, strict=True)):
        if of_row is not MISSING and of_row != of_leg:
            flaws.mark_one(at, "the strike of the leg is not that of its row", f"row {of_row!r:.20}")
    return strikes


def _expiries(legs: Sequence[_Leg], flaws: Flaws) -> Dates:
    dates = np.full(len(legs), np.datetime64("NaT"), dtype="datetime64[ns]")
    for at, one in enumerate(legs):
        of_row = one.row.get("expiryDate", one.row.get("expiryDates", MISSING))
        of_leg = one.leg.get("expiryDate", of_row)
        date = written_date(of_leg) if isinstance(of_leg, str) else None
        if date is None:
            found = "missing" if of_leg is MISSING else shown(str(of_leg))
            flaws.mark_one(at, f"the expiry cannot be read: {DATES_EXPECTED}", found)
            continue
        dates[at] = date.to_datetime64()
        if of_row is not MISSING and (written_date(of_row) if isinstance(of_row, str) else None) != date:
            flaws.mark_one(at, "the expiry of the leg is not that of its row", shown(str(of_row)))
    return dates


def _check_identifiers(legs: Sequence[_Leg], expiry: Dates, strike: FloatArray, flaws: Flaws) -> None:
    """NSE names each contract in full, which shows legs that were swapped or moved to another strike or expiry."""
    written = {date: f"{pd.Timestamp(date):%d-%m-%Y}" for date in np.unique(expiry[~np.isnat(expiry)])}
    for at, one in enumerate(legs):
        identifier = one.leg.get("identifier")
        date = written.get(expiry[at])
        if date is None or not isinstance(identifier, str) or not identifier.startswith("OPTIDX"):
            continue
        side = "CE" if one.is_call else "PE"
        if not identifier.endswith(f"{date}{side}{strike[at]:.2f}"):
            flaws.mark_one(at, "the leg is not the contract that its identifier names", shown(identifier))


def _lots(legs: Sequence[_Leg], layout: _Layout, expiry: Dates, market: Market, as_of: pd.Timestamp) -> FloatArray:
    """Units of the index in a lot, for each leg: by the orders of its expiry, of the whole file, or by the table."""
    orders: IntArray = np.array(
        [[_quantity(one.leg.get(key)) for key in layout.orders] for one in legs], dtype=np.int64
    )
    of_file = lot_of_orders(orders.ravel())
    otherwise = of_file or listed_lot(market.id, as_of.tz_localize(None))
    lot = np.full(len(legs), float(otherwise))
    for date in np.unique(expiry):
        of_expiry: BoolArray = expiry == date
        lot[of_expiry] = lot_of_orders(orders[of_expiry].ravel()) or otherwise
    return lot


def _quantity(found: object) -> int:
    return found if type(found) is int and 0 < found < 2**40 else 0


def _units(lots: FloatArray, lot: FloatArray) -> FloatArray:
    """Units are whole, fractions of a lot are not."""
    return np.round(lots * lot)


def _listed(found: object) -> tuple[pd.Timestamp, ...]:
    dates = [written_date(one) for one in found if isinstance(one, str)] if isinstance(found, list) else []
    return tuple(sorted({date for date in dates if date is not None}))
