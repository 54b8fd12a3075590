"""The distribution fitted to prices: the truth on chains whose truth is known, and what no fit may ever break."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from priced_chains import FORWARD, TICK, Mixture, legs, legs_at, normal, wide_strikes
from scipy.integrate import trapezoid

from aegismatrix_engine.options.chain import Legs
from aegismatrix_engine.options.distribution import PricedDistribution, fit_distribution, share_inside
from aegismatrix_engine.options.quotes import quotes_of
from aegismatrix_engine.typing import FloatArray

TWO_PARTS = {
    "crash": (0.08, -2.5, (2.0, 0.9)),
    "two peaks": (0.5, -1.0, (0.6, 0.6)),
    "skewed": (0.25, -0.8, (1.5, 0.8)),
    "peaked": (0.3, 0.0, (1.8, 0.5)),
}
TIMES = tuple(product((1, 2, 4, 7, 14, 30), (0.09, 0.13, 0.25)))


def fitted(of: Legs, total: float, discount: float = 1.0) -> PricedDistribution:
    found = fit_distribution(quotes_of(of, FORWARD).out_of_the_money(FORWARD), FORWARD, discount, total)
    assert isinstance(found, PricedDistribution)
    return found


def worst_chance(mixture: Mixture, total: float) -> float:
    """The largest error of P(close > level) at distances to eight deviations on both sides."""
    found = fitted(legs_at(mixture.call, wide_strikes(total)), total)
    levels = FORWARD * (1 + total * np.linspace(-8, 8, 321))
    levels = levels[levels > 0]
    truth = np.array([mixture.above(float(level)) for level in levels])
    return float(np.abs(1 - found.cumulative(levels) - truth).max())


@pytest.mark.parametrize(("days", "volatility"), TIMES)
def test_chances_of_a_lognormal_chain_are_within_three_tenths_of_a_point_at_every_distance(
    days: int, volatility: float
) -> None:
    total = volatility * math.sqrt(days / 365)
    assert worst_chance(Mixture.lognormal(total), total) < 0.003


@pytest.mark.parametrize("shape", TWO_PARTS)
@pytest.mark.parametrize(("days", "volatility"), TIMES)
def test_chances_of_a_mixture_are_within_three_tenths_of_a_point_at_every_distance(
    days: int, volatility: float, shape: str
) -> None:
    total = volatility * math.sqrt(days / 365)
    weight, away, widths = TWO_PARTS[shape]
    assert worst_chance(Mixture.of_two(weight, away, widths, total), total) < 0.003


@pytest.mark.parametrize("spread", [0.0, 1.0])
@pytest.mark.parametrize("total", [0.03, 0.08])
@pytest.mark.parametrize("shape", TWO_PARTS)
def test_where_strikes_end_at_one_and_a_half_deviations_chances_beyond_stay_within_a_point(
    shape: str, total: float, spread: float
) -> None:
    weight, away, widths = TWO_PARTS[shape]
    mixture = Mixture.of_two(weight, away, widths, total)
    found = fitted(legs_at(mixture.call, wide_strikes(total, sigmas=1.55), spread=spread), total)
    levels = FORWARD * (1 + total * np.linspace(-4, 4, 161))
    truth = np.array([mixture.above(float(level)) for level in levels])
    assert np.abs(1 - found.cumulative(levels) - truth).max() < 0.01


def assert_sound(found: PricedDistribution) -> None:
    """Mass, mean and sign, and prices that no trade at no cost can gain from."""
    assert found.mass.min() >= 0
    assert found.mass.sum() == pytest.approx(1, abs=1e-5)
    assert found.mean == pytest.approx(FORWARD, rel=1e-5)
    strikes = np.linspace(found.levels[0], found.levels[-1], 400)
    calls = found.price(strikes, np.ones(400, dtype=bool))
    slope = np.diff(calls) / np.diff(strikes)
    assert (slope <= 1e-9).all()
    assert (slope >= -1 - 1e-9).all()
    assert (np.diff(slope) >= -1e-8).all()
    puts = found.price(strikes, np.zeros(400, dtype=bool))
    assert calls - puts == pytest.approx(FORWARD - strikes, abs=1e-6)
    chances = found.cumulative(strikes)
    assert (np.diff(chances) >= -1e-9).all()
    assert chances[[0, -1]] == pytest.approx([0, 1], abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1), total=st.floats(0.003, 0.15), noise=st.floats(0.0, 1.0))
def test_quotes_that_contradict_one_another_still_give_a_sound_distribution(
    seed: int, total: float, noise: float
) -> None:
    exact = legs_at(Mixture.lognormal(total).call, wide_strikes(total, step=100.0, sigmas=4.0))
    shaken = np.exp(noise * np.random.default_rng(seed).standard_normal(len(exact.strike)))
    found = fit_distribution(
        quotes_of(
            legs(exact.strike, exact.is_call, bid=exact.bid * shaken, ask=exact.ask * shaken), FORWARD
        ).out_of_the_money(FORWARD),
        FORWARD,
        1.0,
        total,
    )
    assert isinstance(found, PricedDistribution)
    assert_sound(found)


def test_the_levels_span_at_least_twelve_deviations_and_every_strike() -> None:
    total = 0.02
    narrow = fitted(legs_at(Mixture.lognormal(total).call, wide_strikes(total, sigmas=1.0)), total)
    wide = fitted(legs_at(Mixture.lognormal(total).call, wide_strikes(total, sigmas=9.0), spread=0.2), total)
    slow = fitted(legs_at(Mixture.lognormal(0.1).call, wide_strikes(0.1, sigmas=1.0)), 0.1)
    assert math.log(narrow.levels[-1] / narrow.levels[0]) >= 12 * total
    assert math.log(slow.levels[-1] / slow.levels[0]) >= 12 * 0.1
    assert wide.levels[0] < FORWARD * (1 - 9 * total)
    assert wide.levels[-1] > FORWARD * (1 + 9 * total)


def test_options_that_cost_a_few_ticks_however_far_out_they_lie_are_priced() -> None:
    total = 0.01
    lottery = Mixture(((0.9996, FORWARD, total), (0.0004, FORWARD, 20 * total)))
    chain = legs_at(lottery.call, wide_strikes(total, sigmas=11.0))
    quotes = quotes_of(chain, FORWARD).out_of_the_money(FORWARD)
    assert quotes.price[[0, -1]].min() > 4 * TICK
    assert share_inside(fitted(chain, total), quotes, 1.0) == 1.0


def test_the_discount_is_taken_off_prices_not_off_chances() -> None:
    total, discount = 0.05, 0.99
    mixture = Mixture.lognormal(total)
    found = fitted(legs_at(mixture.call, wide_strikes(total), discount=discount), total, discount)
    up, down = found.close_beyond(np.array([500.0]), np.array([800.0]))
    assert up[0] == pytest.approx(mixture.above(FORWARD + 500), abs=0.002)
    assert down[0] == pytest.approx(1 - mixture.above(FORWARD - 800), abs=0.002)


def test_the_share_inside_counts_quotes_to_a_tick() -> None:
    total = 0.03
    exact = legs_at(Mixture.lognormal(total).call, wide_strikes(total, sigmas=3.0))
    distribution = fitted(exact, total)
    quotes = quotes_of(exact, FORWARD).out_of_the_money(FORWARD)
    assert share_inside(distribution, quotes, 1.0) == 1.0
    dearer = legs(exact.strike, exact.is_call, bid=exact.bid + 3 * TICK, ask=exact.ask + 3 * TICK)
    assert share_inside(distribution, quotes_of(dearer, FORWARD).out_of_the_money(FORWARD), 1.0) < 0.2


def triangle(levels: FloatArray, at: float) -> float:
    """P(X <= at) of one triangle, from its density drawn out."""
    x = np.linspace(levels[0], levels[2], 200001)
    density = np.interp(x, levels, [0.0, 2 / (levels[2] - levels[0]), 0.0])
    return float(trapezoid(np.where(x <= at, density, 0.0), x))


def test_chance_mean_and_prices_are_those_of_the_density() -> None:
    levels = np.array([90.0, 100.0, 130.0, 135.0])
    found = PricedDistribution(levels, np.array([0.7, 0.3]))
    for at in (95.0, 100.0, 117.0, 132.0):
        expected = 0.7 * triangle(levels[:3], at) + 0.3 * triangle(levels[1:], at)
        assert found.cumulative(np.array([at]))[0] == pytest.approx(expected, abs=1e-4)
    assert found.mean == pytest.approx(0.7 * 320 / 3 + 0.3 * 365 / 3)
    x = np.linspace(90, 135, 400001)
    density = 0.7 * np.interp(x, levels, [0, 1 / 20, 0, 0]) + 0.3 * np.interp(x, levels, [0, 0, 2 / 35, 0])
    paid = float(trapezoid(density * np.maximum(x - 110, 0), x))
    assert found.price(np.array([110.0]), np.array([True]))[0] == pytest.approx(paid, abs=1e-3)


def test_the_normal_function_of_these_tests_is_the_normal_one() -> None:
    assert normal(1.959964) == pytest.approx(0.975, abs=1e-6)
