"""The volatility that a price implies, against that of the library vollib, which solves by rational approximation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from priced_chains import FORWARD, black_call
from vollib.black.implied_volatility import implied_volatility_of_undiscounted_option_price

from aegismatrix_engine.options.volatility import black_price, implied_total_volatility


def by_vollib(price: float, strike: float, *, is_call: bool) -> float:
    """Jaeckel's solution (2015, Let's be rational, Wilmott 75), with one year as the whole time left."""
    found: float = implied_volatility_of_undiscounted_option_price(price, FORWARD, strike, 1.0, "c" if is_call else "p")
    return found


def implied(price: float, strike: float, *, is_call: bool) -> float:
    return float(implied_total_volatility(FORWARD, np.array([strike]), np.array([is_call]), np.array([price]))[0])


@pytest.mark.parametrize("is_call", [False, True])
@pytest.mark.parametrize("total", [0.004, 0.02, 0.08, 0.4])
def test_it_is_what_vollib_finds(total: float, is_call: bool) -> None:
    strikes = FORWARD * np.exp(total * np.linspace(-4, 4, 17))
    calls = np.array([black_call(FORWARD, float(k), total) for k in strikes])
    prices = calls if is_call else calls - FORWARD + strikes
    found = implied_total_volatility(FORWARD, strikes, np.full(17, is_call), prices)
    expected = [by_vollib(float(p), float(k), is_call=is_call) for p, k in zip(prices, strikes, strict=True)]
    outside = (strikes >= FORWARD) == is_call
    assert found[outside] == pytest.approx(np.array(expected)[outside], rel=1e-9)
    # In the money a price is nearly all intrinsic value, and rounds away what it says of volatility.
    assert found[~outside] == pytest.approx(total, rel=2e-3)


@given(away=st.floats(-9.0, 9.0), total=st.floats(0.002, 1.5), is_call=st.booleans())
def test_a_price_is_repriced_by_its_own_volatility(away: float, total: float, is_call: bool) -> None:
    strike, side = np.array([FORWARD * math.exp(away * total)]), np.array([is_call])
    price = black_price(FORWARD, strike, side, total)
    found = implied_total_volatility(FORWARD, strike, side, price)
    if np.isfinite(found[0]):
        assert black_price(FORWARD, strike, side, found) == pytest.approx(price, rel=1e-6, abs=1e-6)
    else:
        assert price[0] <= abs(FORWARD - strike[0]) + 1e-6


@pytest.mark.parametrize(
    ("price", "strike", "is_call"),
    [
        (0.0, 24500.0, True),
        (-1.0, 24500.0, True),
        (math.nan, 24500.0, True),
        (24000.0, 24500.0, True),
        (499.0, 24500.0, False),
        (23600.0, 23500.0, False),
    ],
)
def test_an_impossible_price_has_none(price: float, strike: float, is_call: bool) -> None:
    assert math.isnan(implied(price, strike, is_call=is_call))


def test_a_tick_far_out_of_the_money_has_one() -> None:
    found = implied(0.05, 31000.0, is_call=True)
    assert found == pytest.approx(by_vollib(0.05, 31000.0, is_call=True), rel=1e-9)
