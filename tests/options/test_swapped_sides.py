"""Calls and puts that are swapped show by what they would pay at once."""

import numpy as np
import pandas as pd
import pytest

from aegismatrix_engine.options.chain import Legs
from aegismatrix_engine.options.swapped_sides import sides_swapped

AS_OF = pd.Timestamp("2026-06-19 15:30", tz="Asia/Kolkata")
LEVEL = 24000.0
STRIKES = np.arange(22800.0, 25250.0, 50)


def legs(
    *, swapped: bool = False, lower: float = 0, traded: bool = True, expiry: str = "2026-06-23", strikes: int = 999
) -> Legs:
    """Legs that cost what they pay at once and 40 points more, less what ``lower`` takes from those that pay."""
    strike = np.repeat(STRIKES[:strikes], 2)
    is_call = np.tile([False, True], len(strike) // 2)
    pays = np.maximum(np.where(is_call, LEVEL - strike, strike - LEVEL), 0)
    price = np.maximum(pays + 40 - np.where(pays > 0, lower, 0), 0.05)
    nothing, some = np.full(len(strike), np.nan), np.ones(len(strike))
    return Legs(
        pd.Timestamp(expiry),
        strike=strike,
        is_call=is_call != swapped,
        bid=nothing,
        ask=nothing,
        last=price,
        settlement=price,
        traded=np.full(len(strike), traded),
        volume=some,
        open_interest=some,
        published_volatility=nothing,
    )


@pytest.mark.parametrize("traded", [True, False], ids=["by trades", "by settlements"])
def test_swapped_sides_are_found_and_others_are_not(traded: bool) -> None:
    assert sides_swapped(legs(swapped=True, traded=traded), LEVEL, AS_OF)
    assert not sides_swapped(legs(traded=traded), LEVEL, AS_OF)


@pytest.mark.parametrize(("lower", "found"), [(40 + 0.019 * LEVEL, False), (40 + 0.021 * LEVEL, True)])
def test_prices_may_be_below_what_they_pay_by_two_per_cent_of_the_index(lower: float, found: bool) -> None:
    assert sides_swapped(legs(lower=lower), LEVEL, AS_OF) == found


def test_most_legs_decide() -> None:
    both, right = legs(swapped=True), legs()
    for share, found in ((0.4, False), (0.6, True)):
        wrong = np.random.default_rng(3).random(len(both.strike)) < share
        prices = np.where(wrong, both.last[::-1] * 0 + 0.05, right.last)
        mixed = Legs(**{**vars(right), "last": prices, "settlement": prices})
        assert sides_swapped(mixed, LEVEL, AS_OF) == found


def test_few_legs_show_nothing() -> None:
    # At each of the lowest strikes one leg pays something at once.
    assert not sides_swapped(legs(swapped=True, strikes=5), LEVEL, AS_OF)
    assert sides_swapped(legs(swapped=True, strikes=6), LEVEL, AS_OF)


@pytest.mark.parametrize(("expiry", "found"), [("2026-08-18", True), ("2026-08-25", False)])
def test_far_expiries_show_nothing_because_interest_moves_their_forward(expiry: str, found: bool) -> None:
    assert sides_swapped(legs(swapped=True, expiry=expiry), LEVEL, AS_OF) == found


@pytest.mark.parametrize("level", [float("nan"), 0.0])
def test_without_a_level_nothing_is_said(level: float) -> None:
    assert not sides_swapped(legs(swapped=True), level, AS_OF)
