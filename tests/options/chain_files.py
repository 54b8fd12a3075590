"""Option chains of any market and moment, written as the exchange answers them."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from priced_chains import Mixture, legs_at

from aegismatrix_engine.options.chain import Legs
from aegismatrix_engine.options.forward import RATE
from aegismatrix_engine.typing import FloatArray

LOT = 65


def chain_json(legs: Mapping[pd.Timestamp, Legs], moment: pd.Timestamp, index: float) -> bytes:
    """A file in the exchange's old layout, with the legs of each expiry, at a moment with a zone."""
    rows: list[dict[str, Any]] = []
    for expiry, one in legs.items():
        date = f"{expiry:%d-%b-%Y}"
        for i in range(0, len(one.strike), 2):
            sides = {side: _leg(one, i + j, date, index, side) for j, side in enumerate(("PE", "CE"))}
            rows.append({"strikePrice": one.strike[i], "expiryDate": date, **sides})
    local = moment.tz_convert("Asia/Kolkata")
    records = {
        "data": rows,
        "expiryDates": [f"{expiry:%d-%b-%Y}" for expiry in legs],
        "strikePrices": sorted({row["strikePrice"] for row in rows}),
        "timestamp": f"{local:%d-%b-%Y %H:%M:%S}",
        "underlyingValue": index,
    }
    return json.dumps({"records": records}).encode()


def _leg(legs: Legs, i: int, date: str, index: float, side: str) -> dict[str, Any]:
    strike = float(legs.strike[i])
    return {
        "strikePrice": strike,
        "expiryDate": date,
        "underlying": "NIFTY",
        "identifier": f"OPTIDXNIFTY{pd.Timestamp(date):%d-%m-%Y}{side}{strike:.2f}",
        # The largest open interest is held at one strike, so that max pain is not in doubt.
        "openInterest": 1000.0 + abs(strike - index) // 50 * (3 if (side == "CE") == (strike > index) else 1),
        "changeinOpenInterest": 0,
        "totalTradedVolume": 100,
        "impliedVolatility": 0,
        "lastPrice": 0,
        "bidprice": round(float(np.nan_to_num(legs.bid[i])), 2),
        "askPrice": round(float(np.nan_to_num(legs.ask[i])), 2),
        "bidQty": 1,
        "askQty": 1,
        "underlyingValue": index,
    }


def strikes_round(index: float, deviation: float, step: float = 50.0) -> FloatArray:
    """Strikes nine deviations to both sides, within half and twice of the index; at least so many as a full window."""
    reach = min(max(9 * deviation, 0.12), 0.5)
    low, high = index * (1 - reach), index * (1 + reach)
    return np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step


def lognormal_chain(
    expiries: Mapping[pd.Timestamp, float], moment: pd.Timestamp, index: float, volatility: float = 0.15
) -> bytes:
    """A market of one volatility a year; ``expiries``: date -> years to its settlement."""
    legs = {}
    for expiry, years in expiries.items():
        total, forward = volatility * years**0.5, index * float(np.exp(RATE * years))
        mixture = Mixture.lognormal(total, forward)
        strikes = strikes_round(index, total)
        legs[expiry] = legs_at(mixture.call, strikes, forward=forward, discount=float(np.exp(-RATE * years)))
    return chain_json(legs, moment, index)
