"""Option chains for the documents of ``states``: as files of the exchange, of a market whose falls are feared."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from chain_files import chain_json, strikes_round
from option_files import Contract, legacy_csv
from priced_chains import Mixture, legs_at

from aegismatrix_engine.markets import Market
from aegismatrix_engine.options.chain import Legs
from aegismatrix_engine.options.forward import RATE
from aegismatrix_engine.typing import FloatArray

Chain = Callable[[Market, list[str], pd.Timestamp, float], bytes]
"""A market, the dates of expiries, the moment of a document and its index level -> a file."""

VOLATILITY = 0.17
FALL = 1.4
"""How many deviations lower the outcomes of a fall lie, of which there are one in ten."""


def priced(years: float, index: float) -> Mixture:
    """The distribution that options are priced from: one outcome in ten is a fall, twice as wide as the others."""
    total, forward = VOLATILITY * math.sqrt(years), index * math.exp(RATE * years)
    fall = forward * math.exp(-FALL * total)
    return Mixture(((0.9, (forward - 0.1 * fall) / 0.9, 0.85 * total), (0.1, fall, 1.7 * total)))


def _legs(market: Market, dates: Iterable[str], moment: pd.Timestamp, index: float) -> Mapping[pd.Timestamp, Legs]:
    found = {}
    for day in map(pd.Timestamp, dates):
        years = (market.calendar.closes_at(day) - moment) / pd.Timedelta(days=365)
        strikes = strikes_round(index, VOLATILITY * math.sqrt(years))
        forward, discount = index * math.exp(RATE * years), math.exp(-RATE * years)
        found[day] = legs_at(priced(years, index).call, strikes, forward=forward, discount=discount, spread=0.2)
    return found


def whole_chain(market: Market, dates: list[str], moment: pd.Timestamp, index: float) -> bytes:
    """The exchange's chain in session, with quotes of every expiry."""
    return chain_json(_legs(market, dates, moment, index), moment, index)


def quoted_chain(market: Market, dates: list[str], moment: pd.Timestamp, index: float) -> bytes:
    """The exchange's chain in session. Its second expiry is cut to a window, and the third one has no quotes."""
    legs = dict(_legs(market, dates, moment, index))
    second, third = (pd.Timestamp(day) for day in dates[1:3])
    near = legs[second].strike[np.abs(legs[second].strike / index - 1) < 0.04]
    legs[second] = _only(legs[second], near)
    nothing = np.full(len(legs[third].strike), np.nan)
    legs[third] = replace(legs[third], bid=nothing, ask=nothing)
    return chain_json(legs, moment, index)


def _only(legs: Legs, strikes: FloatArray) -> Legs:
    kept = np.isin(legs.strike, strikes)
    arrays = {name: value[kept] for name, value in vars(legs).items() if isinstance(value, np.ndarray)}
    return replace(legs, **arrays)


def bhavcopy(market: Market, dates: list[str], close: pd.Timestamp, index: float) -> bytes:
    """The exchange's file of a day: near the money options were traded, farther out their close is an old one."""
    return legacy_csv(_contracts(_legs(market, dates, close, index), index), close).encode()


def _contracts(legs: Mapping[pd.Timestamp, Legs], index: float) -> Iterator[Contract]:
    for expiry, of_expiry in legs.items():
        for i, strike in enumerate(of_expiry.strike):
            is_call, ask = bool(of_expiry.is_call[i]), float(of_expiry.ask[i])
            traded = abs(strike / index - 1) < 0.08
            held = 750 * int(200 + abs(strike - index) // 50 * (3 if is_call == (strike > index) else 1))
            yield Contract(
                expiry,
                int(strike),
                is_call,
                bid=ask,
                ask=ask,
                last=ask if traded else 0,
                lots=100 if traded else 0,
                open_interest=held,
                volatility=0,
            )
