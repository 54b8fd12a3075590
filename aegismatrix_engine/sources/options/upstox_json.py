"""Upstox's answer with the option chain of one expiry.

Volume and open interest are in units of the index, as the quantities of its orders are. Its volatilities are its own,
not the exchange's, and are not used.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.options.file_content import OptionFile
from aegismatrix_engine.sources.options.flaws import MISSING, Flaws, numbers
from aegismatrix_engine.sources.options.leg_rows import Dates, LegRows
from aegismatrix_engine.sources.options.nse_underlying import agreed_underlying
from aegismatrix_engine.sources.options.written_moments import DATES_EXPECTED, written_date
from aegismatrix_engine.typing import FloatArray

SOURCE: Final = "upstox"
SIDES: Final = (("put_options", False), ("call_options", True))


@dataclass(frozen=True)
class _Leg:
    """One side of one row, as it stands in the answer."""

    row: dict[str, Any]
    prices: dict[str, Any]
    is_call: bool


def read_upstox_json(file: OptionFile, instrument: str, as_of: pd.Timestamp) -> LegRows:
    """The legs of an answer.

    Args:
        file: the answer's text.
        instrument: what Upstox calls the index.
        as_of: aware moment of the prices.

    Raises:
        DataError: not such JSON, no row, another index, index levels of two snapshots more than 0.3 % apart.
    """
    legs = _legs(file)
    _check_index(file.name, legs, instrument)
    flaws = Flaws(len(legs))

    def of_rows(key: str, otherwise: object = MISSING) -> FloatArray:
        return numbers([one.row.get(key, otherwise) for one in legs], key, flaws)

    def column(key: str) -> FloatArray:
        return numbers([one.prices.get(key, MISSING) for one in legs], key, flaws)

    strike, expiry = of_rows("strike_price"), _expiries(legs, flaws)
    levels = of_rows("underlying_spot_price", 0)
    underlying, told = agreed_underlying(file.name, levels[~flaws.flawed], None)
    absent = np.zeros(len(legs))
    return LegRows(
        name=file.name,
        layout=SOURCE,
        as_of=as_of,
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        is_call=np.array([one.is_call for one in legs], dtype=np.bool_),
        bid=column("bid_price"),
        ask=column("ask_price"),
        last=column("ltp"),
        settlement=absent,
        lots=column("volume"),
        lot=np.ones(len(legs)),
        open_interest=column("oi"),
        published_volatility=absent,
        flaws=flaws,
        told=told,
        sha256=file.sha256,
    )


def _legs(file: OptionFile) -> list[_Leg]:
    try:
        found = json.loads(file.text)
    except (ValueError, RecursionError):
        raise DataError(f"{file.name} is not JSON, perhaps cut off; fetch the chain again") from None
    rows = found.get("data") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(
            f"{file.name} holds no option chain: expected `data` with a row for each strike; fetch it again"
        )
    if not rows:
        raise DataError(
            f"{file.name} has no rows: Upstox lists no options of that expiry; check the date, see docs/options.md"
        )
    legs = []
    for row in rows:
        for key, is_call in SIDES:
            side = row.get(key)
            if side is None:
                continue
            prices = side.get("market_data") if isinstance(side, dict) else None
            if not isinstance(prices, dict):
                strike = shown(str(row.get("strike_price")))
                raise DataError(f"{file.name}, strike {strike}: {key} has no `market_data`; fetch the chain again")
            legs.append(_Leg(row, prices, is_call))
    if not legs:
        raise DataError(f"{file.name} has rows without a single put or call; fetch the chain again")
    return legs


def _check_index(name: str, legs: list[_Leg], instrument: str) -> None:
    other = next((one for one in legs if one.row.get("underlying_key", instrument) != instrument), None)
    if other is not None:
        found = shown(str(other.row["underlying_key"]))
        raise DataError(f"{name} has options of {found}: expected {instrument}; fetch the chain again")


def _expiries(legs: list[_Leg], flaws: Flaws) -> Dates:
    dates = np.full(len(legs), np.datetime64("NaT"), dtype="datetime64[ns]")
    for at, one in enumerate(legs):
        written = one.row.get("expiry")
        date = written_date(written) if isinstance(written, str) else None
        if date is None:
            flaws.mark_one(at, f"the expiry cannot be read: {DATES_EXPECTED}", shown(str(written)))
        else:
            dates[at] = date.to_datetime64()
    return dates
