"""Volatility at the money and in the wings, and the straddle, on chains of known volatility."""

import math

import numpy as np
import pytest
from priced_chains import FORWARD, Mixture, black_call, legs, legs_at, normal, wide_strikes

from aegismatrix_engine.options.chain import Legs
from aegismatrix_engine.options.forward import RATE, Forward, forward_by_parity
from aegismatrix_engine.options.quotes import NoPrices, quotes_of
from aegismatrix_engine.options.skew import Smile, heaviness, wings
from aegismatrix_engine.options.straddle import Straddle, straddle_at_the_money
from aegismatrix_engine.options.summary import PricedExpiry, price_expiry

YEARS = 9 / 365
VOLATILITY = 0.14
TOTAL = VOLATILITY * math.sqrt(YEARS)
DISCOUNT = math.exp(-RATE * YEARS)


def smiling(strike: float) -> float:
    """Total volatility of a smile: dearer below, a little dearer above."""
    z = math.log(strike / FORWARD) / TOTAL
    return TOTAL * (1 - 0.05 * z + 0.01 * z * z)


def smile_call(strike: float) -> float:
    return black_call(FORWARD, strike, smiling(strike))


def priced(of: Legs, years: float = YEARS) -> PricedExpiry:
    found = price_expiry(of, FORWARD, years)
    assert isinstance(found, PricedExpiry), found
    return found


def at_quarter_delta(sign: int) -> float:
    """Annual per cent of the smile where forward delta is a quarter, by stepping outwards."""
    for step in range(1, 40000):
        strike = FORWARD * math.exp(sign * step * TOTAL / 10000)
        total = smiling(strike)
        if normal(sign * (math.log(FORWARD / strike) / total + total / 2)) <= 0.25:
            return 100 * total / math.sqrt(YEARS)
    raise AssertionError


def test_a_chain_of_one_volatility_has_it_everywhere_and_no_skew() -> None:
    found = priced(legs_at(Mixture.lognormal(TOTAL).call, wide_strikes(TOTAL), discount=DISCOUNT)).wings
    assert found.at_the_money == pytest.approx(14, abs=0.03)
    assert found.risk_reversal == pytest.approx(0, abs=0.05)
    assert found.butterfly == pytest.approx(0, abs=0.05)


def test_wings_are_those_of_the_smile() -> None:
    found = priced(legs_at(smile_call, wide_strikes(TOTAL, sigmas=4.0), discount=DISCOUNT)).wings
    put, call = at_quarter_delta(-1), at_quarter_delta(1)
    assert found.at_the_money == pytest.approx(14, abs=0.03)
    assert found.put == pytest.approx(put, abs=0.05)
    assert found.call == pytest.approx(call, abs=0.05)
    assert found.risk_reversal == pytest.approx(call - put, abs=0.08)
    assert found.butterfly == pytest.approx((call + put) / 2 - 14, abs=0.08)
    assert found.risk_reversal is not None
    assert found.risk_reversal < 0


def test_no_wing_is_read_where_no_quote_reaches() -> None:
    distribution = priced(legs_at(smile_call, wide_strikes(TOTAL, sigmas=4.0), discount=DISCOUNT)).distribution
    found = wings([Smile(distribution, (FORWARD * (1 - 0.4 * TOTAL), FORWARD * (1 + TOTAL)), TOTAL, YEARS)])[0]
    assert found.put is None
    assert found.call is not None
    assert found.risk_reversal is None
    assert found.butterfly is None


def test_a_heavier_wing_is_nearer_to_one_and_never_beyond_it() -> None:
    assert heaviness(12.0, 10.0) == pytest.approx(0.875)
    assert heaviness(9.5, 10.0) == pytest.approx(0.25)
    assert heaviness(20.0, 10.0) == 1.0
    assert heaviness(5.0, 10.0) == 0.0
    assert heaviness(None, 10.0) is None


def test_the_straddle_is_what_both_legs_cost_at_the_strike_nearest_the_forward() -> None:
    chain = legs_at(smile_call, wide_strikes(TOTAL), discount=DISCOUNT, spread=0.6)
    found = priced(chain).straddle
    assert found.strike == FORWARD
    assert found.points == pytest.approx(2 * DISCOUNT * smile_call(FORWARD), abs=0.1)


def straddle_of(of: Legs) -> Straddle | NoPrices:
    forward = forward_by_parity(quotes_of(of, FORWARD), FORWARD, YEARS)
    assert isinstance(forward, Forward)
    return straddle_at_the_money(forward)


def test_a_strike_of_which_one_leg_has_no_price_is_passed_over() -> None:
    chain = legs_at(smile_call, wide_strikes(TOTAL), discount=DISCOUNT)
    bid = np.where((chain.strike == FORWARD) & chain.is_call, np.nan, chain.bid)
    found = straddle_of(legs(chain.strike, chain.is_call, bid=bid, ask=chain.ask))
    assert isinstance(found, Straddle)
    assert abs(found.strike - FORWARD) == 50


def test_a_straddle_far_from_the_forward_is_not_called_at_the_money() -> None:
    found = straddle_of(legs_at(Mixture.lognormal(0.2).call, [22500.0, 23500.0, 24500.0, 25500.0], discount=DISCOUNT))
    assert isinstance(found, NoPrices)
    assert "no strike within 1% of its forward 24000" in found.reason
