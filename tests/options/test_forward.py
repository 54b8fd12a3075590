"""The forward by put-call parity, and when an expiry has none."""

import math

import numpy as np
import pytest
from priced_chains import FORWARD, Mixture, legs, legs_at, wide_strikes

from aegismatrix_engine.options.chain import Legs
from aegismatrix_engine.options.forward import Forward, forward_by_parity
from aegismatrix_engine.options.quotes import NoPrices, quotes_of

YEARS = 10 / 365
TOTAL = 0.12 * math.sqrt(YEARS)
DISCOUNT = math.exp(-0.065 * YEARS)


def sample(spread: float = 0.0) -> Legs:
    return legs_at(Mixture.lognormal(TOTAL).call, wide_strikes(TOTAL), discount=DISCOUNT, spread=spread)


def forward_of(of: Legs, underlying: float = FORWARD - 30) -> Forward | NoPrices:
    return forward_by_parity(quotes_of(of, FORWARD), underlying, YEARS)


def moved(of: Legs, strike: float, points: float) -> Legs:
    """The same legs, the call of one strike dearer by so many points."""
    more = np.where((of.strike == strike) & of.is_call, points, 0.0)
    return legs(of.strike, of.is_call, bid=of.bid + more, ask=of.ask + more)


def without(of: Legs, keep: int) -> Legs:
    """The same legs, calls with a quote at so many strikes near the money only."""
    strikes = np.unique(of.strike)
    kept = strikes[np.argsort(np.abs(strikes - FORWARD), kind="stable")[:keep]]
    quoted = ~of.is_call | np.isin(of.strike, kept)
    return legs(of.strike, of.is_call, bid=np.where(quoted, of.bid, np.nan), ask=np.where(quoted, of.ask, np.nan))


@pytest.mark.parametrize("underlying", [FORWARD - 120, FORWARD, math.nan])
def test_the_forward_is_that_of_the_prices_whatever_the_index_is(underlying: float) -> None:
    found = forward_of(sample(), underlying)
    assert isinstance(found, Forward)
    assert found.level == pytest.approx(FORWARD, abs=0.05)
    assert found.strikes == 10
    assert found.discount == pytest.approx(DISCOUNT)


def test_a_strike_with_a_wide_spread_hardly_counts() -> None:
    tight = sample()
    wide = np.where(tight.strike == FORWARD, 40.0, 0.0)
    # Its middle is 20 points too high, a tenth of which would be 2 points of the forward.
    spoilt = legs(tight.strike, tight.is_call, bid=tight.bid, ask=tight.ask + np.where(tight.is_call, wide, 0.0))
    found = forward_of(spoilt)
    assert isinstance(found, Forward)
    assert found.level == pytest.approx(FORWARD, abs=0.05)


def test_three_strikes_with_both_sides_are_enough_and_two_are_not() -> None:
    assert isinstance(forward_of(without(sample(), 3)), Forward)
    found = forward_of(without(sample(), 2))
    assert isinstance(found, NoPrices)
    assert found.reason == "has 2 strikes of which call and put are quoted on both sides, 3 are needed"


def test_prices_that_violate_parity_by_more_than_a_hundredth_of_the_index_are_refused() -> None:
    assert isinstance(forward_of(moved(sample(spread=2.0), FORWARD, 100.0)), Forward)
    found = forward_of(moved(sample(spread=2.0), FORWARD, 300.0))
    assert isinstance(found, NoPrices)
    assert "violates put-call parity at strike 24000" in found.reason


@pytest.mark.parametrize(("level", "named"), [(0.985, False), (0.995, True), (1.005, True), (1.015, False)])
def test_prices_that_are_more_than_a_hundredth_from_the_stated_index_are_refused(level: float, named: bool) -> None:
    found = forward_of(sample(), level * FORWARD * DISCOUNT)
    assert isinstance(found, Forward) == named
    if isinstance(found, NoPrices):
        assert f"its prices name the forward {FORWARD:.0f}, which is {100 / level - 100:+.1f}% from" in found.reason


def test_a_strike_away_from_the_money_is_not_asked() -> None:
    found = forward_of(moved(sample(), FORWARD + 300, 300.0))
    assert isinstance(found, Forward)
    assert found.level == pytest.approx(FORWARD, abs=0.05)


def test_trades_count_by_their_volume() -> None:
    quoted = sample()
    late = (quoted.bid + quoted.ask) / 2
    hours_old = quoted.is_call & (quoted.strike == FORWARD)
    trades = legs(
        quoted.strike,
        quoted.is_call,
        last=np.where(hours_old, late + 100, late),
        traded=np.isfinite(late),
        volume=np.where(hours_old, 65.0, 650000.0),
    )
    found = forward_of(trades, math.nan)
    assert isinstance(found, Forward)
    assert found.level == pytest.approx(FORWARD, abs=0.5)


def test_trades_do_not_stand_in_for_quotes() -> None:
    quoted = without(sample(), 2)
    last = np.where(np.isfinite(quoted.bid), np.nan, 100.0)
    with_trades = legs(
        quoted.strike, quoted.is_call, bid=quoted.bid, ask=quoted.ask, last=last, traded=np.isfinite(last)
    )
    assert isinstance(forward_of(with_trades), NoPrices)
